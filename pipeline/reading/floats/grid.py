"""From the words inside a table's region to its rows and columns of cells.

Rows are words on one baseline. Columns grow from the rows with the most pieces, so that a cell which spans several
columns is told from the columns themselves; vertical bars part columns wherever they stand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from pipeline.reading.layout.lines import Line, union
from store.records import Box

GAP = 0.6
NUMBER_GAP = 0.36
NUMBER = re.compile(r"^[\W_]*\d[\d.,]*\W*$")
WHOLE = 0.9
Span = tuple[float, float]


@dataclass(slots=True)
class Cell:
    """A piece of a row between wide gaps; `first` and `last` are the columns it covers."""

    words: list[Line]
    first: int = -1
    last: int = -1

    @property
    def span(self) -> Span:
        return self.words[0].box[0], self.words[-1].box[2]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


@dataclass(slots=True)
class Row:
    """Cells from left to right; `box` is that of their words."""

    words: list[Line]
    cells: list[Cell] = field(default_factory=list)

    @property
    def box(self) -> Box:
        return union([word.box for word in self.words])

    @property
    def baseline(self) -> float:
        return median(word.baseline for word in self.words)

    @property
    def size(self) -> float:
        return median(word.size for word in self.words)


@dataclass(slots=True)
class Lattice:
    """Printed rows whose cells know their columns; `head` rows name the columns; `full` are the heights of the rules
    as wide as the table."""

    rows: list[Row]
    columns: list[Span]
    head: int
    full: list[float]


def read_lattice(words: Sequence[Line], rules: Sequence[Box], bars: Sequence[Box]) -> Lattice:
    """Rows and columns from the words and the strokes inside a table's region."""
    rows = gather_rows(words)
    if not rows:
        return Lattice([], [], 0, [])
    bars = _tall(bars, rows)
    for row in rows:
        row.cells = split_row(row, bars)
    left, right = _extent(rows, rules)
    full = sorted((r[1] + r[3]) / 2 for r in rules if r[2] - r[0] >= WHOLE * (right - left))
    head = _head(rows, full)
    columns = [(left, right)]
    if not _is_text(rows):
        columns = _with_header(find_columns(rows[head:] or rows, bars), rows[:head])
    for number, row in enumerate(rows):
        place_cells(row, columns, rules, number < head)
    return Lattice(rows, columns, head, full)


def gather_rows(words: Sequence[Line]) -> list[Row]:
    """Words on one baseline; a lone cell centred between two rows goes to the row that it overlaps more."""
    rows: list[Row] = []
    for word in sorted(words, key=lambda w: (w.baseline, w.box[0])):
        if rows and word.baseline - rows[-1].words[-1].baseline <= 0.3 * word.size:
            rows[-1].words.append(word)
        else:
            rows.append(Row([word]))
    for row in rows:
        row.words.sort(key=lambda w: w.box[0])
    return _settle(rows)


def _settle(rows: list[Row]) -> list[Row]:
    """Join rows that overlap in height but nowhere in width: a cell centred over the height of two rows."""
    rows = [row for row in rows if row.words]
    for poor in sorted(rows, key=lambda row: len(row.words)):
        near = [row for row in rows if row is not poor and _meets(poor, row)]
        if near and poor in rows:
            best = max(near, key=lambda row: (round(_overlap(poor.box, row.box), 1), -row.baseline))
            if len(best.words) >= len(poor.words):
                best.words = sorted(best.words + poor.words, key=lambda w: w.box[0])
                rows.remove(poor)
    return rows


def _meets(poor: Row, row: Row) -> bool:
    own, other = poor.box, row.box
    if _overlap(own, other) < 0.25 * min(own[3] - own[1], other[3] - other[1]):
        return False
    return not any(
        a.box[0] < b.box[2] + 1 and b.box[0] < a.box[2] + 1 and abs(a.baseline - b.baseline) > 1
        for a in poor.words
        for b in row.words
    )


def _overlap(one: Box, two: Box) -> float:
    return min(one[3], two[3]) - max(one[1], two[1])


def _is_text(rows: list[Row]) -> bool:
    """Whether the table is a box of running text: many rows are one wide cell, few have several."""
    left, right = _extent(rows, ())
    lone = [row.cells[0].span for row in rows if len(row.cells) == 1]
    wide = [x1 for x0, x1 in lone if x0 < left + 12 and x1 - left > 0.7 * (right - left)]
    return len(wide) >= max(1, 0.3 * len(rows)) and len(lone) >= 0.7 * len(rows)


def _tall(bars: Sequence[Box], rows: list[Row]) -> list[Box]:
    """Bars that stand between cells over the height of a row or more; bars of a letter or a picture do not."""
    heights = [(row.baseline - 2, row.baseline - 0.2 * row.size) for row in rows]
    return [bar for bar in bars if any(bar[1] <= top and bar[3] >= bottom for bottom, top in heights)]


def split_row(row: Row, bars: Sequence[Box]) -> list[Cell]:
    """Cut a row at wide gaps and at bars; between numbers a smaller gap is wide."""
    y = row.baseline - 0.3 * row.size
    here = [bar for bar in bars if bar[1] <= y <= bar[3]]
    cells: list[Cell] = []
    for word in row.words:
        last = cells[-1].words[-1] if cells else None
        if last is None or _apart(last, word) or _barred(last, word, here):
            cells.append(Cell([word]))
        else:
            cells[-1].words.append(word)
    return cells


def _barred(left: Line, right: Line, bars: Sequence[Box]) -> bool:
    return any(left.box[2] - 1.5 < bar[0] and bar[2] < right.box[0] + 1.5 for bar in bars)


def _apart(left: Line, right: Line) -> bool:
    gap = right.box[0] - left.box[2]
    numbers = NUMBER.match(left.text) and NUMBER.match(right.text)
    return gap > (NUMBER_GAP if numbers else GAP) * min(left.size, right.size)


def _extent(rows: list[Row], rules: Sequence[Box]) -> Span:
    boxes = [row.box for row in rows] + list(rules)
    return min(b[0] for b in boxes), max(b[2] for b in boxes)


def _head(rows: list[Row], full: Sequence[float]) -> int:
    """How many rows name the columns: those above the first rule under which rows follow, if these are few.

    Without such a rule one row, if it is set in bold or holds no numbers while the others do.
    """
    if len(rows) < 2:
        return 0
    inner = [y for y in sorted(full) if rows[0].baseline - 2 < y < rows[-1].baseline - 2]
    if not inner:
        return 1
    head = sum(row.baseline < inner[0] for row in rows)
    if head <= max(1, min(5, len(rows) // 2)):
        return head
    counted = sum(any(NUMBER.match(word.text) for word in row.words) for row in rows)
    plain = not any(NUMBER.match(word.text) for word in rows[0].words)
    return int(all(word.bold for word in rows[0].words) or (plain and 2 * counted > len(rows)))


def find_columns(rows: Sequence[Row], bars: Sequence[Box]) -> list[Span]:
    """The columns' extents, from left to right.

    Rows give their cells from the fullest to the poorest: a cell opens a column, widens the one that it meets, or is
    left out because it meets two.
    """
    columns: list[Span] = []
    for row in sorted(rows, key=lambda row: -len(row.cells)):
        for cell in row.cells:
            met = _met(cell.span, columns)
            if not met:
                columns = sorted([*columns, cell.span])
            elif len(met) == 1:
                old = columns[met[0]]
                wider = min(old[0], cell.span[0]), max(old[1], cell.span[1])
                if len(_met(wider, columns)) == 1:
                    columns[met[0]] = wider
    return _merge_false(columns, rows, bars)


def _met(span: Span, columns: Sequence[Span]) -> list[int]:
    """Columns that a span overlaps by more than a trifle."""
    return [
        i
        for i, (x0, x1) in enumerate(columns)
        if min(span[1], x1) - max(span[0], x0) > min(2.0, 0.3 * (x1 - x0), 0.3 * (span[1] - span[0]))
    ]


def _merge_false(columns: list[Span], rows: Sequence[Row], bars: Sequence[Box]) -> list[Span]:
    """Join neighbours that more rows bridge by one cell than keep apart: the words of one column's text."""
    at = 0
    while at + 1 < len(columns):
        left, right = columns[at], columns[at + 1]
        if any(left[1] - 2 < bar[0] < right[0] + 2 for bar in bars):
            at += 1
            continue
        bridged = sum(any(_met(cell.span, columns) == [at, at + 1] for cell in row.cells) for row in rows)
        apart = sum(
            any(_met(cell.span, columns) == [at] for cell in row.cells)
            and any(_met(cell.span, columns) == [at + 1] for cell in row.cells)
            for row in rows
        )
        if bridged > apart:
            columns = [*columns[:at], (left[0], right[1]), *columns[at + 2 :]]
            at = max(0, at - 1)
        else:
            at += 1
    return columns


def _with_header(columns: list[Span], header: Sequence[Row]) -> list[Span]:
    """Columns that only the last row of the header names."""
    for cell in header[-1].cells if header else ():
        if not any(x0 < cell.span[1] and cell.span[0] < x1 for x0, x1 in columns):
            columns = sorted([*columns, cell.span])
    return columns


def place_cells(row: Row, columns: Sequence[Span], rules: Sequence[Box], head: bool) -> None:
    """Give each cell its columns; the rule under a header's cell tells which it spans."""
    cells: list[Cell] = []
    for cell in row.cells:
        met = _met(cell.span, columns)
        if head:
            met = _ruled(row, cell, columns, rules) or met
        if len(met) > 1 and (parts := _set_close(cell, row, columns, head)):
            cells.extend(parts)
            continue
        if not met:
            middle = sum(cell.span) / 2
            met = [min(range(len(columns)), key=lambda i: abs(sum(columns[i]) / 2 - middle))]
        if cells and cells[-1].first == cells[-1].last == met[0] == met[-1]:
            cells[-1].words.extend(cell.words)
        else:
            cells.append(Cell(list(cell.words), met[0], met[-1]))
    row.cells = cells


def _set_close(cell: Cell, row: Row, columns: Sequence[Span], head: bool) -> list[Cell]:
    """The cells that were taken for one because they are set close: numbers, or names in a row full of names."""
    own = [_met((word.box[0], word.box[2]), columns) for word in cell.words]
    full = head and 2 * len(row.cells) > len(columns)
    if not all(len(met) == 1 for met in own) or not (full or all(NUMBER.match(w.text) for w in cell.words)):
        return []
    parts: list[Cell] = []
    for word, (column,) in zip(cell.words, own, strict=True):
        if parts and parts[-1].first == column:
            parts[-1].words.append(word)
        else:
            parts.append(Cell([word], column, column))
    return parts


def _ruled(row: Row, cell: Cell, columns: Sequence[Span], rules: Sequence[Box]) -> list[int]:
    """The columns over a short rule just under a cell, and under no other cell."""
    for rule in rules:
        below = -1 < (rule[1] + rule[3]) / 2 - row.baseline < 1.1 * row.size
        over = [c for c in row.cells if rule[0] - 2 <= sum(c.span) / 2 <= rule[2] + 2]
        if below and len(over) == 1 and over[0] is cell:
            met = [i for i, (x0, x1) in enumerate(columns) if rule[0] - 2 <= (x0 + x1) / 2 <= rule[2] + 2]
            if met and len(met) < len(columns):
                return met
    return []
