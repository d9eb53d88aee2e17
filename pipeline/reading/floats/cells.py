"""From printed rows of a table to its rows of cells: lines of one cell joined, labels of groups at the first row."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

from pipeline.reading.floats.grid import NUMBER, Cell, Lattice, Row, Span
from pipeline.reading.layout.lines import Line, join_lines
from store.records import Box

STEP = 1.6
Texts = list[str]


def read_cells(table: Lattice, rules: Sequence[Box], sideways: Sequence[Line]) -> tuple[list[Texts], int]:
    """Rows of equally many cells, and how many of them at the top name the columns."""
    if not table.rows:
        return [], 0
    groups = _header_groups(table, rules) + _body_groups(table, rules)
    count = len(table.columns)
    texts = [_join([table.rows[i] for i in group], count, table, group[0] >= table.head) for group in groups]
    head = sum(group[0] < table.head for group in groups)
    spans = [(table.rows[group[0]].box[1], table.rows[group[-1]].box[3]) for group in groups]
    _lift_labels(texts, head, spans, table.columns, rules)
    return _with_sideways(texts, head, spans, table, sideways)


def _header_groups(table: Lattice, rules: Sequence[Box]) -> list[list[int]]:
    """Header rows that are lines of one: no cell spans columns, no rule parts them, the upper is not much poorer."""
    groups: list[list[int]] = []
    for i in range(table.head):
        if groups and _one_header(table.rows[groups[-1][0]], table.rows[i - 1], table.rows[i], rules):
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups


def _one_header(first: Row, above: Row, below: Row, rules: Sequence[Box]) -> bool:
    spanning = any(cell.last > cell.first for row in (first, above, below) for cell in row.cells)
    near = below.baseline - above.baseline < STEP * below.size
    rich = 2 * len(first.cells) > len(below.cells)
    return near and rich and not spanning and not _parted(above, below, rules)


def _parted(above: Row, below: Row, rules: Sequence[Box]) -> bool:
    return any(above.baseline - 1 < (r[1] + r[3]) / 2 < below.baseline - 0.3 * below.size for r in rules)


def _body_groups(table: Lattice, rules: Sequence[Box]) -> list[list[int]]:
    """Printed rows that make one row: between two rules when these close in one row, else line by line."""
    bands: list[list[int]] = []
    for i in range(table.head, len(table.rows)):
        new = not bands or any(table.rows[i - 1].baseline < y < table.rows[i].baseline for y in table.full)
        if new:
            bands.append([i])
        else:
            bands[-1].append(i)
    groups = []
    for band in bands:
        groups.extend([band] if len(bands) > 2 and _one_row(band, table) else _by_line(band, table, rules))
    return groups


def _one_row(band: list[int], table: Lattice) -> bool:
    """Whether the lines between two rules are one row: no two hold numbers or fill all columns, and the longest cell
    runs from line to line."""
    rows = [table.rows[i] for i in band]
    numbers = sum(any(_number(cell) for cell in row.cells) for row in rows)
    complete = sum(len(row.cells) == len(table.columns) for row in rows)
    if len(rows) < 2 or numbers > 1 or complete > 1:
        return False
    labels = [cell for row in rows for cell in row.cells if cell.first == 0]
    several = sum(len(row.cells) > 1 for row in rows) > 1
    if several and not numbers and not all(_cut(a, b) for a, b in itertools.pairwise(labels)):
        return False
    longest, times = Counter(cell.first for row in rows for cell in row.cells).most_common(1)[0]
    lines = [cell for row in rows for cell in row.cells if cell.first == longest]
    wrapped = sum(_wraps(a, b, table.columns) for a, b in itertools.pairwise(lines))
    return times > 1 and 2 * wrapped >= times - 1


def _number(cell: Cell) -> bool:
    return all(NUMBER.match(word.text) for word in cell.words)


def _cut(above: Cell, below: Cell) -> bool:
    """Whether a label clearly goes on in the lower line."""
    return above.words[-1].text.endswith(("-", "/", ",")) or not below.words[0].text[:1].isupper()


def _wraps(above: Cell, below: Cell, columns: Sequence[Span]) -> bool:
    """Whether the next word found no room at the end of the upper line, or the line ends inside a word."""
    if above.words[-1].text.endswith(("-", "/", ",")):
        return True
    first = below.words[0]
    right = columns[above.last][1]
    return above.span[1] + 0.25 * first.size + (first.box[2] - first.box[0]) > right - 0.1 * first.size


def _by_line(band: list[int], table: Lattice, rules: Sequence[Box]) -> list[list[int]]:
    groups: list[list[int]] = []
    for i in band:
        if groups and _goes_on([table.rows[j] for j in groups[-1]], table.rows[i], table, rules):
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups


def _goes_on(above: list[Row], row: Row, table: Lattice, rules: Sequence[Box]) -> bool:
    """Whether a line only goes on with cells of the row above it that found no room on their line."""
    if row.baseline - above[-1].baseline > STEP * row.size or _parted(above[-1], row, rules):
        return False
    if len(above[0].cells) < 2 or 2 * len(row.cells) > len(table.columns) + 1 or len(row.cells) >= len(table.columns):
        return False
    for cell in row.cells:
        upper = [c for c in above[-1].cells if c.first == cell.first]
        if not upper or _number(cell) or not _wraps(upper[0], cell, table.columns):
            return False
        if cell.first == 0 and not _cut(upper[0], cell):
            return False
    return True


def _join(rows: list[Row], count: int, table: Lattice, body: bool) -> Texts:
    """The cells' texts of one row; a lone cell over a column of numbers, or over several columns, titles rows."""
    lines: list[list[str]] = [[] for _ in range(count)]
    lone = body and len(rows) == 1 and len(rows[0].cells) == 1 and count > 1
    for row in rows:
        for cell in row.cells:
            lines[0 if lone and _titles(cell, table) else cell.first].append(cell.text)
    return [join_lines(line, Counter()) for line in lines]


def _titles(cell: Cell, table: Lattice) -> bool:
    """Whether a lone cell stands over the rows below it: over several columns, or in none of a column's own places."""
    if cell.last > cell.first:
        return True
    left, right = table.columns[cell.first]
    aligned = abs(cell.span[0] - left) < 2 or abs(cell.span[1] - right) < 2
    return cell.first > 0 and not aligned and not _number(cell) and _numeric(cell.first, table)


def _numeric(column: int, table: Lattice) -> bool:
    own = [cell for row in table.rows[table.head :] for cell in row.cells if cell.first == cell.last == column]
    return sum(any(c.isdigit() for c in cell.text) for cell in own) > 0.6 * len(own)


def _lift_labels(
    texts: list[Texts], head: int, spans: Sequence[Span], columns: Sequence[Span], rules: Sequence[Box]
) -> None:
    """A lone label in the middle of a group of rows belongs to the whole group: set it at the group's first row."""
    for column in range(min(2, len(columns) - 1)):
        middle = sum(columns[column]) / 2
        cuts = [(r[1] + r[3]) / 2 for r in rules if r[0] - 2 <= middle <= r[2] + 2]
        group: list[int] = []
        for i in range(head, len(texts) + 1):
            new = i == len(texts) or (group and any(spans[i - 1][0] < cut < spans[i][1] - 2 for cut in cuts))
            if new:
                _lift(texts, group, column, spans)
                group = []
            group.append(i)


def _lift(texts: list[Texts], group: Sequence[int], column: int, spans: Sequence[Span]) -> None:
    own = [i for i in group if texts[i][column]]
    if len(own) != 1 or len(group) < 2 or own[0] == group[0] or sum(map(bool, texts[own[0]])) < 2:
        return
    height = spans[group[-1]][1] - spans[group[0]][0]
    centre = (spans[group[-1]][1] + spans[group[0]][0]) / 2
    if abs(sum(spans[own[0]]) / 2 - centre) < max(0.2 * height, 8):
        texts[group[0]][column], texts[own[0]][column] = texts[own[0]][column], ""


def _with_sideways(
    texts: list[Texts], head: int, spans: Sequence[Span], table: Lattice, sideways: Sequence[Line]
) -> tuple[list[Texts], int]:
    """Turned labels: left of the first column they name groups of rows, above the others they name columns."""
    labels = [line for line in sideways if line.box[2] < table.columns[0][0] + 4]
    names = [line for line in sideways if line not in labels and line.middle < spans[min(head, len(spans) - 1)][0]]
    if names and all(line.middle < spans[0][0] for line in names):
        texts, spans, head = [[""] * len(table.columns), *texts], [(spans[0][0], spans[0][0]), *spans], 1
    for line in sorted(names, key=lambda line: line.box[0]):
        middle = (line.box[0] + line.box[2]) / 2
        at = min(range(len(table.columns)), key=lambda i: abs(sum(table.columns[i]) / 2 - middle))
        texts[head - 1][at] = f"{texts[head - 1][at]} {line.text}".strip()
    if labels:
        texts = [["", *row] for row in texts]
        for line in labels:
            below = (i for i in range(head, len(spans)) if spans[i][1] > line.box[1] + 2)
            first = _group_top(next(below, head), table, spans)
            if first < len(texts):
                texts[first][0] = f"{texts[first][0]} {line.text}".strip()
    return texts, head


def _group_top(at: int, table: Lattice, spans: Sequence[Span]) -> int:
    """The first row under the rule above row `at`."""
    if at >= len(spans):
        return at
    above = max((y for y in table.full if y < spans[at][0] + 3), default=float("-inf"))
    return next(i for i, (top, _) in enumerate(spans) if top > above - 3)
