"""The command that digests one paper."""

from __future__ import annotations

import logging
import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from store.errors import RazborError
from ui.commands import shell as sh
from ui.commands.output import clean, out, usage_line
from ui.commands.shell import AsJson, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.deps import Deps
    from store.records import Attempt

log = logging.getLogger(__name__)
PaperArg = Annotated[str, typer.Argument(metavar="PAPER", help="A PDF file, an arXiv id or an arXiv URL.")]


def digest(
    ctx: typer.Context,
    paper: PaperArg,
    again: Annotated[bool, typer.Option("--again", help="Write the post anew, though there is one.")] = False,
    draft_ok: Annotated[
        bool, typer.Option("--draft-ok", help="A draft that needs a person counts as done: exit code 0.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read a paper whole and write its Russian post; the same command goes on where it stopped.

    Exit code: 0 the post is accepted or the paper skipped, 1 the digest failed, 2 a person must look at the post or
    mend something first.
    """
    from pipeline.digest import digest as run_digest
    from ui.commands.progress import Progress

    shell = sh.shell_of(ctx)
    goes_on = f"razbor digest {shlex.quote(paper)}"  # --again would begin anew
    with Progress() as progress, sh.stops_at_once(goes_on, progress.stop), shell.deps(progress.model) as deps:
        writer = deps.models.endpoint("writer")
        progress.line(f"{writer.place}: {writer.why}")
        _require_model(deps, paper, again, progress.line)
        try:
            attempt = run_digest(paper, deps, again=again, on_stage=progress.stage)
        except RazborError as error:
            progress.stop()
            _failed(shell, deps, paper, error)
        log.info("%s: %s", attempt.paper_id, attempt.outcome)
        progress.stop()
        _tell(shell, deps, attempt)
    if attempt.outcome == "needs_person" and not draft_ok:
        raise typer.Exit(sh.PERSON)


def _require_model(deps: Deps, paper: str, again: bool, tell: Callable[[str], None]) -> None:
    """See that the model is there, unless this paper needs none: it has a post, or digest will store why it cannot.

    Before that, say which paper a file is, and what the channel has on it.
    """
    from pipeline.errors import InputError
    from pipeline.sources.identity import identify
    from pipeline.sources.local import same_work
    from ui import queries

    try:
        target = same_work(identify(paper), deps.library)
    except InputError:
        return
    if target.path and not target.paper_id.startswith("file:"):
        tell(f"{target.path.name} is {target.paper_id}{f', version {target.version}' if target.version else ''}.")
    for post in deps.library.covering(target.paper_id):
        tell(f"The channel has a post on this paper: {queries.channel_line(post)}")
    if again or deps.library.post_of(target.paper_id) is None:
        sh.require_model(deps)


def _failed(shell: sh.Shell, deps: Deps, paper: str, error: RazborError) -> None:
    """Leave with the error and, where one is stored, the attempt's stage and the command that continues."""
    from pipeline.errors import PaperBusy
    from ui import queries

    tried = [attempt for attempt in deps.library.attempts() if attempt.target == paper]
    stored = bool(tried) and not isinstance(error, PaperBusy)
    facts = queries.failure_json(tried[-1]) if stored else {}
    log.error("%s failed at %s: %s", paper, facts.get("stage", "start"), error)
    if stored and not tried[-1].permanent:
        say(f"Failed at {tried[-1].stage}. Continue with: {tried[-1].continue_with}")
    sh.fail(shell, error, **facts)


def _tell(shell: sh.Shell, deps: Deps, attempt: Attempt) -> None:
    """The post on stdout, what is to be known about it on stderr."""
    from ui import queries

    entry = deps.library.post(attempt.post_id)
    found = queries.post_json(deps.library, entry)
    if shell.as_json:
        sh.print_json(found)
    elif found["post"]:
        out(found["post"]["text"])
    if attempt.stage == "known":
        say("This paper has a post already; --again writes a new revision.")
    say(f"\nOutcome: {entry.outcome}")
    for reason in entry.reasons:
        say(f"  - {clean(reason)}")
    if found["post"]:
        proven = sum(claim["proven"] for claim in found["claims"])
        say(f"Proven claims: {proven} of {len(found['claims'])}. Length: {found['post']['length']} characters.")
        say(f"Model: {usage_line(found['usage'])}.")
    say(f"Kept: {entry.post_id} in {deps.home.path}")
    say(f"See the evidence: razbor show {entry.post_id} · open the dashboard: razbor ui")
