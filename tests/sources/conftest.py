from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sources.arxiv_desk import Desk
from tests.sources.arxiv_server import ArxivServer, Entry


@pytest.fixture
def server() -> Iterator[ArxivServer]:
    """arXiv with one paper, in two versions."""
    with ArxivServer().add(Entry("2601.00001", versions=2)) as server:
        server.pdfs = {"2601.00001v1": b"%PDF-1.7 first %%EOF", "2601.00001v2": b"%PDF-1.7 second %%EOF"}
        yield server


@pytest.fixture
def desk(server: ArxivServer, tmp_path: Path) -> Desk:
    return Desk(server, tmp_path)
