"""Captions, the tables they belong to, and algorithms: what floats beside the running text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipeline.reading.columns import group_rules
from pipeline.reading.lines import Line, union
from pipeline.reading.pages import Page
from pipeline.reading.sections import Headings
from store.records import Box

CAPTION = re.compile(
    r"^(figure|fig\.|table|tab\.|algorithm|listing|рис\.|рисунок|таблица|табл\.)\s*"
    r"([A-Z]{0,2}\.?\d{1,3}(?:[.-]\d{1,2})?)\s*([:.|]|[—–-] )?\s*",
    re.IGNORECASE,
)
NEAR = 45.0


@dataclass(slots=True)
class Float:
    """`caption` and `body` are indices of rows; `body` is a table's or an algorithm's text, or what is printed
    inside a figure; `bbox` is a figure's region (its caption where nothing is drawn above it)."""

    kind: str
    number: str
    caption: list[int]
    body: list[int] = field(default_factory=list)
    bbox: Box = (0.0, 0.0, 0.0, 0.0)


def find_floats(rows: list[Line], pages: list[Page], headings: Headings, body: float) -> list[Float]:
    """Every captioned float, and tables and algorithms that stand between rules."""
    taken = {i for start, heading in headings.items() for i in range(start, start + heading.rows)}
    floats: list[Float] = []
    for index, row in enumerate(rows):
        match = CAPTION.match(row.text)
        if match and index not in taken and _starts_caption(rows, index, match, body):
            caption = _caption_rows(rows, index, taken)
            taken.update(caption)
            floats.append(Float(_kind(match[1]), match[2], caption))
    places = [(rows[one.caption[0]].page, union([rows[i].box for i in one.caption])) for one in floats]
    boxes = {page.number: _ruled_boxes(page, [box for at, box in places if at == page.number]) for page in pages}
    sheets = {page.number: page for page in pages}
    for one, (number, place) in zip(floats, places, strict=True):
        if one.kind == "figure":
            one.bbox, one.body = _figure_rows(place, sheets[number], rows, taken, body)
        else:
            one.body = _ruled_rows(one, rows, boxes, taken) or _stacked_rows(one, rows, taken)
        taken.update(one.body)
    return floats


def _figure_rows(caption: Box, page: Page, rows: list[Line], taken: set[int], body: float) -> tuple[Box, list[int]]:
    """The drawn region above a caption, grown upwards from drawing to drawing, and the rows printed inside."""
    here = [i for i, row in enumerate(rows) if row.page == page.number]
    wall = [rows[i].box for i in here if i in taken or (rows[i].size > body - 0.5 and len(rows[i].text) > 40)]
    wide = caption[2] - caption[0] > 0.5 * page.width
    x0, x1 = (0.0, page.width) if wide else (caption[0] - 12, caption[2] + 12)
    drawn = [b for b in (*page.drawings, *page.pictures) if b[3] < caption[1] + 6 and b[3] - b[1] < 0.8 * page.height]
    region: Box | None = None
    for box in sorted((b for b in drawn if b[0] < x1 and x0 < b[2]), key=lambda b: -b[3]):
        top = region[1] if region else caption[1]
        if top - box[3] > NEAR or any(box[3] <= w[1] and w[3] <= top and w[0] < x1 and x0 < w[2] for w in wall):
            break
        region = union([region, box]) if region else union([box])
    if region is None:
        return caption, []
    inside = [i for i in here if i not in taken and _within(rows[i], region)]
    return region, inside


def _within(row: Line, box: Box) -> bool:
    return box[1] - 4 <= row.middle <= box[3] + 4 and box[0] - 4 <= (row.box[0] + row.box[2]) / 2 <= box[2] + 4


def _kind(word: str) -> str:
    start = word[:3].lower()
    return {"fig": "figure", "рис": "figure", "tab": "table", "таб": "table"}.get(start, "algorithm")


def _starts_caption(rows: list[Line], index: int, match: re.Match[str], body: float) -> bool:
    row = rows[index]
    rest = row.text[match.end() :]
    before = rows[index - 1] if index else None
    runs_on = (
        before is not None
        and before.page == row.page
        and before.block == row.block
        and not before.text.endswith((".", ":"))
    )
    if match[3]:
        return not runs_on or row.bold
    return (
        not runs_on
        and (row.bold or row.size < body - 0.3 or _kind(match[1]) == "algorithm")
        and rest[:1] == rest[:1].upper()
    )


def _caption_rows(rows: list[Line], index: int, taken: set[int]) -> list[int]:
    caption = [index]
    step = 1.45 * rows[index].size
    for at in range(index + 1, min(index + 30, len(rows))):
        row, above = rows[at], rows[at - 1]
        same = row.page == above.page and row.column == above.column and abs(row.size - rows[index].size) < 0.6
        close = 0 < row.baseline - above.baseline < step
        if (
            not same
            or not close
            or at in taken
            or len(row.cells) > 2
            or (CAPTION.match(row.text) and row.block != above.block)
        ):
            break
        if row.block != above.block and above.box[2] < rows[index].box[2] - 30:
            break
        caption.append(at)
    return caption


def _ruled_boxes(page: Page, captions: list[Box]) -> list[Box]:
    """Boxes around rules that stand under each other and share both ends (the booktabs look)."""
    boxes = [union(group) for group in group_rules(page.rules, captions) if len(group) > 1]
    merged: list[Box] = []
    for box in sorted(boxes, key=lambda b: b[1]):
        if merged and box[1] < merged[-1][3] + 2 and box[0] < merged[-1][2] and merged[-1][0] < box[2]:
            merged[-1] = union([merged[-1], box])
        else:
            merged.append(box)
    return merged


def _ruled_rows(one: Float, rows: list[Line], boxes: dict[int, list[Box]], taken: set[int]) -> list[int]:
    first = rows[one.caption[0]]
    place = union([rows[i].box for i in one.caption])
    near = [box for box in boxes.get(first.page, ()) if _distance(place, box) < NEAR]
    if not near:
        return []
    box = min(near, key=lambda b: _distance(place, b))
    boxes[first.page].remove(box)
    own = set(one.caption)
    return [
        i
        for i, row in enumerate(rows)
        if row.page == first.page
        and i not in own
        and i not in taken
        and box[1] - 2 <= row.middle <= box[3] + 2
        and box[0] - 6 <= (row.box[0] + row.box[2]) / 2 <= box[2] + 6
    ]


def _distance(caption: Box, box: Box) -> float:
    """Vertical gap between a caption and a ruled box; endless where they do not share a column."""
    if min(caption[2], box[2]) - max(caption[0], box[0]) < 0.3 * min(caption[2] - caption[0], box[2] - box[0]):
        return float("inf")
    if caption[3] > box[1] and caption[1] < box[3]:
        return 0.0
    return min(abs(box[1] - caption[3]), abs(caption[1] - box[3]))


def _stacked_rows(one: Float, rows: list[Line], taken: set[int]) -> list[int]:
    """Without rules: the rows of several cells right after the caption, else right before it."""
    after = _run(range(one.caption[-1] + 1, len(rows)), one, rows, taken)
    return after or sorted(_run(range(one.caption[0] - 1, -1, -1), one, rows, taken))


def _run(indices: range, one: Float, rows: list[Line], taken: set[int]) -> list[int]:
    found: list[int] = []
    last = rows[one.caption[-1] if indices.step > 0 else one.caption[0]]
    for i in indices:
        row = rows[i]
        near = row.page == last.page and abs(row.baseline - last.baseline) < 4 * row.size
        if i in taken or not near or (len(row.cells) < 2 and not (found and len(row.text) < 25)):
            break
        found.append(i)
        last = row
    return found if sum(len(rows[i].cells) > 1 for i in found) >= 2 else []
