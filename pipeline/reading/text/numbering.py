"""Section numbers: which numbered rows are the paper's headings, told from list items, axis labels and table cells."""

from __future__ import annotations

import re
from collections.abc import Sequence

NUMBER = re.compile(
    r"^((?:appendix|приложение)\s+)?(\d{1,2}(?:\.\d{1,2}){0,3}|[A-Z](?:\.\d{1,2}){0,3}|[IVX]{1,5})([.:)]?)(?:\s+)(?=\S)",
    re.IGNORECASE,
)
ROMAN = re.compile(r"[IVX]+")
SKIP = 2  # a section whose heading was not seen may be passed over

Path = tuple[int, ...]


def split_number(text: str) -> tuple[str, str]:
    """`3.1 Data` into `3.1` and `Data`; the number is empty where there is none."""
    match = NUMBER.match(text)
    if not match or not (match[2][0].isdigit() or match[2].isupper()):
        return "", text.rstrip(".:")
    return match[2], text[match.end() :].rstrip(".:")


def longest_count(found: Sequence[tuple[str, float]]) -> list[int]:
    """The heaviest chain of `(number, weight)` that counts up as sections do: 1, 1.1, 1.2, 2, …, A, A.1, B."""
    paths = [_path(number) for number, _ in found]
    best: list[tuple[float, int]] = []
    for i, (path, (_, weight)) in enumerate(zip(paths, found, strict=True)):
        start = weight if path[1:] in ((1,), (1, 1)) else weight - 2
        before = max(
            ((best[j][0] + weight, j) for j in range(i) if _follows(paths[j], path)),
            default=(start, -1),
            key=lambda b: b[0],
        )
        best.append(before if before[0] > start else (start, -1))
    at = max(range(len(best)), key=lambda i: best[i][0], default=-1)
    chain = []
    while at >= 0:
        chain.append(at)
        at = best[at][1]
    return chain[::-1]


def _path(number: str) -> Path:
    """The number as digits; a leading 1 marks letters, which come after all digits."""
    head, *rest = number.split(".")
    first = (0, int(head)) if head.isdigit() else (1, ord(head[0].upper()) - 64)
    return (*first, *(int(part) for part in rest if part))


def _follows(last: Path, now: Path) -> bool:
    if now[0] != last[0]:
        return now[0] == 1 and now[1:] in ((1,), (1, 1))
    same = next((k for k, (a, b) in enumerate(zip(last, now, strict=False)) if a != b), min(len(last), len(now)))
    if same >= len(last):
        return len(now) == len(last) + 1 and now[-1] <= SKIP
    if same >= len(now):
        return False
    return 0 < now[same] - last[same] <= SKIP and all(part == 1 for part in now[same + 1 :])


def count_roman(numbers: Sequence[str]) -> dict[int, int]:
    """Indices that count as I, A, 1 do in physics journals and in IEEE's, each with its level."""
    levels: dict[int, int] = {}
    roman = letter = digit = 0
    for i, number in enumerate(numbers):
        if ROMAN.fullmatch(number) and 0 < _roman(number) - roman <= SKIP:
            roman, letter, digit, levels[i] = _roman(number), 0, 0, 1
        elif roman and len(number) == 1 and number.isalpha() and ord(number) - 64 == letter + 1:
            letter, digit, levels[i] = letter + 1, 0, 2
        elif letter and number.isdigit() and int(number) == digit + 1:
            digit, levels[i] = digit + 1, 3
    return levels


def is_roman(numbers: Sequence[str]) -> bool:
    """Whether the sections are counted I, II, …"""
    return {"I", "II"} <= set(numbers)


def _roman(number: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10}[c] for c in number]
    return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))
