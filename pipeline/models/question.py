"""One question: messages, parameters and schema, and the key under which its reply is cached."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.errors import ContextTooSmall
from pipeline.models.endpoints import Endpoint

if TYPE_CHECKING:
    from pipeline.prompts import Rendered

Messages = list[dict[str, str]]

SHOWN_REPLY = 2_000
"""Characters of a wrong reply that the second question shows: a run-away reply shown whole would only be continued."""
CHARS_PER_TOKEN = 4
"""For endpoints that report no usage: about right for English, a little low for Russian."""
MOST_CHARS_PER_TOKEN = 6
"""No usual text has more in any current tokenizer, so a prompt that is too long by this measure surely is."""


@dataclass(frozen=True)
class Question:
    """What is asked of `endpoint`, whole; `schema` is strict JSON schema."""

    prompt: Rendered
    endpoint: Endpoint
    temperature: float
    schema: dict[str, Any]
    digest_id: str
    paper_id: str

    @property
    def messages(self) -> Messages:
        return [{"role": "system", "content": self.prompt.system}, {"role": "user", "content": self.prompt.user}]

    def again(self, reply: str, problem: str) -> Messages:
        """The same messages, byte for byte, then the wrong reply and what is wrong with it."""
        shown = reply if len(reply) <= SHOWN_REPLY else reply[:SHOWN_REPLY] + " […]"
        request = f"This reply does not fit the JSON schema: {problem}\nReply again, with valid JSON only."
        return [
            *self.messages,
            {"role": "assistant", "content": shown or "(empty)"},
            {"role": "user", "content": request},
        ]

    def request(self, messages: Messages) -> dict[str, Any]:
        """The arguments of `chat.completions.create`, streamed, with the usage at the end."""
        fields: dict[str, Any] = {
            "model": self.endpoint.model,
            "messages": messages,
            "max_tokens": self.prompt.max_tokens,
            "temperature": self.temperature,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "reply", "strict": True, "schema": self.schema},
            },
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if self.endpoint.local:  # llama.cpp's own: it then tells how much of the prompt it has read
            fields["extra_body"] = {"return_progress": True}
        return fields

    @property
    def key(self) -> str:
        """SHA-256 of everything that shapes the reply. The address of the embedded model is random, so it stays out."""
        content = {
            "model": self.endpoint.model,
            "base_url": "" if self.endpoint.local else self.endpoint.base_url,
            "parameters": {"temperature": self.temperature, "max_tokens": self.prompt.max_tokens},
            "messages": self.messages,
            "schema": self.schema,
            "salt": self.prompt.salt,
        }
        canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()

    def refuse_if_too_long(self) -> None:
        """Refuse what surely does not fit, before it is sent: characters / 6, plus the longest reply, over the context.

        Raises:
            ContextTooSmall: names both numbers.
        """
        least = sum(len(message["content"]) for message in self.messages) // MOST_CHARS_PER_TOKEN
        if least + self.prompt.max_tokens > self.endpoint.context:
            raise too_small(self.endpoint, f"at least {least} tokens of prompt and {self.prompt.max_tokens} of reply")


def too_small(endpoint: Endpoint, wanted: str) -> ContextTooSmall:
    """The error for a prompt over the context of `endpoint`."""
    setting = "RAZBOR_EMBEDDED_CONTEXT" if endpoint.local else f"RAZBOR_{endpoint.role.upper()}_CONTEXT"
    return ContextTooSmall(
        f"{endpoint.place} has a context of {endpoint.context} tokens; wanted: {wanted}.",
        f"Take a model with a larger context and set {setting}.",
    )


def rough_tokens(text: str) -> int:
    """Tokens of `text`, estimated."""
    return len(text) // CHARS_PER_TOKEN
