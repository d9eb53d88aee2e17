"""Section headings: from the PDF's own outline where it has one, else from numbers, known names and type."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from pipeline.reading.lines import Line, join_lines, join_two

NUMBER = re.compile(
    r"^(?:(?:appendix|приложение)\s+)?(\d{1,2}(?:\.\d{1,2}){0,3}|[A-Z](?:\.\d{1,2}){0,3}|[IVX]{1,5})([.:)]?)\s+(?=\S)",
    re.IGNORECASE,
)
KNOWN = re.compile(
    r"^(abstract|introduction|related works?|background|preliminaries|methods?|methodology|experiments?|results|"
    r"evaluation|discussions?|limitations?|conclusions?( and future works?)?|references|bibliography|"
    r"acknowledge?ments?|appendix|appendices|supplementary materials?|ethics statement|reproducibility statement|"
    r"impact statement|broader impacts?|"
    r"аннотация|введение|заключение|выводы|литература|список литературы|приложение|благодарности)[.:]?$",
    re.IGNORECASE,
)
REFERENCES = re.compile(
    r"^(references|bibliography|literature cited|works cited|литература|список литературы)[.:]?$", re.IGNORECASE
)
APPENDIX = re.compile(r"^(appendix|appendices|supplementary|приложени)", re.IGNORECASE)
ABSTRACT = re.compile(r"^(abstract|summary|аннотация)[.:]?$", re.IGNORECASE)
LONGEST = 110


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading over `rows` printed rows; `sure` where the PDF's own outline names it."""

    number: str
    title: str
    level: int
    rows: int = 1
    sure: bool = False

    @property
    def label(self) -> str:
        return f"{self.number} {self.title}".strip()


Headings = dict[int, Heading]


def find_headings(rows: list[Line], outline: list[tuple[int, str, int]], body: float, step: float) -> Headings:
    """Headings by index of their first row."""
    guessed = _numbered(rows, body) | _unnumbered(rows, body, step)
    listed = _from_outline(rows, outline)
    if len(listed) < 3 or len(listed) < 0.5 * len(outline):
        return dict(sorted((_drop_out_of_order(guessed)).items()))
    extra = {i: h for i, h in guessed.items() if KNOWN.match(h.title) and not h.number and i not in listed}
    return dict(sorted((listed | extra).items()))


def fold(text: str) -> str:
    """Letters and digits alone, for comparing titles."""
    text = unicodedata.normalize("NFKD", text).lower()
    return "".join(c for c in text if c.isalnum())


def _from_outline(rows: list[Line], outline: list[tuple[int, str, int]]) -> Headings:
    found: Headings = {}
    start = 0
    for level, title, page in outline:
        wanted = fold(title)
        at = next(
            (
                (i, n)
                for i in range(start, len(rows))
                if page <= rows[i].page <= page + 1 and (n := _prints(rows, i, wanted))
            ),
            None,
        )
        if wanted and at:
            index, count = at
            text = join_lines([row.text for row in rows[index : index + count]], Counter())
            number, name = _split_number(text)
            if not number:
                number, name = _split_number(title)
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
        if wanted in (fold(text), fold(_split_number(text)[1])):
            return count
        if len(text) > 2 * LONGEST or not fold(row.text):
            return 0
    return 0


def _split_number(text: str) -> tuple[str, str]:
    match = NUMBER.match(text)
    if not match or (match[1].isalpha() and not (match[1].isupper())):
        return "", text.rstrip(".:")
    return match[1], text[match.end() :].rstrip(".:")


def _numbered(rows: list[Line], body: float) -> Headings:
    found: Headings = {}
    for index, row in enumerate(rows):
        number, title = _split_number(row.text)
        above = rows[index - 1] if index else None
        apart = above is not None and above.page == row.page and row.baseline - above.baseline > 1.6 * row.size
        loud = row.bold or row.top_size > body * 1.08 or (title.isupper() and len(title) > 4)
        loud = loud or ("." in number and apart and row.box[2] - row.box[0] < 250)
        if number and loud and _title_like(row, title):
            rest = _second_row(rows, index, body)
            title = join_two(title, rest, Counter()) if rest else title
            found[index] = Heading(number, title, number.count(".") + 1, 2 if rest else 1)
    return found


def _unnumbered(rows: list[Line], body: float, step: float) -> Headings:
    found: Headings = {}
    for index, row in enumerate(rows):
        loud = row.bold or row.top_size > body * 1.08 or row.text.isupper()
        spaced = index == 0 or row.page != rows[index - 1].page or row.baseline - rows[index - 1].baseline > 1.15 * step
        if KNOWN.match(row.text) and (loud or spaced):
            found[index] = Heading(
                "", row.text.rstrip(".:").capitalize() if row.text.isupper() else row.text.rstrip(".:"), 1
            )
        elif (
            row.top_size > body * 1.08
            and row.bold
            and spaced
            and _title_like(row, row.text)
            and not _split_number(row.text)[0]
        ):
            found[index] = Heading("", row.text, 1 if row.top_size > body * 1.15 else 2)
    return found


def _title_like(row: Line, title: str) -> bool:
    letters = sum(c.isalpha() for c in title)
    return (
        len(row.cells) <= 2
        and letters >= 3
        and len(title) <= LONGEST
        and letters > 0.6 * len(title.replace(" ", ""))
        and title[:1].isupper() | title[:1].isdigit()
        and not title.endswith((".", ",", ";"))
        and row.math < 0.5
    )


def _second_row(rows: list[Line], index: int, body: float) -> str:
    """The rest of a heading that runs over two rows."""
    if index + 1 >= len(rows):
        return ""
    row, below = rows[index], rows[index + 1]
    close = below.page == row.page and 0 < below.baseline - row.baseline < 1.5 * row.top_size
    same = below.bold == row.bold and abs(below.top_size - row.top_size) < 0.3 and row.top_size > body * 1.04
    return below.text if close and same and not _split_number(below.text)[0] and len(below.text) < 60 else ""


def _drop_out_of_order(headings: Headings) -> Headings:
    """Numbers must count up: what does not is an axis label, a list, or a table's cell."""
    kept: Headings = {}
    last: tuple[int, ...] = (0,)
    letter = "@"
    for index, heading in sorted(headings.items()):
        parts = heading.number.split(".")
        if not heading.number:
            kept[index] = heading
        elif parts[0].isdigit():
            now = tuple(int(part) for part in parts)
            if _follows(last, now):
                kept[index], last = heading, now
        elif len(parts[0]) == 1 and (parts[0] == letter or (len(parts) == 1 and 0 < ord(parts[0]) - ord(letter) <= 2)):
            kept[index], letter = heading, parts[0]
        elif re.fullmatch("[IVX]+", parts[0]):
            kept[index] = heading
    return kept


def _follows(last: tuple[int, ...], now: tuple[int, ...]) -> bool:
    if now[0] == last[0]:
        return now > last
    return 0 < now[0] - last[0] <= 2
