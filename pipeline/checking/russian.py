"""Russian lint: script, language, typography, calques, repeats."""

from __future__ import annotations

import re

from pipeline.checking.folding import fold
from pipeline.prompts import Glossary
from store.records import Finding, Post, Severity

_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)
_GREEK_OR_MATH = re.compile(r"[\u0370-\u03ff\u1d400-\u1d7ff]|[\U0001d400-\U0001d7ff]")
_ADDRESS = re.compile(r"https?://|www\.|\bt\.me/|(?<!\w)@\w", re.IGNORECASE)
MOST_FOREIGN = 2
"""Common English words (names and abbreviations do not count) that a Russian sentence may hold anyway."""


def check_russian(post: Post, glossary: Glossary) -> list[Finding]:
    """Findings on each claim and heading; `where` is the claim's id, or the heading's text."""
    findings: list[Finding] = []
    for where, text in _texts(post):
        findings += [
            Finding(check=check, severity=severity, where=where, message=message)
            for check, severity, message in _faults(text, glossary)
        ]
    return findings + _repeats(post)


def _texts(post: Post) -> list[tuple[str, str]]:
    named = [("post", block.text) for block in post.blocks if block.kind in ("title", "heading")]
    return named + [(claim.id, claim.text) for claim in post.claims]


def _faults(text: str, glossary: Glossary) -> list[tuple[str, Severity, str]]:
    faults: list[tuple[str, Severity, str]] = []
    words = _WORD.findall(text)
    mixed = [word for word in words if _CYRILLIC.search(word) and _LATIN.search(word)]
    if mixed:
        faults.append(("mixed_script", "error", f"слова из кириллицы и латиницы: {', '.join(mixed)}"))
    foreign = [word for word in words if _is_foreign(word)]
    if foreign:
        faults.append(("foreign_script", "error", f"чужая письменность: {', '.join(foreign)}"))
    russian = sum(bool(_CYRILLIC.match(word)) for word in words)
    common = sum(word.isascii() and word.islower() and len(word) > 1 for word in words)
    if common > max(MOST_FOREIGN, russian / 2):
        faults.append(("untranslated", "error", "предложение не переведено на русский"))
    if _ADDRESS.search(text):
        faults.append(("link", "error", "ссылка или имя в тексте: ссылки берутся только из источников"))
    lowered = text.lower()
    calques = [f"«{bad}» → «{term.ru}»" for term in glossary.terms for bad in term.avoid if bad in lowered]
    if calques:
        faults.append(("calque", "warning", f"калька: {'; '.join(calques)}"))
    if re.search(r'"|(?<=\s)-(?=\s)', text):
        faults.append(("typography", "warning", "прямые кавычки или дефис вместо тире"))
    return faults


def _is_foreign(word: str) -> bool:
    return any(not (_CYRILLIC.match(c) or c.isascii() or _latin_extended(c) or _GREEK_OR_MATH.match(c)) for c in word)


def _latin_extended(letter: str) -> bool:
    return "\u00c0" <= letter <= "\u024f"


def _repeats(post: Post) -> list[Finding]:
    """Claims that say the same words, headings that stand twice."""
    named = [("post", block.text) for block in post.blocks if block.kind in ("title", "heading")]
    first: dict[str, str] = {}
    findings = []
    for where, text in [*named, *((claim.id, claim.text) for claim in post.claims)]:
        key = fold(text)
        if key in first:
            message = f"«{text[:60]}» стоит дважды" if where == "post" else f"повторяет {first[key]} слово в слово"
            findings.append(Finding(check="repeat", severity="error", where=where, message=message))
        first.setdefault(key, where)
    return findings
