"""The single words of a page with their places: what the columns of a table are found from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pipeline.reading.layout.lines import make_line
from pipeline.reading.layout.marks import read_marks, seen
from store.records import Box

if TYPE_CHECKING:
    from pipeline.reading.layout.pages import Page

FLOATS = re.compile(r"^\W{0,3}(figure|fig\b|table|tab\.|algorithm|listing|рис\.|рисунок|таблица|табл\.)", re.IGNORECASE)
TABLES = re.compile(r"^\W{0,3}(table|tab\.|algorithm|listing|таблица|табл\.)", re.IGNORECASE)
APART = 0.3
TEXT, VECTOR = 0, 3
MOST_PATHS = 30_000  # of scattered points; their exact boxes would take gigabytes and tell nothing new

Piece = dict[str, Any]


def look_closely(read: Page, page: Any, text: Any, unseen: Sequence[Box]) -> None:
    """Where a caption seems to stand: the words, the turned lines and the exact marks of a page, put into `read`.

    Words cost most and only tables are read from them, so a page without a table's caption gets none.
    `page` and `text` are MuPDF's page and its parsed text; `unseen` are the boxes of hidden text.
    """
    if not read.turned and not any(FLOATS.match(line.text) for line in read.lines):
        return
    blocks = page.get_text("rawdict", textpage=text)["blocks"]
    if sum(block["type"] == VECTOR for block in blocks) < MOST_PATHS:
        marks = read_marks(page)
        read.rules, read.bars, read.drawings, read.pictures = marks.rules, marks.bars, marks.drawings, marks.pictures
    turn = page.rotation_matrix if page.rotation else None
    tables = any(TABLES.match(line.text) for line in read.lines)
    for block in (block for block in blocks if block["type"] == TEXT):
        for line in block["lines"]:
            x, y = line["dir"]
            if turn:
                x, y = x * turn.a + y * turn.c, x * turn.b + y * turn.d
            upright = abs(y) < 0.1 and x > 0
            if upright and not tables:
                continue
            words = list(_split(line["spans"], turn, unseen))
            if upright:
                read.words.extend(filter(None, (make_line(word, read.number, block["number"]) for word in words)))
            elif whole := make_line(_spaced(words), read.number, block["number"]):
                read.sideways.append(whole)


def _spaced(words: Sequence[list[Piece]]) -> list[Piece]:
    """The pieces of all words, with a blank after each word."""
    return [{**piece, "text": piece["text"] + " " * (piece is word[-1])} for word in words for piece in word]


def _split(spans: Sequence[Piece], turn: Any, unseen: Sequence[Box]) -> Iterator[list[Piece]]:
    """Runs of pieces without a blank between them; a piece is a part of one span."""
    word: list[Piece] = []
    for span in spans:
        for char in span["chars"]:
            box, origin = seen(char["bbox"], turn), seen((*char["origin"], *char["origin"]), turn)[:2]
            blank = not char["c"].strip()
            if word and (blank or box[0] - word[-1]["bbox"][2] > APART * span["size"]):
                yield word
                word = []
            if blank or _inside(box, unseen):
                continue
            if word and word[-1]["span"] is span:
                word[-1]["text"] += char["c"]
                word[-1]["bbox"] = _around(word[-1]["bbox"], box)
            else:
                same = {name: span[name] for name in ("size", "flags", "font")}
                word.append({**same, "span": span, "text": char["c"], "bbox": box, "origin": origin})
    if word:
        yield word


def _around(one: Box, two: Box) -> Box:
    return min(one[0], two[0]), min(one[1], two[1]), max(one[2], two[2]), max(one[3], two[3])


def _inside(box: Box, boxes: Sequence[Box]) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(b[0] <= x <= b[2] and b[1] <= y <= b[3] for b in boxes)
