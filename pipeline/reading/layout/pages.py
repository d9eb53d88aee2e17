"""What the rest of reading knows of a PDF: its pages with their lines and marks."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.reading.layout.lines import Line
from store.records import Box, HiddenText


@dataclass(slots=True)
class Page:
    """`rules` are thin horizontal strokes (the rules of a table), `bars` thin vertical ones, `drawings` the boxes of
    other strokes and fills, `pictures` those of images, `turned` counts letters that do not run from left to right.
    Where a caption seems to stand the marks are exact, and `words` (lines of one word) and `sideways` (turned lines)
    are read.
    """

    number: int
    width: float
    height: float
    lines: list[Line]
    rules: list[Box]
    drawings: list[Box]
    pictures: list[Box]
    links: list[tuple[str, Box]]
    turned: int = 0
    bars: list[Box] = field(default_factory=list)
    words: list[Line] = field(default_factory=list)
    sideways: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class Pdf:
    """What MuPDF says of a file. `outline` holds `(level, title, page)`."""

    pages: list[Page]
    outline: list[tuple[int, str, int]]
    title: str
    hidden: list[HiddenText] = field(default_factory=list)
    whole: bool = True
    ocr: bool = False
    warnings: list[str] = field(default_factory=list)
