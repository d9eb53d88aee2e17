"""Papers heard of in bulk: what is kept, what is not overwritten, and how they are found."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from store.errors import Locked
from store.files import Home
from store.library import Library
from store.records import Paper, Version
from store.search import Search
from store.shelf import Changes
from store.vectors import Vectors
from tests.store.samples import PAPER, document, paper
from tests.store.test_search import Letters

DAY = datetime(2026, 1, 2, tzinfo=UTC)


def test_new_changed_and_same(library: Library) -> None:
    first = [Paper(paper_id=f"other:{n}", title=f"Title {n}", abstract="A") for n in range(5)]
    assert library.save_papers(first) == Changes(5, 0, 0)
    changed = first[0].model_copy(update={"title": "Another"})
    assert library.save_papers([changed, *first[1:], Paper(paper_id="other:9", title="N")]) == Changes(1, 1, 4)
    assert library.paper("other:0") == changed
    assert library.save_papers([]) == Changes()


def test_one_paper_named_twice_at_once(library: Library) -> None:
    twice = [Paper(paper_id="other:1", title="A"), Paper(paper_id="other:1", title="B")]
    assert library.save_papers(twice) == Changes(1, 1, 0)
    assert library.save_papers([twice[1]]) == Changes(0, 0, 1)
    assert library.paper("other:1").title == "B"


def test_what_is_known_is_not_forgotten_and_an_older_version_changes_only_the_list() -> None:
    known = Paper(
        paper_id=PAPER, version=2, title="T", authors=("A",), published=DAY, withdrawn=True, comment="withdrawn"
    )
    assert known.updated_by(Paper(paper_id=PAPER, title="New")) == known.model_copy(update={"title": "New"})
    older = Paper(paper_id=PAPER, version=1, title="Old", versions=(Version(number=1, created=DAY),))
    assert known.updated_by(older) == known.model_copy(update={"versions": older.versions})
    back = Paper(paper_id=PAPER, version=3, title="T", comment="back again", versions=(Version(number=1),))
    assert not known.updated_by(back).withdrawn
    assert known.updated_by(older).updated_by(back).versions == (Version(number=1, created=DAY),)


def test_a_paper_that_was_read_keeps_the_version_of_its_reading(library: Library) -> None:
    library.save_paper(paper().model_copy(update={"version": 1, "url": "u1"}))
    library.save_document(document(PAPER, "We calibrate judges."), pdf="abc")
    newer = paper().model_copy(
        update={"version": 2, "url": "u2", "abstract": "Thresholds.", "versions": (Version(number=2),)}
    )
    library.save_papers([newer])
    known = library.paper(PAPER)
    assert (known.version, known.url, known.abstract) == (1, "u1", "Thresholds.")
    assert known.versions == (Version(number=2),)
    assert library.papers(read=True) == [known]
    assert not library.full_text("thresholds", 5), "its passages speak for it"


def test_reading_a_paper_replaces_its_abstract_in_full_text(library: Library) -> None:
    library.save_papers([Paper(paper_id=PAPER, title="Judges", abstract="Thresholds.")])
    assert [found[:2] for found in library.full_text("judge", 5)] == [(PAPER, "abstract")]
    library.save_document(document(PAPER, "We trust a judge."), pdf="abc")
    assert [found[:2] for found in library.full_text("judge", 5)] == [(PAPER, "p1")]


def test_search_finds_papers_of_which_only_the_metadata_is_known(home: Home, library: Library) -> None:
    search = Search(library, Vectors(home.chroma, model="letters", dimension=32), Letters())
    library.save_papers(
        [
            Paper(paper_id="other:1", title="Sparse attention", abstract="Blocks of keys."),
            Paper(paper_id="other:2", title="Judges", abstract="Thresholds for judges of judges."),
            Paper(paper_id="other:3", title="Judges of bread", abstract="A long text on something else than a judge."),
        ]
    )
    found = search.search("thresholds for a judge")
    assert [one.paper_id for one in found] == ["other:2", "other:3"]
    assert (found[0].passages[0].id, found[0].passages[0].text) == ("abstract", "Thresholds for judges of judges.")


def test_a_pdf_by_its_source_s_name(home: Home) -> None:
    assert home.named_pdf("arxiv-math/0309136v1") is None
    sha = home.keep_pdf(b"%PDF-")
    home.name_pdf("arxiv-math/0309136v1", sha)
    assert home.named_pdf("arxiv-math/0309136v1") == sha
    assert home.named_pdf("arxiv-math/0309136v2") is None
    home.pdf(sha).unlink()
    assert home.named_pdf("arxiv-math/0309136v1") is None


def test_a_lock_can_be_waited_for(home: Home) -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with home.lock("source"):
            held.set()
            done.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(30)
    with pytest.raises(Locked), home.lock("source", wait=0.01):
        pass
    threading.Timer(0.05, done.set).start()
    with home.lock("source", wait=30):
        assert done.is_set()
    thread.join(30)
