"""The budget of one night or one digest: money, tokens, minutes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from decimal import Decimal

from pipeline.errors import BudgetSpent
from store.records import ModelCall

MEND = "Raise {setting}, or run the same command later: finished work is kept."


class Budget:
    """Counts what was spent since it was made. A limit of 0 means none.

    Checked before each call, so calls that already run may go over the limit by what they cost. Thread-safe.

    Args:
        money: dollars.
        tokens: prompt and completion tokens that no cache served.
        minutes: wall time since this object was made.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        *,
        money: Decimal | float = 0,
        tokens: int = 0,
        minutes: float = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_money, self._max_tokens, self._max_minutes = float(money), tokens, minutes
        self._money, self._tokens = 0.0, 0
        self._clock, self._started = clock, clock()
        self._lock = threading.Lock()

    def check(self) -> None:
        """Raise if nothing is left.

        Raises:
            BudgetSpent: says which limit, and which setting raises it.
        """
        with self._lock:
            minutes = (self._clock() - self._started) / 60
            if 0 < self._max_money <= self._money:
                self._refuse(f"{self._money:.4f} of {self._max_money:g} dollars", "RAZBOR_MAX_MONEY")
            if 0 < self._max_tokens <= self._tokens:
                self._refuse(f"{self._tokens} of {self._max_tokens} tokens", "RAZBOR_MAX_TOKENS")
            if 0 < self._max_minutes <= minutes:
                self._refuse(f"{minutes:.1f} of {self._max_minutes:g} minutes", "RAZBOR_MAX_MINUTES")

    def spend(self, call: ModelCall) -> None:
        """Count one call."""
        with self._lock:
            self._money += call.money
            self._tokens += call.prompt_tokens - call.cached_tokens + call.completion_tokens

    @staticmethod
    def _refuse(spent: str, setting: str) -> None:
        raise BudgetSpent(f"The budget is spent: {spent}.", MEND.format(setting=setting))
