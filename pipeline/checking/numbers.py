"""Every number of a claim must stand in its evidence."""

from __future__ import annotations

import re
from decimal import Decimal

from pipeline.checking.folding import fold
from store.records import Document, Finding, Post

CHECK = "number"

_SPACE = "[ \u00a0\u202f]"
_NUMBER = re.compile(rf"\d{{1,3}}(?:{_SPACE}\d{{3}})+(?!\d)|\d+(?:[.,]\d+)*")
_NAME_WITH_DIGITS = re.compile(r"[^\W\d_][\w.]*[-‑–]?\d[\w.\-]*")
_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_WORD_VALUES = {word: Decimal(value) for value, word in enumerate(_WORDS)}


def check_numbers(post: Post, document: Document) -> list[Finding]:
    """One finding for each claim with a number that its evidence does not hold.

    The evidence is the quote, and its whole passage when that is the only one: a phrase that stands in several passages
    would let any number in. Digits of a name (GPT-4, Llama-7B) are no numbers of the claim, but count as evidence.
    """
    texts = {passage.id: passage.text for passage in document.passages}
    findings = []
    for claim in post.claims:
        passage = texts.get(claim.passages[0], "") if len(claim.passages) == 1 else ""
        known = _values(f"{claim.quote} {passage}")
        tokens = _NUMBER.findall(_NAME_WITH_DIGITS.sub(" ", claim.text))
        missing = [token for token in dict.fromkeys(tokens) if not _readings(token) & known]
        if missing:
            message = f"чисел нет в доказательстве: {', '.join(missing)}"
            findings.append(Finding(check=CHECK, severity="error", where=claim.id, message=message))
    return findings


def _values(evidence: str) -> set[Decimal]:
    """Every number of the evidence in every reading, number words included."""
    values = {_WORD_VALUES[word] for word in re.findall(r"[a-z]+", fold(evidence)) if word in _WORD_VALUES}
    return values.union(*(_readings(token) for token in _NUMBER.findall(evidence)))


def _readings(token: str) -> set[Decimal]:
    """The values a token can mean: "1,234" is 1234 in English and 1.234 in Russian notation."""
    token = re.sub(_SPACE, "", token)
    readings = set()
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", token):
        readings.add(Decimal(token.replace(",", "")).normalize())
    if re.fullmatch(r"\d+([.,]\d+)?", token):
        readings.add(Decimal(token.replace(",", ".")).normalize())
    return readings or {Decimal(part).normalize() for part in re.findall(r"\d+", token)}
