"""One folding for all comparisons of text: Unicode forms, ligatures, hyphens, quotes, spaces and case."""

from __future__ import annotations

import re
import unicodedata

_SAME = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
        **dict.fromkeys("‘’‚‛′`´ʼ", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff"),
    }
)
_HYPHENATED = re.compile(r"(?<=\w)-\s+(?=[a-zа-я])")
_SPACES = re.compile(r"\s+")


def fold(text: str) -> str:
    """Fold `text` for comparison. Words broken at a line end ("calibra- tion") are joined, spaces collapse."""
    folded = unicodedata.normalize("NFKC", text).translate(_SAME).casefold()
    return _SPACES.sub(" ", _HYPHENATED.sub("", folded)).strip()


def fold_quote(quote: str) -> str:
    """Fold a quote: as `fold`, without the punctuation and quotation marks around it."""
    return fold(quote).strip(" \"'.,;:…()[]")
