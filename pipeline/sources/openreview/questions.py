"""The questions of a review: what its field for questions lists, and what is asked elsewhere in its text."""

from __future__ import annotations

import re
from collections.abc import Mapping

from razdel import sentenize

from pipeline.sources.openreview.fields import key

_ITEM = re.compile(
    r"^\s*(?:[-*•–]|\(?\d{1,2}[.):]|\(?[a-z][.)](?=\s)|\**Q(?:uestion)?\s*\d*\**[.:)])\s*", re.IGNORECASE
)
_NOTHING = re.compile(r"(?:please |pls )?(?:see|refer to|cf\.?)\b.*\b(?:weakness|above|below|review|summary)", re.I)
_NO_QUESTIONS = ("ethic", "confidence", "rating", "code_of_conduct", "review_assessment")
FEWEST_WORDS = 4
LONGEST = 400
"""Characters; of a longer item only its sentences that end with a question mark are kept."""


def questions_of(fields: Mapping[str, str]) -> tuple[str, ...]:
    """The questions of a review's fields, in their order, each once, without Markdown's stars."""
    found: list[str] = []
    for name, text in fields.items():
        if "question" in key(name):
            found += [part for item in _items(text) for part in _parts(item)]
        elif not key(name).startswith(_NO_QUESTIONS):
            found += _asked(text)
    plain = (" ".join(question.replace("**", "").split()) for question in found)
    return tuple(dict.fromkeys(question for question in plain if _is_question(question)))


def _items(text: str) -> list[str]:
    """The items of a list, or the whole text where it is none; what stands before the first item is its heading."""
    items: list[str] = []
    for line in text.split("\n"):
        if _ITEM.match(line):
            items.append(_ITEM.sub("", line))
        elif items:
            items[-1] += f"\n{line}"
    return items or [text]


def _parts(item: str) -> list[str]:
    asked = _asked(item)
    return [item] if len(item) <= LONGEST and len(asked) <= 1 else asked or [item[:LONGEST].rsplit(" ", 1)[0] + " …"]


def _asked(text: str) -> list[str]:
    lines = (_ITEM.sub("", line) for line in text.split("\n"))
    return [
        sentence.text for line in lines for sentence in sentenize(line) if sentence.text.rstrip("*_ ").endswith("?")
    ]


def _is_question(text: str) -> bool:
    return len(text.split()) >= FEWEST_WORDS and not _NOTHING.match(text)
