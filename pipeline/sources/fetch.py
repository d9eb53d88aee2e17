"""One door to all sources: a target's metadata and its PDF in the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.settings import Settings
from pipeline.sources.identity import Target
from store.records import Paper

if TYPE_CHECKING:
    from store.files import Home


def fetch(target: Target, settings: Settings, home: Home) -> tuple[Paper, str]:
    """Fetch a paper; return what its source knows of it and the SHA-256 of its PDF.

    Raises: as `fetch_arxiv` and `fetch_local`.
    """
    if target.kind == "arxiv":
        from pipeline.sources.arxiv_source import fetch_arxiv

        return fetch_arxiv(target, settings, home)
    from pipeline.sources.local import fetch_local

    return fetch_local(target, settings, home)
