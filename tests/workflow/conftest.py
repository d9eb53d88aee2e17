"""A whole workflow with stand-ins only at the edges: the model. PDFs, reading, store and index are real."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from langgraph.types import RetryPolicy

from pipeline.deps import Deps
from pipeline.graph import is_retryable
from pipeline.prompts import PromptBook, Rendered
from pipeline.reading.reader import Limits, read_pdf
from pipeline.settings import Settings, load
from pipeline.sources.fetch import fetch
from pipeline.wiring import open_search
from store.files import Home
from store.library import Library
from tests.fakes import FakeModels
from tests.pdfs import make_paper
from tests.workflow import good

AT_ONCE = RetryPolicy(max_attempts=3, initial_interval=0.001, max_interval=0.002, retry_on=is_retryable)

Make = Callable[..., Deps]


@pytest.fixture(scope="session")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("papers") / "labels.pdf"
    make_paper(path)
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load(home=tmp_path / "home", _env_file=None)


@pytest.fixture
def make(settings: Settings) -> Iterator[Make]:
    """Makes the deps with a model that says `replies`, over the same data folder each time."""
    with ExitStack() as stack:

        def deps(replies: Mapping[str, Sequence[Any]] | None = None, context: int = 32_768, **changes: Any) -> Deps:
            chosen = settings.model_copy(update=changes)
            home = Home(chosen.home)
            library = stack.enter_context(Library.open(home.database))
            models = FakeModels(sections_in_place({**good.REPLIES, **(replies or {})}), context=context)
            return Deps(
                settings=chosen,
                home=home,
                library=library,
                search=open_search(chosen, library),
                prompts=PromptBook(),
                models=models,
                fetch=partial(fetch, settings=chosen, home=home),
                read=partial(read_pdf, limits=Limits.of(chosen)),
            )

        yield deps


def sections_in_place(replies: Mapping[str, Sequence[Any]]) -> Callable[[Rendered, type[Any]], Any]:
    """Queues by prompt name, but a section is answered by its number: parallel workers ask in any order."""
    counts: dict[str, int] = {}

    def answer(prompt: Rendered, reply: type[Any]) -> Any:
        queue = replies[prompt.name]
        if prompt.name == "section":
            return queue[int(re.findall(r"section (\d+)", prompt.user)[-1]) - 1]
        index = counts[prompt.name] = counts.get(prompt.name, -1) + 1
        return queue[min(index, len(queue) - 1)]

    return answer
