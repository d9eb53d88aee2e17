"""The arXiv id printed on page one: which paper a local PDF is, whatever its name."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import InputError
from pipeline.reading.stamp import read_stamp
from pipeline.settings import Settings
from pipeline.sources.identity import identify
from pipeline.sources.local import fetch_local, pdfs_in, same_work
from store.files import Home
from store.library import Library
from store.records import Paper
from tests.store.samples import document

MARGIN: dict[str, Any] = {"fontsize": 20, "color": (0.5, 0.5, 0.5)}


def make(path: Path, *lines: tuple[float, float, str], title: str = "", author: str = "", **options: Any) -> Path:
    """A page with a title, a paragraph, and these lines at their places."""
    import pymupdf

    pdf = pymupdf.open()
    page = pdf.new_page(width=612, height=792)
    page.insert_text((100, 150), "Counting Labels for a Judge", fontsize=17)
    page.insert_text((100, 200), "Earlier work (arXiv:1706.03762) gave the guarantee.", fontsize=10)
    for x, y, text in lines:
        page.insert_text((x, y), text, **({"fontsize": 10} | options))
    pdf.new_page().insert_text((100, 60), "arXiv:2501.99999")
    pdf.set_metadata({"title": title, "author": author})
    pdf.save(path)
    return path


@pytest.mark.parametrize(
    ("stamp", "arxiv_id", "version"),
    [
        ("arXiv:2407.18370v2  [cs.LG]  25 Jul 2024", "2407.18370", 2),
        ("arXiv:0908.0054v1  [astro-ph.CO]  1 Aug 2009", "0908.0054", 1),
        ("arXiv:hep-th/9901001v3   4 Jan 1999", "hep-th/9901001", 3),
        ("arXiv:math/0309136v1  [math.GT]  8 Sep 2003", "math/0309136", 1),
    ],
)
def test_the_stamp_up_the_margin(tmp_path: Path, stamp: str, arxiv_id: str, version: int) -> None:
    found = read_stamp(make(tmp_path / "x.pdf", (30, 560, stamp), rotate=90, **MARGIN))
    assert (found["arxiv_id"], found["version"]) == (arxiv_id, version)


def test_a_stamped_file_is_that_paper(tmp_path: Path) -> None:
    stamp = (30, 560, "arXiv:math.GT/0309136v2  8 Sep 2003")
    target = identify(str(make(tmp_path / "x.pdf", stamp, rotate=90, **MARGIN)))
    assert (target.kind, target.paper_id) == ("file", "arxiv:math/0309136")
    assert (target.arxiv_id, target.version) == ("math/0309136", 2)
    assert target.path == tmp_path / "x.pdf"


@pytest.mark.parametrize(
    ("x", "y", "line", "found"),
    [
        (100, 40, "arXiv:2407.18370v2", "2407.18370"),
        (100, 40, "Preprint. arXiv:2407.18370 — under review", "2407.18370"),
        (100, 770, "arXiv:2407.18370 [cs.LG]", "2407.18370"),
        (100, 640, "ArXiv ePrint: 2407.18370", "2407.18370"),
        (100, 40, "Comment on arXiv:2407.18370", ""),
        (100, 770, "1 The code is that of arXiv:2407.18370", ""),
        (100, 400, "arXiv:2407.18370", ""),
        (100, 40, "arXiv:24.1", ""),
    ],
)
def test_a_running_head_is_a_stamp_and_a_citation_is_not(
    tmp_path: Path, x: float, y: float, line: str, found: str
) -> None:
    assert read_stamp(make(tmp_path / "x.pdf", (x, y, line)))["arxiv_id"] == found


def test_a_stamp_that_nobody_sees_does_not_count(tmp_path: Path) -> None:
    stamp = (30, 560, "arXiv:2407.18370v2  [cs.LG]  25 Jul 2024")
    white = make(tmp_path / "white.pdf", stamp, rotate=90, color=(1, 1, 1))
    tiny = make(tmp_path / "tiny.pdf", stamp, rotate=90, fontsize=1)
    assert identify(str(white)).paper_id.startswith("")
    assert identify(str(tiny)).paper_id.startswith("")


def test_a_name_means_nothing(tmp_path: Path) -> None:
    one = make(tmp_path / "2301.00001v1.pdf", (100, 40, "arXiv:2407.18370v2"))
    two = Path(shutil.copy(one, tmp_path / "downloaded (3).pdf"))
    unstamped = make(tmp_path / "2407.18370.pdf")
    copy = Path(shutil.copy(unstamped, tmp_path / "b.pdf"))
    assert {identify(str(path)).paper_id for path in (one, two)} == {"arxiv:2407.18370"}
    (same,) = {identify(str(path)).paper_id for path in (unstamped, copy)}
    assert same.startswith("file:")


def test_a_file_that_cannot_be_parsed_keeps_its_hash_for_a_name(tmp_path: Path) -> None:
    whole = make(tmp_path / "x.pdf", (100, 40, "arXiv:2407.18370v2")).read_bytes()
    for name, data in {"cut": whole[:300], "page": b"<html>", "none": b"", "head": b"%PDF-1.7 nothing"}.items():
        (tmp_path / name).write_bytes(data)
        assert identify(str(tmp_path / name)).paper_id.startswith("file:")


def test_the_parent_never_opens_the_pdf(tmp_path: Path) -> None:
    path = make(tmp_path / "x.pdf", (100, 40, "arXiv:2407.18370v2"))
    code = (
        "import sys; from pipeline.sources.identity import identify\n"
        "assert identify(sys.argv[1]).paper_id == 'arxiv:2407.18370'\n"
        "assert 'pymupdf' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True, cwd=Path(__file__).parents[2])


def test_what_a_fetch_tells(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    stamped, sha = fetch_local(
        identify(str(make(tmp_path / "a.pdf", (100, 40, "arXiv:2407.18370v2")))), Settings(), home
    )
    assert stamped == Paper(paper_id="arxiv:2407.18370", version=2, url="https://arxiv.org/abs/2407.18370v2")
    assert home.pdf(sha).is_file()
    plain, _ = fetch_local(identify(str(make(tmp_path / "b.pdf"))), Settings(), home)
    assert plain.url == (tmp_path / "b.pdf").as_uri()
    assert plain.version is None


def test_a_folder(tmp_path: Path) -> None:
    for name in ("b.PDF", "a.pdf", "notes.txt"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "c.pdf").mkdir()
    assert [path.name for path in pdfs_in(tmp_path)] == ["a.pdf", "b.PDF"]
    with pytest.raises(InputError):
        pdfs_in(tmp_path / "absent")


def test_bytes_that_were_read_under_another_name_are_that_paper(tmp_path: Path) -> None:
    target = identify(str(make(tmp_path / "a.pdf")))
    digest = target.paper_id.removeprefix("file:")
    with Library.open(tmp_path / "library.sqlite") as library:
        assert same_work(target, library) == target
        library.save_document(document("arxiv:0807.3577", "text"), pdf=digest + "0" * 48)
        assert same_work(target, library).paper_id == "arxiv:0807.3577"
        assert same_work(identify("2407.18370"), library).paper_id == "arxiv:2407.18370"


def test_a_file_does_not_erase_what_is_known_of_its_paper(tmp_path: Path) -> None:
    known = Paper(paper_id="arxiv:2407.18370", version=3, title="Trust or Escalate", categories=("cs.LG",), url="u")
    read = Paper(paper_id="arxiv:2407.18370", version=2, url="https://arxiv.org/abs/2407.18370v2")
    with Library.open(tmp_path / "library.sqlite") as library:
        assert library.completed(read) == read
        library.save_paper(known)
        assert library.completed(read) == known.model_copy(update={"version": 2, "url": read.url})
        library.save_paper(Paper(paper_id="file:00", title="An earlier reading"))
        assert library.completed(Paper(paper_id="file:00")).title == "", "a file is read anew"
