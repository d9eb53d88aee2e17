"""How far the work is, on stderr: one live line on a terminal, elsewhere a plain line for each thing that ended."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ui.commands.output import clean, console

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

    from pipeline.digest import Stage
    from pipeline.models.progress import ModelProgress


class Progress:
    """Hears stages and model calls from any thread; use as a context, so that the live line goes in the end."""

    def __init__(self) -> None:
        self._console = console(err=True)
        self._status = self._console.status("") if self._console.is_terminal else None
        self._lock = threading.Lock()
        self._running: list[str] = []

    def __enter__(self) -> Progress:
        if self._status:
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the live line away; the cursor shows again."""
        if self._status:
            self._status.stop()

    def line(self, words: str) -> None:
        """A line that stays."""
        self._console.print(clean(words), soft_wrap=True)

    def live(self, words: str) -> None:
        """What the live line says now; nothing without a terminal."""
        if self._status:
            self._status.update(clean(words))

    def stage(self, stage: Stage) -> None:
        with self._lock:
            if stage.event == "begin":
                self._running.append(stage.name)
            else:
                if stage.name in self._running:  # a branch that an earlier try finished ends without a beginning
                    self._running.remove(stage.name)
                self.line(f"  {stage.name:<14}{stage.seconds:7.1f} s  {stage.detail}".rstrip())
            self.live(", ".join(dict.fromkeys(self._running)))

    def model(self, call: ModelProgress) -> None:
        if call.phase == "done":
            self.line(
                f"    {call.role}, {call.prompt}: {call.prompt_tokens:,} tokens of prompt, {call.completion_tokens:,} "
                f"written, {call.tokens_per_second:.1f} tokens/s, {call.seconds:.1f} s"
            )
        else:
            self.live(f"{call.role}, {call.prompt}: {_phase(call)}")


def _phase(call: ModelProgress) -> str:
    if call.phase == "reading" and call.prompt_tokens:
        share = call.prompt_done / call.prompt_tokens
        return (
            f"reading the prompt, {share:.0%} of {call.prompt_tokens:,} tokens, {call.tokens_per_second:.0f} tokens/s"
        )
    if call.phase == "writing":
        return f"{call.completion_tokens:,} tokens written, {call.tokens_per_second:.1f} tokens/s"
    return "from our cache" if call.phase == "from cache" else "asked"


class Bar:
    """Something counted towards a total: a download, a rebuilt index."""

    def __init__(self, what: str) -> None:
        self._what, self._console, self._tenth = what, console(err=True), -1
        self._bar: RichProgress | None = None

    @contextmanager
    def shown(self) -> Iterator[Bar]:
        """Live on a terminal; elsewhere a line for each tenth."""
        if not self._console.is_terminal:
            yield self
            return
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Shown

        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Shown(*columns, console=self._console) as bar:
            self._bar, self._task = bar, bar.add_task(self._what, total=None)
            yield self

    def at(self, done: int, total: int) -> None:
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=total)
            return
        tenth = 10 * done // total if total else 10
        if tenth != self._tenth:
            self._tenth = tenth
            self._console.print(f"{self._what}: {10 * tenth} %")
