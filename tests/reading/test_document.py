"""What a reader of a paper sees is what the document holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.reading.document import read_document
from pipeline.reading.layout.lines import Line, join_lines, words_of
from pipeline.reading.opening import open_pdf
from store.records import Document
from tests import pdfs
from tests.pdfs import Sheet, make_paper


def read(path: Path) -> Document:
    return read_document(open_pdf(path, 400), "file:0")


@pytest.fixture(params=[1, 2], ids=["one column", "two columns"], scope="module")
def paper(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Document:
    return read(make_paper(tmp_path_factory.mktemp("paper") / "paper.pdf", columns=request.param))


def test_head_of_the_paper(paper: Document) -> None:
    assert paper.title == pdfs.TITLE
    assert paper.authors == pdfs.AUTHORS
    assert paper.abstract == pdfs.ABSTRACT
    assert paper.language == "en"
    assert not paper.warnings


def test_sections_have_numbers_levels_and_pages(paper: Document) -> None:
    numbered = [f"{section.number} {section.title}" for section in paper.sections if section.number]
    assert numbered == list(pdfs.SECTIONS)
    assert {section.level for section in paper.sections} == {1}
    assert paper.sections[0].page == 1


def test_every_paragraph_is_one_passage_under_its_heading(paper: Document) -> None:
    """Also the one that runs over the end of a column or page, and none mixes two columns."""
    found = {passage.text: passage.section for passage in paper.passages}
    for heading, paragraphs in pdfs.SECTIONS.items():
        for text in paragraphs:
            assert found[text] == heading


def test_passages_are_numbered_in_reading_order_and_have_places(paper: Document) -> None:
    assert [passage.id for passage in paper.passages] == [f"p{n}" for n in range(1, len(paper.passages) + 1)]
    texts = [passage.text for passage in paper.passages]
    wanted = [text for paragraphs in pdfs.SECTIONS.values() for text in paragraphs]
    assert [text for text in texts if text in wanted] == wanted
    for passage in paper.passages:
        x0, y0, x1, y1 = passage.bbox
        assert 0 < x0 < x1 < 595
        assert 0 < y0 < y1 < 842


def test_table_has_rows_and_one_quotable_passage_after_its_caption(paper: Document) -> None:
    (table,) = paper.tables
    assert table.number == "1"
    assert table.caption == pdfs.CAPTION
    assert table.rows == pdfs.ROWS
    caption = next(i for i, passage in enumerate(paper.passages) if passage.text == pdfs.CAPTION)
    assert paper.passages[caption + 1].text.splitlines()[2] == "500 | 71.2 | 92.4"


def test_references_stand_apart(paper: Document) -> None:
    assert [reference.text for reference in paper.references] == list(pdfs.REFERENCES)
    first, second = paper.references
    assert (first.year, first.arxiv_id) == (2024, "2407.18370")
    assert (second.year, second.doi) == (2023, "10.1561/2200000101")
    assert not any("Angelopoulos" in passage.text for passage in paper.passages)


def test_broken_words_are_mended_and_compounds_kept(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.line("A Study of Words", 18, "tibo")
    sheet.line("1 Introduction", 12, "tibo", gap=20)
    sheet.line("The self-attention layer is the heart of the model, and its atten-", gap=8)
    sheet.line("tion weights are read by many people who like pictures. The self-")
    sheet.line("attention of a large model costs more than that of a small one.")
    (passage,) = read(sheet.save(tmp_path / "words.pdf")).passages
    assert "its attention weights" in passage.text
    assert "The self-attention of" in passage.text


def test_running_heads_and_page_numbers_are_no_text(tmp_path: Path) -> None:
    sheet = Sheet()
    pages = [f"The {name} model reads the paper and writes down what it has understood of it. " * 6 for name in "ABCD"]
    for page, text in enumerate(pages, 1):
        if page > 1:
            sheet._new_page()
        sheet.page.insert_text((72, 40), "Published as a conference paper", fontsize=8)
        sheet.page.insert_text((295, 815), str(page), fontsize=10)
        if page == 1:
            sheet.line("How Models Read", 18, "tibo")
        sheet.paragraph(text)
    document = read(sheet.save(tmp_path / "heads.pdf"))
    assert [passage.text for passage in document.passages] == [text.strip() for text in pages]


def test_the_outline_of_the_pdf_decides_the_headings(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.line("On Plain Headings", 18, "tibo")
    outline = []
    for number, name in enumerate(("Opening", "Middle game", "Endgame"), 1):
        sheet.line(name, 10, gap=16)
        outline.append([1 if number != 2 else 2, name, 1])
        sheet.paragraph("A heading in ordinary type cannot be told from a line of text, but the outline names it. " * 3)
    sheet.pdf.set_toc(outline)
    document = read(sheet.save(tmp_path / "outline.pdf"))
    assert [(s.title, s.level) for s in document.sections] == [("Opening", 1), ("Middle game", 2), ("Endgame", 1)]
    assert document.passages[1].section == "Opening / Middle game"


def test_formulas_and_labels_are_not_glued_into_sentences(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.line("On Formulas", 18, "tibo")
    sheet.line("1 Introduction", 12, "tibo", gap=20)
    sheet.paragraph("The loss that we minimise in every step of the training of this model is given by")
    sheet.line("x + y = z", 10, "symb", indent=150, gap=8)
    sheet.paragraph("where the symbols mean what they always mean in papers of this kind, as everybody knows.", gap=8)
    document = read(sheet.save(tmp_path / "formula.pdf"))
    assert [passage.text.split()[0] for passage in document.passages] == ["The", "where"]
    assert any("1 displayed formulas" in warning for warning in document.warnings)


def test_powers_keep_their_value_and_footnote_marks_vanish(tmp_path: Path) -> None:
    import pymupdf

    sheet = Sheet()
    sheet.line("On Small Numbers", 18, "tibo")
    sheet.line("1 Introduction", 12, "tibo", gap=20)
    pieces = [("A learning rate of 3 x 10", 10), ("-5", 6), (" for two epochs", 10), ("2", 6), (" and no more.", 10)]
    x = 72.0
    for text, size in pieces:
        sheet.page.insert_text((x, 160 if size == 10 else 156), text, fontsize=size, fontname="tiro")
        x += pymupdf.get_text_length(text, "tiro", size)
    (passage,) = read(sheet.save(tmp_path / "powers.pdf")).passages
    assert passage.text == "A learning rate of 3 x 10^-5 for two epochs and no more."


def test_links_name_code_and_leave_out_what_is_cited(tmp_path: Path) -> None:
    import pymupdf

    path = make_paper(tmp_path / "plain.pdf")
    with pymupdf.open(path) as pdf:
        own, cited = "https://github.com/example/judge", "https://github.com/other/work"
        pdf[0].insert_link({"kind": pymupdf.LINK_URI, "from": pymupdf.Rect(80, 200, 200, 210), "uri": own})
        last = pdf[-1]
        place = last.search_for("Angelopoulos")[0]
        last.insert_link({"kind": pymupdf.LINK_URI, "from": place, "uri": cited})
        pdf.save(tmp_path / "linked.pdf")
    document = read(tmp_path / "linked.pdf")
    assert [(link.kind, link.url, link.page) for link in document.links] == [("code", own, 1)]


def test_acknowledgements_and_appendix(tmp_path: Path) -> None:
    extra = {**pdfs.SECTIONS, "Acknowledgements": ("We thank Maria Ivanova for her patience and many good questions.",)}
    document = read(make_paper(tmp_path / "thanks.pdf", sections=extra))
    assert document.acknowledgements == "We thank Maria Ivanova for her patience and many good questions."


def test_references_without_a_heading(tmp_path: Path) -> None:
    entries = [f"[{n}] A. Author, Phys. Rev. D {n}{n}, 12345 (200{n}), and more of the same kind." for n in range(1, 7)]
    sheet = Sheet()
    sheet.line("Dark Matter of Words", 18, "tibo")
    for number in range(8):
        sheet.paragraph(
            f"Paragraph {number} says something about the matter, and cites no less than one work [1]. " * 3
        )
    for entry in entries:
        sheet.paragraph(entry, 9, hang=14)
    document = read(sheet.save(tmp_path / "physics.pdf"))
    assert [reference.text for reference in document.references] == entries
    assert not any("Phys. Rev." in passage.text for passage in document.passages)


SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "pdf"


@pytest.mark.skipif(not SHARED.is_dir(), reason="real papers are not beside the repository")
@pytest.mark.parametrize(
    ("name", "title", "sections", "references", "tables"),
    [
        ("2411.07191v1", "THE SUPER WEIGHT IN LARGE LANGUAGE MODELS", 24, 33, 7),
        ("1301.3781v3", "Efficient Estimation of Word Representations in Vector Space", 21, 32, 8),
        (
            "2502.11089v1",
            "Native Sparse Attention: Hardware-Aligned and Natively Trainable Sparse Attention",
            31,
            37,
            4,
        ),
    ],
)
def test_real_papers(name: str, title: str, sections: int, references: int, tables: int) -> None:
    document = read(SHARED / f"{name}.pdf")
    assert document.title == title
    assert (len(document.sections), len(document.references), len(document.tables)) == (sections, references, tables)
    assert not document.hidden_text
    assert not any("arXiv preprint" in passage.text for passage in document.passages)
    assert all(passage.text for passage in document.passages)


def test_a_russian_paper_is_russian() -> None:
    from pipeline.reading.layout.lines import Line
    from pipeline.reading.remarks import language_of

    line = Line(1, (0, 0, 1, 1), 0, "Калибровка судей на основе LLM", 10, 10, False, 0)
    assert language_of([line]) == "ru"


def test_a_paragraph_has_a_place_in_each_column_it_runs_through(tmp_path: Path) -> None:
    sheet = Sheet(columns=2)
    sheet.line("On Long Paragraphs", 12, "tibo")
    sheet.line("1 Introduction", 12, "tibo", gap=20)
    words = "and the paragraph runs on without an end, from one line to the next, as it always did before"
    sheet.paragraph(f"It begins here, {', '.join([words] * 60)}.")
    (passage,) = read(sheet.save(tmp_path / "long.pdf")).passages
    left, right = passage.places
    assert (left.page, right.page) == (1, 1)
    assert left.bbox[2] < right.bbox[0]
    assert (passage.page, passage.bbox) == (left.page, left.bbox)


def test_a_footnote_stands_apart_and_breaks_no_paragraph(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.line("On Footnotes", 18, "tibo")
    sheet.line("1 Introduction", 12, "tibo", gap=20)
    filler = "The text of this page says nothing new, but it says so at some length and in good order. "
    while sheet.y < 640:
        sheet.paragraph(filler * 3)
    sheet.paragraph("The last paragraph of the page begins here and is not yet at its end when the page is over, so it")
    sheet.page.insert_text((72, 757), "1", fontsize=6, fontname="tiro")
    sheet.page.insert_text((76, 760), "A footnote that tells where the data may be found.", fontsize=8, fontname="tiro")
    sheet._new_page()
    sheet.line("goes on upon the next page as if nothing had come between, and ends there.")
    document = read(sheet.save(tmp_path / "note.pdf"))
    notes = [passage for passage in document.passages if passage.kind == "footnote"]
    assert [note.text for note in notes] == ["A footnote that tells where the data may be found."]
    (whole,) = [passage for passage in document.passages if passage.text.startswith("The last paragraph")]
    assert whole.text.endswith("so it goes on upon the next page as if nothing had come between, and ends there.")
    assert [place.page for place in whole.places] == [1, 2]


def test_passages_say_what_they_are(paper: Document) -> None:
    kinds = [passage.kind for passage in paper.passages]
    assert (kinds.count("caption"), kinds.count("table"), kinds.count("text")) == (1, 1, len(kinds) - 2)


def test_an_isotope_keeps_its_number(tmp_path: Path) -> None:
    import pymupdf

    sheet = Sheet()
    sheet.line("On Heavy Nuclei", 18, "tibo")
    sheet.line("1 Introduction", 12, "tibo", gap=20)
    x = 72.0
    for text, size in (
        ("We scatter electrons off the nucleus ", 10),
        ("208", 6),
        ("Pb and look at what comes out.", 10),
    ):
        sheet.page.insert_text((x, 160 if size == 10 else 156), text, fontsize=size, fontname="tiro")
        x += pymupdf.get_text_length(text, "tiro", size)
    (passage,) = read(sheet.save(tmp_path / "lead.pdf")).passages
    assert passage.text == "We scatter electrons off the nucleus 208Pb and look at what comes out."


def test_the_rest_of_a_broken_word_is_no_word_of_its_own() -> None:
    def line(text: str) -> Line:
        return Line(1, (0, 0, 1, 1), 0, text, size=10, top_size=10, bold=False, math=0)

    printed = ["one self, a .com address, physical com-", "monsense and self-", "attention, which is attention"]
    words = words_of(map(line, printed))
    assert (
        join_lines(printed, words)
        == "one self, a .com address, physical commonsense and self-attention, which is attention"
    )
