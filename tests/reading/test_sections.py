"""Headings are told from their numbers, their names and their type, in the styles that journals print."""

from __future__ import annotations

from pathlib import Path

from pipeline.reading.document import read_document
from pipeline.reading.opening import open_pdf
from pipeline.reading.text.numbering import count_roman, longest_count, split_number
from store.records import Document
from tests.pdfs import Sheet

TEXT = (
    "The quick reader finds the slow writer, and together they measure what a paragraph of plain text is worth. It "
    "goes on for some lines, so that the page holds more text than headings, as every paper does. "
)


def read(sheet: Sheet, path: Path) -> Document:
    return read_document(open_pdf(sheet.save(path / "paper.pdf"), 400), "file:0")


def paper(headings: list[tuple[str, float, str]], columns: int = 1, times: int = 2) -> Sheet:
    """A title, then each heading (text, size, font; `|` breaks its line) with paragraphs below it."""
    sheet = Sheet(columns)
    sheet.line("On the Worth of Headings", 18, "tibo")
    sheet.line("Anna Petrova", 11, gap=8)
    for text, size, font in headings:
        for number, row in enumerate(text.split("|")):
            sheet.line(row, size, font, gap=0 if number else 14)
        for _ in range(times):
            sheet.paragraph(TEXT)
    return sheet


def told(document: Document) -> list[tuple[str, str, int]]:
    return [(section.number, section.title, section.level) for section in document.sections]


def test_physics_journals_count_in_roman_numbers_letters_and_digits(tmp_path: Path) -> None:
    headings = [
        ("I. INTRODUCTION", 10, "tibo"),
        ("II. THE MODEL OF PAPERS AND|OF THEIR READERS", 10, "tibo"),
        ("A. Papers", 10, "tibo"),
        ("1. Short ones", 10, "tiit"),
        ("2. Long ones", 10, "tiit"),
        ("B. Readers", 10, "tibo"),
        ("III. RESULTS", 10, "tibo"),
        ("A. Speed", 10, "tibo"),
        ("ACKNOWLEDGMENTS", 10, "tibo"),
    ]
    document = read(paper(headings, columns=2), tmp_path)
    assert told(document) == [
        ("I", "INTRODUCTION", 1),
        ("II", "THE MODEL OF PAPERS AND OF THEIR READERS", 1),
        ("A", "Papers", 2),
        ("1", "Short ones", 3),
        ("2", "Long ones", 3),
        ("B", "Readers", 2),
        ("III", "RESULTS", 1),
        ("A", "Speed", 2),
        ("", "Acknowledgments", 1),
    ]
    assert not any(section.appendix for section in document.sections)
    assert document.passages[-1].section == "Acknowledgments"


def test_plain_capitals_and_italics_are_headings_too(tmp_path: Path) -> None:
    headings = [
        ("I. INTRODUCTION", 10, "tiro"),
        ("II. METHOD", 10, "tiro"),
        ("A. Reading Order", 10, "tiit"),
        ("B. Headings of Papers", 10, "tiit"),
        ("III. CONCLUSION", 10, "tiro"),
        ("REFERENCES", 10, "tiro"),
    ]
    document = read(paper(headings, columns=2), tmp_path)
    assert [(number, level) for number, _, level in told(document)] == [
        ("I", 1),
        ("II", 1),
        ("A", 2),
        ("B", 2),
        ("III", 1),
        ("", 1),
    ]


def test_bold_and_italic_numbers_of_body_size(tmp_path: Path) -> None:
    headings = [
        ("1. Introduction", 10, "tibo"),
        ("2. Data", 10, "tibo"),
        ("2.1. Collection", 10, "tiit"),
        ("2.1.1. Sources of the data", 10, "tiit"),
        ("2.2. Cleaning", 10, "tiit"),
        ("3. Theory", 10, "tibo"),
        ("Declaration of interest", 10, "tibo"),
        ("Appendix A. Proofs", 10, "tibo"),
        ("A.1. The first proof", 10, "tiit"),
        ("Appendix B. More tables", 10, "tibo"),
    ]
    document = read(paper(headings), tmp_path)
    assert told(document) == [
        ("1", "Introduction", 1),
        ("2", "Data", 1),
        ("2.1", "Collection", 2),
        ("2.1.1", "Sources of the data", 3),
        ("2.2", "Cleaning", 2),
        ("3", "Theory", 1),
        ("", "Declaration of interest", 1),
        ("A", "Proofs", 1),
        ("A.1", "The first proof", 2),
        ("B", "More tables", 1),
    ]
    assert [section.number for section in document.sections if section.appendix] == ["A", "A.1", "B"]
    assert all(passage.appendix == passage.section.startswith("Appendix") for passage in document.passages)


def test_headings_without_numbers_take_their_level_from_the_type(tmp_path: Path) -> None:
    headings = [
        ("Introduction", 14, "tibo"),
        ("Materials and Methods", 14, "tibo"),
        ("Animals", 12, "tibo"),
        ("Statistics", 12, "tibo"),
        ("Results", 14, "tibo"),
        ("Discussion", 14, "tibo"),
    ]
    document = read(paper(headings), tmp_path)
    assert told(document) == [
        ("", "Introduction", 1),
        ("", "Materials and Methods", 1),
        ("", "Animals", 2),
        ("", "Statistics", 2),
        ("", "Results", 1),
        ("", "Discussion", 1),
    ]


def test_lists_and_a_printed_table_of_contents_are_no_headings(tmp_path: Path) -> None:
    sheet = paper([])
    sheet.line("Contents", 12, "tibo", gap=20)
    for name in (
        "1 Introduction . . . . . . 1",
        "2 Method . . . . . . . . . 2",
        "2.1 Steps . . . . . . 2",
        "3 Results . . . . . 3",
    ):
        sheet.line(name, 10, "tibo", gap=4)
    sheet._new_page()
    for number, name in (("1", "Introduction"), ("2", "Method")):
        sheet.line(f"{number} {name}", 12, "tibo", gap=14)
        sheet.paragraph(TEXT)
    for number, step in enumerate(("Read the paper", "Read it again", "Write it down", "Throw it away"), 1):
        sheet.line(f"{number} {step}", 10, "tibo", gap=4)
    sheet.line("2.1 Steps", 11, "tibo", gap=14)
    sheet.paragraph(TEXT)
    sheet.line("3 Results", 12, "tibo", gap=14)
    sheet.paragraph(TEXT)
    document = read(sheet, tmp_path)
    assert [(number, title) for number, title, _ in told(document)] == [
        ("1", "Introduction"),
        ("2", "Method"),
        ("2.1", "Steps"),
        ("3", "Results"),
    ]
    assert {section.page for section in document.sections} == {2}
    assert not any(". . ." in passage.text for passage in document.passages)


def test_a_bold_run_in_title_stays_in_its_paragraph(tmp_path: Path) -> None:
    import pymupdf

    sheet = paper([("1 Introduction", 12, "tibo"), ("2 Method", 12, "tibo"), ("3 Results", 12, "tibo")])
    sheet.y += 20
    sheet.page.insert_text((72, sheet.y), "Training.", fontsize=10, fontname="tibo")
    indent = pymupdf.get_text_length("Training. ", "tibo", 10)
    sheet.page.insert_text(
        (72 + indent, sheet.y), "We train the reader for two days and a night.", fontsize=10, fontname="tiro"
    )
    document = read(sheet, tmp_path)
    assert [section.number for section in document.sections] == ["1", "2", "3"]
    assert document.passages[-1].text == "Training. We train the reader for two days and a night."


def test_a_section_number_at_the_top_of_a_page_is_no_page_number(tmp_path: Path) -> None:
    sheet = paper([("1 Introduction", 12, "tibo"), ("2 Method", 12, "tibo")])
    sheet._new_page()
    sheet.page.insert_text((72, 80), "3", fontsize=12, fontname="tibo")
    sheet.page.insert_text((92, 80), "Results", fontsize=12, fontname="tibo")
    sheet.y = 90
    sheet.paragraph(TEXT)
    assert told(read(sheet, tmp_path))[-1] == ("3", "Results", 1)


def test_numbers_count_up_over_what_stands_between() -> None:
    numbers = ["1", "2", "1", "2", "3", "2.1", "2.2", "7", "3", "A", "A.1", "B"]
    chain = longest_count([(number, 1.0) for number in numbers])
    assert [numbers[i] for i in chain] == ["1", "2", "2.1", "2.2", "3", "A", "A.1", "B"]
    assert count_roman(["I", "II", "A", "B", "1", "2", "III", "A"]) == {0: 1, 1: 1, 2: 2, 3: 2, 4: 3, 5: 3, 6: 1, 7: 2}


def test_a_number_is_split_from_its_title() -> None:
    assert split_number("3.1. Data") == ("3.1", "Data")
    assert split_number("Appendix A: Proofs") == ("A", "Proofs")
    assert split_number("IV. RESULTS") == ("IV", "RESULTS")
    assert split_number("a plain line") == ("", "a plain line")
