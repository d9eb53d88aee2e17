"""What is drawn on a page: rules and bars of tables, drawings, pictures, each clipped to what is seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from store.records import Box

THIN = 2.6
DASH = 4.5
SHORTEST_RULE = 14.0
SHORTEST_BAR = 6.0
SHEET = 0.9
WHITE = 0.985


@dataclass(slots=True)
class Marks:
    """`rules` are thin horizontal strokes and `bars` thin vertical ones, each dashed or made of pieces joined to one;
    `drawings` and `pictures` are the boxes of everything else that is seen."""

    rules: list[Box] = field(default_factory=list)
    bars: list[Box] = field(default_factory=list)
    drawings: list[Box] = field(default_factory=list)
    pictures: list[Box] = field(default_factory=list)


def read_marks(page: Any) -> Marks:
    """All marks of a MuPDF page. Pictures one pixel thin are rules too (some converters print them so)."""
    area = tuple(page.rect)
    strokes = [box for box in _strokes(page, area) if box]
    pictures = [box for info in page.get_image_info() if (box := meet(info["bbox"], area))]
    marks = Marks()
    thin: tuple[list[Box], list[Box]] = ([], [])
    for box, kept in [(b, marks.drawings) for b in strokes] + [(b, marks.pictures) for b in pictures]:
        width, height = box[2] - box[0], box[3] - box[1]
        if height <= THIN:
            thin[0].append(box)
        if width <= THIN:
            thin[1].append(box)
        if min(width, height) > THIN and width * height < SHEET * area[2] * area[3]:
            kept.append(box)
    marks.rules = [box for box in join_pieces(thin[0]) if box[2] - box[0] >= SHORTEST_RULE]
    marks.bars = [_flip(box) for box in join_pieces(map(_flip, thin[1])) if box[2] - box[0] >= SHORTEST_BAR]
    return marks


def _strokes(page: Any, area: Sequence[float]) -> Iterable[Box | None]:
    """Boxes of paths that leave ink; MuPDF names the clips in force by level, groups count as levels too."""
    turn = page.rotation_matrix if page.rotation else None
    clips: list[Box] = []
    for path in page.get_cdrawings(extended=True):
        level = path["level"]
        outer = clips[level - 1] if 0 < level <= len(clips) else tuple(area)
        if path["type"] in ("clip", "group"):
            own = path.get("scissor", outer)
            clips[level:] = [meet(seen(own, turn), outer) or (0.0, 0.0, 0.0, 0.0)]
        elif _inked(path):
            yield meet(seen(path["rect"], turn), outer)


def seen(box: Sequence[float], turn: Any) -> Box:
    """A box as the reader sees the page."""
    if turn is None:
        return (box[0], box[1], box[2], box[3])
    xs = [x * turn.a + y * turn.c + turn.e for x, y in ((box[0], box[1]), (box[2], box[3]))]
    ys = [x * turn.b + y * turn.d + turn.f for x, y in ((box[0], box[1]), (box[2], box[3]))]
    return min(xs), min(ys), max(xs), max(ys)


def _inked(path: dict[str, Any]) -> bool:
    fill, stroke = path.get("fill"), path.get("color")
    filled = fill is not None and min(fill) < WHITE and (path.get("fill_opacity") or 0) > 0.02
    return filled or (stroke is not None and min(stroke) < WHITE and (path.get("stroke_opacity") or 0) > 0.02)


def meet(box: Sequence[float], area: Sequence[float]) -> Box | None:
    """The part of a box inside an area; None where they do not meet."""
    x0, y0, x1, y1 = max(box[0], area[0]), max(box[1], area[1]), min(box[2], area[2]), min(box[3], area[3])
    return (x0, y0, x1, y1) if x0 <= x1 and y0 <= y1 else None


def _flip(box: Box) -> Box:
    return box[1], box[0], box[3], box[2]


def join_pieces(boxes: Iterable[Box]) -> list[Box]:
    """Thin horizontal boxes at one height that touch, or nearly do (dashes, the borders of cells), as one."""
    lines: list[list[Box]] = []
    for box in sorted(boxes, key=lambda b: (b[1] + b[3]) / 2):
        if lines and (box[1] + box[3]) / 2 - (lines[-1][-1][1] + lines[-1][-1][3]) / 2 <= 0.8:
            lines[-1].append(box)
        else:
            lines.append([box])
    joined: list[Box] = []
    for line in lines:
        run: list[float] = []
        for x0, y0, x1, y1 in sorted(line):
            if run and x0 - run[2] <= DASH:
                run = [run[0], min(run[1], y0), max(run[2], x1), max(run[3], y1)]
            else:
                if run:
                    joined.append((run[0], run[1], run[2], run[3]))
                run = [x0, y0, x1, y1]
        joined.append((run[0], run[1], run[2], run[3]))
    return joined
