"""Questions to models. The one file that uses the `openai` package; every model speaks its protocol.

One question is one `chat.completions` call with a JSON schema. A reply that does not fit is asked for once more, with
the reply and the error appended after the unchanged prompt, and then it is a typed failure: nothing is ever mended.
Only replies that fit are cached. The SDK itself repeats connection errors, 429 and 5xx, and honours `Retry-After`.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import urlsplit

import httpx2
import openai
from openai.types.chat import ChatCompletion
from pydantic import BaseModel, ValidationError

from pipeline.errors import ModelError, ModelRefused, ModelReplyError, ModelUnavailable
from pipeline.models.answer import Answer
from pipeline.models.budget import Budget
from pipeline.models.endpoints import Address, Endpoint, Prices
from pipeline.models.progress import Meter, ModelProgress
from pipeline.models.question import Messages, Question, rough_tokens, too_small
from pipeline.models.schema import strict_schema
from pipeline.settings import ModelRole
from store.records import ModelCall

if TYPE_CHECKING:
    from pipeline.prompts import Rendered

__all__ = ["CallStore", "Endpoint", "ModelProgress", "Models", "Prices"]

T = TypeVar("T", bound=BaseModel)
CONNECT_SECONDS = 10.0
ERROR_REPLY = 500
"""Characters of the wrong reply that an error keeps."""


class CallStore(Protocol):
    """What the client keeps; `store.library.Library` is one."""

    def cached_reply(self, key: str) -> str | None: ...
    def keep_reply(self, key: str, model: str, reply: str) -> None: ...
    def record_call(self, call: ModelCall) -> None: ...


class Models:
    """The models of all roles. Made once per process; threads share it.

    Args:
        endpoints: one for each role.
        calls: reply cache and ledger.
        budget: checked before each call, charged after it.
        timeout: seconds for one whole reply.
        temperature: of the writer; judges get 0.
        progress: called from the asking thread, a few times a second.
        max_retries: of the SDK, for connection errors, 429 and 5xx.
    """

    def __init__(
        self,
        endpoints: Mapping[ModelRole, Endpoint],
        *,
        calls: CallStore,
        budget: Budget,
        timeout: float,
        temperature: float,
        progress: Callable[[ModelProgress], None],
        max_retries: int = 2,
    ) -> None:
        self._endpoints = dict(endpoints)
        self._calls, self._budget, self._progress = calls, budget, progress
        self._timeout, self._temperature, self._max_retries = timeout, temperature, max_retries
        self._clients: dict[Address, openai.OpenAI] = {}
        self._lock = threading.Lock()
        self._one_slot = threading.Lock()  # the embedded model has one slot: taking turns keeps its prefix warm
        logging.getLogger("openai").setLevel(logging.WARNING)  # below that it logs whole prompts

    def endpoint(self, role: ModelRole) -> Endpoint:
        return self._endpoints[role]

    def model(self, role: ModelRole) -> str:
        """The name of the model that answers for `role`."""
        return self._endpoints[role].model

    def close(self) -> None:
        """Close the connections; the next question opens them again."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()

    def ask(self, prompt: Rendered, reply: type[T], *, digest_id: str, paper_id: str) -> T:
        """Ask one question and return the validated reply.

        Raises:
            BudgetSpent: nothing was asked.
            ContextTooSmall: prompt and reply do not fit the model.
            ModelUnavailable: no connection, time-out, 429, 5xx, or a reply that broke off; retryable.
            ModelRefused: key, model name or request are wrong, or this is no OpenAI endpoint.
            ModelReplyError: two replies, and neither fits the schema.
            ModelFileError: the embedded model cannot be loaded.
        """
        temperature = self._temperature if prompt.role == "writer" else 0.0
        endpoint = self._endpoints[prompt.role]
        question = Question(prompt, endpoint, temperature, strict_schema(reply), digest_id, paper_id)
        kept = self._kept(question, reply)
        return kept if kept is not None else self._asked(question, reply)

    def _kept(self, question: Question, reply: type[T]) -> T | None:
        """The cached reply. One that no longer passes the class's validators is as good as none."""
        text = self._calls.cached_reply(question.key)
        if text is None:
            return None
        found = Answer(text=text).validated(reply)
        if isinstance(found, str):
            return None
        self._record(question, Answer(), seconds=0.0, from_reply_cache=True)
        self._progress(ModelProgress(question.prompt.role, question.prompt.name, "from cache"))
        return found

    def _asked(self, question: Question, reply: type[T]) -> T:
        question.refuse_if_too_long()
        messages = question.messages
        for _ in range(2):
            answer = self._call(question, messages)
            found = answer.validated(reply)
            if not isinstance(found, str):
                self._calls.keep_reply(question.key, question.endpoint.model, answer.text)
                return found
            messages = question.again(answer.text, found)
        raise ModelReplyError(
            f"{question.endpoint.place} gave two replies to «{question.prompt.name}» that do not fit the schema.",
            "Continue with the same command, or take a stronger model.",
            reply=answer.text[:ERROR_REPLY],
        )

    def _call(self, question: Question, messages: Messages) -> Answer:
        """One real call: budget, connection, reply, ledger. What it cost is recorded before the reply is judged."""
        with self._one_slot if question.endpoint.local else nullcontext():
            self._budget.check()
            client = self._client(question.endpoint)
            meter = Meter(question.prompt.role, question.prompt.name, self._progress)
            with _typed_errors(question.endpoint):
                answer = _receive(client, question, messages, meter, self._timeout)
            seconds = meter.seconds
        if not answer.counted:
            answer.prompt_tokens = sum(rough_tokens(message["content"]) for message in messages)
            answer.completion_tokens = rough_tokens(answer.text)
        meter.done(answer.prompt_tokens, answer.completion_tokens)
        self._record(question, answer, seconds=seconds)
        return answer

    def _record(self, question: Question, answer: Answer, *, seconds: float, from_reply_cache: bool = False) -> None:
        prices = question.endpoint.prices
        call = ModelCall(
            digest_id=question.digest_id,
            paper_id=question.paper_id,
            role=question.prompt.role,
            model=question.endpoint.model,
            prompt=question.prompt.name,
            prompt_hash=question.prompt.hash,
            prompt_tokens=answer.prompt_tokens,
            cached_tokens=answer.cached_tokens,
            completion_tokens=answer.completion_tokens,
            money=prices.money(answer.prompt_tokens, answer.cached_tokens, answer.completion_tokens) if prices else 0.0,
            seconds=seconds,
            from_reply_cache=from_reply_cache,
        )
        if not from_reply_cache:
            self._budget.spend(call)
        self._calls.record_call(call)

    def _client(self, endpoint: Endpoint) -> openai.OpenAI:
        address = endpoint.address()
        with self._lock:
            if address not in self._clients:
                self._clients[address] = _connect(endpoint, address, self._timeout, self._max_retries)
            return self._clients[address]


def _connect(endpoint: Endpoint, address: Address, timeout: float, max_retries: int) -> openai.OpenAI:
    key = address.api_key.get_secret_value()
    if not (key.isascii() and key.isprintable()):  # else the HTTP library raises an error that shows the key
        raise ModelRefused(
            f"The key of the {endpoint.role} has characters that no HTTP header can carry.",
            f"Set RAZBOR_{endpoint.role.upper()}_API_KEY again.",
        )
    loopback = urlsplit(address.base_url).hostname in {"127.0.0.1", "localhost", "::1"}
    return openai.OpenAI(
        base_url=address.base_url,
        api_key=key,
        max_retries=max_retries,
        http_client=openai.DefaultHttpxClient(
            trust_env=not loopback,  # no proxy between us and this machine
            timeout=httpx2.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS)),
        ),
    )


def _receive(client: openai.OpenAI, question: Question, messages: Messages, meter: Meter, timeout: float) -> Answer:
    """Read one reply, streamed or whole, as the endpoint likes it."""
    place = question.endpoint.place
    with client.chat.completions.create(**question.request(messages)) as stream:
        kind = stream.response.headers.get("content-type", "").partition(";")[0].strip()
        if kind == "application/json":
            return _whole(stream.response.read(), place)
        if kind != "text/event-stream":
            raise _no_openai(place)
        answer = Answer()
        for chunk in stream:
            answer.take(chunk, meter)
            if meter.seconds > timeout:
                raise ModelUnavailable(f"{place} did not finish within {timeout:g} s.", "Raise RAZBOR_MODEL_TIMEOUT.")
    if answer.finish is None:
        raise _broke_off(place)
    return answer


def _whole(body: bytes, place: str) -> Answer:
    """A reply that came in one piece, from an endpoint that does not stream."""
    try:
        completion = ChatCompletion.model_validate_json(body)
        choice = completion.choices[0]
    except (ValidationError, IndexError):
        raise _no_openai(place) from None
    answer = Answer(text=choice.message.content or "", finish=choice.finish_reason)
    if completion.usage:
        answer.count(completion.usage, completion.model_extra or {})
    return answer


@contextmanager
def _typed_errors(endpoint: Endpoint) -> Iterator[None]:
    """SDK and transport errors as ours. `from None`, because theirs may quote the key or the prompt."""
    place = endpoint.place
    try:
        yield
    except openai.APITimeoutError:
        raise ModelUnavailable(
            f"{place} did not answer in time.", "Try later, or raise RAZBOR_MODEL_TIMEOUT."
        ) from None
    except openai.APIConnectionError as error:
        if isinstance(error.__cause__, httpx2.RemoteProtocolError | httpx2.ReadError):
            raise _broke_off(place) from None
        raise ModelUnavailable(
            f"{place} cannot be reached.", "Check the address and the network, or try later."
        ) from None
    except openai.APIError as error:
        raise _refusal(endpoint, error) from None
    except (httpx2.RequestError, json.JSONDecodeError):
        raise _broke_off(place) from None


def _refusal(endpoint: Endpoint, error: openai.APIError) -> ModelError:
    """An error that the endpoint itself reported, by status or inside a stream."""
    status = getattr(error, "status_code", None)
    code = _code(error)
    if code in {"context_length_exceeded", "exceed_context_size_error"} or "maximum context length" in error.message:
        return too_small(endpoint, "more, says the endpoint")  # vLLM gives no code, only those words
    said = f"{f'HTTP {status}' if status else 'an error inside the stream'}{f', {code}' if code else ''}"
    message = f"{endpoint.place} refused: {said}."
    if code == "insufficient_quota":
        return ModelRefused(message, "Pay the account, or take another endpoint.")
    if status is None or status == 429 or status >= 500:
        return ModelUnavailable(f"{endpoint.place} is not available now: {said}.", "Try later.")
    variable = f"RAZBOR_{endpoint.role.upper()}"
    mends = {
        401: f"Check {variable}_API_KEY.",
        403: f"Check that the key in {variable}_API_KEY may use this model.",
        404: f"Check {variable}_MODEL and {variable}_BASE_URL.",
    }
    return ModelRefused(message, mends.get(status, f"Check that the model knows JSON schemas: {variable}_MODEL."))


def _code(error: openai.APIError) -> str:
    """The endpoint's own word for the error, if it is one word: sentences may quote the prompt or the key."""
    words = (word for word in (error.code, error.type) if isinstance(word, str))
    return next((word for word in words if re.fullmatch(r"[a-z][a-z_]{2,60}", word)), "")


def _no_openai(place: str) -> ModelRefused:
    return ModelRefused(f"{place} is not an OpenAI endpoint: it answered something else.", "Check the base URL.")


def _broke_off(place: str) -> ModelUnavailable:
    return ModelUnavailable(f"{place} broke off in the middle of a reply.", "Try again.")
