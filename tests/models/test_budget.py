from __future__ import annotations

import threading
from typing import Any

import pytest

from pipeline.errors import BudgetSpent
from pipeline.models.budget import Budget
from store.records import ModelCall


def call(**spent: Any) -> ModelCall:
    nothing = {"prompt_tokens": 0, "cached_tokens": 0, "completion_tokens": 0, "money": 0.0}
    names = dict.fromkeys(("digest_id", "paper_id", "role", "model", "prompt", "prompt_hash"), "x")
    return ModelCall(**names, seconds=1.0, **(nothing | spent))


def test_no_limit_is_never_spent() -> None:
    budget = Budget()
    budget.spend(call(prompt_tokens=10**9, money=10**6))
    budget.check()


def test_tokens_from_a_cache_do_not_count() -> None:
    budget = Budget(tokens=100)
    budget.spend(call(prompt_tokens=1000, cached_tokens=950, completion_tokens=49))
    budget.check()
    budget.spend(call(completion_tokens=1))
    with pytest.raises(BudgetSpent, match=r"100 of 100 tokens.*RAZBOR_MAX_TOKENS"):
        budget.check()


def test_money() -> None:
    budget = Budget(money=0.5)
    budget.spend(call(money=0.49))
    budget.check()
    budget.spend(call(money=0.02))
    with pytest.raises(BudgetSpent, match="RAZBOR_MAX_MONEY"):
        budget.check()


def test_minutes_run_from_the_start() -> None:
    now = [100.0]
    budget = Budget(minutes=2, clock=lambda: now[0])
    now[0] += 119
    budget.check()
    now[0] += 1
    with pytest.raises(BudgetSpent, match=r"2\.0 of 2 minutes.*RAZBOR_MAX_MINUTES"):
        budget.check()


def test_threads_lose_nothing() -> None:
    budget = Budget(tokens=8001)
    threads = [
        threading.Thread(target=lambda: [budget.spend(call(prompt_tokens=1)) for _ in range(1000)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    budget.check()
    budget.spend(call(prompt_tokens=1))
    with pytest.raises(BudgetSpent):
        budget.check()
