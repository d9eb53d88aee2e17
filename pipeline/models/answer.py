"""What comes back from a model: text, the reason why it ended, and what it used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from pipeline.models.progress import Meter

T = TypeVar("T", bound=BaseModel)


@dataclass
class Answer:
    """One reply, perhaps still growing. `counted`: the endpoint reported its usage."""

    text: str = ""
    finish: str | None = None
    counted: bool = False
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0

    def take(self, chunk: Any, meter: Meter) -> None:
        """Add one `ChatCompletionChunk`; llama.cpp's also tell how much of the prompt is read."""
        extra = chunk.model_extra or {}
        progress = extra.get("prompt_progress")
        if progress:
            meter.read(total=progress["total"], cached=progress["cache"], done=progress["processed"])
        if getattr(chunk, "usage", None):
            self.count(chunk.usage, extra)
        for choice in getattr(chunk, "choices", None) or []:
            self.finish = choice.finish_reason or self.finish
            if choice.delta and choice.delta.content:
                self.text += choice.delta.content
                meter.wrote()

    def count(self, usage: Any, extra: Mapping[str, Any]) -> None:
        """Take the usage; llama.cpp tells the cached tokens in `timings` too."""
        self.counted = True
        self.prompt_tokens = usage.prompt_tokens or 0
        self.completion_tokens = usage.completion_tokens or 0
        details = getattr(usage, "prompt_tokens_details", None)
        cached = getattr(details, "cached_tokens", None) or (extra.get("timings") or {}).get("cache_n") or 0
        self.cached_tokens = min(cached, self.prompt_tokens)

    def validated(self, reply: type[T]) -> T | str:
        """The reply as an object, or what is wrong with it, in words for the model."""
        if self.finish == "length":
            return "it was cut off, because it was too long. Be shorter."
        if not self.text.strip():
            return "it is empty."
        try:
            return reply.model_validate_json(self.text)
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False)
        return "; ".join(f"{'.'.join(map(str, one['loc'])) or 'reply'}: {one['msg']}" for one in found[:8])
