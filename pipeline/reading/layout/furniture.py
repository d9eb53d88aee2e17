"""Running heads, running feet, page numbers and line numbers: printed on the page, no part of the paper."""

from __future__ import annotations

import re
from collections import defaultdict

from pipeline.reading.layout.lines import Line
from pipeline.reading.layout.pages import Page

MARGIN = 0.12
PAGE_NUMBER = re.compile(r"^[-–— ]*(page )?(\d{1,4}|[ivxl]{1,5})( ?(/|of) ?\d{1,4})?[-–— ]*$", re.IGNORECASE)
PREPRINT_STAMP = re.compile(r"^arXiv:\S+\s+\[[\w.-]+\]\s+\d", re.IGNORECASE)
LINE_NUMBERS = 15


def remove_furniture(pages: list[Page]) -> None:
    """Take the furniture out of every page, in place."""
    repeated = _repeated(pages)
    for page in pages:
        numbers = _line_numbers(page)
        page.lines = [
            line
            for line in page.lines
            if id(line) not in repeated
            and id(line) not in numbers
            and not (PAGE_NUMBER.match(line.text) and _outermost(line, page))
            and not PREPRINT_STAMP.match(line.text)
        ]


def _in_margin(line: Line, page: Page) -> bool:
    return line.box[3] < MARGIN * page.height or line.box[1] > (1 - MARGIN) * page.height


def _outermost(line: Line, page: Page) -> bool:
    """Near an edge of the page, with nothing beyond it but furniture of its own height."""
    if any(
        0 < other.box[0] - line.box[2] < 3 * line.size and abs(other.baseline - line.baseline) < 2
        for other in page.lines
    ):
        return False  # a section's number beside its title at the top of a page
    if line.middle > 0.82 * page.height:
        return all(other.middle < line.middle + 8 for other in page.lines)
    return line.middle < MARGIN * page.height and all(other.middle > line.middle - 8 for other in page.lines)


def _repeated(pages: list[Page]) -> set[int]:
    """Lines in a margin whose text, digits aside, stands at the same height on three pages (two of a short paper)."""
    places: defaultdict[tuple[str, int], list[Line]] = defaultdict(list)
    for page in pages:
        for line in page.lines:
            if _in_margin(line, page):
                places[re.sub(r"\d+", "#", line.text.lower()), round(line.middle / 6)].append(line)
    wanted = 3 if len(pages) > 4 else 2
    return {id(line) for lines in places.values() if len({line.page for line in lines}) >= wanted for line in lines}


def _line_numbers(page: Page) -> set[int]:
    """The numbers of a manuscript under review: many lone numbers under each other, left or right of all text."""
    lone: defaultdict[int, list[Line]] = defaultdict(list)
    for line in page.lines:
        if re.fullmatch(r"\d{1,4}", line.text):
            lone[round(line.box[2] / 4)].append(line)
    return {
        id(line) for lines in lone.values() if len(lines) >= LINE_NUMBERS and _outside(lines, page) for line in lines
    }


def _outside(numbers: list[Line], page: Page) -> bool:
    left, right = min(line.box[0] for line in numbers), max(line.box[2] for line in numbers)
    words = [line for line in page.lines if len(line.text) > 20]
    return all(line.box[0] >= right for line in words) or all(line.box[2] <= left for line in words)
