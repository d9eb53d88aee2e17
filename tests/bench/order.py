"""Whether a passage mixes two columns: asked of the raw words of the page, not of the reading that made the passage."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections import Counter
from pathlib import Path
from typing import Any

from pipeline.reading.opening import load_pymupdf
from store.records import Document, Passage

WINDOW = 3
LEAST = 3  # neighbouring runs that must agree on a column: one alone may be another place with the same words


def mixed_passages(path: Path, document: Document) -> tuple[int, list[Passage]]:
    """How many passages were looked at, and those that mix columns.

    Each run of three words that is printed once on its page, within the passage's boxes, tells where that part of the
    passage stands. On a page of two columns a passage may change once, from the left column up to the right one.
    """
    with contextlib.closing(load_pymupdf().open(path)) as pdf:
        pages = {number + 1: _Places(pdf[number]) for number in range(pdf.page_count)}
    looked, mixed = 0, []
    for passage in document.passages:
        if passage.kind in ("table", "figure"):
            continue
        looked += 1
        last = max((place.page for place in passage.places), default=passage.page)
        if any(pages[number].mixes(passage, number) for number in range(passage.page, last + 1)):
            mixed.append(passage)
    return looked, mixed


class _Places:
    """Column (0, 1; None across both), bottom and left of each run of words that a page of two columns prints once."""

    def __init__(self, page: Any) -> None:
        words = [word for word in page.get_text("words") if word[4].strip()]
        self.places: dict[tuple[str, ...], tuple[int | None, float, float]] = {}
        gutter = _gutter(words, page.rect.width)
        if gutter is None:
            return
        sides: dict[tuple[int, int], set[int]] = {}
        for word in words:
            sides.setdefault((word[5], word[6]), set()).add(int(word[0] + word[2] > 2 * gutter))
        folded = [(_fold(word[4]), sides[word[5], word[6]], word[3], word[0]) for word in words]
        folded = [word for word in folded if word[0]]
        runs = [tuple(word[0] for word in folded[i : i + WINDOW]) for i in range(len(folded) - WINDOW + 1)]
        often = Counter(runs)
        for i, run in enumerate(runs):
            if often[run] == 1:
                own = set().union(*(word[1] for word in folded[i : i + WINDOW]))
                self.places[run] = (own.pop() if len(own) == 1 else None), folded[i][2], folded[i][3]

    def mixes(self, passage: Passage, page: int) -> bool:
        """More than one change of column, or one that does not go from the left column up to the right one."""
        words = [folded for word in passage.text.split() if (folded := _fold(word))]
        runs = [tuple(words[i : i + WINDOW]) for i in range(len(words) - WINDOW + 1)]
        boxes = [place.bbox for place in passage.places if place.page == page]
        steps = [self.places[run] for run in runs if run in self.places]
        steps = [s for s in steps if any(b[1] < s[1] < b[3] + 4 and b[0] - 4 < s[2] < b[2] for b in boxes)]
        groups = [list(group) for _, group in itertools.groupby(steps, key=lambda step: step[0])]
        groups = [group for group in groups if len(group) >= LEAST and group[0][0] is not None]
        columns = [column for column, _ in itertools.groupby(group[0][0] for group in groups)]
        if columns == [0, 1]:
            ends = (
                [group for group in groups if group[0][0] == 0][-1],
                next(group for group in groups if group[0][0] == 1),
            )
            return ends[1][0][1] > ends[0][-1][1]
        return len(columns) > 1


def _gutter(words: list[Any], width: float) -> float | None:
    """The middle strip that hardly a word crosses, with many words on both sides of it."""
    if len(words) < 120:
        return None
    steps = [width * step / 100 for step in range(44, 57)]
    crossing = {x: sum(word[0] < x - 2 and word[2] > x + 2 for word in words) for x in steps}
    best = min(steps, key=lambda x: (crossing[x], abs(x - width / 2)))
    left = sum(word[2] <= best for word in words)
    right = sum(word[0] >= best for word in words)
    return best if crossing[best] < 0.02 * len(words) and min(left, right) > 0.2 * len(words) else None


def _fold(text: str) -> str:
    return re.sub(r"\W", "", text).lower()
