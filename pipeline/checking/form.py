"""The form of a post: parts, lengths, and the limit of one Telegram message."""

from __future__ import annotations

from pipeline.writing.post import TELEGRAM_LIMIT, telegram_length
from store.records import Finding, Post, Severity

CHECK = "form"
SHORTEST, LONGEST = 1500, 3900
FEWEST_SECTIONS, MOST_SECTIONS = 2, 5


def check_form(post: Post) -> list[Finding]:
    """Findings on the whole post; lengths in UTF-16 units, as Telegram counts."""
    faults: list[tuple[Severity, str]] = []
    length = telegram_length(post)
    sections = sum(block.kind == "heading" for block in post.blocks)
    if not post.title.strip():
        faults.append(("error", "нет заголовка"))
    if length > TELEGRAM_LIMIT:
        faults.append(("error", f"длина {length} больше предела Telegram {TELEGRAM_LIMIT}"))
    elif length > LONGEST:
        faults.append(("warning", f"длина {length} больше {LONGEST}"))
    elif length < SHORTEST:
        faults.append(("warning", f"длина {length} меньше {SHORTEST}"))
    if not FEWEST_SECTIONS <= sections <= MOST_SECTIONS:
        faults.append(("error", f"разделов {sections}, нужно от {FEWEST_SECTIONS} до {MOST_SECTIONS}"))
    if not any(block.kind == "bullet" for block in post.blocks):
        faults.append(("warning", "нет заключительного списка"))
    return [Finding(check=CHECK, severity=severity, where="post", message=message) for severity, message in faults]
