"""Title, authors and abstract, as papers of several kinds print them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.reading.document import read_document
from pipeline.reading.opening import open_pdf
from store.records import Document
from tests.pdfs import ABSTRACT, Sheet

TITLE = "Counting Pages Without Reading Them"
INTRODUCTION = "Pages are counted every day, and nobody knows how often, nor what for, nor by whom they are counted. "


def read(sheet: Sheet, path: Path) -> Document:
    return read_document(open_pdf(sheet.save(path / "paper.pdf"), 400), "file:0")


def head() -> Sheet:
    sheet = Sheet()
    sheet.line(TITLE, 17, "tibo")
    sheet.line("Anna Petrova and Ivan Smirnov", 11, gap=8)
    sheet.line("Department of Pages, University of Paper", 9, "tiit", gap=4)
    return sheet


def body(sheet: Sheet, heading: str) -> Sheet:
    sheet.line(heading, 12, "tibo", gap=16)
    for _ in range(3):
        sheet.paragraph(INTRODUCTION * 4)
    return sheet


@pytest.mark.parametrize("heading", ["1 Introduction", "I. INTRODUCTION", "Introduction"])
@pytest.mark.parametrize("label", ["", "Abstract. ", "Abstract: "])
def test_the_abstract_with_and_without_its_name(tmp_path: Path, label: str, heading: str) -> None:
    sheet = head()
    sheet.paragraph(label + ABSTRACT, gap=24)
    document = read(body(sheet, heading), tmp_path)
    assert document.abstract == ABSTRACT
    assert (document.title, document.authors) == (TITLE, ("Anna Petrova", "Ivan Smirnov"))
    assert document.passages[0].section == "Abstract"
    assert document.sections[-1].title.lower() == "introduction"


def test_an_abstract_of_two_paragraphs_ends_before_the_keywords(tmp_path: Path) -> None:
    more = "In a second paragraph we say that the counts were confirmed by an independent reader of many pages."
    sheet = head()
    sheet.line("Abstract", 12, "tibo", gap=20)
    sheet.paragraph(ABSTRACT)
    sheet.paragraph(more, gap=6)
    sheet.paragraph("Keywords: pages, counting, paper, and the art of not reading", gap=10)
    document = read(body(sheet, "1 Introduction"), tmp_path)
    assert document.abstract == f"{ABSTRACT} {more}"


def test_keywords_under_a_heading_of_their_own_are_no_section(tmp_path: Path) -> None:
    sheet = head()
    sheet.line("ABSTRACT", 12, "tibo", gap=20)
    sheet.paragraph(ABSTRACT)
    sheet.line("KEYWORDS", 12, "tibo", gap=14)
    sheet.paragraph("pages, counting, paper, and the art of not reading what one counts.")
    document = read(body(sheet, "1 INTRODUCTION"), tmp_path)
    assert document.abstract == ABSTRACT
    assert [section.title for section in document.sections] == ["Abstract", "INTRODUCTION"]
