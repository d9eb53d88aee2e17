"""Text that a reader cannot see but a language model would read: found, kept apart, reported.

First form: letters printed without ink (render mode 3, zero opacity), in the colour of a blank background, smaller than
2 points, or outside the page. An invisible layer over a scanned page is an ordinary OCR layer and no alarm.
"""

from __future__ import annotations

from typing import Any

from pipeline.reading.lines import clean, union
from store.records import Box, HiddenText

INKED = 16 | 32
NEAR_WHITE = 0xF0
TINY = 2.0
TINY_WORDS = 4


def hidden_kind(span: dict[str, Any], page: Any, area: Box, scanned: bool) -> str:
    """`invisible`, `white`, `tiny`, `off-page`, or empty for text that can be seen on the page, which covers `area`."""
    x0, y0, x1, y1 = span["bbox"]
    if x1 <= area[0] or y1 <= area[1] or x0 >= area[2] or y0 >= area[3]:
        return "off-page"
    if not span["char_flags"] & INKED or span["alpha"] == 0:
        return "" if scanned else "invisible"
    if span["size"] < TINY and len(span["text"].split()) >= TINY_WORDS:
        return "tiny"
    if _near_white(span["color"]) and _blank(page, span["bbox"]):
        return "white"
    return ""


def _near_white(color: int) -> bool:
    return all((color >> shift) & 0xFF >= NEAR_WHITE for shift in (0, 8, 16))


def _blank(page: Any, box: tuple[float, float, float, float]) -> bool:
    """Whether nothing at all can be seen in this place: a white label on a dark figure can."""
    pixels = page.get_pixmap(clip=box, dpi=72, colorspace="gray", annots=False)
    if not pixels.samples:
        return True
    return bool(max(pixels.samples) - min(pixels.samples) < 0x18)


def report(found: list[tuple[str, dict[str, Any]]], number: int) -> list[HiddenText]:
    """Neighbouring hidden spans of one kind on page `number`, joined."""
    joined: list[HiddenText] = []
    for kind, span in found:
        text, box = span["text"], union([span["bbox"]])
        if joined and joined[-1].kind == kind:
            last = joined.pop()
            text, box = f"{last.text} {text}", union([last.bbox, box])
        joined.append(HiddenText(kind=kind, page=number, bbox=box, text=clean(text)))
    return [hidden for hidden in joined if hidden.text]
