"""The one place where everything is put together: from settings to what the graph works with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from pipeline.settings import Settings
from store.files import Home
from store.library import Library
from store.search import Search

if TYPE_CHECKING:
    from pipeline.deps import Deps
    from pipeline.models.progress import ModelProgress


@contextmanager
def open_library(settings: Settings) -> Iterator[Library]:
    """The library alone, for commands that only look.

    Raises:
        StoreError: the data folder or the database cannot be opened.
    """
    with Library.open(settings.database_url or Home(settings.home).database) as library:
        yield library


def open_search(settings: Settings, library: Library) -> Search:
    """The search over a library.

    Raises:
        EmbeddingError: the embedding model cannot be loaded.
    """
    return Search.open(Home(settings.home), library, settings.embedding_model)


@contextmanager
def open_deps(settings: Settings, on_model: Callable[[ModelProgress], None] = lambda progress: None) -> Iterator[Deps]:
    """Everything a digest needs; models are loaded at their first question.

    Raises:
        SettingsError: the endpoints are not set right.
        PromptError: a prompt file is wrong.
        StoreError: the store cannot be opened.
    """
    from pipeline.deps import Deps
    from pipeline.models.budget import Budget
    from pipeline.models.client import Models
    from pipeline.models.endpoints import from_settings
    from pipeline.prompts import PromptBook
    from pipeline.reading.reader import Limits, read_pdf
    from pipeline.sources.fetch import fetch

    home = Home(settings.home)
    budget = Budget(money=settings.max_money, tokens=settings.max_tokens, minutes=settings.max_minutes)
    endpoints = from_settings(settings)
    prompts = PromptBook()
    with open_library(settings) as library:
        models = Models(
            endpoints,
            calls=library,
            budget=budget,
            timeout=settings.model_timeout,
            temperature=settings.temperature,
            progress=on_model,
        )
        with closing(models):
            yield Deps(
                settings=settings,
                home=home,
                library=library,
                search=open_search(settings, library),
                prompts=prompts,
                models=models,
                fetch=partial(fetch, settings=settings, home=home),
                read=partial(read_pdf, limits=Limits.of(settings)),
            )
