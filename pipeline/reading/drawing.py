"""Pictures of pages, made by the child process: `render.py` is the door."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.errors import InputError, ReadingError
from pipeline.reading.hidden.ink import resolution
from pipeline.reading.layout.lines import clean
from pipeline.reading.opening import OUT_OF_MEMORY, check_bytes, load_pymupdf, open_document

MOST_PIXELS = 16_000_000
MARK = (255, 214, 0)
STRENGTH = 0.4


def draw_page(path: Path, number: int, boxes: Sequence[Sequence[float]], dpi: float) -> str:
    """Page `number` as a PNG in base64, `boxes` (points, as the reader sees the page) tinted.

    Raises:
        BadPdf: no PDF that can be opened.
        InputError: no such page.
        MemoryError: the process may not have more memory.
        ReadingError: MuPDF cannot draw the page.
    """
    pymupdf = load_pymupdf()
    page = _page(pymupdf, path, number)
    picture, scale = _draw(pymupdf, page, page.rect, dpi)
    return _png(_marked(pymupdf, picture, [[edge * scale for edge in box] for box in boxes]))


def draw_region(path: Path, number: int, box: Sequence[float], dpi: float) -> str:
    """What stands in `box` (points, as the reader sees the page) of page `number` as a PNG in base64.

    Raises:
        As `draw_page`; InputError also where the box lies outside the page.
    """
    pymupdf = load_pymupdf()
    page = _page(pymupdf, path, number)
    area = pymupdf.Rect(box) & page.rect
    if area.is_empty or area.width < 1 or area.height < 1:
        raise InputError(f"Page {number} has no such place: {tuple(box)}.", "Give a box inside the page, in points.")
    picture, _ = _draw(pymupdf, page, area, dpi)
    return _png(picture)


def _page(pymupdf: Any, path: Path, number: int) -> Any:
    check_bytes(path)
    document = open_document(pymupdf, path)
    if not 1 <= number <= document.page_count:
        raise InputError(f"There is no page {number}: the PDF has {document.page_count}.", "Give another page.")
    try:
        return document[number - 1]
    except (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase) as error:
        raise _failed(error) from error


def _draw(pymupdf: Any, page: Any, area: Any, dpi: float) -> tuple[Any, float]:
    """The picture and its pixels per point; fewer than asked where the picture would be too large."""
    scale = resolution(area.width, area.height, dpi, MOST_PIXELS) / 72
    try:
        matrix = pymupdf.Matrix(scale, scale)
        return page.get_pixmap(matrix=matrix, clip=area, colorspace="rgb", alpha=False), scale
    except (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase) as error:
        raise _failed(error) from error


def _failed(error: Exception) -> Exception:
    if OUT_OF_MEMORY.search(str(error)):
        return MemoryError()
    return ReadingError(f"The page cannot be drawn: {clean(str(error))[:120]}.", "Open the PDF in a viewer.")


def _marked(pymupdf: Any, picture: Any, boxes: Sequence[Sequence[float]]) -> Any:
    """The picture with boxes (pixels) tinted, as with a marker: dark letters stay dark."""
    width, height = picture.width, picture.height
    samples = bytearray(picture.samples)
    tints = [bytes(round(value * (1 - STRENGTH + STRENGTH * tint / 255)) for value in range(256)) for tint in MARK]
    marked: set[tuple[int, int, int]] = set()
    for x0, y0, x1, y1 in boxes:
        left, right = max(0, round(x0)), min(width, round(x1))
        marked |= {(row, left, right) for row in range(max(0, round(y0)), min(height, round(y1))) if left < right}
    for row, left, right in marked:
        start, end = (row * width + left) * 3, (row * width + right) * 3
        for color, tint in enumerate(tints):
            samples[start + color : end : 3] = samples[start + color : end : 3].translate(tint)
    return pymupdf.Pixmap(pymupdf.csRGB, width, height, bytes(samples), False)


def _png(picture: Any) -> str:
    return base64.b64encode(picture.tobytes("png")).decode("ascii")
