"""Digest one paper: run the graph once, under a lock, from where an earlier try stopped."""

from __future__ import annotations

import shlex
import sqlite3
import time
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Any, Literal, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import RetryPolicy

from pipeline.checking.outcome import errors
from pipeline.deps import Deps
from pipeline.errors import BadPdf, InputError, PaperBusy, Withdrawn
from pipeline.graph import RETRY, Graph, build_graph
from pipeline.keeping import post_id_of
from pipeline.sources.identity import Target, identify
from pipeline.sources.local import same_work
from pipeline.state import State
from store.errors import DiskFull, Locked, RazborError
from store.records import Attempt, PostEntry, now

RECURSION_LIMIT = 100
PARALLEL_STEPS = 32
"""Above the widest fan-out: LangGraph saves a branch's result on the threads that run the branches."""


@dataclass(frozen=True)
class Stage:
    """Progress: a station began, or ended after `seconds`; `detail` is what a person would want to know of it."""

    name: str
    event: Literal["begin", "end"]
    seconds: float = 0.0
    detail: str = ""


def digest(
    target: str,
    deps: Deps,
    *,
    named: bool = True,
    again: bool = False,
    run_id: str = "",
    on_stage: Callable[[Stage], None] = lambda stage: None,
    retry: RetryPolicy = RETRY,
) -> Attempt:
    """Take one paper through the graph and return the finished attempt; the post is in the library.

    A paper that already has a post is not digested again unless `again`. A try that was killed or failed goes on from
    its last finished station. `named` says that a person chose this very paper.

    Raises:
        RazborError: the attempt is stored as failed first, with its stage and the command that continues.
        PaperBusy: another process digests this paper; nothing is stored.
    """
    attempt = Attempt(digest_id=uuid.uuid4().hex, target=target, run_id=run_id, stage="identify")
    try:
        found = same_work(identify(target), deps.library)
    except InputError as error:
        deps.library.save_attempt(_failed(attempt, error))
        raise
    name = str(found.path or target)  # absolute: the same command must work from another folder
    attempt = attempt.model_copy(update={"continue_with": f"razbor digest {shlex.quote(name)}"})
    attempt = attempt.model_copy(update={"paper_id": found.paper_id})
    with _alone(deps, found.paper_id):
        try:
            with _checkpoints(deps) as saver:
                work = _Work(deps, build_graph(saver, retry), saver, found, on_stage)
                return work.run(attempt, named=named, again=again)
        except RazborError:
            raise
        except Exception as error:
            failure = _typed(error)
            deps.library.save_attempt(_failed(attempt, failure))
            raise failure from error


@contextmanager
def _alone(deps: Deps, paper_id: str) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(deps.home.lock(f"paper-{paper_id}"))
        except Locked as error:
            raise PaperBusy(
                f"{paper_id} is being digested by process {error.holder}.", "Wait for it, then see `razbor list`."
            ) from error
        yield


@contextmanager
def _checkpoints(deps: Deps) -> Iterator[SqliteSaver]:
    with closing(sqlite3.connect(deps.home.checkpoints, timeout=30, check_same_thread=False)) as connection:
        yield SqliteSaver(connection)


@dataclass
class _Work:
    deps: Deps
    graph: Graph
    saver: SqliteSaver
    found: Target
    on_stage: Callable[[Stage], None]

    def run(self, attempt: Attempt, *, named: bool, again: bool) -> Attempt:
        config: RunnableConfig = {
            "configurable": {"thread_id": self.found.paper_id},
            "recursion_limit": RECURSION_LIMIT,
            "max_concurrency": PARALLEL_STEPS,
        }
        saved = self.graph.get_state(config)
        entry = self.deps.library.post_of(self.found.paper_id)
        # Not by `saved.next`: it is empty while all parallel workers are done and their step is not yet closed.
        pending = "digest_id" in saved.values and "outcome" not in saved.values and not again
        if entry and not pending and not again:
            return self._already(attempt, entry)
        if pending:
            given = None
            attempt = attempt.model_copy(
                update={"digest_id": saved.values["digest_id"], "stage": next(iter(saved.next), "")}
            )
        else:
            self.saver.delete_thread(self.found.paper_id)
            given = self._start(attempt, named, again)
        self.deps.library.save_attempt(attempt)
        return self._go(given, config, attempt)

    def _start(self, attempt: Attempt, named: bool, anew: bool) -> State:
        return State(
            target=str(self.found.path or attempt.target),
            paper_id=self.found.paper_id,
            digest_id=attempt.digest_id,
            named=named,
            anew=anew,
        )

    def _already(self, attempt: Attempt, entry: PostEntry) -> Attempt:
        last = self.deps.library.last_attempt(self.found.paper_id)
        if last and last.outcome is None:  # killed after the post was kept, before the attempt was
            self.deps.library.save_attempt(last.model_copy(update={"outcome": entry.outcome, "finished": now()}))
        return attempt.model_copy(update={"post_id": entry.post_id, "outcome": entry.outcome, "stage": "known"})

    def _go(self, given: State | None, config: RunnableConfig, attempt: Attempt) -> Attempt:
        stage = [attempt.stage]
        try:
            self._stream(given, config, stage)
        except Exception as error:
            failure = _typed(error)
            self.deps.library.save_attempt(_failed(attempt.model_copy(update={"stage": stage[0]}), failure))
            if failure is error:
                raise
            raise failure from error
        outcome = self.graph.get_state(config).values["outcome"]
        done = attempt.model_copy(
            update={
                "post_id": post_id_of(self.found.paper_id),
                "outcome": outcome,
                "stage": "keep",
                "continue_with": "",
                "finished": now(),
            }
        )
        self.deps.library.save_attempt(done)
        self.saver.delete_thread(self.found.paper_id)
        return done

    def _stream(self, given: State | None, config: RunnableConfig, stage: list[str]) -> None:
        begun: dict[str, float] = {}
        stream = self.graph.stream(given, config, context=self.deps, stream_mode="tasks", durability="sync")
        # Closed before anything else is: its threads write checkpoints through the connection to the last.
        with closing(cast("Generator[Any, None, None]", stream)) as events:
            for event in events:
                name = event["name"]
                if "input" in event:
                    stage[0] = name
                    begun[event["id"]] = time.monotonic()
                    self.on_stage(Stage(name, "begin"))
                elif not event.get("error"):
                    seconds = time.monotonic() - begun.get(event["id"], time.monotonic())
                    self.on_stage(Stage(name, "end", seconds, _detail(event["result"])))


def _detail(result: State) -> str:
    if "reading" in result:
        reading = result["reading"]
        left_out = f", left out: {', '.join(reading.left_out)}" if reading.left_out else ""
        parts = f", too long for the context: {len(result['parts'])} parts become notes" if result["parts"] else ""
        return f"{reading.pages} pages, {reading.passages} passages{left_out}{parts}"
    if "discussion" in result:
        return result["discussion"].note
    if "route" in result:
        return result["route"]
    if "outline" in result:
        return f"{len(result['outline'].sections)} sections"
    if result.get("rounds"):
        return f"{len(errors(result['rounds'][-1].findings))} errors"
    return result.get("outcome", "")


def _typed(error: Exception) -> RazborError:
    """Our own errors as they are; a full disk under the checkpoints by its name; the rest as what it is, a defect."""
    if isinstance(error, RazborError):
        return error
    if isinstance(error, sqlite3.OperationalError) and "full" in str(error):
        return DiskFull("The disk is full.", "Make room, then run the same command: it goes on where it stopped.")
    # The words of an unexpected error may quote the paper, so they are shown by --debug alone.
    return RazborError(
        f"Unexpected {type(error).__name__}.", "This is a defect in Razbor: --debug shows the traceback."
    )


def _failed(attempt: Attempt, error: RazborError) -> Attempt:
    """Permanent is what is wrong on this machine; a paper that arXiv does not know yet may be there tomorrow."""
    misnamed = attempt.stage == "identify" and isinstance(error, InputError)
    permanent = isinstance(error, (BadPdf, Withdrawn)) or misnamed
    return attempt.model_copy(
        update={
            "outcome": "failed",
            "error": str(error),
            "permanent": permanent,
            "finished": now(),
        }
    )
