"""Reading order: which column a line stands in, and which printed pieces make one row.

The order in which a PDF prints its text is the reading order in nearly all papers, so it is kept. Only where it jumps
between the columns of one page again and again (OCR, some converters) is the page read by geometry: bands between lines
that cross both columns, in each band the left column, then the right one.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from statistics import median

from pipeline.reading.layout.lines import Line, union
from pipeline.reading.layout.pages import Page
from pipeline.reading.layout.words import FLOATS
from store.records import Box

LONG = 0.28
SIDE_SHARE = 0.2
CELL_GAP = 0.9


def order_lines(pages: list[Page]) -> None:
    """Put the lines of every page into reading order, merged to rows, in place."""
    gutters = {page.number: gutter for page in pages if (gutter := find_gutter(page)) is not None}
    for page in pages:
        gutter = gutters.get(page.number)
        if gutter is not None:
            _set_columns(page, gutter)
        elif _rows_jump(page):
            page.lines.sort(key=lambda line: (round(line.baseline), line.box[0]))
        page.lines = _merge_rows(page, gutter)


def find_gutter(page: Page) -> float | None:
    """The x of the blank strip between two columns, or None on a one-column page."""
    long_lines = [line for line in page.lines if line.box[2] - line.box[0] > LONG * page.width]
    if len(long_lines) < 8:
        return None
    best = min(
        (page.width * step / 200 for step in range(84, 117)),
        key=lambda x: (_crossing(long_lines, x), abs(x - page.width / 2)),
    )
    crossing = _crossing(long_lines, best)
    left = sum(1 for line in long_lines if line.box[2] <= best)
    right = len(long_lines) - crossing - left
    both = min(left, right) >= SIDE_SHARE * len(long_lines) or (
        min(left, right) >= 4 and crossing < 0.3 * len(long_lines)
    )
    return best if both and crossing <= 0.5 * len(long_lines) else None


def _crossing(lines: list[Line], x: float) -> int:
    return sum(1 for line in lines if line.box[0] < x - 1 and line.box[2] > x + 1)


def _set_columns(page: Page, gutter: float) -> None:
    wide = wide_zones(page, gutter)
    for line in page.lines:
        crosses = line.box[0] < gutter - 8 and line.box[2] > gutter + 8
        in_zone = any(zone[1] - 2 <= line.middle <= zone[3] + 2 for zone in wide)
        line.column = 0 if crosses or in_zone or line.box[2] <= gutter + 8 else 1
    for one, two in itertools.pairwise(page.lines):
        if abs(one.baseline - two.baseline) < 1 and -2 < two.box[0] - one.box[2] < 0.5 * two.size:
            two.column = one.column  # one printed line, cut by a stroke (an accent over a number)
    jumps = sum(1 for one, two in zip(page.lines, page.lines[1:], strict=False) if one.column > two.column)
    if jumps > max(6, 0.08 * len(page.lines)):
        page.lines = _by_bands(page, gutter, wide)


def wide_zones(page: Page, gutter: float) -> list[Box]:
    """Where rules cross both columns: a table as wide as the page."""
    rules = sorted((r for r in page.rules if r[0] < gutter - 20 and r[2] > gutter + 20), key=lambda r: r[1])
    return [union(group) for group in group_rules(rules) if len(group) > 1]


def group_rules(rules: list[Box], between: Sequence[Box] = ()) -> list[list[Box]]:
    """Rules of one table: the same ends, one under the other, with none of `between` (captions) between them."""
    groups: list[list[Box]] = []
    for rule in sorted(rules, key=lambda r: r[1]):
        for group in groups:
            last = group[-1]
            if any(last[3] < box[1] and box[3] < rule[1] and last[0] < box[2] and box[0] < last[2] for box in between):
                continue
            if abs(last[0] - rule[0]) < 4 and abs(last[2] - rule[2]) < 4 and rule[1] - last[1] < 300:
                group.append(rule)
                break
        else:
            groups.append([rule])
    return groups


def _by_bands(page: Page, gutter: float, wide: list[Box]) -> list[Line]:
    crossing = [line for line in page.lines if line.box[0] < gutter - 8 and line.box[2] > gutter + 8]
    edges = sorted({line.middle for line in crossing} | {zone[3] for zone in wide})

    def key(line: Line) -> tuple[int, int, float, float]:
        band = 2 * sum(edge < line.middle - 1 for edge in edges) - (line in crossing)
        return band, line.column, round(line.baseline), line.box[0]

    return sorted(page.lines, key=key)


def _rows_jump(page: Page) -> bool:
    ups = sum(1 for one, two in zip(page.lines, page.lines[1:], strict=False) if two.box[3] < one.box[1] - one.size)
    return ups > max(10, 0.25 * len(page.lines))


def _merge_rows(page: Page, gutter: float | None) -> list[Line]:
    rows: list[Line] = []
    for line in page.lines:
        if rows and _same_row(rows[-1], line, gutter):
            _extend(rows[-1], line)
        else:
            rows.append(line)
    return rows


def _same_row(row: Line, line: Line, gutter: float | None) -> bool:
    overlap = min(row.box[3], line.box[3]) - max(row.box[1], line.box[1])
    if overlap < 0.55 * min(row.box[3] - row.box[1], line.box[3] - line.box[1]) or line.box[0] < row.box[2] - 2:
        return False
    if FLOATS.match(line.text) and line.box[0] - row.box[2] > CELL_GAP * line.size:
        return False  # captions side by side
    return gutter is None or row.column == line.column


def _extend(row: Line, line: Line) -> None:
    gap = line.box[0] - row.box[2]
    letters = len(row.text) + len(line.text)
    row.math = (row.math * len(row.text) + line.math * len(line.text)) / letters
    row.bold = row.bold and line.bold
    row.top_size = max(row.top_size, line.top_size)
    if len(line.text) > len(row.text):
        row.size, row.baseline, row.font = line.size, line.baseline, line.font
    if gap > CELL_GAP * row.size:
        row.cells.append(line.text)
    else:
        row.cells[-1] += " " + line.text
    row.text = " ".join(row.cells)
    row.box = union([row.box, line.box])


def body_size(pages: list[Page]) -> float:
    """The size of most letters of the paper."""
    weights: dict[float, int] = {}
    for page in pages:
        for line in page.lines:
            weights[line.size] = weights.get(line.size, 0) + len(line.text)
    return max(weights, key=lambda size: weights[size]) if weights else 10.0


def leading(lines: list[Line], size: float) -> float:
    """The usual distance between two baselines of body text."""
    steps = [
        two.baseline - one.baseline
        for one, two in itertools.pairwise(lines)
        if one.page == two.page
        and one.column == two.column
        and abs(one.size - size) < 0.3
        and abs(two.size - size) < 0.3
    ]
    steps = [step for step in steps if 0.8 * size < step < 2.2 * size]
    return median(steps) if steps else 1.2 * size
