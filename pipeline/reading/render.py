"""Pictures of a paper's pages and figures, drawn in the limited child process."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.errors import InputError
from pipeline.reading.reader import Limits, run_job
from store.records import Box

MOST_BOXES = 1000
FINEST = 600


def render_page(path: Path, page: int, boxes: Sequence[Box] = (), *, limits: Limits, dpi: float = 110) -> bytes:
    """A page (from 1) as PNG, `boxes` marked: in points, as the reader stores them, also on turned and cropped pages.

    A page so large that it would have more than 16 million pixels is drawn at fewer dots per inch.

    Raises:
        UnknownPaper: no such file.
        BadPdf: not a PDF, or one that cannot be opened.
        InputError: no such page, too many boxes, or a resolution that makes no sense.
        ReadingError: the page cannot be drawn, or not within the limits.
    """
    if len(boxes) > MOST_BOXES:
        raise InputError(f"{len(boxes)} boxes to mark; the limit is {MOST_BOXES}.", "Mark fewer passages.")
    return _render(path, limits, dpi, {"task": "page", "page": page, "boxes": [list(box) for box in boxes]})


def render_region(path: Path, page: int, box: Box, *, limits: Limits, dpi: float = 200) -> bytes:
    """A part of a page as PNG, for a figure: `box` in points, as the reader stores it.

    Raises:
        As `render_page`; InputError also where the box lies outside the page.
    """
    return _render(path, limits, dpi, {"task": "region", "page": page, "box": list(box)})


def _render(path: Path, limits: Limits, dpi: float, job: dict[str, object]) -> bytes:
    if not 1 <= dpi <= FINEST:
        raise InputError(f"A resolution of {dpi:g} dpi; it must be 1 to {FINEST}.", "Ask for another.")
    answer = run_job(path, job | {"dpi": dpi}, replace(limits, ocr=False))
    return base64.b64decode(str(answer))
