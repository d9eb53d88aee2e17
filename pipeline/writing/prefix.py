"""The shared beginning of every question about one paper: its whole text, passage by passage, and its terms."""

from __future__ import annotations

from pipeline.prompts import Glossary
from store.records import Document, ReadingRecord

TERMS_SHOWN = 20


def paper_layer(document: Document, glossary: Glossary) -> str:
    """The paper as the models see it: title, passages with ids under their headings, terms with their Russian form.

    The same document gives the same bytes. References are left out; `reading_record` says so.
    """
    lines = [document.title, ""]
    heading = ""
    for passage in document.passages:
        if passage.section != heading:
            heading = passage.section
            lines.append(f"## {heading}")
        lines.append(f"[{passage.id}] {passage.text}")
    text = "\n".join(lines)
    terms = glossary.for_text(text, TERMS_SHOWN)
    if terms:
        text += "\n\nTerms: " + "; ".join(f"{term.en} = {term.ru}" for term in terms)
    return text


def reading_record(document: Document) -> ReadingRecord:
    """What of the paper `paper_layer` shows and what it leaves out."""
    left_out = []
    if document.references:
        left_out.append(f"references ({len(document.references)})")
    if document.hidden_text:
        left_out.append(f"hidden text ({len(document.hidden_text)} places)")
    return ReadingRecord(pages=document.pages, passages=len(document.passages), left_out=tuple(left_out))
