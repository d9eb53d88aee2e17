"""When OpenReview is asked about a paper, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.reviews import discuss, hinted
from pipeline.settings import Settings, load
from pipeline.sources.openreview.source import API2
from store.library import Library
from store.records import Document, Link, Paper
from tests.sources.discussions import AUTHORS, FORUM, TITLE, discussion
from tests.sources.openreview_server import OpenReviewServer, submission

SHEEP = Paper(paper_id="arxiv:2501.00001", title=TITLE, authors=tuple(AUTHORS))
URL = f"https://openreview.net/forum?id={FORUM}"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.sqlite") as opened:
        opened.save_paper(SHEEP)
        yield opened


@pytest.fixture
def server() -> Iterator[OpenReviewServer]:
    with OpenReviewServer(*discussion()) as running:
        yield running


def settings(tmp_path: Path, server: OpenReviewServer, **changes: Any) -> Settings:
    return load(home=tmp_path, openreview_url=server.url, _env_file=None, **changes)


def test_a_paper_of_arxiv_is_searched_for_once_openreview_is_configured(
    tmp_path: Path, library: Library, server: OpenReviewServer
) -> None:
    found = discuss(SHEEP, None, settings(tmp_path, server), library)
    assert found.url == URL
    assert found.note == f"reviews: forum {FORUM} (title and authors)"
    assert "рецензентов" in found.sentence


def test_without_an_account_nobody_is_asked_and_the_note_says_so(tmp_path: Path, library: Library) -> None:
    guest = load(home=tmp_path, _env_file=None)
    assert (guest.openreview_url, guest.openreview_username) == (API2, "")
    assert discuss(SHEEP, None, guest, library).note == "reviews: not looked for, OpenReview needs a login"
    assert discuss(Paper(paper_id="file:0123"), None, guest, library).note == ""


def test_a_link_of_the_paper_is_followed_if_the_forum_fits(
    tmp_path: Path, library: Library, server: OpenReviewServer
) -> None:
    hinting = SHEEP.model_copy(update={"paper_id": "file:0123", "comment": f"Reviewed at {URL}"})
    library.save_paper(hinting)
    found = discuss(hinting, None, settings(tmp_path, server), library)
    assert found.note == f"reviews: forum {FORUM} (link in the paper, title and authors)"
    other = hinting.model_copy(update={"paper_id": "file:4567", "title": "Goats Are Another Matter Altogether"})
    assert discuss(other, None, settings(tmp_path, server), library).note == (
        "reviews: OpenReview has no forum that fits file:4567."
    )


def test_several_forums_that_fit_are_named_in_the_note(
    tmp_path: Path, library: Library, server: OpenReviewServer
) -> None:
    server.notes.append(submission("Zz9forum09", TITLE, venue="LATER.cc/2025/Conference", authors=AUTHORS))
    found = discuss(SHEEP, None, settings(tmp_path, server), library)
    assert found.url == ""
    assert FORUM in found.note
    assert "Zz9forum09 (LATER.cc/2025/Conference)" in found.note


def test_only_the_papers_own_links_are_hints() -> None:
    document = Document(
        paper_id="file:0123",
        title="",
        pages=9,
        links=(
            Link(kind="other", url="https://openreview.net/forum?id=first1111", page=1),
            Link(kind="other", url="https://openreview.net/pdf?id=cited2222", page=8),
            Link(kind="other", url="https://openreview.net/forum?id=owned3333", page=9, own=True),
        ),
    )
    assert hinted(Paper(paper_id="file:0123"), document) == ["first1111", "owned3333"]
