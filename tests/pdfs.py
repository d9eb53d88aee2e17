"""PDFs that the tests make themselves: a plausible machine-learning paper, and small building blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

TITLE = "Counting Labels: How Many Calibration Examples Does a Judge Need?"
AUTHORS = ("Anna Petrova", "Ivan Smirnov")
ABSTRACT = (
    "Language models are used as judges of text, yet nobody knows when their verdicts can be trusted. We study "
    "how many labelled examples a judge needs before its agreement with people can be guaranteed. On three "
    "simulated tasks we find that 500 labels are enough for a promised agreement of 90%, while 100 labels leave "
    "two thirds of the cases to a person."
)
SECTIONS: Mapping[str, Sequence[str]] = {
    "1 Introduction": (
        "Automatic judges are cheap and fast, but they make mistakes that people would not make. A calibrated "
        "judge abstains when it is unsure, and the text then goes to a person. The question of this paper is how "
        "many labels that takes.",
        "Our contribution is threefold. We give a test that controls the risk of disagreement, we measure its "
        "cost in labels, and we release the code. Earlier work [1] gave the guarantee but did not measure its "
        "price [2].",
    ),
    "2 Related Work": (
        "Selective prediction lets a model refuse a case, and its theory is old. Conformal prediction gives sets "
        "instead of points and needs nothing but exchangeable data [2]. Both were brought to language models only "
        "lately.",
        "Work on judges measures their agreement with people on average. An average says little about a single "
        "text: a judge that is right in 85% of all cases may be no better than a coin on the hard ones.",
    ),
    "3 Method": (
        "We choose the threshold by fixed-sequence testing. Thresholds are tried from the strictest to the "
        "loosest, and the first one that fails stops the search. The probability that the promised level is "
        "broken stays below delta = 0.1.",
        "Confidence comes from simulated annotators. The judge is asked five times, each time with examples "
        "labelled by another annotator, and the share of equal verdicts is its confidence. No gradient and no "
        "access to the weights are needed, so the method works with any model behind an interface.",
    ),
    "4 Experiments": (
        "We simulate three tasks with 4,000 cases each: summaries, translations and answers to questions. Every "
        "case has labels of seven annotators, whose errors are drawn independently. The judge is a logistic model "
        "with 12 features.",
        "Table 1 gives the share of cases that the judge decides by itself. With 500 labels the coverage reaches "
        "71.2%, and the agreement on the decided cases is 92.4%. Doubling the labels to 1,000 raises the coverage "
        "by only 3.1 points.",
        "The gain is uneven between the tasks. Summaries profit most, and translations profit least, because "
        "annotators of translations disagree among themselves in 18% of the cases.",
    ),
    "5 Limitations": (
        "Annotators are simulated, and the judge is far simpler than a language model. We did not vary the price "
        "of a label. The test assumes that calibration and use see the same kind of text; under a shift of domain "
        "the promise is void.",
    ),
    "6 Conclusion": (
        "A few hundred labels buy a useful guarantee. Our simulation assumes independent annotators, and real "
        "ones are not; the numbers should be read as a lower bound on the labels that are needed.",
    ),
}
CAPTION = "Table 1: Coverage and agreement of the calibrated judge by the number of labels."
ROWS = (("Labels", "Coverage", "Agreement"), ("100", "33.5", "91.0"), ("500", "71.2", "92.4"), ("1000", "74.3", "92.6"))
REFERENCES = (
    "[1] J. Jung, F. Brahman, and Y. Choi. Trust or escalate: LLM judges with provable guarantees for human "
    "agreement. arXiv:2407.18370, 2024.",
    "[2] A. Angelopoulos and S. Bates. A gentle introduction to conformal prediction. Foundations and Trends, "
    "2023. doi:10.1561/2200000101.",
)


class Sheet:
    """A PDF that fills up line by line, in one column or two."""

    def __init__(self, columns: int = 1) -> None:
        import pymupdf

        self.pdf = pymupdf.open()
        self.boxes = ((72.0, 523.0),) if columns == 1 else ((60.0, 288.0), (307.0, 535.0))
        self._new_page()

    def _new_page(self) -> None:
        self.page: Any = self.pdf.new_page(width=595, height=842)
        self.column, self.y, self.top = 0, 72.0, 72.0

    def _room(self, needed: float) -> None:
        if self.y + needed > 780:
            if self.column + 1 < len(self.boxes):
                self.column, self.y = self.column + 1, self.top
            else:
                self._new_page()

    def line(self, text: str, size: float = 10, font: str = "tiro", indent: float = 0, gap: float = 0) -> None:
        """One line at the present place; `gap` is blank space above it."""
        self._room(gap + 1.2 * size)
        self.y += gap + 1.2 * size
        self.page.insert_text((self.boxes[self.column][0] + indent, self.y), text, fontsize=size, fontname=font)

    def paragraph(self, text: str, size: float = 10, hang: float = 0, gap: float = 6) -> None:
        """Wrapped text; `hang` indents all lines but the first."""
        for number, row in enumerate(self.wrap(text, size, hang)):
            self.line(row, size, indent=hang if number else 0, gap=0 if number else gap)

    def wrap(self, text: str, size: float, hang: float = 0) -> list[str]:
        """The lines that fit the column."""
        import pymupdf

        left, right = self.boxes[self.column]
        rows, row = [], ""
        for word in text.split():
            longer = f"{row} {word}".strip()
            if row and pymupdf.get_text_length(longer, fontname="tiro", fontsize=size) > right - left - hang:
                rows.append(row)
                row = word
            else:
                row = longer
        return [*rows, row]

    def table(self, rows: Sequence[Sequence[str]], size: float = 9) -> None:
        """Cells in columns, between three horizontal rules."""
        left, right = self.boxes[self.column]
        self._room(14.0 * len(rows) + 12)
        self._rule(4)
        for number, row in enumerate(rows):
            self.y += 13
            for place, cell in enumerate(row):
                x = left + place * (right - left) / len(row)
                self.page.insert_text((x, self.y), cell, fontsize=size, fontname="tiro")
            if number in (0, len(rows) - 1):
                self._rule(4)

    def _rule(self, gap: float) -> None:
        left, right = self.boxes[self.column]
        self.y += gap
        self.page.draw_line((left, self.y), (right, self.y), width=0.7)

    def save(self, path: Path, **options: Any) -> Path:
        self.pdf.save(path, **options)
        return path


def make_paper(
    path: Path,
    *,
    title: str = TITLE,
    authors: Sequence[str] = AUTHORS,
    abstract: str = ABSTRACT,
    sections: Mapping[str, Sequence[str]] = SECTIONS,
    caption: str = CAPTION,
    rows: Sequence[Sequence[str]] = ROWS,
    references: Sequence[str] = REFERENCES,
    columns: int = 1,
) -> Path:
    """A two-page English paper: title, abstract, numbered sections, a captioned table with rows, references.

    The table follows the section whose title holds `Experiments`. Section titles carry their numbers.
    """
    sheet = Sheet(columns)
    sheet.boxes, body = ((72.0, 523.0),), sheet.boxes
    for row in sheet.wrap(title, 17):
        sheet.line(row, 17, "tibo")
    sheet.line(", ".join(authors), 11, gap=8)
    sheet.boxes = body
    sheet.top = sheet.y + 12
    sheet.y = sheet.top
    sheet.line("Abstract", 12, "tibo")
    sheet.paragraph(abstract)
    for heading, paragraphs in sections.items():
        sheet.line(heading, 12, "tibo", gap=12)
        for text in paragraphs:
            sheet.paragraph(text)
        if "Experiments" in heading:
            sheet.paragraph(caption, 9, gap=14)
            sheet.table(rows)
            sheet.y += 10
    sheet.line("References", 12, "tibo", gap=14)
    for text in references:
        sheet.paragraph(text, 9, hang=14)
    return sheet.save(path)
