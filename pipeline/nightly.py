"""One night: every new PDF of a folder and every arXiv id of a list, several at once, within a budget.

The night keeps nothing of its own: its report is read from the attempts, which each digest stores by itself.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipeline.deps import Deps
from pipeline.digest import digest
from pipeline.errors import BudgetSpent, InputError, PaperBusy
from pipeline.sources.fetch import giving_up
from pipeline.sources.identity import identify
from pipeline.sources.local import pdfs_in, same_work
from pipeline.sources.openreview.venues import By, known_venues, top_of_venue
from store.errors import Locked, RazborError
from store.library import Library
from store.records import Attempt, Run, Usage, now

NIGHT_LOCK = "night"


class Failure(BaseModel):
    model_config = ConfigDict(frozen=True)

    paper_id: str
    stage: str
    error: str
    continue_with: str


class Report(BaseModel):
    """What one night did. Lists hold paper ids; `waiting` are drafts that need a person."""

    model_config = ConfigDict(frozen=True)

    run_id: str
    outcome: Literal["running", "done", "partly_failed", "stopped"]
    made: tuple[str, ...]
    waiting: tuple[str, ...]
    skipped: tuple[str, ...]
    failed: tuple[Failure, ...]
    usage: Usage
    note: str


def night(
    targets: Sequence[str], deps: Deps, on_paper: Callable[[str, str], None] = lambda target, event: None
) -> Report:
    """Digest all new `targets`; `on_paper` hears (target, event). Returns the stored report.

    A paper that has a post is not new, nor is one whose file is known to be unreadable. One that failed otherwise is
    tried again from the station where it stopped.

    Raises:
        PaperBusy: another night is running.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(deps.home.lock(NIGHT_LOCK))
        except Locked as error:
            raise PaperBusy(
                f"Another night is running (process {error.holder}).", "Wait for it, then see `razbor runs show`."
            ) from error
        return _night(targets, replace(deps, fetch=giving_up(deps.fetch)), on_paper)


def _night(targets: Sequence[str], deps: Deps, on_paper: Callable[[str, str], None]) -> Report:
    new, covered = _uncovered(_new(targets, deps.library), deps.library)
    chosen, left = new[: deps.settings.max_papers], new[deps.settings.max_papers :]
    notes = [f"{len(left)} left for the next night (RAZBOR_MAX_PAPERS)"] if left else []
    notes += [f"the channel has covered {', '.join(covered)} already"] if covered else []
    note = "; ".join(notes)
    run = Run(run_id=f"{now():%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:6]}", note=note)
    deps.library.save_run(run)
    spent = threading.Event()

    def one(target: str) -> None:
        if spent.is_set():
            return
        on_paper(target, "begin")
        try:
            attempt = digest(target, deps, run_id=run.run_id)
            on_paper(target, attempt.outcome or "")
        except BudgetSpent as error:
            spent.set()
            on_paper(target, f"stopped: {error}")
        except RazborError as error:
            on_paper(target, f"failed: {error}")

    _close_old_runs(deps.library, run.run_id)
    with ThreadPoolExecutor(max_workers=deps.settings.papers_at_once) as pool:
        list(pool.map(one, chosen))
    failed = any(attempt.outcome == "failed" for attempt in deps.library.attempts(run_id=run.run_id))
    outcome: Literal["stopped", "partly_failed", "done"] = (
        "stopped" if spent.is_set() else "partly_failed" if failed else "done"
    )
    deps.library.save_run(run.model_copy(update={"finished": now(), "outcome": outcome}))
    return report(deps.library, run.run_id)


def report(library: Library, run_id: str) -> Report:
    """The report of one night, also of one that still runs.

    Raises:
        NotFound: no such run.
    """
    run = library.run(run_id)
    attempts = library.attempts(run_id=run_id)
    return Report(
        run_id=run_id,
        outcome=run.outcome,
        made=_papers(attempts, "accepted"),
        waiting=_papers(attempts, "needs_person"),
        skipped=_papers(attempts, "skipped"),
        failed=tuple(
            Failure(paper_id=a.paper_id or a.target, stage=a.stage, error=a.error, continue_with=a.continue_with)
            for a in attempts
            if a.outcome == "failed"
        ),
        usage=_sum(library.usage(attempt.digest_id, since=run.started) for attempt in attempts),
        note=run.note,
    )


def best_of_venue(library: Library, venue: str, top: int, by: By = "rating") -> list[str]:
    """The first papers of a venue by their reviews: the linked papers by their ids, others as `openreview:ID`.

    Raises:
        InputError: the library knows no such venue.
    """
    linked = {forum.forum: forum.paper_id for forum in library.forums_at(known_venues(library, venue))}
    return [linked[one.forum] or f"openreview:{one.forum}" for one in top_of_venue(library, venue, top, by)]


def targets_of(folder: Path | None, ids: Path | None) -> list[str]:
    """The PDFs of a folder, by name, and the arXiv ids of a list (one a line, `#` begins a comment), without repeats.

    Raises:
        InputError: the folder or the list cannot be read.
    """
    found: list[str] = []
    try:
        if folder is not None:
            found += map(str, pdfs_in(folder))
        if ids is not None:
            lines = (line.split("#")[0].strip() for line in ids.read_text(encoding="utf-8").splitlines())
            found += [line for line in lines if line]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The night's list cannot be read: {error}.", "Check the path.") from error
    return list(dict.fromkeys(found))


def _new(targets: Iterable[str], library: Library) -> dict[str, str]:
    """What has neither a post nor a failure that trying again cannot mend, by paper id: two names of one count once.

    Papers never tried come first, so that failures that come again each night do not keep them out.
    """
    new: dict[str, str] = {}
    tried: dict[str, str] = {}
    for target in targets:
        try:
            paper_id = same_work(identify(target), library).paper_id
        except InputError:
            paper_id = target  # its digest will fail and store why
        last = library.last_attempt(paper_id)
        if library.post_of(paper_id) is None and not (last and last.permanent):
            (tried if last else new).setdefault(paper_id, target)
    return new | tried


def _uncovered(new: dict[str, str], library: Library) -> tuple[list[str], list[str]]:
    """The targets on which the author's channel has no post yet, and the ids of the papers that it has covered.

    A person who wants one all the same digests it by name.
    """
    covered = [paper_id for paper_id in new if library.covering(paper_id)]
    return [target for paper_id, target in new.items() if paper_id not in covered], covered


def _close_old_runs(library: Library, running: str) -> None:
    """A night that was killed never wrote its end; the lock says that none of them runs any more."""
    for run in library.runs():
        if run.outcome == "running" and run.run_id != running:
            library.save_run(run.model_copy(update={"outcome": "stopped", "note": f"{run.note} killed".strip()}))


def _papers(attempts: Sequence[Attempt], outcome: str) -> tuple[str, ...]:
    return tuple(attempt.paper_id for attempt in attempts if attempt.outcome == outcome)


def _sum(usages: Iterable[Usage]) -> Usage:
    total: dict[str, float] = {}
    for usage in usages:
        for name, value in usage.model_dump().items():
            total[name] = total.get(name, 0) + value
    return Usage.model_validate(total)
