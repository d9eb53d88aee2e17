"""What a reader should know about the reading itself: its language and its warnings."""

from __future__ import annotations

import re

from pipeline.reading.layout.lines import Line
from pipeline.reading.layout.pages import Page, Pdf
from store.records import HiddenText, Passage, Reference


def language_of(rows: list[Line]) -> str:
    """`ru` where most letters are Cyrillic, else `en`."""
    text = "".join(row.text for row in rows)
    letters = sum(c.isalpha() for c in text)
    cyrillic = len(re.findall(r"[а-яё]", text, re.IGNORECASE))
    return "ru" if letters and cyrillic > 0.4 * letters else "en"


def warnings_of(pdf: Pdf, passages: tuple[Passage, ...], references: tuple[Reference, ...], left_out: int) -> list[str]:
    """What a reader of the document should know about its reading."""
    said = []
    blank = [page.number for page in pdf.pages if not page.lines]
    if blank:
        said.append(f"Pages without text: {', '.join(map(str, blank))}.")
    said.extend(_turned(pdf.pages))
    text = "".join(passage.text for passage in passages)
    if text.count("\ufffd") > 0.01 * len(text):
        said.append("The text layer is garbled: many letters have no Unicode value.")
    for kind in dict.fromkeys(hidden.kind for hidden in pdf.hidden):
        said.append(_hidden(kind, [hidden for hidden in pdf.hidden if hidden.kind == kind]))
    if not references and len(pdf.pages) > 3:
        said.append("No list of references was found.")
    if left_out:
        said.append(f"Left out of the passages: {left_out} displayed formulas and fragments of figures.")
    return said


def _hidden(kind: str, found: list[HiddenText]) -> str:
    pages = sorted({hidden.page for hidden in found} - {0})
    where = f" on page {', '.join(map(str, pages))}" if pages else ""
    loud = " It speaks to a reviewer or a language model." if any(hidden.addressed for hidden in found) else ""
    return f"Hidden text ({kind}){where}: kept out of the passages.{loud}"


def _turned(pages: list[Page]) -> list[str]:
    return [f"Page {page.number}: {page.turned} turned letters were left out." for page in pages if page.turned > 200]
