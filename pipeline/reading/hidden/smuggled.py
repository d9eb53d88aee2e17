"""Messages in characters that have no shape: Unicode tags, variation selectors, runs of zero-width letters."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.reading.hidden.addressed import is_addressed
from pipeline.reading.hidden.layer import Span
from pipeline.reading.layout.lines import union
from store.records import HiddenText

TAGS = re.compile(r"(?<![\U0001f3f4\U000e0020-\U000e007e])[\U000e0020-\U000e007e]{4,}")
SELECTORS = re.compile(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")
ZERO_WIDTH = re.compile(r"[\u200b-\u200f\u2060-\u2064\ufeff]{16,}")


def smuggled(lines: Sequence[tuple[tuple[float, float], int, list[Span]]], number: int) -> list[HiddenText]:
    """What the shapeless characters of page `number` spell; one finding a line at most."""
    found = []
    for _, _, spans in lines:
        text = "".join(span["text"] for span in spans)
        if not text.isascii() and (message := decode(text)):
            box = union(span["bbox"] for span in spans)
            kind = "tag characters" if TAGS.search(text) else "zero-width characters"
            found.append(HiddenText(kind=kind, page=number, bbox=box, text=message, addressed=is_addressed(message)))
    return found


def decode(text: str) -> str:
    """Tags are ASCII moved up, selectors count bytes from 0, zero-width letters are bits (the first kind means 0)."""
    if tags := TAGS.findall(text):
        return "".join(chr(ord(c) - 0xE0000) for c in "".join(tags))
    if selectors := SELECTORS.findall(text):
        numbers = [ord(c) - 0xFE00 if ord(c) < 0xFF00 else ord(c) - 0xE0100 + 16 for c in "".join(selectors)]
        return bytes(n & 0xFF for n in numbers).decode("utf-8", errors="replace")
    return _bits("".join(ZERO_WIDTH.findall(text)))


def _bits(letters: str) -> str:
    if not letters:
        return ""
    for zero, one in (("\u200b", "\u200c"), ("\u200c", "\u200b"), ("\u200b", "\u200d")):
        bits = "".join("0" if c == zero else "1" if c == one else "" for c in letters)
        spelt = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits) - 7, 8))
        if len(spelt) > 1 and spelt.isascii() and spelt.decode("ascii").isprintable():
            return spelt.decode("ascii")
    return f"{len(letters)} zero-width characters"
