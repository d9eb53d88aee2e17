"""What the nodes work with. Everything that reaches outside comes in here, so tests pass fakes and patch nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pipeline.writing.write import Asks
from store.records import Document, Paper

if TYPE_CHECKING:
    from pipeline.models.client import Endpoint
    from pipeline.prompts import PromptBook
    from pipeline.settings import ModelRole, Settings
    from pipeline.sources.identity import Target
    from store.files import Home
    from store.library import Library
    from store.search import Search


class Answers(Asks, Protocol):
    """The model client as the nodes see it."""

    def endpoint(self, role: ModelRole) -> Endpoint:
        """Which model answers for `role`."""
        ...


@dataclass(frozen=True)
class Deps:
    """`fetch` gives a paper's metadata and the SHA-256 of its PDF in the cache; `read` takes that file apart."""

    settings: Settings
    home: Home
    library: Library
    search: Search
    prompts: PromptBook
    models: Answers
    fetch: Callable[[Target], tuple[Paper, str]]
    read: Callable[[Path, str], Document]
