"""One work has one post, whatever its files are called; what the channel has covered is left to a person."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.digest import digest
from pipeline.errors import ModelReplyError
from pipeline.nightly import night, targets_of
from store.library import Library
from store.records import ChannelPost, Paper, Piece
from tests.fakes import FakeModels
from tests.pdfs import make_paper
from tests.workflow.conftest import Make

STAMPED = "arxiv:2407.18370"


@pytest.fixture(scope="module")
def stamped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A paper with arXiv's stamp up its left margin."""
    import pymupdf

    folder = tmp_path_factory.mktemp("stamped")
    pdf = pymupdf.open(make_paper(folder / "plain.pdf"))
    pdf[0].insert_text((30, 560), "arXiv:2407.18370v2  [cs.LG]  25 Jul 2024", fontsize=20, rotate=90)
    pdf.save(folder / "labels.pdf")
    return folder / "labels.pdf"


def cover(library: Library, *papers: str, forwarded_from: str = "") -> None:
    post = ChannelPost(
        channel="Канал",
        message_id=7,
        date=datetime(2025, 3, 1, tzinfo=UTC),
        forwarded_from=forwarded_from,
        pieces=(Piece(kind="plain", text="Разбор"),),
        papers=papers,
    )
    library.keep_channel_posts(library.keep_channel("Канал", 1), [post])


def test_a_stamped_pdf_becomes_that_paper_once(make: Make, stamped: Path, tmp_path: Path) -> None:
    deps = make()
    deps.library.save_paper(Paper(paper_id=STAMPED, version=3, title="Counting", categories=("cs.LG",)))
    first = digest(str(stamped), deps)
    assert (first.paper_id, first.post_id, first.outcome) == (STAMPED, "arxiv-2407.18370", "accepted")
    paper = deps.library.paper(STAMPED)
    assert (paper.version, paper.title, paper.categories) == (2, "Counting", ("cs.LG",))
    assert paper.url == "https://arxiv.org/abs/2407.18370v2"
    copy = shutil.copy(stamped, tmp_path / "another name.pdf")
    for name in (str(copy), "2407.18370", "https://arxiv.org/abs/2407.18370v1"):
        again = digest(name, make())
        assert (again.stage, again.post_id) == ("known", first.post_id)
    assert len(deps.library.posts()) == 1


def test_a_stamped_pdf_goes_on_where_it_stopped_under_another_name(make: Make, stamped: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelReplyError):
        digest(str(stamped), make({"frame": [ModelReplyError("Nonsense, twice.")]}))
    copy = shutil.copy(stamped, tmp_path / "copy.pdf")
    later = make()
    done = digest(str(copy), later)
    assert done.outcome == "accepted"
    assert isinstance(later.models, FakeModels)
    assert later.models.asked("brief") == [], "what was written before is not written again"


def test_a_night_takes_two_files_of_one_work_once(make: Make, stamped: Path, tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    for name in ("a.pdf", "b.pdf"):
        shutil.copy(stamped, folder / name)
    assert night(targets_of(folder, None), make()).made == (STAMPED,)


def test_a_night_leaves_what_the_channel_has_covered(make: Make, stamped: Path) -> None:
    deps = make()
    cover(deps.library, STAMPED)
    done = night([str(stamped)], deps)
    assert (done.made, done.outcome) == ((), "done")
    assert f"the channel has covered {STAMPED} already" in done.note
    assert digest(str(stamped), make()).outcome == "accepted", "a person may want it all the same"


def test_a_forwarded_post_covers_nothing(make: Make, stamped: Path) -> None:
    deps = make()
    cover(deps.library, STAMPED, forwarded_from="Другой канал")
    assert night([str(stamped)], deps).made == (STAMPED,)
