"""Russian typography that code can mend without changing a word."""

from __future__ import annotations

import re

NBSP = "\u00a0"


def typeset(text: str) -> str:
    """Quotes become «», a spaced hyphen becomes a dash, no-break spaces stand before % and after №; spaces collapse.

    Typesetting twice changes nothing more.
    """
    text = re.sub(r"\s+", " ", text.replace("\u00a0", " ")).strip()
    text = re.sub(r'[“„"]([^“”„"«»]*)[”“"]', r"«\1»", text)
    text = re.sub(r" [-–—] ", f"{NBSP}— ", text)
    text = re.sub(r"(?<=\d) ?%", f"{NBSP}%", text)
    text = re.sub(r"№ ?(?=\d)", f"№{NBSP}", text)
    return re.sub(r" +([,.;:!?])(?=\s|$)", r"\1", text)
