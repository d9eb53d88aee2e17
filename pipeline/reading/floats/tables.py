"""Where tables stand: between rules and bars, else in aligned rows next to a caption."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set

from pipeline.reading.floats.captions import Caption, Layout
from pipeline.reading.floats.cells import Texts, read_cells
from pipeline.reading.floats.grid import Row, gather_rows, read_lattice, split_row
from pipeline.reading.layout.lines import Line, union
from pipeline.reading.layout.marks import meet
from pipeline.reading.layout.pages import Page
from store.records import Box

NEAR = 60.0
LOWEST = 8.0
NARROWEST = 40.0
PROSE_GAP = 60.0
OTHER_SIDE = 25.0
ONLY_HEADER = 3.5


def find_tables(layout: Layout) -> dict[int, Box]:
    """The region of each table and algorithm by its caption's place in `layout.captions`."""
    ruled = {at: caption for at, caption in enumerate(layout.captions) if caption.kind != "figure"}
    furniture = _furniture(list(layout.pages.values()))
    pages = sorted({caption.page for caption in ruled.values()})
    tied = tie_tables(ruled, {page: ruled_areas(layout, page, furniture) for page in pages})
    for at, caption in ruled.items():
        here = [box for other, box in tied.items() if ruled[other].page == caption.page]
        walls = [*layout.taken_on(caption.page), *here]
        if at not in tied and caption.kind == "table":
            box = aligned_area(layout, caption, walls)
            if box:
                tied[at] = box
        elif at in tied and tied[at][3] - tied[at][1] < ONLY_HEADER * layout.body:
            rest = _run(_rows_under(layout, caption, tied[at], walls), tied[at][3])
            tied[at] = union([tied[at], rest]) if rest else tied[at]
    return tied


def _rows_under(layout: Layout, caption: Caption, area: Box, walls: Sequence[Box]) -> list[Row]:
    """The rows of cells below an area that holds no more than a header: the table has no rule at its end."""
    below = [w for w in layout.pages[caption.page].words if area[0] - 6 < w.box[0] and w.box[2] < area[2] + 6]
    rows = gather_rows([w for w in below if w.box[1] > area[3] - 2 and not _covered(w.box, walls)])
    for row in rows:
        row.cells = split_row(row, layout.pages[caption.page].bars)
    return rows


def _furniture(pages: Sequence[Page]) -> set[tuple[int, int, int]]:
    """Rules that stand at one place on three pages: under running heads, above running feet."""
    places = Counter(place for page in pages for place in {_place(rule) for rule in page.rules})
    return {place for place, times in places.items() if times >= 3}


def _place(rule: Box) -> tuple[int, int, int]:
    return round(rule[0] / 2), round(rule[1] / 2), round(rule[2] / 2)


def ruled_areas(layout: Layout, number: int, furniture: Set[tuple[int, int, int]]) -> list[Box]:
    """Boxes around rules that share both ends or are joined by bars, with no caption and no running text between."""
    page, rows, captions = layout.pages[number], layout.rows_on(number), layout.captions_on(number)
    groups: list[list[Box]] = []
    for rule in sorted((r for r in page.rules if _place(r) not in furniture), key=lambda r: r[1]):
        for group in groups:
            gap = (group[-1][0], group[-1][3], group[-1][2], rule[1])
            if not _joined(group[-1], rule, page.bars) or any(_stands_in(c, gap) for c in captions):
                continue
            wide = len(group) > 1 and gap[3] - gap[1] > PROSE_GAP
            if wide and _prose(gap, rows, layout.body) and not _prose(union(group), rows, layout.body):
                continue
            group.append(rule)
            break
        else:
            groups.append([rule])
    boxes = _merge([union(group) for group in groups if len(group) > 1])
    return [box for box in boxes if box[3] - box[1] > LOWEST and box[2] - box[0] > NARROWEST]


def _joined(upper: Box, lower: Box, bars: Sequence[Box]) -> bool:
    if abs(upper[0] - lower[0]) < 4 and abs(upper[2] - lower[2]) < 4:
        return True
    left, right = max(upper[0], lower[0]) - 3, min(upper[2], lower[2]) + 3
    return any(b[1] < upper[3] + 4 and b[3] > lower[1] - 4 and left < b[0] < right for b in bars)


def _stands_in(caption: Box, gap: Box) -> bool:
    return gap[1] < (caption[1] + caption[3]) / 2 < gap[3] and caption[0] < gap[2] and gap[0] < caption[2]


def _prose(box: Box, rows: Sequence[Line], body: float) -> bool:
    """Whether most rows inside are lines of running text."""
    inside = [r for r in rows if box[1] < r.middle < box[3] and box[0] - 6 < (r.box[0] + r.box[2]) / 2 < box[2] + 6]
    wide = [r for r in inside if len(r.cells) == 1 and r.box[2] - r.box[0] > 0.8 * (box[2] - box[0])]
    return sum(r.size > body - 0.4 for r in wide) > max(3, 0.6 * len(inside))


def _merge(boxes: Sequence[Box]) -> list[Box]:
    merged: list[Box] = []
    for box in sorted(boxes, key=lambda b: b[1]):
        at = next((i for i, m in enumerate(merged) if box[1] < m[3] + 2 and box[0] < m[2] and m[0] < box[2]), None)
        if at is None:
            merged.append(box)
        else:
            merged[at] = union([merged[at], box])
    return merged


def tie_tables(captions: Mapping[int, Caption], areas: Mapping[int, Sequence[Box]]) -> dict[int, Box]:
    """The area of each caption: the nearest, on the side where most of this paper's captions stand.

    `captions` by any key, `areas` by page.
    """
    pairs = [
        (_distance(caption.box, box), box[1] > caption.box[1], at, box)
        for at, caption in captions.items()
        for box in areas[caption.page]
        if _distance(caption.box, box) < NEAR
    ]
    choices = Counter(at for _, _, at, _ in pairs)
    sides = Counter(below for _, below, at, _ in pairs if choices[at] == 1)
    habit = sides[True] >= sides[False]
    tied: dict[int, Box] = {}
    for _, _, at, box in sorted(pairs, key=lambda p: (p[0] + OTHER_SIDE * (p[1] != habit), p[2])):
        if at not in tied and not any(box is other for other in tied.values()):
            tied[at] = box
    free = {page: [b for b in boxes if not any(b is o for o in tied.values())] for page, boxes in areas.items()}
    return {at: union([box, *_beside(captions[at], box, free)]) for at, box in tied.items()}


def _beside(caption: Caption, box: Box, free: Mapping[int, Sequence[Box]]) -> Iterator[Box]:
    """Areas at the height of `box` under the same caption: two tables side by side are one."""
    for other in free[caption.page]:
        level = min(box[3], other[3]) - max(box[1], other[1]) > 0.6 * min(box[3] - box[1], other[3] - other[1])
        if level and caption.box[0] - 20 < (other[0] + other[2]) / 2 < caption.box[2] + 20:
            yield other


def _distance(caption: Box, box: Box) -> float:
    """Vertical gap between a caption and an area; endless where they do not share a column."""
    if min(caption[2], box[2]) - max(caption[0], box[0]) < 0.3 * min(caption[2] - caption[0], box[2] - box[0]):
        return float("inf")
    if caption[3] > box[1] and caption[1] < box[3]:
        return 0.0
    return min(abs(box[1] - caption[3]), abs(caption[1] - box[3]))


def aligned_area(layout: Layout, caption: Caption, walls: Sequence[Box]) -> Box | None:
    """Without rules: rows of several cells right under the caption, else right above it; `walls` are no cells."""
    page, (left, right) = layout.pages[caption.page], layout.reach(caption)
    words = [w for w in page.words if left <= w.box[0] and w.box[2] <= right and not _covered(w.box, walls)]
    rows = gather_rows(words)
    for row in rows:
        row.cells = split_row(row, page.bars)
    below = [row for row in rows if row.baseline > caption.box[3]]
    above = [row for row in rows if row.baseline < caption.box[1]]
    return _run(below, caption.box[3]) or _run(above[::-1], caption.box[1])


def _run(rows: Sequence[Row], edge: float) -> Box | None:
    found: list[Row] = []
    for row in rows:
        near = abs((found[-1].baseline if found else edge) - row.baseline) < (3.2 if not found else 2.2) * row.size
        lone = len(row.cells) < 2 and (not found or len(row.words) > 5)
        if not near or lone or len(row.words) > 9 * len(row.cells):
            break
        found.append(row)
    while found and len(found[-1].cells) < 2:
        found.pop()
    return union([row.box for row in found]) if sum(len(row.cells) > 1 for row in found) >= 2 else None


def _covered(box: Box, boxes: Sequence[Box]) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return any(b[0] <= x <= b[2] and b[1] <= y <= b[3] for b in boxes)


def cells_of(area: Box, page: Page, caption: Box) -> tuple[list[Texts], int]:
    """The rows of cells inside an area, and how many of them name the columns."""
    words = [w for w in page.words if _covered(w.box, [_wider(area)]) and not _covered(w.box, [caption])]
    rules = [part for r in page.rules if (part := meet(r, _wider(area)))]
    bars = [part for b in page.bars if (part := meet(b, _wider(area)))]
    sideways = [line for line in page.sideways if _covered(line.box, [_wider(area)])]
    return read_cells(read_lattice(words, rules, bars), rules, sideways)


def _wider(area: Box) -> Box:
    return area[0] - 6, area[1] - 2, area[2] + 6, area[3] + 2
