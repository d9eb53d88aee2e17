"""Links: found in print and under the mouse, mended, sorted, and told to be the paper's own or another's."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

from pipeline.reading.backmatter.links import link_kind
from pipeline.reading.backmatter.urls import find_urls, mend_urls, tidy
from pipeline.reading.document import read_document
from pipeline.reading.opening import open_pdf
from store.records import Document, Link
from tests.pdfs import Sheet, make_paper


def read(path: Path) -> Document:
    return read_document(open_pdf(path, 400), "file:0")


def links(path: Path, *paragraphs: str, title: str = "On Judges and Their Labels") -> dict[str, Link]:
    sheet = Sheet()
    sheet.line(title, 18, "tibo")
    sheet.line("1 Introduction", 12, "tibo", gap=20)
    for text in paragraphs:
        sheet.paragraph(text)
    return {link.url: link for link in read(sheet.save(path)).links}


@pytest.mark.parametrize(
    ("printed", "url"),
    [
        ("see https://github.com/ foo/bar, which", "https://github.com/foo/bar"),
        ("https: //openreview.net/forum?id=Byj72udxe.", "https://openreview.net/forum?id=Byj72udxe"),
        ("https://openreview. net/forum?id=0jpbpFia8m.", "https://openreview.net/forum?id=0jpbpFia8m"),
        ("https://github.c om/some/thing_else. Accessed:", "https://github.com/some/thing_else"),
        ("https://zenodo.org/records/ 12608602.", "https://zenodo.org/records/12608602"),
        ("code at https://github.com/foo/bar. In this work", "https://github.com/foo/bar"),
        ("(https://en.wikipedia.org/wiki/Judge_(law)).", "https://en.wikipedia.org/wiki/Judge_(law)"),
        ("at github.com/foo/bar and more", "https://github.com/foo/bar"),
        ("https://x.ai/ which we use", "https://x.ai/"),
    ],
)
def test_addresses_are_mended_and_cleaned(printed: str, url: str) -> None:
    assert [found for _, _, found in find_urls(mend_urls(printed))] == [url]


def test_an_address_with_a_blank_in_its_row_is_read_whole(tmp_path: Path) -> None:
    found = links(tmp_path / "x.pdf", "Our code is available at https://github.com/ foo/bar, and we thank all.")
    assert found["https://github.com/foo/bar"].own


@pytest.mark.parametrize(
    "address", ["mailto:a@b.org", "javascript:alert(1)", "file:///etc/passwd", "http://[bad", "ftp://a.org/x"]
)
def test_only_the_web(address: str) -> None:
    assert tidy(address) == ""


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://github.com/a/b", "code"),
        ("https://a.github.io/b/", "code"),
        ("https://gitlab.inria.fr/a/b", "code"),
        ("https://huggingface.co/a/b", "code"),
        ("https://huggingface.co/datasets/a/b", "data"),
        ("https://zenodo.org/records/1", "data"),
        ("https://youtu.be/x", "video"),
        ("https://arxiv.org/abs/2407.18370", "paper"),
        ("https://notgithub.com/a", "web"),
        ("https://example.org/github.com", "web"),
    ],
)
def test_kinds(url: str, kind: str) -> None:
    assert link_kind(url) == kind


def test_own_links_say_why(tmp_path: Path) -> None:
    found = links(
        tmp_path / "own.pdf",
        "We study how few labels a judge needs. Our code and data are publicly available at "
        "https://github.com/someone/repository-of-labels. The sentences after it speak of other matters.",
        "For training we use the library https://github.com/huge/framework and the data of Smith et al. (2020), "
        "which are at https://zenodo.org/records/12345 as of now.",
    )
    own = found["https://github.com/someone/repository-of-labels"]
    assert own.own
    assert own.page == 1
    assert "publicly available" in own.reason
    for url in ("https://github.com/huge/framework", "https://zenodo.org/records/12345"):
        assert not found[url].own
        assert "another's" in found[url].reason


def test_an_address_that_bears_the_name_of_the_title(tmp_path: Path) -> None:
    found = links(
        tmp_path / "name.pdf",
        "Something is at https://github.com/lab/paleojudge as we speak.",
        title="PaleoJudge: Old Labels",
    )
    (link,) = found.values()
    assert (link.own, "PaleoJudge" in link.reason) == (True, True)


def test_addresses_over_two_lines_and_twice_are_one(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.line("On Broken Lines", 18, "tibo")
    sheet.line("1 Introduction", 12, "tibo", gap=20)
    sheet.line("The paper and all of its sources are kept at https://github.com/", gap=8)
    sheet.line("example/judge and nowhere else, says the paper: see https://www.github.com/example/judge/")
    sheet.line("for more of it, because everything that we have done is there to be seen by everyone.")
    (link,) = read(sheet.save(tmp_path / "broken.pdf")).links
    assert link.url == "https://github.com/example/judge"


def test_what_the_references_hold_is_left_out(tmp_path: Path) -> None:
    path = make_paper(
        tmp_path / "plain.pdf",
        references=(
            "[1] A. Author. A title of a work. 2023. URL https://github.com/other/work.",
            "[2] B. Author. Another title. arXiv:2301.00001, 2023.",
        ),
    )
    with pymupdf.open(path) as pdf:
        own, cited = "https://github.com/example/judge", "https://github.com/third/work"
        pdf[0].insert_link({"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(80, 200, 200, 210), "uri": own})
        place = pdf[-1].search_for("Another title")[0]
        pdf[-1].insert_link({"kind": pymupdf.LINK_URI, "from": place, "uri": cited})
        pdf.save(tmp_path / "linked.pdf")
    (link,) = read(tmp_path / "linked.pdf").links
    assert (link.kind, link.url, link.page) == ("code", own, 1)
