"""One pace for one source: all processes over a data folder ask it in turn, and let it rest where it wants that."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TypeVar

from pipeline.errors import SourceBusy
from store.errors import Locked
from store.files import Home

T = TypeVar("T")
WAITS = (20.0, 60.0)
"""Seconds before the second and the third try where the source does not say how long: quick retries never helped."""
LONGEST_WAIT = 300.0
"""Seconds; a source that wants a longer rest gets it, and what asks it meanwhile fails at once."""
LONGEST_REST = 3600.0
LONGEST_TURN = 1200.0
"""Seconds to wait for others' turns: a long wait and a large download."""
NEXT_RUN = "The next night tries again; or run the same command later."
log = logging.getLogger(__name__)


class Throttled(SourceBusy):
    """The source slows us down; `wait` is what its `Retry-After` says, in seconds."""

    def __init__(self, message: str, mend: str = NEXT_RUN, *, wait: float | None = None) -> None:
        super().__init__(message, mend)
        self.wait = wait


class Pace:
    """The pace of one source.

    Args:
        delay: seconds from the end of one request to the next.
        clock, sleep: the time in seconds since 1970, and waiting; tests pass their own.
        on_wait: hears a sentence when a long wait begins.
    """

    def __init__(
        self,
        home: Home,
        source: str,
        delay: float,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        on_wait: Callable[[str], None] = log.info,
    ) -> None:
        self._home, self._source, self._delay = home, source, delay
        self._clock, self._sleep, self._on_wait = clock, sleep, on_wait
        self._path = home.locks / f"{source}.next"

    def ask(self, question: Callable[[], T]) -> T:
        """Ask in turn. Where the source slows us down, wait as long as it says, and ask twice more at most.

        Raises:
            SourceBusy: it still does (`gave_up`).   Whatever `question` raises, but `Throttled`.
        """
        for default in (*WAITS, None):
            with self._turn():
                wait = self._delay
                try:
                    return question()
                except Throttled as error:
                    busy = error
                    wait = min(LONGEST_REST, max(self._delay, error.wait if error.wait is not None else default or 0))
                finally:
                    self._hold(wait)
            if default is None or wait > LONGEST_WAIT:
                break
            self._on_wait(f"{busy.message} Asking again in {wait:.0f} s.")
        rest = f" It wants to be left in peace for {wait / 60:.0f} minutes." if wait > LONGEST_WAIT else ""
        raise SourceBusy(f"{busy.message}{rest}", busy.mend, gave_up=True) from busy

    @contextmanager
    def _turn(self) -> Iterator[None]:
        try:
            with self._home.lock(f"source-{self._source}", wait=LONGEST_TURN):
                self._wait()
                yield
        except Locked as error:
            raise SourceBusy(f"Another Razbor has been talking to {self._source} for very long.", NEXT_RUN) from error

    def _wait(self) -> None:
        try:
            pause = float(self._path.read_text(encoding="ascii")) - self._clock()
        except (OSError, ValueError):  # nobody has asked yet
            return
        if pause > LONGEST_REST:  # the clock was set back
            return
        if pause > LONGEST_WAIT:
            until = datetime.fromtimestamp(self._clock() + pause, UTC)
            raise SourceBusy(
                f"{self._source} wants to be left in peace until {until:%H:%M} UTC.", NEXT_RUN, gave_up=True
            )
        if pause > 0:
            self._sleep(pause)

    def _hold(self, seconds: float) -> None:
        self._home.write_atomic(self._path, f"{self._clock() + seconds:.3f}".encode())
