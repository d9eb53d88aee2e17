"""The list of references, split into its entries."""

from __future__ import annotations

import itertools
import re
from collections import Counter

from pipeline.reading.lines import Line, join_lines
from store.records import Reference

BRACKET = re.compile(r"^\[[\w+.,’' -]{1,24}\]")
NUMBERED = re.compile(r"^\(?\d{1,3}[.)]\s")
YEAR = re.compile(r"(?<![\d.:/-])((?:19|20)\d{2})[a-z]?(?![\d.]\d|:)")
ARXIV = re.compile(
    r"(?:arxiv[:.\s]*(?:preprint\s*)?(?:arxiv:)?\s*|arxiv\.org/(?:abs|pdf)/|abs/)(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})",
    re.IGNORECASE,
)
DOI = re.compile(r"\b(10\.\d{4,9}/[^\s,;]+)")
QUOTED = re.compile(r"[“\"]([^”\"]{10,300})[”\"]")


def unheaded(rows: list[Line]) -> set[int]:
    """A list `[1] … [2] … [3] …` near the paper's end that no heading announces (the habit of physics journals)."""
    starts = [i for i, row in enumerate(rows) if row.text.startswith("[1] ") and i > len(rows) // 2]
    for start in starts[-1:]:
        marks = {row.text.split("]")[0] for row in rows[start : start + 30] if BRACKET.match(row.text)}
        if {"[1", "[2", "[3", "[4"} <= marks:
            return set(range(start, len(rows)))
    return set()


def split_references(rows: list[Line], words: Counter[str]) -> tuple[Reference, ...]:
    """Entries by their mark (`[7]`, `7.`), else by the hanging indent, else by the gaps between them."""
    starts = _marked(rows, BRACKET) or _marked(rows, NUMBERED) or _hanging(rows) or _spaced(rows)
    entries: list[list[str]] = []
    for index, row in enumerate(rows):
        if index in starts or not entries:
            entries.append([])
        entries[-1].append(row.text)
    return tuple(parse_reference(join_lines(entry, words)) for entry in entries if len(" ".join(entry)) > 15)


def parse_reference(text: str) -> Reference:
    """What can be told from one entry's text by its form alone."""
    arxiv, doi, quoted = ARXIV.search(text), DOI.search(text), QUOTED.search(text)
    years = YEAR.findall(ARXIV.sub("", text))
    return Reference(
        text=text,
        title=quoted[1].rstrip(".,") if quoted else "",
        year=int(years[-1]) if years else None,
        arxiv_id=arxiv[1] if arxiv else "",
        doi=doi[1].rstrip(".)") if doi else "",
    )


def _marked(rows: list[Line], mark: re.Pattern[str]) -> set[int]:
    starts = {index for index, row in enumerate(rows) if mark.match(row.text)}
    return starts if 0 in starts and len(starts) >= max(2, len(rows) / 12) else set()


def _hanging(rows: list[Line]) -> set[int]:
    """First rows stand further left than the rest, in each column of each page."""
    left: dict[tuple[int, int], float] = {}
    for row in rows:
        key = (row.page, row.column)
        left[key] = min(left.get(key, row.box[0]), row.box[0])
    for key, own in left.items():  # a column that holds only the end of an entry has no first row of its own
        usual = min((x for (_, column), x in left.items() if column == key[1] and abs(x - own) < 30), default=own)
        if sum(1 for row in rows if (row.page, row.column) == key) < 6:
            left[key] = usual
    starts = {index for index, row in enumerate(rows) if row.box[0] < left[row.page, row.column] + 3}
    return starts if 0.15 * len(rows) <= len(starts) <= 0.8 * len(rows) else set()


def _spaced(rows: list[Line]) -> set[int]:
    """A wider gap, or the top of a column after a finished entry, begins an entry."""
    steps = [two.baseline - one.baseline for one, two in itertools.pairwise(rows) if two.baseline > one.baseline]
    usual = sorted(steps)[len(steps) // 3] if steps else 0.0
    starts = {0}
    for index in range(1, len(rows)):
        step = rows[index].baseline - rows[index - 1].baseline
        done = rows[index - 1].text.endswith(".")
        if step > 1.2 * usual or (step < 0 and done):
            starts.add(index)
    return starts
