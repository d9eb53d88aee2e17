from __future__ import annotations

import logging
import pickle
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, SecretStr

from pipeline.errors import (
    BudgetSpent,
    ContextTooSmall,
    ModelError,
    ModelRefused,
    ModelReplyError,
    ModelUnavailable,
)
from pipeline.models.budget import Budget
from pipeline.models.client import Endpoint, ModelProgress, Models, Prices
from pipeline.models.schema import strict_schema
from pipeline.prompts import Rendered
from pipeline.settings import ModelRole
from tests.fakes import FakeCalls
from tests.models.openai_server import (
    Behaviour,
    OpenAIServer,
    answer,
    cut,
    endless,
    error_event,
    html,
    say,
    silent,
    status,
    whole,
)

KEY = "sk-very-secret-0123456789"
PAPER = "A confidential paper about calibration."
GOOD = '{"word": "да"}'
AT_ONCE = {"retry-after-ms": "1"}


class Word(BaseModel):
    word: str


@contextmanager
def asking(
    *behaviours: Behaviour, roles: tuple[ModelRole, ...] = ("writer", "judge"), **options: Any
) -> Iterator[tuple[Callable[..., Word], FakeCalls, OpenAIServer]]:
    calls = FakeCalls()
    with OpenAIServer(*behaviours) as server:
        models = Models(
            {role: endpoint(server.url, role=role, local=options.get("local", False)) for role in roles},
            calls=calls,
            budget=options.get("budget", Budget()),
            timeout=options.get("timeout", 5.0),
            temperature=0.3,
            progress=options.get("progress", lambda _: None),
            max_retries=options.get("max_retries", 2),
        )
        try:
            yield (lambda p=None: models.ask(p or prompt(), Word, digest_id="d", paper_id="p")), calls, server
        finally:
            models.close()


def endpoint(url: str, *, role: ModelRole = "writer", local: bool = False) -> Endpoint:
    prices = Prices(Decimal("1"), Decimal("0.5"), Decimal("2"))
    return Endpoint(role, url, "m", SecretStr(KEY), 8000, prices, "A test.", local=local)


def prompt(user: str = PAPER, *, role: ModelRole = "writer", max_tokens: int = 50) -> Rendered:
    return Rendered(name="section", role=role, system="Be brief.", user=user, hash="abc", max_tokens=max_tokens)


def test_a_reply_is_validated_and_recorded_with_tokens_and_money() -> None:
    with asking(say(GOOD)) as (ask, calls, server):
        assert ask() == Word(word="да")
    (row,) = calls.ledger
    assert (row.prompt_tokens, row.cached_tokens, row.completion_tokens) == (100, 40, 10)
    assert row.money == pytest.approx((60 * 1 + 40 * 0.5 + 10 * 2) / 1e6)
    assert (row.role, row.model, row.prompt, row.prompt_hash, row.digest_id) == ("writer", "m", "section", "abc", "d")
    assert row.seconds > 0
    assert not row.from_reply_cache
    body = server.requests[0].body
    assert body["response_format"]["json_schema"]["schema"]["required"] == ["word"]
    assert body["response_format"]["json_schema"]["strict"]
    assert body["stream_options"] == {"include_usage": True}
    assert body["temperature"] == 0.3
    assert body["max_tokens"] == 50
    assert "return_progress" not in body


def test_judges_are_asked_at_temperature_0() -> None:
    with asking(say(GOOD)) as (ask, _, server):
        ask(prompt(role="judge"))
    assert server.requests[0].body["temperature"] == 0


def test_an_endpoint_that_does_not_stream_is_understood() -> None:
    with asking(whole(GOOD)) as (ask, calls, _):
        assert ask() == Word(word="да")
    assert calls.ledger[0].cached_tokens == 40


def test_an_endpoint_that_reports_no_usage_is_estimated() -> None:
    with asking(say(GOOD, usage=None)) as (ask, calls, _):
        ask(prompt("x" * 4000))
    assert calls.ledger[0].prompt_tokens == pytest.approx(1000, rel=0.05)
    assert calls.ledger[0].completion_tokens == len(GOOD) // 4


def test_the_same_question_is_answered_from_the_cache() -> None:
    budget = Budget(tokens=50)
    with asking(say(GOOD), budget=budget) as (ask, calls, server):
        first, second = ask(), ask()
    assert first == second
    assert len(server.requests) == 1
    row = calls.ledger[1]
    assert row.from_reply_cache
    assert (row.prompt_tokens, row.completion_tokens, row.money, row.seconds) == (0, 0, 0, 0)


@pytest.mark.parametrize("other", [prompt("Another paper."), prompt(max_tokens=51), prompt(role="judge")])
def test_another_question_is_not(other: Rendered) -> None:
    with asking(say(GOOD)) as (ask, _, server):
        ask()
        ask(other)
    assert len(server.requests) == 2


def test_a_salt_asks_anew() -> None:
    with asking(say(GOOD)) as (ask, calls, _):
        for salt in ("", "digest-2", "digest-2"):
            ask(replace(prompt(), salt=salt))
    assert [row.from_reply_cache for row in calls.ledger] == [False, False, True]


def test_the_embedded_model_keeps_its_cache_when_its_port_changes() -> None:
    calls = FakeCalls()
    for _ in range(2):
        with OpenAIServer(say(GOOD)) as server:
            models = Models(
                {"writer": endpoint(server.url, local=True)},
                calls=calls,
                budget=Budget(),
                timeout=5,
                temperature=0,
                progress=lambda _: None,
            )
            models.ask(prompt(), Word, digest_id="d", paper_id="p")
            models.close()
    assert [row.from_reply_cache for row in calls.ledger] == [False, True]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (say('{"word": "н'), "Invalid JSON"),
        (say('{"other": 1}'), "word: Field required"),
        (say(""), "empty"),
        (say('{"word": "аааа', finish="length"), "cut off"),
        (whole("Sure! Here it is."), "Invalid JSON"),
    ],
)
def test_a_wrong_reply_is_asked_for_once_more(wrong: Behaviour, told: str) -> None:
    with asking(wrong, say(GOOD)) as (ask, calls, server):
        assert ask() == Word(word="да")
    first, second = (asked.body["messages"] for asked in server.requests)
    assert second[: len(first)] == first
    assert [message["role"] for message in second[2:]] == ["assistant", "user"]
    assert told in second[3]["content"]
    assert len(calls.ledger) == 2
    assert list(calls.replies.values()) == [GOOD]


def test_the_prefix_of_the_second_question_is_the_same_bytes() -> None:
    with asking(say("{}"), say(GOOD)) as (ask, _, server):
        ask(prompt("Формула: α ≤ 0.05\n\t«…»"))
    first, second = (asked.raw for asked in server.requests)
    start = first.index(b'"messages"')
    end = first.index(b"]", start)
    assert first[start:end] in second


def test_two_wrong_replies_are_a_failure_and_nothing_is_cached() -> None:
    with asking(say("ы" * 900)) as (ask, calls, server), pytest.raises(ModelReplyError) as caught:
        ask()
    assert len(server.requests) == len(calls.ledger) == 2
    assert calls.replies == {}
    assert caught.value.reply == "ы" * 500
    assert not caught.value.retryable
    assert pickle.loads(pickle.dumps(caught.value)).reply == caught.value.reply


@pytest.mark.parametrize("first", [status(429, headers={"Retry-After": "0.01"}), status(500, headers=AT_ONCE)])
def test_the_sdk_waits_and_repeats(first: Behaviour) -> None:
    with asking(first, say(GOOD)) as (ask, calls, server):
        assert ask() == Word(word="да")
    assert len(server.requests) == 2
    assert len(calls.ledger) == 1


CONTEXT_OPENAI = {"code": "context_length_exceeded", "type": "invalid_request_error"}
CONTEXT_LLAMA = {"code": 400, "type": "exceed_context_size_error", "n_prompt_tokens": 9030, "n_ctx": 8192}
CONTEXT_VLLM = {"message": "This model's maximum context length is 4096 tokens.", "type": "BadRequestError"}


@pytest.mark.parametrize(
    ("behaviour", "error", "says"),
    [
        (status(429, headers=AT_ONCE), ModelUnavailable, "HTTP 429"),
        (status(503, headers=AT_ONCE), ModelUnavailable, "HTTP 503"),
        (status(429, headers=AT_ONCE, error={"code": "insufficient_quota"}), ModelRefused, "insufficient_quota"),
        (status(401, error={"code": "invalid_api_key"}), ModelRefused, "RAZBOR_WRITER_API_KEY"),
        (status(403), ModelRefused, "may use this model"),
        (status(404, error={"code": "model_not_found"}), ModelRefused, "RAZBOR_WRITER_MODEL"),
        (status(400, error={"type": "invalid_request_error"}), ModelRefused, "HTTP 400"),
        (status(400, error=CONTEXT_OPENAI), ContextTooSmall, "8000 tokens"),
        (status(400, error=CONTEXT_LLAMA), ContextTooSmall, "RAZBOR_WRITER_CONTEXT"),
        (status(400, error=CONTEXT_VLLM), ContextTooSmall, "8000 tokens"),
        (error_event({"type": "server_error", "message": "boom"}), ModelUnavailable, "inside the stream"),
        (error_event(CONTEXT_LLAMA | {"message": "too long"}), ContextTooSmall, "8000 tokens"),
        (html(), ModelRefused, "not an OpenAI endpoint"),
        (lambda handler, _: handler.send(200, b'{"ok": true}', "application/json"), ModelRefused, "not an OpenAI"),
        (cut(), ModelUnavailable, "broke off"),
        (cut(GOOD, politely=True), ModelUnavailable, "broke off"),
        (lambda handler, _: (handler.begin_stream(), handler.event('{"id": ')), ModelUnavailable, "broke off"),
    ],
)
def test_every_failure_has_its_error(behaviour: Behaviour, error: type[ModelError], says: str) -> None:
    with asking(behaviour) as (ask, calls, _), pytest.raises(error) as caught:
        ask()
    assert says in str(caught.value)
    assert caught.value.mend
    assert caught.value.retryable == (error is ModelUnavailable)
    assert calls.ledger == []
    assert calls.replies == {}


@pytest.mark.parametrize("behaviour", [silent(), endless()])
def test_a_slow_reply_is_given_up(behaviour: Behaviour) -> None:
    with asking(behaviour, timeout=0.2, max_retries=0) as (ask, calls, _), pytest.raises(ModelUnavailable):
        ask()
    assert calls.replies == {}


def test_an_endpoint_that_is_not_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    models = Models(
        {"writer": endpoint(url)},
        calls=FakeCalls(),
        budget=Budget(),
        timeout=1,
        temperature=0,
        progress=lambda _: None,
        max_retries=0,
    )
    with pytest.raises(ModelUnavailable, match="cannot be reached"):
        models.ask(prompt(), Word, digest_id="d", paper_id="p")
    models.close()


def test_a_prompt_that_surely_does_not_fit_is_not_sent() -> None:
    with asking(say(GOOD)) as (ask, _, server), pytest.raises(ContextTooSmall, match="8000"):
        ask(prompt("x" * 48_000))
    assert server.requests == []


def test_a_spent_budget_asks_nothing() -> None:
    with asking(say("{}"), budget=Budget(tokens=70)) as (ask, calls, server), pytest.raises(BudgetSpent):
        ask()
    assert len(server.requests) == len(calls.ledger) == 1


@pytest.mark.parametrize(
    "behaviour",
    [status(401, echo=True), status(400, echo=True), status(429, echo=True, headers=AT_ONCE), html(), cut(PAPER)],
)
def test_no_error_and_no_log_shows_key_or_prompt(behaviour: Behaviour, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with asking(behaviour) as (ask, _, server):
        logging.getLogger().setLevel(logging.DEBUG)
        with pytest.raises(ModelError) as caught:
            ask()
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value.__dict__) + caplog.text
    assert KEY not in shown
    assert PAPER not in shown


def test_a_key_that_no_header_can_carry_is_refused_without_showing_it() -> None:
    bad = "ключ\n123"
    models = Models(
        {"writer": Endpoint("writer", "http://127.0.0.1:9/v1", "m", SecretStr(bad), 8000, None, "")},
        calls=FakeCalls(),
        budget=Budget(),
        timeout=1,
        temperature=0,
        progress=lambda _: None,
    )
    with pytest.raises(ModelRefused, match="RAZBOR_WRITER_API_KEY") as caught:
        models.ask(prompt(), Word, digest_id="d", paper_id="p")
    assert bad not in "".join(traceback.format_exception(caught.value))


def test_repr_never_shows_the_key() -> None:
    assert KEY not in repr(endpoint("http://127.0.0.1:9/v1"))


def test_the_embedded_model_tells_how_much_it_has_read() -> None:
    seen: list[ModelProgress] = []
    reading = [{"total": 100, "cache": 20, "processed": done, "time_ms": 1} for done in (20, 100)]
    behaviour = say(GOOD, usage=(100, 0, 10), timings={"cache_n": 20}, progress=reading)
    with asking(behaviour, local=True, progress=seen.append) as (ask, calls, server):
        ask()
    assert server.requests[0].body["return_progress"] is True
    assert [(p.phase, p.prompt_done) for p in seen if p.phase == "reading"] == [("reading", 20), ("reading", 100)]
    assert seen[0].phase == "asked"
    assert (seen[-1].phase, seen[-1].prompt_tokens, seen[-1].completion_tokens) == ("done", 100, 10)
    assert calls.ledger[0].cached_tokens == 20


@pytest.mark.parametrize(("local", "most"), [(True, 1), (False, 2)])
def test_questions_take_turns_on_the_embedded_model_only(local: bool, most: int) -> None:
    running = peak = 0
    lock, both = threading.Lock(), threading.Event()

    def reply(_: dict[str, Any]) -> str:
        nonlocal running, peak
        with lock:
            running += 1
            peak = max(peak, running)
            if running == 2:
                both.set()
        both.wait(0.2 if local else 5)
        with lock:
            running -= 1
        return GOOD

    with asking(answer(reply), local=local) as (ask, calls, _):
        threads = [threading.Thread(target=ask, args=(prompt(f"Question {n}"),)) for n in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert peak == most
    assert len(calls.ledger) == 2


class Inner(BaseModel):
    title: str = Field("x", max_length=5, description="Inner title.")
    mark: Literal[1, 2] = 1


class Outer(BaseModel):
    title: str
    one: Inner = Field(description="The one.")
    many: list[Inner] = Field(min_length=1)
    maybe: int | None = None


def test_the_schema_is_strict() -> None:
    schema = strict_schema(Outer)
    assert schema["required"] == ["title", "one", "many", "maybe"]
    assert schema["additionalProperties"] is False
    one = schema["properties"]["one"]
    assert one["description"] == "The one."
    assert one["required"] == ["title", "mark"]
    assert "$ref" not in one
    assert one["properties"]["title"] == {"type": "string", "description": "Inner title."}
    assert schema["properties"]["many"] == {"type": "array", "items": {"$ref": "#/$defs/Inner"}, "minItems": 1}
    assert schema["$defs"]["Inner"]["additionalProperties"] is False
    assert "default" not in schema["properties"]["maybe"]


def test_a_schema_with_free_keys_is_refused() -> None:
    class Free(BaseModel):
        marks: dict[str, int]

    with pytest.raises(TypeError, match="free keys"):
        strict_schema(Free)
