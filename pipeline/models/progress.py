"""How far one model call is, for a person who waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pipeline.settings import ModelRole

Phase = Literal["asked", "reading", "writing", "done", "from cache"]
EVERY = 0.25
"""Seconds between two reports of one phase."""


@dataclass(frozen=True)
class ModelProgress:
    """Where one call stands. Prompt tokens are known while llama.cpp reads, elsewhere only at the end (till then 0).

    `tokens_per_second` is of the current phase; while writing, tokens are counted as stream chunks.
    """

    role: ModelRole
    prompt: str
    phase: Phase
    prompt_tokens: int = 0
    prompt_done: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    tokens_per_second: float = 0.0


class Meter:
    """Turns what a stream shows into reports. One for each call."""

    def __init__(self, role: ModelRole, prompt: str, report: Callable[[ModelProgress], None]) -> None:
        self._role, self._prompt, self._report = role, prompt, report
        self._started = time.monotonic()
        self._prompt_tokens = self._chunks = 0
        self._writing_since = self._reported = 0.0
        self._say("asked")

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def read(self, *, total: int, cached: int, done: int) -> None:
        """`done` of `total` prompt tokens are read, the first `cached` of them without work."""
        self._prompt_tokens = total
        speed = (done - cached) / self.seconds if self.seconds else 0.0
        self._say("reading", prompt_done=done, tokens_per_second=speed)

    def wrote(self) -> None:
        """One more piece of the reply came."""
        if not self._chunks:
            self._writing_since = self.seconds
        self._chunks += 1
        if self.seconds - self._reported >= EVERY:
            took = self.seconds - self._writing_since
            speed = (self._chunks - 1) / took if took else 0.0
            self._say("writing", prompt_done=self._prompt_tokens, tokens_per_second=speed)

    def done(self, prompt_tokens: int, completion_tokens: int) -> None:
        """The reply is whole."""
        took = self.seconds - self._writing_since
        self._prompt_tokens, self._chunks = prompt_tokens, completion_tokens
        self._say("done", prompt_done=prompt_tokens, tokens_per_second=completion_tokens / took if took else 0.0)

    def _say(self, phase: Phase, *, prompt_done: int = 0, tokens_per_second: float = 0.0) -> None:
        self._reported = self.seconds
        self._report(
            ModelProgress(
                role=self._role,
                prompt=self._prompt,
                phase=phase,
                prompt_tokens=self._prompt_tokens,
                prompt_done=prompt_done,
                completion_tokens=self._chunks,
                seconds=self.seconds,
                tokens_per_second=tokens_per_second,
            )
        )
