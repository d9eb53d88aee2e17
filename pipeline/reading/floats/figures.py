"""The region of a figure: what is drawn beside its caption, grown from piece to piece up to the running text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pipeline.reading.floats.captions import Caption, Layout
from pipeline.reading.layout.lines import Line, union
from pipeline.reading.layout.pages import Page
from store.records import Box

NEAR = 48.0
LABEL = 16.0
TEXT_LINE = 40
LONG_RULE = 60.0
TEXT_BOX = 3


def find_figures(layout: Layout, tables: dict[int, Box]) -> dict[int, Box]:
    """The drawn region of each figure, and of tables that are pictures, by its caption's place in `layout.captions`.

    Captions of one paper stand on one side of their figures; the other side is asked where that one is empty.
    """
    sides = {
        at: {above: box for above in (True, False) if (box := around.region(caption.box, layout.reach(caption), above))}
        for at, caption, around in _wanted(layout, tables)
    }
    lone = Counter(next(iter(found)) for at, found in sides.items() if len(found) == 1)
    habit = lone[True] >= lone[False]
    chosen = {at: found[habit] for at, found in sides.items() if habit in found}
    for at, found in sides.items():
        page = layout.captions[at].page
        others = [box for i, box in chosen.items() if layout.captions[i].page == page]
        if at not in chosen and found and not _touches(found[not habit], others):
            chosen[at] = found[not habit]
    for at, caption, around in _wanted(layout, tables | chosen):
        if box := around.beside(caption.box, layout.reach(caption)):
            chosen[at] = box
    return chosen


def _wanted(layout: Layout, tables: Mapping[int, Box]) -> Iterator[tuple[int, Caption, Surroundings]]:
    """Captions that have no region yet, with what stands on their page."""
    around: dict[int, Surroundings] = {}
    for at, caption in enumerate(layout.captions):
        if at in tables or caption.kind == "algorithm":
            continue
        if caption.page not in around:
            fixed = [box for i, box in tables.items() if layout.captions[i].page == caption.page]
            fixed += layout.taken_on(caption.page)
            rows = layout.rows_on(caption.page)
            around[caption.page] = Surroundings(layout.pages[caption.page], rows, fixed, layout.body)
        yield at, caption, around[caption.page]


class Surroundings:
    """What stands on a figure's page: ink, running text that bounds it, and labels that belong to it.

    `walls` are boxes that no figure crosses: captions, headings, tables, lines of running text.
    """

    def __init__(self, page: Page, rows: Sequence[Line], fixed: Sequence[Box], body: float) -> None:
        self.page = page
        self.ink = _ink(page)
        prose = _prose(rows, fixed, body)
        large = [b for b in (*page.drawings, *page.pictures) if b[3] - b[1] > 2.5 * body and b[2] - b[0] > LONG_RULE]
        frames = sorted(set(large), key=lambda b: (b[2] - b[0]) * (b[3] - b[1]))
        framed = {id(row): frame for row in prose if (frame := next((f for f in frames if _holds(f, row.box)), None))}
        self.text_boxes = [frame for frame, rows in Counter(framed.values()).items() if rows >= TEXT_BOX]
        walls = [row for row in prose if id(row) not in framed]
        self.walls = [*fixed, *(row.box for row in walls)]
        walled = {id(row) for row in walls}
        self.labels = [r.box for r in (*rows, *page.sideways) if id(r) not in walled and not _touches(r.box, fixed)]

    def region(self, caption: Box, column: tuple[float, float], above: bool) -> Box | None:
        """The drawn region on one side of a caption, inside its column, or None where nothing is drawn."""
        x0, x1 = self._reach(caption, column)
        flip = _upright if above else _upside_down
        near = [flip(b) for b in self.ink if b[0] < x1 - 2 and b[2] > x0 + 2 and _mostly(b, x0, x1)]
        walls = [flip(w) for w in self.walls if w[0] < x1 - 4 and w[2] > x0 + 4]
        texts = [flip(b) for b in self.text_boxes]
        labels = [flip(b) for b in self.labels if x0 - 2 <= (b[0] + b[2]) / 2 <= x1 + 2]
        place = flip(caption)
        region = _grow([b for b in near if not any(_holds(t, b) for t in texts)], labels, [*walls, *texts], place)
        region = region or _grow(near, labels, walls, place)
        return flip(region) if region else None

    def beside(self, caption: Box, column: tuple[float, float]) -> Box | None:
        """The drawn region left or right of a caption that stands beside its figure."""
        level = [b for b in self.ink if min(b[3], caption[3]) - max(b[1], caption[1]) > 0]
        seeds = [b for b in level if column[0] <= b[0] and b[2] <= column[1] and not b[0] < caption[2] < b[2] + 1]
        seeds = [b for b in seeds if not b[0] <= caption[0] < b[2] and b[3] - b[1] > caption[3] - caption[1]]
        if not seeds:
            return None
        region = union(seeds)
        region = union([region, *(b for b in self.ink if _touches(b, [region]) and not _touches(b, [caption]))])
        return None if _touches(region, [*self.walls, caption]) else region

    def _reach(self, caption: Box, column: tuple[float, float]) -> tuple[float, float]:
        """How far left and right a figure may go: in its column up to what is printed beside its caption."""
        x0, x1 = column
        for wall in self.walls:
            if min(wall[3], caption[3]) - max(wall[1], caption[1]) > 3:
                if wall[2] <= caption[0] + 2:
                    x0 = max(x0, (wall[2] + caption[0]) / 2)
                elif wall[0] >= caption[2] - 2:
                    x1 = min(x1, (wall[0] + caption[2]) / 2)
        return x0, x1


def _prose(rows: Sequence[Line], fixed: Sequence[Box], body: float) -> list[Line]:
    """Long rows of body type, and the short rows that end their paragraphs."""
    large = [row for row in rows if row.size > body - 0.5 and not _touches(row.box, fixed)]
    blocks = {row.block for row in large if len(row.text) > TEXT_LINE}
    return [row for row in large if row.block in blocks]


def _grow(ink: Sequence[Box], labels: Sequence[Box], walls: Sequence[Box], caption: Box) -> Box | None:
    """From the caption upwards, piece after piece, until a gap or a wall; then the labels around."""
    ceiling = max((w[3] for w in walls if w[3] <= caption[1] + 2 and not _touches(w, [caption])), default=float("-inf"))
    inside = [b for b in ink if b[3] <= caption[1] + 6 and (b[1] + b[3]) / 2 > ceiling and b[1] > ceiling - 12]
    words = [b for b in labels if b[3] <= caption[1] + 3 and b[1] >= ceiling - 2]
    region: Box | None = None
    top = caption[1]
    for box in sorted((*inside, *words), key=lambda b: -b[3]):
        if top - box[3] > NEAR:
            break
        top = min(top, box[1])
        region = union([region, box]) if region else union([box])
    drawn = [b for b in inside if region and b[1] >= region[1] - 1]
    return _with_labels(union(drawn), words) if drawn else None


def _with_labels(region: Box, labels: Sequence[Box]) -> Box:
    """Labels at the region's height, and those close above and below it."""
    for _ in range(3):
        near = [b for b in labels if region[1] - LABEL <= b[3] and (b[1] < region[3] or b[1] - region[3] < LABEL)]
        wide = [b for b in near if region[1] <= (b[1] + b[3]) / 2 <= region[3] or _beside(b, region) < LABEL]
        region = union([region, *wide])
    return region


def _beside(box: Box, region: Box) -> float:
    return max(region[0] - box[2], box[0] - region[2], 0.0)


def _ink(page: Page) -> list[Box]:
    """Everything drawn, but no long rule that touches nothing else (under running heads, above footnotes)."""
    drawn = [*page.drawings, *page.pictures, *page.bars]
    return drawn + [r for r in page.rules if r[2] - r[0] < LONG_RULE or _touches(_around(r), drawn)]


def _around(rule: Box) -> Box:
    return rule[0] - 2, rule[1] - 3, rule[2] + 2, rule[3] + 3


def _mostly(box: Box, x0: float, x1: float) -> bool:
    return min(box[2], x1) - max(box[0], x0) >= 0.5 * (box[2] - box[0])


def _upright(box: Box) -> Box:
    return box


def _upside_down(box: Box) -> Box:
    return box[0], -box[3], box[2], -box[1]


def _touches(box: Box, boxes: Sequence[Box]) -> bool:
    return any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in boxes)


def _holds(frame: Box, box: Box) -> bool:
    return frame[0] - 1 <= box[0] and frame[1] - 1 <= box[1] and box[2] <= frame[2] + 1 and box[3] <= frame[3] + 1
