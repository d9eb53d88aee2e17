"""One tiny question to a model, for real: does it answer, in the form that was asked for, and how fast?"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.models.budget import Budget
from pipeline.models.client import Models
from pipeline.models.endpoints import Endpoint
from pipeline.models.progress import ModelProgress
from pipeline.prompts import Rendered
from pipeline.replies import Reply
from pipeline.settings import Settings
from store.records import ModelCall


class Hello(Reply):
    sentence: str


@dataclass
class Unkept:
    """A ledger in memory and no reply cache: a probe that is answered from a cache proves nothing."""

    ledger: list[ModelCall] = field(default_factory=list)

    def cached_reply(self, key: str) -> str | None:
        return None

    def keep_reply(self, key: str, model: str, reply: str) -> None:
        pass

    def record_call(self, call: ModelCall) -> None:
        self.ledger.append(call)


@dataclass(frozen=True)
class Probe:
    """What came back; the speed is that of writing, without the time for reading the prompt."""

    sentence: str
    call: ModelCall
    tokens_per_second: float


def probe(
    endpoint: Endpoint, settings: Settings, progress: Callable[[ModelProgress], None] = lambda call: None
) -> Probe:
    """Ask for one Russian sentence.

    Raises:
        ModelError, ModelFileError: see `Models.ask`.
    """
    kept, speeds = Unkept(), [0.0]

    def hear(call: ModelProgress) -> None:
        speeds.append(call.tokens_per_second)
        progress(call)

    models = Models(
        {endpoint.role: endpoint},
        calls=kept,
        budget=Budget(),
        timeout=settings.model_timeout,
        temperature=0.0,
        progress=hear,
    )
    question = Rendered(
        name="probe",
        role=endpoint.role,
        system="You answer with the JSON object you are asked for and nothing else.",
        # the number keeps a proxy's cache from answering
        user=f"Question {secrets.randbelow(10_000)}. In one short Russian sentence: what is a scientific paper for?",
        hash="",
        max_tokens=200,
    )
    try:
        reply = models.ask(question, Hello, digest_id="probe", paper_id="")
    finally:
        models.close()
    return Probe(reply.sentence, kept.ledger[-1], speeds[-1])
