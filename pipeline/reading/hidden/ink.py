"""What can be seen on a page, asked of its picture: the truth that the text layer is held against."""

from __future__ import annotations

import importlib
import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from store.records import Box

COARSE, SHARP = 40, 100
MOST_PIXELS = 4_000_000
BRIGHT, TRACE, LIGHT_TEXT = 0xF0, 12, 0xA0
FAINT = 24
MOST_ROWS = 6
SHARE_SEEN = 0.25

Color = tuple[int, int, int]


class Ink:
    """The picture of a page: a coarse one for most questions, a sharp one in colour for the rest.

    `drawn` is the page's display list, `width` and `height` are in points.
    """

    def __init__(self, drawn: Any, width: float, height: float) -> None:
        self._drawn, self._width, self._height = drawn, width, height
        self._coarse = self._picture(COARSE, 1)
        self._grey: bytes = self._coarse.samples
        self._scale = self._coarse.width / max(1.0, width)
        self._sharp: Any = None

    def _picture(self, dpi: int, colors: int) -> Any:
        pymupdf: Any = importlib.import_module("pymupdf")
        scale = resolution(self._width, self._height, dpi, MOST_PIXELS) / 72
        space = pymupdf.csGRAY if colors == 1 else pymupdf.csRGB
        return self._drawn.get_pixmap(matrix=pymupdf.Matrix(scale, scale), colorspace=space, alpha=False)

    def is_plain(self, box: Sequence[float]) -> bool:
        """Whether a bright ground in this box bears a trace of ink: nearly all dark text of nearly all papers."""
        width, height = self._coarse.width, self._coarse.height
        left, right = max(0, int(box[0] * self._scale)), min(width, int(box[2] * self._scale) + 1)
        top, bottom = int(box[1] * self._scale), int(box[3] * self._scale)
        middle = min(max(0, (top + bottom) // 2), height - 1)
        if self._has_trace(middle * width, left, right):
            return True
        rows = range(max(0, top, middle - MOST_ROWS), min(height, bottom + 1, middle + MOST_ROWS))
        return any(self._has_trace(row * width, left, right) for row in rows)

    def _has_trace(self, start: int, left: int, right: int) -> bool:
        strip = self._grey[start + left : start + right]
        return bool(strip) and (top := max(strip)) >= BRIGHT and top - min(strip) > TRACE

    def shows(self, box: Sequence[float], color: Color, is_overprinted: Callable[[], bool]) -> str:
        """`seen`, `same` (printed in the colour of its ground) or `blank` (no ink at all in this place).

        `is_overprinted`: whether other text stands in the same place, so ink there proves nothing.
        """
        pixels = Counter(self._pixels(box))
        if not pixels:
            return "blank"
        ground = _ground(pixels)
        wanted = _distance(color, ground)
        reach = max(_distance(pixel, ground) for pixel in pixels)
        if wanted < FAINT:
            own = sum(n for pixel, n in pixels.items() if _distance(pixel, color) < FAINT) / pixels.total()
            return "same" if reach < FAINT or own > 0.75 or is_overprinted() else "seen"
        return "seen" if reach >= max(6, SHARE_SEEN * wanted) else "blank"

    def bears(self, box: Sequence[float], color: Color) -> bool:
        """Whether anything in this place comes near the colour: on a ground that changes, contrast proves nothing."""
        pixels = Counter(self._pixels(box))
        wanted = _distance(color, _ground(pixels)) if pixels else 0
        return any(_distance(pixel, color) < 0.6 * wanted for pixel in pixels)

    def contrast(self, box: Sequence[float]) -> int:
        """The strongest difference of a pixel from the ground in this place, 0 to 255."""
        pixels = Counter(self._pixels(box))
        ground = _ground(pixels) if pixels else (255, 255, 255)
        return max((_distance(pixel, ground) for pixel in pixels), default=0)

    def _pixels(self, box: Sequence[float]) -> list[Color]:
        if self._sharp is None:
            self._sharp = self._picture(SHARP, 3)
            self._samples: bytes = self._sharp.samples
        picture, scale = self._sharp, self._sharp.width / max(1.0, self._width)
        left, right = max(0, int(box[0] * scale)), min(picture.width, int(box[2] * scale) + 1)
        top, bottom = max(0, int(box[1] * scale)), min(picture.height, int(box[3] * scale) + 1)
        found: list[Color] = []
        for row in range(top, bottom, max(1, (bottom - top) // 24)):
            start = (row * picture.width + left) * 3
            strip = self._samples[start : start + 3 * max(0, right - left)]
            found.extend(zip(strip[0::3], strip[1::3], strip[2::3], strict=True))
        return found


def rgb(color: int) -> Color:
    """MuPDF's packed sRGB."""
    return (color >> 16) & 0xFF, (color >> 8) & 0xFF, color & 0xFF


def is_light(color: int) -> bool:
    return min(rgb(color)) >= LIGHT_TEXT


def overlap(box: Sequence[float], other: Box) -> float:
    """The share of `box` that `other` covers."""
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    area = (box[2] - box[0]) * (box[3] - box[1])
    return width * height / area if width > 0 and height > 0 and area > 0 else 0.0


def resolution(width: float, height: float, dpi: float, most_pixels: int) -> float:
    """`dpi`, less where an area of this size in points is so large that its picture would hold too many pixels."""
    inches = max(1e-6, width * height / 5184)
    return min(dpi, math.sqrt(most_pixels / inches))


def _ground(pixels: Counter[Color]) -> Color:
    """The usual colour, shades of it taken together."""
    shades: Counter[Color] = Counter()
    for (r, g, b), n in pixels.items():
        shades[r >> 3, g >> 3, b >> 3] += n
    most = shades.most_common(1)[0][0]
    own = [pixel for pixel in pixels if (pixel[0] >> 3, pixel[1] >> 3, pixel[2] >> 3) == most]
    return max(own, key=lambda pixel: pixels[pixel])


def _distance(one: Color, two: Color) -> int:
    return max(abs(one[0] - two[0]), abs(one[1] - two[1]), abs(one[2] - two[2]))
