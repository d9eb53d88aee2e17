"""One door to all sources: a target's metadata and its PDF in the cache."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING

from pipeline.errors import SourceBusy
from pipeline.settings import Settings
from pipeline.sources.identity import Target
from store.records import Paper

if TYPE_CHECKING:
    from store.files import Home


def fetch(target: Target, settings: Settings, home: Home) -> tuple[Paper, str]:
    """Fetch a paper; return what its source knows of it and the SHA-256 of its PDF.

    Raises: as `fetch_arxiv`, `fetch_submission` and `fetch_local`.
    """
    if target.kind == "arxiv":
        from pipeline.sources.arxiv.source import fetch_arxiv

        return fetch_arxiv(target, settings, home)
    if target.kind == "openreview":
        from pipeline.sources.openreview.submission import fetch_submission

        return fetch_submission(target, settings, home)
    from pipeline.sources.local import fetch_local

    return fetch_local(target, settings, home)


def giving_up(fetch: Callable[[Target], tuple[Paper, str]]) -> Callable[[Target], tuple[Paper, str]]:
    """The same `fetch`, but a source that was given up once is asked no more: other papers fail as the first did."""
    given_up: dict[str, SourceBusy] = {}

    def fetch_unless_given_up(target: Target) -> tuple[Paper, str]:
        if target.kind in given_up:
            raise copy(given_up[target.kind])
        try:
            return fetch(target)
        except SourceBusy as error:
            if error.gave_up:
                given_up[target.kind] = error
            raise

    return fetch_unless_given_up
