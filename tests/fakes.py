"""Stand-ins that are passed in, never patched in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, SecretStr

from pipeline.models.endpoints import Endpoint
from pipeline.models.schema import strict_schema
from pipeline.prompts import Rendered
from pipeline.settings import ModelRole
from store.records import ModelCall

T = TypeVar("T", bound=BaseModel)
Reply = BaseModel | dict[str, Any] | Exception
Replies = Mapping[str, Sequence[Reply]] | Callable[[Rendered, type[BaseModel]], Reply]


class FakeModels:
    """Answers as it is told, with the methods of `pipeline.models.client.Models`.

    Args:
        replies: for each prompt's name a queue (its last reply repeats), or a function of question and schema.
            An exception among them is raised. Dicts are validated, so a fake cannot say what no model may say.
    """

    def __init__(self, replies: Replies, *, context: int = 32_768) -> None:
        self.history: list[Rendered] = []
        self._replies, self._context = replies, context
        self._lock = threading.Lock()

    def ask(self, prompt: Rendered, reply: type[T], *, digest_id: str, paper_id: str) -> T:
        strict_schema(reply)
        with self._lock:
            self.history.append(prompt)
            said = self._next(prompt, reply)
        if isinstance(said, Exception):
            raise said
        return reply.model_validate(said.model_dump() if isinstance(said, BaseModel) else said)

    def endpoint(self, role: ModelRole) -> Endpoint:
        return Endpoint(role, "http://127.0.0.1:9/v1", "fake", SecretStr("none"), self._context, None, "A test asks.")

    def model(self, role: ModelRole) -> str:
        return "fake"

    def close(self) -> None:
        pass

    def asked(self, name: str) -> list[Rendered]:
        """The questions of one prompt, in order."""
        return [prompt for prompt in self.history if prompt.name == name]

    def _next(self, prompt: Rendered, reply: type[BaseModel]) -> Reply:
        if callable(self._replies):
            return self._replies(prompt, reply)
        if prompt.name not in self._replies:
            raise AssertionError(f"no reply was prepared for the prompt «{prompt.name}»")
        queue = self._replies[prompt.name]
        return queue[min(len(self.asked(prompt.name)), len(queue)) - 1]


class FakeCalls:
    """The reply cache and the ledger of a client, in memory."""

    def __init__(self) -> None:
        self.replies: dict[str, str] = {}
        self.ledger: list[ModelCall] = []

    def cached_reply(self, key: str) -> str | None:
        return self.replies.get(key)

    def keep_reply(self, key: str, model: str, reply: str) -> None:
        self.replies[key] = reply

    def record_call(self, call: ModelCall) -> None:
        self.ledger.append(call)
