"""When two titles are the same, and which of two lists belong together."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher

NUMBER = re.compile(r"^(appendix )?([A-Z]|[IVX]+|\d{1,2})(\.[\dA-Za-z]{1,2})*[.:)]?\s+(?=\S\S)", re.IGNORECASE)
MARKUP = re.compile(r"<[^>]*>|[*_~`]")


def fold(text: str) -> str:
    """Letters and digits alone."""
    text = unicodedata.normalize("NFKD", MARKUP.sub("", text)).lower()
    return "".join(c for c in text if c.isalnum())


def bare(title: str) -> str:
    """A title without markup and without its number, folded."""
    title = MARKUP.sub("", title).strip()
    return fold(NUMBER.sub("", title, count=1)) or fold(title)


def same(one: str, two: str) -> bool:
    """Equal, or nine tenths alike where they are long enough to tell."""
    if one == two:
        return True
    if min(len(one), len(two)) < 5 or abs(len(one) - len(two)) > 0.2 * max(len(one), len(two)):
        return False
    return SequenceMatcher(None, one, two, autojunk=False).ratio() >= 0.9


def align(one: list[str], two: list[str]) -> list[tuple[int, int]]:
    """The longest run of pairs of the same titles that keeps the order of both lists."""
    alike = [[same(a, b) for b in two] for a in one]
    best = [[0] * (len(two) + 1) for _ in range(len(one) + 1)]
    for i in range(len(one) - 1, -1, -1):
        for j in range(len(two) - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + 1 if alike[i][j] else 0)
    pairs, i, j = [], 0, 0
    while i < len(one) and j < len(two):
        if alike[i][j] and best[i][j] == best[i + 1][j + 1] + 1:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs
