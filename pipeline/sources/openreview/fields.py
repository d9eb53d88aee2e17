"""The values of OpenReview's raw notes as text, numbers and times, in the shape of either API.

A note of API 1 has one `invitation` and plain fields; one of API 2 has `invitations` and fields `{"value": …}`. Every
word is untrusted: it is kept as text without control characters and never acted on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

Raw = Mapping[str, Any]

RATINGS = (
    "rating",
    "overall_rating",
    "recommendation",
    "overall_recommendation",
    "overall_assessment",
    "overall_evaluation",
    "overall_score",
    "overall",
    "score",
    "evaluation",
)
"""Keys of the field with a reviewer's mark, the plainest first."""
EARLIER = ("preliminary_", "initial_", "pre_rebuttal_", "original_")
LATER = ("final_", "post_rebuttal_", "updated_", "revised_")

_LEADING = re.compile(r"\s*\(?([+-]?\d{1,3}(?:[.,]\d{1,3})?)(?!\d)")
_IN_BRACKETS = re.compile(r"\(([+-]?\d{1,3}(?:\.\d{1,3})?)\)\s*$")
_CONTROL = dict.fromkeys(code for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t")
_LATEST = 32_503_680_000_000
"""The year 3000 in milliseconds."""


def fields_of(raw: Raw) -> dict[str, str]:
    """The content of a note as text, in the venue's order; empty fields are left out."""
    content = raw.get("content")
    items = content.items() if isinstance(content, Mapping) else ()
    return {clean(str(name)): text for name, value in items if (text := plain(value))}


def plain(value: object) -> str:
    """A field's value as text: `{"value": …}` is opened, a list is joined, null is empty."""
    if isinstance(value, Mapping) and "value" in value:
        return plain(value["value"])
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(filter(None, map(plain, value)))
    if isinstance(value, Mapping):
        return ", ".join(f"{clean(str(name))}: {plain(inner)}" for name, inner in value.items())
    return clean(str(value))


def clean(text: str) -> str:
    """Text without control characters and without what no database can keep (lone surrogates)."""
    return text.translate(_CONTROL).encode("utf-8", "replace").decode("utf-8").strip()


def listed(value: object) -> list[Any]:
    """A field's value where it is a list, else nothing."""
    inner = value["value"] if isinstance(value, Mapping) and "value" in value else value
    return inner if isinstance(inner, list) else []


def key(name: str) -> str:
    """A field's name folded, so that "Overall Assessment" and `overall_assessment` are one."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def number(text: str) -> float | None:
    """The number of a mark: of "8", "8: accept, good paper", "3 good", "2.5 = borderline" and "Accept (8)"."""
    match = _LEADING.match(text) or _IN_BRACKETS.search(text)
    return float(match[1].replace(",", ".")) if match else None


def mark(fields: Mapping[str, str], names: Iterable[str]) -> float | None:
    """The number in the first of these fields that has one."""
    marks = {key(name): number(text) for name, text in fields.items()}
    return next((found for name in names if (found := marks.get(name)) is not None), None)


def scores(fields: Mapping[str, str]) -> tuple[float | None, float | None]:
    """A review's rating (the one after the rebuttal where the venue keeps both) and confidence."""
    later = (late + name for late in LATER for name in RATINGS)
    confidence = next((name for name in map(key, fields) if "confidence" in name), "confidence")
    return mark(fields, (*later, *RATINGS)), mark(fields, (confidence,))


def invitations(raw: Raw) -> list[str]:
    """The invitations that a note answers."""
    named = raw.get("invitations") or [raw.get("invitation")]
    return [name for name in named if isinstance(name, str)] if isinstance(named, list) else []


def time_of(raw: Raw, *names: str) -> datetime | None:
    """The first of these times; the API gives milliseconds since 1970, anything else is no time."""
    for name in names:
        value = raw.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < _LATEST:
            return datetime.fromtimestamp(value / 1000, UTC)
    return None
