"""Section headings: from the PDF's own outline where it has one, else from numbers, known names and type.

Numbered headings are the heaviest chain of numbered rows that counts up. They teach the paper's type: an unnumbered row
set like them is a heading too. In a paper without numbers the types that known names are set in teach it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache

from pipeline.reading.layout.lines import Line, join_lines
from pipeline.reading.text.numbering import count_roman, is_roman, longest_count, split_number

KNOWN = re.compile(
    r"^(abstract|introduction|related works?|background|preliminaries|(materials and )?methods?|methodology|"
    r"experiments?|(main )?results|results and discussion|evaluation|discussions?|limitations?|summary|"
    r"(discussions? and )?(conclusions?|concluding remarks)( and (future works?|outlook|discussion))?|references|"
    r"bibliography|literature cited|acknowledge?ments?|appendix|appendices|supplementary materials?|"
    r"ethics statement|reproducibility statement|impact statement|broader impacts?|data availability( statement)?|"
    r"author contributions|conflicts? of interest|funding|"
    r"аннотация|введение|заключение|выводы|литература|список литературы|приложение|благодарности)[.:]?$",
    re.IGNORECASE,
)
REFERENCES = re.compile(
    r"^(references|references and notes|bibliography|literature cited|works cited|литература|список литературы)[.:]?$",
    re.IGNORECASE,
)
CLOSING = re.compile(r"^(references|bibliography|acknowledge?ments?|abstract|appendi(x|ces))[.:]?$", re.IGNORECASE)
APPENDIX = re.compile(r"^(appendix|appendices|supplementary|supplemental|приложени)", re.IGNORECASE)
ABSTRACT = re.compile(r"^(abstract|summary|аннотация)[.:]?$", re.IGNORECASE)
CONTENTS = re.compile(r"^(table of )?contents$|^(содержание|оглавление)$", re.IGNORECASE)
NO_SECTION = re.compile(r"^(key ?words|ccs concepts|index terms|acm reference format|pacs)\b", re.IGNORECASE)
PAGE_AT_END = re.compile(r"(?:\. ?){3,}|\s\d{1,3}$")
LONGEST = 140

Style = tuple[str, float, bool]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading over `rows` printed rows; `sure` where the PDF's own outline names it; `appendix` in the appendix."""

    number: str
    title: str
    level: int
    rows: int = 1
    sure: bool = False
    appendix: bool = False

    @property
    def label(self) -> str:
        return f"{self.number} {self.title}".strip()


Headings = dict[int, Heading]


def find_headings(rows: list[Line], outline: list[tuple[int, str, int]], body: float, step: float) -> Headings:
    """Headings by index of their first row; `body` is the size of the running text, `step` its leading, in points."""
    kind = _Type(rows, body, step, contents_rows(rows))
    numbered = _numbered(kind)
    guessed = numbered | _unnumbered(kind, numbered)
    listed = _from_outline(rows, outline)
    if len(listed) >= 3 and len(listed) >= 0.5 * len(outline):
        extra = {i: h for i, h in guessed.items() if KNOWN.match(h.title) and not h.number and i not in listed}
        return mark_appendix(dict(sorted((listed | extra).items())))
    return mark_appendix(_nest_appendix(dict(sorted(guessed.items())), rows))


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Letters and digits alone, for comparing titles."""
    text = unicodedata.normalize("NFKD", text).lower()
    return "".join(c for c in text if c.isalnum())


def contents_rows(rows: list[Line]) -> set[int]:
    """The rows of a printed table of contents: what follows its title and ends with a page's number."""
    found: set[int] = set()
    for start in (i for i, row in enumerate(rows) if CONTENTS.match(row.text)):
        at, misses = start + 1, 0
        while at < len(rows) and misses < 2:
            misses = 0 if PAGE_AT_END.search(rows[at].text) else misses + 1
            at += 1
        if at - misses - start > 4:
            found.update(range(start, at - misses))
    return found


def mark_appendix(headings: Headings) -> Headings:
    """An appendix begins with its name, or with letters after digits, and ends with the list of references."""
    marked, inside = {}, False
    lettered = not is_roman([heading.number for heading in headings.values()])
    for index, heading in headings.items():
        first = heading.number[:1]
        if REFERENCES.match(heading.title) or (first.isdigit() and heading.level == 1):
            inside = False
        elif APPENDIX.match(heading.title) or (lettered and first.isalpha()):
            inside = True
        marked[index] = replace(heading, appendix=inside)
    return marked


class _Type:
    """The rows with what their type says: the style of the running text, and which rows stand out from it."""

    def __init__(self, rows: list[Line], body: float, step: float, skipped: set[int]) -> None:
        self.rows, self.body, self.step, self.skipped = rows, body, step, skipped
        fonts: Counter[str] = Counter()
        for row in rows:
            if abs(row.size - body) < 0.6:
                fonts[row.font] += len(row.text)
        self.font = fonts.most_common(1)[0][0] if fonts else ""

    def style(self, row: Line) -> Style:
        return row.font, float(round(row.top_size)), row.text.isupper()

    def loud(self, row: Line) -> bool:
        other = row.font != self.font and row.size > self.body - 0.6 and row.math < 0.3
        return row.bold or row.top_size > self.body * 1.08 or row.text.isupper() or other

    def apart(self, index: int) -> bool:
        """Whether there is more room above the row than between lines, or a column begins."""
        row, above = self.rows[index], self.rows[index - 1] if index else None
        if above is None or (above.page, above.column) != (row.page, row.column):
            return True
        return not 0 <= row.baseline - above.baseline < 1.15 * self.step

    def alone(self, index: int) -> bool:
        """Whether nothing stands beside the row in its column, as cells of a table and labels of a figure do."""
        row = self.rows[index]
        near = self.rows[max(0, index - 3) : index] + self.rows[index + 1 : index + 4]
        return not any(
            other.page == row.page and other.column == row.column and abs(other.baseline - row.baseline) < 2
            for other in near
        )

    def title(self, index: int) -> tuple[str, int]:
        """The heading's text and its number of rows: rows below in the very same type belong to it."""
        row, count = self.rows[index], 1
        while count < 3 and index + count < len(self.rows) and self.loud(row):
            above, below = self.rows[index + count - 1], self.rows[index + count]
            close = below.page == row.page and 0 < below.baseline - above.baseline < 1.5 * row.top_size
            same = below.font == row.font and abs(below.top_size - row.top_size) < 0.3 and below.bold == row.bold
            ended = above.text.endswith((".", ":", "?")) or (row.text.isupper() and not below.text.isupper())
            if not (close and same) or ended or split_number(below.text)[0] or KNOWN.match(below.text):
                break
            if not _title_like(below, below.text, first=False):
                break
            count += 1
        return join_lines([row.text for row in self.rows[index : index + count]], Counter()), count


def _numbered(kind: _Type) -> Headings:
    found: list[tuple[int, str, str, int, float]] = []
    for index, row in enumerate(kind.rows):
        number, name = split_number(row.text)
        if not number or index in kind.skipped or not _title_like(row, name):
            continue
        loud, apart = kind.loud(row), kind.apart(index)
        if not loud and not (("." in number or APPENDIX.match(row.text)) and apart and row.box[2] - row.box[0] < 250):
            continue
        text, count = kind.title(index)
        found.append((index, number, split_number(text)[1], count, 1.0 + loud + row.bold + apart))
    numbers = [number for _, number, *_ in found]
    if is_roman(numbers):
        levels = count_roman(numbers)
    else:
        plain = [i for i, number in enumerate(numbers) if number[0].isdigit() or len(number.split(".")[0]) == 1]
        chain = longest_count([(numbers[i], found[i][4]) for i in plain])
        levels = {plain[i]: numbers[plain[i]].count(".") + 1 for i in chain}
    return {found[i][0]: Heading(found[i][1], found[i][2], level, found[i][3]) for i, level in levels.items()}


def _unnumbered(kind: _Type, numbered: Headings) -> Headings:
    covered = {i for start, h in numbered.items() for i in range(start, start + h.rows)} | kind.skipped
    levels = _taught(kind, numbered)
    least = min((size - 0.6 for _, size, _ in levels), default=kind.body * 1.15)  # of what stands at the first level
    plain = len(numbered) < 3
    found: Headings = {}
    for index, row in enumerate(kind.rows):
        if index in covered or not kind.alone(index) or split_number(row.text)[0]:
            continue
        named = KNOWN.match(row.text) or APPENDIX.match(row.text) or NO_SECTION.match(row.text)
        known = bool(named) and _title_like(row, row.text.rstrip(".:"))
        style, loud, apart = kind.style(row), kind.loud(row), kind.apart(index)
        taught = style in levels and loud and apart and _title_like(row, row.text)
        large = row.top_size > kind.body * 1.08 and (row.bold or plain) and apart and _title_like(row, row.text)
        closing = known and bool(CLOSING.match(row.text)) and (loud or apart)
        if taught or large or closing or (known and plain and (loud or apart)):
            text, count = kind.title(index)
            level = 1 if known else levels.get(style, 1 if row.top_size > least else 2)
            found[index] = Heading("", _name(text), level, count)
            covered.update(range(index, index + count))
    return found


def _taught(kind: _Type, numbered: Headings) -> dict[Style, int]:
    """The levels of the types that headings are surely set in: numbered ones, else known names and what is larger."""
    if len(numbered) >= 3:
        return {kind.style(kind.rows[i]): h.level for i, h in sorted(numbered.items(), reverse=True) if h.level == 1}
    return {
        kind.style(row): 1
        for i, row in enumerate(kind.rows)
        if KNOWN.match(row.text) and kind.loud(row) and row.bold and kind.apart(i) and kind.alone(i)
    }


def _name(text: str) -> str:
    text = text.rstrip(".:")
    return text.capitalize() if text.isupper() and KNOWN.match(text) else text


def _nest_appendix(headings: Headings, rows: list[Line]) -> Headings:
    """Sections under a title `Appendix` that is set larger than the paper's own sections stand one level lower."""
    ones = [rows[i].top_size for i, h in headings.items() if h.level == 1 and h.number[:1].isdigit()]
    usual = max(ones, default=0.0)
    parts = [i for i, h in headings.items() if APPENDIX.match(h.title) and not h.number]
    if not parts or not ones or not 0.8 < rows[parts[0]].top_size - usual < 0.35 * usual:
        return headings
    return {
        i: replace(h, level=h.level + 1) if i > parts[0] and h.number[:1].isalpha() else h for i, h in headings.items()
    }


def _from_outline(rows: list[Line], outline: list[tuple[int, str, int]]) -> Headings:
    found: Headings = {}
    start = 0
    for level, title, page in outline:
        wanted = fold(title)
        near = (i for i in range(start, len(rows)) if page <= rows[i].page <= page + 1)
        at = next(((i, n) for i in near if (n := _prints(rows, i, wanted))), None)
        if wanted and at:
            index, count = at
            text = join_lines([row.text for row in rows[index : index + count]], Counter())
            number, name = split_number(text)
            if not number:
                number, name = split_number(title)
            found[index] = Heading(number, name, level, count, sure=True)
            start = index + count
    return found


def _prints(rows: list[Line], index: int, wanted: str) -> int:
    """How many rows from `index` on print the wanted title (with or without its number); 0 for none."""
    text = ""
    for count, row in enumerate(rows[index : index + 3], 1):
        if row.page != rows[index].page:
            return 0
        text = f"{text} {row.text}".strip()
        if wanted in (fold(text), fold(split_number(text)[1])):
            return count
        if len(text) > 2 * LONGEST or not fold(row.text):
            return 0
    return 0


def _title_like(row: Line, title: str, first: bool = True) -> bool:
    letters = sum(c.isalpha() for c in title)
    return (
        len(row.cells) <= 2
        and letters >= 3
        and len(title) <= LONGEST
        and letters > 0.6 * len(title.replace(" ", ""))
        and (not first or title[:1].isupper() or title[:1].isdigit())
        and not title.endswith((".", ",", ";", ":"))
        and row.math < 0.5
    )
