"""Captions tied to their figures and tables, and tables read as rows of cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.reading.document import read_document
from pipeline.reading.opening import open_pdf
from store.records import Box, Document, Table
from tests.pdfs import Sheet

PROSE = "The model reads the whole paper and writes down what it has understood of it, sentence by sentence. "


class Drawn(Sheet):
    """A sheet on which figures and tables are drawn at given places."""

    def start(self) -> None:
        self.line("On Figures and Tables", 18, "tibo")
        self.paragraph(PROSE * 4)

    def chart(self, box: Box) -> None:
        """Axes, a curve and tick labels, as a plotting library draws them."""
        x0, y0, x1, y1 = box
        self.page.draw_line((x0, y0), (x0, y1))
        self.page.draw_line((x0, y1), (x1, y1))
        steps = 20
        points = [(x0 + (x1 - x0) * i / steps, y1 - (y1 - y0) * (i / steps) ** 2) for i in range(steps + 1)]
        self.page.draw_polyline(points, color=(0.8, 0.1, 0.1))
        for i in range(5):
            self.text(x0 + (x1 - x0) * i / 5, y1 + 9, f"{i * 20}", 6)

    def picture(self, box: Box) -> None:
        import pymupdf

        pixels = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 40, 30))
        pixels.clear_with(120)
        self.page.insert_image(pymupdf.Rect(box), pixmap=pixels, keep_proportion=False)

    def text(self, x: float, y: float, text: str, size: float = 9, font: str = "tiro") -> None:
        self.page.insert_text((x, y), text, fontsize=size, fontname=font)

    def rule(self, x0: float, x1: float, y: float, width: float = 0.5) -> None:
        self.page.draw_line((x0, y), (x1, y), width=width)

    def bar(self, x: float, y0: float, y1: float) -> None:
        self.page.draw_line((x, y0), (x, y1), width=0.4)

    def rows(self, places: Sequence[float], rows: Sequence[Sequence[str]], y: float, step: float = 13) -> float:
        """Cells at fixed places, one row under the other; the y after the last."""
        for row in rows:
            for x, cell in zip(places, row, strict=True):
                if cell:
                    self.text(x, y, cell)
            y += step
        return y


Draw = Callable[[Drawn], None]


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Document]:
    def read(draw: Draw, columns: int = 1) -> Document:
        sheet = Drawn(columns)
        sheet.start()
        draw(sheet)
        path = sheet.save(tmp_path / "floats.pdf")
        return read_document(open_pdf(path, 10), "file:0")

    return read


def covers(found: Box | None, wanted: Box, spare: float = 14) -> bool:
    """Whether a region holds what was drawn and little else."""
    return found is not None and all(abs(one - two) <= spare for one, two in zip(found, wanted, strict=True))


def test_a_vector_figure_is_all_that_is_drawn_with_its_labels(read: Any) -> None:
    def draw(sheet: Drawn) -> None:
        sheet.chart((150, 300, 400, 420))
        sheet.text(150, 450, "Figure 1: Accuracy by the number of labels.")

    document = read(draw)
    (figure,) = document.figures
    assert (figure.number, figure.page) == ("1", 1)
    assert covers(figure.bbox, (150, 300, 400, 429))
    caption = next(passage for passage in document.passages if passage.id == figure.passage)
    assert caption.text == figure.caption == "Figure 1: Accuracy by the number of labels."


def test_what_a_clip_hides_is_no_part_of_a_figure(read: Any) -> None:
    """Plots are cut at their axes: the lines go on beyond them in the file."""

    def draw(sheet: Drawn) -> None:
        sheet.chart((150, 300, 400, 420))
        page, pdf = sheet.page, sheet.pdf
        page.clean_contents()
        xref = page.get_contents()[0]
        hidden = b"\nq 150 422 250 120 re W n 1 0 0 RG 20 430 m 580 535 l S Q\n"
        pdf.update_stream(xref, pdf.xref_stream(xref) + hidden)
        sheet.text(150, 450, "Figure 1: A line that leaves the plot.")

    (figure,) = read(draw).figures
    assert covers(figure.bbox, (150, 300, 400, 429))


def test_a_picture_with_the_caption_above_it(read: Any) -> None:
    def draw(sheet: Drawn) -> None:
        sheet.text(150, 300, "Fig. 1. A picture that stands under its caption.")
        sheet.picture((150, 310, 350, 430))

    (figure,) = read(draw).figures
    assert covers(figure.bbox, (150, 310, 350, 430), 2)


def test_side_by_side_figures_keep_apart(read: Any) -> None:
    def draw(sheet: Drawn) -> None:
        sheet.chart((80, 300, 270, 400))
        sheet.picture((320, 300, 510, 410))
        sheet.text(80, 430, "Figure 1: The left one.")
        sheet.text(320, 430, "Figure 2: The right one.")

    left, right = read(draw).figures
    assert (left.caption, right.caption) == ("Figure 1: The left one.", "Figure 2: The right one.")
    assert covers(left.bbox, (80, 300, 270, 409))
    assert covers(right.bbox, (320, 300, 510, 410))


def test_a_caption_beside_its_figure(read: Any) -> None:
    def draw(sheet: Drawn) -> None:
        sheet.chart((90, 300, 280, 420))
        sheet.text(330, 330, "Figure 1: The caption stands")
        sheet.text(330, 341, "beside the figure, not below it.")

    (figure,) = read(draw).figures
    assert covers(figure.bbox, (90, 300, 280, 420))


def test_subfigures_under_one_caption_are_one_figure(read: Any) -> None:
    def draw(sheet: Drawn) -> None:
        for x in (80, 320):
            sheet.chart((x, 300, x + 180, 390))
        sheet.text(130, 415, "(a) Before.")
        sheet.text(370, 415, "(b) After.")
        sheet.text(80, 440, "Figure 3: Both together.")

    (figure,) = read(draw).figures
    assert covers(figure.bbox, (80, 300, 500, 418))


def test_a_figure_in_one_column_stops_at_the_text_of_the_other(read: Any) -> None:
    def draw(sheet: Drawn) -> None:
        sheet.paragraph(PROSE * 24)
        sheet.chart((320, 500, 520, 600))
        sheet.text(307, 630, "Figure 1: In the right column.")

    (figure,) = read(draw, columns=2).figures
    assert covers(figure.bbox, (320, 500, 520, 609))


@pytest.mark.parametrize(
    ("caption", "number"),
    [
        ("Figure A1: In the appendix.", "A1"),
        ("Figure S3. In the supplement.", "S3"),
        ("Figure C | Lettered.", "C"),
        ("FIG. 4. In capitals.", "4"),
        ("Figure B.2: With a dot.", "B.2"),
        ("Рис. 5. По-русски.", "5"),
    ],
)
def test_numbers_of_every_form(read: Any, caption: str, number: str) -> None:
    def draw(sheet: Drawn) -> None:
        sheet.picture((150, 300, 350, 400))
        sheet.page.insert_htmlbox((150, 410, 500, 440), f'<p style="font-size:9px">{caption}</p>')

    (figure,) = read(draw).figures
    assert figure.number == number
    assert covers(figure.bbox, (150, 300, 350, 400), 3)


def test_a_sentence_that_names_a_figure_is_no_caption(read: Any) -> None:
    def draw(sheet: Drawn) -> None:
        sheet.paragraph("Figure 2 shows that the judge abstains more often when it has seen few labels. " + PROSE)
        sheet.picture((150, 400, 350, 500))
        sheet.text(150, 520, "Figure 2: The judge abstains.")

    (figure,) = read(draw).figures
    assert figure.caption == "Figure 2: The judge abstains."


PLACES = (100.0, 200.0, 300.0, 400.0)
BODY = (("BERT", "84.6", "71.2", "90.5"), ("RoBERTa", "86.1", "", "91.3"), ("Ours", "88.0", "75.9", "93.4"))


def booktabs(sheet: Drawn, y: float = 300, x1: float = 440) -> None:
    """A header of two rows with spanned columns between rules; a caption above."""
    sheet.text(100, y - 18, "Table 1: Results on two tasks.")
    sheet.rule(95, x1, y, 1)
    sheet.text(240, y + 13, "First task")
    sheet.text(400, y + 13, "Second")
    sheet.rule(195, 340, y + 17, 0.3)
    sheet.rows(PLACES, [("Model", "Dev", "Test", "Test")], y + 28)
    sheet.rule(95, x1, y + 33)
    end = sheet.rows(PLACES, BODY, y + 46)
    sheet.rule(95, x1, end - 8, 1)


def test_booktabs_with_spanned_header_and_blank_cells(read: Any) -> None:
    (table,) = read(booktabs).tables
    assert table.header == 2
    assert table.rows == (("", "First task", "", "Second"), ("Model", "Dev", "Test", "Test"), *BODY)
    assert covers(table.bbox, (95, 300, 440, 377), 3)
    assert table.caption == "Table 1: Results on two tasks."
    assert table.passage


def test_a_table_becomes_markdown(read: Any) -> None:
    (table,) = read(booktabs).tables
    lines = table.markdown().splitlines()
    assert lines[0] == "| Model | First task Dev | Test | Second Test |"
    assert lines[1] == "| --- | --- | --- | --- |"
    assert lines[3] == "| RoBERTa | 86.1 |  | 91.3 |"


def test_markdown_escapes_what_would_break_a_row() -> None:
    table = Table(number="1", page=1, caption="", rows=(("|P|", "a\\b"), ("1\n2", "3")))
    assert table.markdown().splitlines() == ["| \\|P\\| | a\\\\b |", "| --- | --- |", "| 1 2 | 3 |"]
    assert Table(number="2", page=1, caption="").markdown() == ""


def test_columns_set_close_are_told_apart_by_their_numbers(read: Any) -> None:
    def draw(sheet: Drawn) -> None:
        sheet.text(100, 282, "Table 1: Tight columns.")
        for y in (290, 306, 348):
            sheet.rule(95, 260, y)
        sheet.rows((100, 180, 205, 230), [("Set", "A", "B", "C")], 302)
        sheet.rows((100, 180, 205, 230), [(f"row {i}", "41.81", "41.89", "46.42") for i in range(3)], 318)

    (table,) = read(draw).tables
    assert table.rows[1:] == tuple((f"row {i}", "41.81", "41.89", "46.42") for i in range(3))


def test_a_grid_with_bars_and_cells_of_several_lines(read: Any) -> None:
    def draw(sheet: Drawn) -> None:
        sheet.text(100, 290, "Table 4. Parts of the system.")
        lines = [("Part", "What it does"), ("Reader", "Reads every page of a paper"), ("", "and keeps the places.")]
        lines += [("Judge", "Marks each claim as proven"), ("", "or not.")]
        sheet.rows((100, 160), lines, 312)
        for y in (300, 316, 342, 368):
            sheet.rule(95, 280, y)
        for x in (95, 155, 280):
            sheet.bar(x, 300, 368)

    (table,) = read(draw).tables
    assert table.rows == (
        ("Part", "What it does"),
        ("Reader", "Reads every page of a paper and keeps the places."),
        ("Judge", "Marks each claim as proven or not."),
    )


def test_a_table_without_rules(read: Any) -> None:
    def draw(sheet: Drawn) -> None:
        sheet.text(100, 300, "Table 2: No rules at all.")
        sheet.rows(PLACES, [("Model", "Dev", "Test", "All"), *BODY], 316)

    (table,) = read(draw).tables
    assert table.rows == (("Model", "Dev", "Test", "All"), *BODY)


def test_a_table_without_a_rule_at_its_end(read: Any) -> None:
    def draw(sheet: Drawn) -> None:
        sheet.text(100, 290, "Table 3: Two rules around the header.")
        sheet.rule(95, 440, 298)
        sheet.rule(95, 440, 314)
        sheet.rows(PLACES, [("Model", "Dev", "Test", "All"), *BODY], 310)

    (table,) = read(draw).tables
    assert (table.header, table.rows) == (1, (("Model", "Dev", "Test", "All"), *BODY))


def test_turned_labels_name_groups_of_rows(read: Any) -> None:
    def draw(sheet: Drawn) -> None:
        sheet.text(100, 282, "Table 1: Two sizes.")
        for y in (290, 306, 333, 360):
            sheet.rule(80, 440, y)
        sheet.rows(PLACES, [("Model", "Dev", "Test", "All")], 302)
        sheet.rows(PLACES, [(f"model {i}", "1.5", "2.5", "3.5") for i in range(4)], 317)
        for y, label in ((330, "Base"), (358, "Large")):
            sheet.page.insert_text((92, y), label, fontsize=8, fontname="tiro", rotate=90)

    (table,) = read(draw).tables
    assert [row[0] for row in table.rows] == ["", "Base", "", "Large", ""]
    assert table.rows[3][1:] == ("model 2", "1.5", "2.5", "3.5")


def test_a_label_of_several_rows_stands_at_the_first(read: Any) -> None:
    def draw(sheet: Drawn) -> None:
        sheet.text(100, 282, "Table 1: A label in the middle of its rows.")
        for y in (290, 306, 346, 360):
            sheet.rule(95, 440, y)
        rows = [("", "a", "1.0", "2.0"), ("Group", "b", "3.0", "4.0"), ("", "c", "5.0", "6.0")]
        sheet.rows(PLACES, [("Set", "Part", "Dev", "Test")], 302)
        sheet.rows(PLACES, rows, 317)
        sheet.rows(PLACES, [("All", "", "7.0", "8.0")], 356)

    (table,) = read(draw).tables
    assert [row[0] for row in table.rows] == ["Set", "Group", "", "", "All"]


def test_captions_below_their_tables_are_not_tied_to_the_next_one(read: Any) -> None:
    """The first caption stands nearer to the second table than to its own."""

    def draw(sheet: Drawn) -> None:
        for number, y in ((1, 300), (2, 388)):
            sheet.rule(95, 440, y)
            sheet.rows(PLACES, [("Model", "Dev", "Test", str(number))], y + 12)
            sheet.rule(95, 440, y + 17)
            end = sheet.rows(PLACES, BODY, y + 30)
            sheet.rule(95, 440, end - 8)
            sheet.text(100, end + 12, f"Table {number}: Its caption stands below.")

    first, second = read(draw).tables
    assert (first.rows[0][3], second.rows[0][3]) == ("1", "2")


def test_roman_numbers_in_capitals(read: Any) -> None:
    def draw(sheet: Drawn) -> None:
        sheet.text(230, 270, "TABLE IV", 8)
        sheet.text(200, 281, "RESULTS ON TWO TASKS", 8)
        for y in (290, 306, 348):
            sheet.rule(95, 440, y)
        sheet.rows(PLACES, [("Model", "Dev", "Test", "All"), *BODY], 302)

    (table,) = read(draw).tables
    assert table.number == "IV"
    assert table.caption == "TABLE IV RESULTS ON TWO TASKS"
    assert table.rows[1:] == BODY


def figures(read: Any, *captions: str) -> Document:
    def draw(sheet: Drawn) -> None:
        for at, caption in enumerate(captions):
            if at:
                sheet._new_page()
            sheet.chart((150, 300, 400, 420))
            sheet.text(150, 450, caption)

    document: Document = read(draw)
    return document


def test_the_main_figure_is_the_overview_and_the_reason_is_said(read: Any) -> None:
    document = figures(
        read,
        "Figure 1: Training loss of the judge.",
        "Figure 2: Overview of our method.",
        "Figure 3: Ablation of labels.",
    )
    assert document.main_figure is not None
    assert (document.main_figure.number, document.main_figure.page) == ("2", 2)
    assert "overview" in document.main_figure.reason


def test_without_an_overview_the_headline_result_is_the_main_figure(read: Any) -> None:
    document = figures(read, "Figure 1: A case from the data.", "Figure 2: Our judge outperforms the others.")
    assert document.main_figure is not None
    assert document.main_figure.number == "2"
    assert "results" in document.main_figure.reason


def test_no_figures_no_main_figure(read: Any) -> None:
    assert read(booktabs).main_figure is None
