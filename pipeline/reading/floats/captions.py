"""Captions: where a figure, a table or an algorithm is named and numbered."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from pipeline.reading.layout.lines import Line, union
from pipeline.reading.layout.pages import Page
from pipeline.reading.text.sections import Headings
from store.records import Box

CAPTION = re.compile(
    r"^((?i:(?:supplementary|extended data|appendix)\s+)?(?i:figure|fig\.?|table|tab\.|algorithm|listing|рис\.|рисунок|"
    r"таблица|табл\.))\s*((?:[A-ZА-Я]{1,2}[.-]?)?\d{1,3}(?:[.-]\d{1,2})?(?![\d%])|[IVXL]{1,7}\b|[A-Z]\b)"
    r"\s*(?:([:.|]|[—–-]\s)\s*|(?=\s|$))"
)
LONGEST = 30
KINDS = {"fig": "figure", "рис": "figure", "tab": "table", "таб": "table"}


@dataclass(slots=True)
class Caption:
    """`rows` are indices of the caption's rows; `box` is theirs; `mark` is what stands after the number."""

    kind: str
    number: str
    rows: list[int]
    box: Box
    page: int
    mark: str


@dataclass(slots=True)
class Layout:
    """What the search for figures and tables works on: `taken` are the indices of rows of headings and captions, `body`
    is the size of the running text in points."""

    rows: list[Line]
    pages: dict[int, Page]
    captions: list[Caption]
    taken: set[int]
    body: float

    def rows_on(self, page: int) -> list[Line]:
        return [row for row in self.rows if row.page == page]

    def captions_on(self, page: int) -> list[Box]:
        return [caption.box for caption in self.captions if caption.page == page]

    def reach(self, caption: Caption) -> tuple[float, float]:
        """The left and right edge of the column that a caption stands in; the page's where it crosses columns."""
        width = self.pages[caption.page].width
        right = sorted(row.box[0] for row in self.rows_on(caption.page) if row.column == 1)
        edge = right[len(right) // 4] - 8 if len(right) > 3 else 0.0
        if not edge or caption.box[0] < edge - 12 < edge + 12 < caption.box[2]:
            return 0.0, width
        return (edge, width) if caption.box[0] > edge - 12 else (0.0, edge)

    def taken_on(self, page: int) -> list[Box]:
        return [self.rows[i].box for i in sorted(self.taken) if self.rows[i].page == page]


def lay_out(rows: list[Line], pages: list[Page], headings: Headings, body: float) -> Layout:
    """The rows with their captions, in reading order."""
    captions = find_captions(rows, pages, headings, body)
    taken = {i for start, heading in headings.items() for i in range(start, start + heading.rows)}
    taken.update(i for caption in captions for i in caption.rows)
    return Layout(rows, {page.number: page for page in pages}, captions, taken, body)


def find_captions(rows: list[Line], pages: list[Page], headings: Headings, body: float) -> list[Caption]:
    """Captions in reading order, one for each number."""
    taken = {i for start, heading in headings.items() for i in range(start, start + heading.rows)}
    rules = {page.number: page.rules for page in pages}
    found: list[Caption] = []
    for index, row in enumerate(rows):
        match = CAPTION.match(row.text)
        if match and index not in taken and _starts(rows, index, match, body):
            own = _rows_of(rows, index, taken, rules.get(row.page, []))
            taken.update(own)
            box = union([rows[i].box for i in own])
            found.append(Caption(_kind(match[1]), match[2].strip("."), own, box, row.page, (match[3] or "").strip()))
    return _one_of_each(found, rows)


def _kind(word: str) -> str:
    return KINDS.get(re.split(r"\s", word)[-1][:3].lower(), "algorithm")


def _starts(rows: list[Line], index: int, match: re.Match[str], body: float) -> bool:
    """Whether a row that names a figure begins a caption and is no sentence of the text."""
    row, rest = rows[index], rows[index].text[match.end() :]
    before = rows[index - 1] if index else None
    runs_on = (
        before is not None
        and before.page == row.page
        and before.block == row.block
        and before.baseline < row.baseline
        and not before.text.endswith((".", ":"))
    )
    if runs_on and not row.bold:
        return False
    if match[3]:
        return True
    styled = row.bold or row.size < body - 0.3 or _kind(match[1]) == "algorithm" or match[1].isupper()
    return styled and rest[:1] == rest[:1].upper()


def _rows_of(rows: list[Line], index: int, taken: set[int], rules: list[Box]) -> list[int]:
    """The caption's rows: set alike and close, up to a rule, a wider step or the cells of a table."""
    caption, first = [index], rows[index]
    usual = 1.45 * first.size
    for at in range(index + 1, min(index + LONGEST, len(rows))):
        row, above = rows[at], rows[at - 1]
        step = row.baseline - above.baseline
        alike = (row.page, row.column) == (above.page, above.column) and abs(row.size - first.size) < 0.6
        if not alike or not 0 < step < usual or at in taken or len(row.cells) > 2:
            break
        if row.block != above.block and (CAPTION.match(row.text) or above.box[2] < first.box[2] - 30):
            break
        if any(
            above.baseline < r[1] < row.baseline - 0.6 * row.size and r[0] < row.box[2] and row.box[0] < r[2]
            for r in rules
        ):
            break
        caption.append(at)
        usual = min(usual, 1.25 * step + 1)
    return caption


def _one_of_each(found: list[Caption], rows: list[Line]) -> list[Caption]:
    """Of captions with the same number keep the one that is set like most others of its kind, then the first."""
    styles = Counter((c.kind, c.mark, rows[c.rows[0]].text.split()[0]) for c in found)
    best: dict[tuple[str, ...], Caption] = {}
    for caption in found:
        words = rows[caption.rows[0]].text.split()
        key = (caption.kind, caption.number, words[0].lower() if words[0][:4].lower() in ("supp", "exte") else "")
        style = styles[caption.kind, caption.mark, words[0]]
        other = best.get(key)
        if other is None or style > styles[other.kind, other.mark, rows[other.rows[0]].text.split()[0]]:
            best[key] = caption
    return [caption for caption in found if any(caption is one for one in best.values())]
