"""The shared beginning of every question about one paper: its whole text, passage by passage, and its terms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.prompts import Glossary
from pipeline.writing.notes import Part, PartNotes
from store.records import Document, Passage, ReadingRecord

TERMS_SHOWN = 20


def paper_layer(document: Document, glossary: Glossary, notes: Sequence[PartNotes] = ()) -> str:
    """The paper as the models see it: title, passages with ids under their headings, terms with their Russian form.

    Where `notes` were taken, they stand in place of their parts. The same document and notes give the same bytes.
    References are left out; `reading_record` says so.
    """
    left_out = {name for note in notes for name in note.part.passages if name not in note.kept}
    gists = {note.part.passages[0]: f"(“{note.part.title}”, condensed: {note.gist})" for note in notes}
    return _with_terms(_text(document, document.passages, left_out, gists), glossary)


def part_layer(document: Document, part: Part, glossary: Glossary) -> str:
    """One part of a long paper, in the form of `paper_layer`."""
    names = set(part.passages)
    return _with_terms(_text(document, (p for p in document.passages if p.id in names)), glossary)


def reading_record(document: Document, notes: Sequence[PartNotes] = ()) -> ReadingRecord:
    """What of the paper `paper_layer` shows, what it shows in notes, and what it leaves out."""
    left_out = []
    if document.references:
        left_out.append(f"references ({len(document.references)})")
    if document.hidden_text:
        left_out.append(f"hidden text ({len(document.hidden_text)} places)")
    condensed = (
        f"{note.part.title}: {len(note.kept)} of {len(note.part.passages)} passages whole, the rest as a note"
        for note in sorted(notes, key=lambda note: note.part.index)
    )
    return ReadingRecord(
        pages=document.pages,
        passages=len(document.passages),
        condensed=tuple(condensed),
        left_out=tuple(left_out),
    )


def _text(
    document: Document, passages: Iterable[Passage], left_out: Iterable[str] = (), gists: dict[str, str] | None = None
) -> str:
    lines = [document.title, ""]
    heading = ""
    for passage in passages:
        if gists and passage.id in gists:
            lines.append(gists[passage.id])
        if passage.id in left_out:
            continue
        if passage.section != heading:
            heading = passage.section
            lines.append(f"## {heading}")
        lines.append(f"[{passage.id}] {passage.text}")
    return "\n".join(lines)


def _with_terms(text: str, glossary: Glossary) -> str:
    terms = glossary.for_text(text, TERMS_SHOWN)
    return f"{text}\n\nTerms: {'; '.join(f'{term.en} = {term.ru}' for term in terms)}" if terms else text
