"""The figure that shows a paper best: the overview of its method, else its headline result. Points, with reasons.

What counts: words of the caption, an early page, size, and how often the text points at it. Words that name a part, an
ablation or an appendix count against it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.reading.layout.pages import Page
from store.records import Box, Figure, MainFigure, Passage

OVERVIEW = re.compile(
    r"overview|architectur\w*|framework|pipeline|workflow|schematic|our (method|approach|model|system)|proposed|"
    r"illustrat\w*|overall|diagram|at a glance|teaser|how .{0,40} works?|"
    r"обзор|архитектур\w*|схема|общий вид|конвейер|предлагаем\w*",
    re.IGNORECASE,
)
RESULT = re.compile(
    r"outperform\w*|state[- ]of[- ]the[- ]art|sota\b|main result|compar\w*|accuracy|performance|versus|\bvs\b|better|"
    r"improve\w*|speed-?up|benchmark|превосход|сравнен|точност|результат",
    re.IGNORECASE,
)
MINOR = re.compile(
    r"ablation|example|sensitivity|hyper-?parameter|screenshot|prompt|case study|additional|qualitative|"
    r"learning curve|training (loss|curve)|histogram|distribution of|пример|дополнительн",
    re.IGNORECASE,
)
LARGE = 0.25


def find_main_figure(
    figures: Sequence[Figure], passages: Sequence[Passage], pages: Sequence[Page]
) -> MainFigure | None:
    """The figure with the most points, of equals the first; None where there is no figure."""
    areas = {page.number: page.width * page.height for page in pages}
    appendix = {passage.id for passage in passages if passage.appendix}
    text = " ".join(passage.text for passage in passages if passage.kind in ("text", "footnote"))
    scored = [
        (sum(points for points, _ in why), [reason for points, reason in why if points > 0], figure)
        for figure in figures
        for why in [_why(figure, text, len(pages), areas[figure.page], figure.passage in appendix)]
    ]
    if not scored:
        return None
    _, reasons, best = max(scored, key=lambda one: one[0])
    reason = ", ".join(reasons) or ("it is the only figure" if len(figures) == 1 else "no other has more in its favour")
    return MainFigure(number=best.number, page=best.page, reason=reason)


def _why(figure: Figure, text: str, pages: int, area: float, appendix: bool) -> list[tuple[float, str]]:
    """Points and their reasons; reasons of lost points are empty."""
    opening = re.split(r"(?<=[.!?])\s", figure.caption, maxsplit=2)
    first = " ".join(opening[:2])
    why: list[tuple[float, str]] = []
    if word := OVERVIEW.search(first):
        why.append((4.0, f"its caption says '{word[0].lower()}'"))
    elif word := OVERVIEW.search(figure.caption):
        why.append((2.0, f"its caption says '{word[0].lower()}'"))
    if word := RESULT.search(first):
        why.append((1.5, f"its caption speaks of results ('{word[0].lower()}')"))
    if figure.page <= 2:
        why.append((2.0, f"it stands on page {figure.page}"))
    elif figure.page <= max(3, 0.3 * pages):
        why.append((1.0, f"it stands early, on page {figure.page}"))
    if figure.number in ("1", "I"):
        why.append((0.5, "it is the first figure"))
    if (share := _size(figure.bbox) / area if area else 0.0) > 0.08:
        why.append((min(1.5, share / LARGE), "it is large"))
    if (times := _mentions(figure.number, text)) > 1:
        why.append((min(1.5, 0.4 * times), f"the text refers to it {times} times"))
    if MINOR.search(first):
        why.append((-2.0, ""))
    if appendix or not figure.number[:1].isdigit():
        why.append((-4.0, ""))
    return why


def _size(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _mentions(number: str, text: str) -> int:
    return len(re.findall(rf"(?i:fig(?:ure|\.)?s?|рис(?:\.|унк\w*)?)\s*{re.escape(number)}(?![\d.]\d|\d)", text))
