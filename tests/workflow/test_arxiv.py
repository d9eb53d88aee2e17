"""Papers named by their arXiv id, with a loopback server standing for arXiv: one digest, and nights on its bad days."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.digest import digest
from pipeline.errors import SourceBusy, Withdrawn
from pipeline.nightly import night
from tests.sources.arxiv_server import ArxivServer, Entry, status
from tests.workflow.conftest import AT_ONCE, Make

IDS = ["2601.00001", "2601.00002", "2601.00003"]


@pytest.fixture
def server(paper: Path) -> Iterator[ArxivServer]:
    with ArxivServer().add(*map(Entry, IDS)) as server:
        server.pdfs = {f"{name}v1": paper.read_bytes() for name in IDS}
        yield server


def settings(server: ArxivServer) -> dict[str, Any]:
    return {"arxiv_api_url": server.url, "arxiv_pdf_url": server.url, "arxiv_delay": 0.0, "papers_at_once": 1}


def test_digest_from_the_id(make: Make, server: ArxivServer) -> None:
    deps = make(**settings(server))
    attempt = digest("arXiv:2601.00001", deps, retry=AT_ONCE)
    assert (attempt.outcome, attempt.paper_id) == ("accepted", "arxiv:2601.00001")
    known = deps.library.paper("arxiv:2601.00001")
    assert (known.title, known.version) == ("Counting Labels for a Judge", 1)
    digest("2601.00001", deps, again=True, retry=AT_ONCE)
    assert [path for path in server.asked if "/pdf/" in path] == ["/pdf/2601.00001v1"]


def test_a_night_gives_arxiv_up_once_and_the_next_night_tries_again(make: Make, server: ArxivServer) -> None:
    server.always = status(429, retry_after="0")
    first = night(IDS, make(**settings(server)))
    assert len(server.asked) == 3, "the first paper's tries; nobody asked for the others"
    assert [failure.paper_id for failure in first.failed] == [f"arxiv:{name}" for name in IDS]
    assert all("answers 429" in failure.error for failure in first.failed)
    server.always = None
    assert len(night(IDS, make(**settings(server))).made) == 3


def test_a_broken_download_is_tried_again_within_the_digest(make: Make, server: ArxivServer) -> None:
    from tests.sources.arxiv_server import PDF, half

    lookup = server.api({"id_list": IDS[0], "start": "0", "max_results": "1"})
    server.next(lookup, half(b"%PDF-1.7", PDF))
    assert digest(IDS[0], make(**settings(server)), retry=AT_ONCE).outcome == "accepted"


def test_a_withdrawn_paper_is_not_tried_every_night(make: Make, server: ArxivServer) -> None:
    server.add(Entry("2601.00009", comment="Withdrawn: the theorem is false"))
    deps = make(**settings(server))
    with pytest.raises(Withdrawn):
        digest("2601.00009", deps, retry=AT_ONCE)
    asked = len(server.asked)
    assert night(["2601.00009"], deps).failed == ()
    assert len(server.asked) == asked


def test_what_was_given_up_is_not_retried_by_the_graph(make: Make, server: ArxivServer) -> None:
    server.always = status(503, retry_after="0")
    with pytest.raises(SourceBusy):
        digest(IDS[0], make(**settings(server)), retry=AT_ONCE)
    assert len(server.asked) == 3
