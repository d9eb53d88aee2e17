"""Rows of running text into paragraphs, also across a column's or a page's end."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass

from pipeline.reading.layout.lines import Line

BULLET = re.compile(r"^([•▪◦●○■‣∙·*–—]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]|\[\d+\])\s+\S")
SENTENCE_END = re.compile(r"[.!?:;…][\"”’)\]]*$")
EQUATION_NUMBER = re.compile(r"\(\d{1,3}(?:\.\d{1,2})?[a-z]?\)$")
WORD = re.compile(r"[^\W\d_]{2,}")

Edges = dict[tuple[int, int], tuple[float, float]]


@dataclass(slots=True)
class Type:
    """The paper's ordinary type: size, distance of baselines, and the columns' edges by page and column."""

    body: float
    step: float
    edges: Edges


def column_edges(rows: list[Line], body: float) -> Edges:
    """Left edge (where most rows begin) and right edge of every column."""
    grouped: defaultdict[tuple[int, int], list[Line]] = defaultdict(list)
    for row in rows:
        if abs(row.size - body) < 0.6 and len(row.text) > 20:
            grouped[row.page, row.column].append(row)
    edges: Edges = {}
    for key, members in grouped.items():
        left = Counter(round(row.box[0]) for row in members).most_common(1)[0][0]
        right = Counter(round(row.box[2]) for row in members).most_common(1)[0][0]
        edges[key] = (float(left), float(right))
    return edges


def is_formula(row: Line, kind: Type) -> bool:
    """A displayed formula: symbols in mathematical type, or an equation's number, with hardly a word.

    A row that fills its column from edge to edge belongs to a paragraph, whatever is printed in it.
    """
    words = [word for word in WORD.findall(row.text) if len(word) > 2]
    left, right = kind.edges.get((row.page, row.column), (0.0, float("inf")))
    if abs(row.box[0] - left) < 2 and abs(row.box[2] - right) < 3 and words and not EQUATION_NUMBER.search(row.text):
        return False
    if row.math > 0.4 and len(words) <= 4:
        return True
    return bool(EQUATION_NUMBER.search(row.text)) and (row.math > 0.15 or len(row.cells) > 1) and len(words) <= 6


def is_prose(rows: list[Line], kind: Type) -> bool:
    """Whether a paragraph reads as text: not a label of a figure, not the crumbs of a formula."""
    text = " ".join(row.text for row in rows)
    words = WORD.findall(text)
    letters = sum(len(word) for word in words)
    if letters < 0.5 * len(text.replace(" ", "")) or len(words) < 2:
        return False
    if BULLET.match(text):
        return True
    if sum(len(row.text) for row in rows) / len(rows) < 18 and len(rows) > 1:
        return False
    widest = max(row.box[2] - row.box[0] for row in rows)
    left, right = kind.edges.get((rows[0].page, rows[0].column), (0.0, 400.0))
    return len(words) >= 5 and (bool(SENTENCE_END.search(text)) or widest > 0.75 * (right - left) or len(words) > 14)


def is_sentence(rows: list[Line]) -> bool:
    """A stricter `is_prose` for what is printed inside a figure, where axis labels stand in rows like words."""
    text = " ".join(row.text for row in rows)
    words = WORD.findall(text)
    return (
        len(words) >= 10
        and sum(map(len, words)) >= max(3.5 * len(words), 0.7 * len(text.replace(" ", "")))
        and bool(SENTENCE_END.search(text))
    )


def breaks(above: Line, below: Line, kind: Type) -> bool:
    """Whether `below` begins a new paragraph after `above`."""
    if below.page != above.page or below.column != above.column or below.baseline < above.baseline - 1:
        return not continues(above, below, kind)
    if below.note:
        return True
    ended = bool(SENTENCE_END.search(above.text))
    left, right = kind.edges.get((above.page, above.column), (above.box[0], above.box[2]))
    if below.baseline - above.baseline > 6 * kind.step:
        return not continues(above, below, kind)
    if below.baseline - above.baseline > (1.55 if ended else 2.2) * kind.step or abs(below.size - above.size) > 0.8:
        return True
    if BULLET.match(below.text) and (ended or below.box[0] > left + 4):
        return True
    room = right - above.box[2]  # of a line that had room for the next word the paragraph is over
    short = room > max(0.12 * (right - left), 0.6 * below.size * (len(below.text.split(" ")[0]) + 1))
    gap = below.baseline - above.baseline > 1.2 * kind.step
    indented = 4 < below.box[0] - max(left, above.box[0]) < 45 and not BULLET.match(above.text)
    outdented = above.box[0] - below.box[0] > 4 and BULLET.match(above.text) is None and below.block != above.block
    return ended and (short or gap or indented or (outdented and gap))


def cut_in_two(above: Line, below: Line) -> bool:
    """Whether a paragraph broken off in one column or page surely goes on in the next."""
    moved = (above.page, above.column) != (below.page, below.column) and below.page - above.page <= 2
    return moved and above.text[-1:].isalnum() | above.text.endswith(("-", ",")) and below.text[:1].islower()


def continues(above: Line, below: Line, kind: Type) -> bool:
    """Whether a paragraph cut by the end of a column or page goes on with `below`."""
    if abs(below.size - above.size) > 0.6 or BULLET.match(below.text):
        return False
    if not SENTENCE_END.search(above.text):
        return True
    if below.text[:1].islower():
        return True
    right = kind.edges.get((above.page, above.column), (0.0, above.box[2]))[1]
    start = kind.edges.get((below.page, below.column), (below.box[0], 0.0))[0]
    return above.box[2] > right - 6 and abs(below.box[0] - start) < 3 and above.text.endswith((",", ";"))
