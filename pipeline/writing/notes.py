"""A paper longer than the model's context: its parts become notes first, and the notes take the paper's place.

A note keeps whole passages, chosen by the model, so that later quotes still stand in the paper word for word; what it
does not keep is told in a gist, which can prove nothing. The abstract stays whole, and the appendix gives way first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from pydantic import BaseModel, ConfigDict

from pipeline.errors import ContextTooSmall
from pipeline.replies import Notes
from pipeline.writing.write import Desk
from store.records import Document, Passage

BYTES_PER_TOKEN = 3
"""Low for English and Russian in all current tokenizers, so that what fits by this measure does fit."""
RESERVED = 6_000
"""Tokens for all that is not the paper: system text, brief, outline, the draft under judgement, the reply."""
LEAST = 1_500
"""Tokens of paper below which notes say nothing."""
LONGEST_PART = 24_000
GIST = 700
OVERHEAD = 16
APPENDIX_SHARE = 0.15


class Part(BaseModel):
    """Neighbouring passages that one note condenses to at most `room` bytes."""

    model_config = ConfigDict(frozen=True)

    index: int
    title: str
    passages: tuple[str, ...]
    room: int


class PartNotes(BaseModel):
    """The note on one part: the passages that stay whole, in reading order, and what the part says as a whole."""

    model_config = ConfigDict(frozen=True)

    part: Part
    kept: tuple[str, ...]
    gist: str


def room_for_paper(context: int) -> int:
    """Bytes of paper that fit a context of so many tokens beside everything else.

    Raises:
        ContextTooSmall: not even notes would fit.
    """
    tokens = context - RESERVED
    if tokens < LEAST:
        raise ContextTooSmall(
            f"A context of {context} tokens is too small for any paper; at least {RESERVED + LEAST} are needed.",
            "Take a model with a larger context and set RAZBOR_WRITER_CONTEXT or RAZBOR_EMBEDDED_CONTEXT.",
        )
    return tokens * BYTES_PER_TOKEN


def split_paper(document: Document, room: int) -> tuple[Part, ...]:
    """The parts that must become notes before the paper fits `room` bytes; none if it fits as it is."""
    if _size(document.passages) <= room:
        return ()
    abstract = [passage for passage in document.passages if passage.section == "Abstract"]
    if _size(abstract) > room / 4:
        abstract = []
    others = [passage for passage in document.passages if passage not in abstract]
    body = [passage for passage in others if not passage.appendix]
    appendix = [passage for passage in others if passage.appendix]
    left = room - _size(abstract)
    for_appendix = min(_size(appendix), max(left - _size(body), int(APPENDIX_SHARE * left)))
    parts = [*_cut(body, left - for_appendix), *_cut(appendix, for_appendix)]
    return tuple(part.model_copy(update={"index": index}) for index, part in enumerate(parts))


def take_notes(desk: Desk, part: Part, document: Document) -> PartNotes:
    """Ask which passages to keep. They fill the part's room in the model's order, then in that of the paper."""
    passages = {passage.id: passage for passage in document.passages if passage.id in set(part.passages)}
    count = max(1, len(passages) * part.room // max(1, _size(passages.values())))
    notes = desk.ask("notes", Notes, count=str(count))
    kept, used = set(), GIST
    for name in dict.fromkeys([*notes.keep, *part.passages]):
        if name in passages and used + _size([passages[name]]) <= part.room:
            kept.add(name)
            used += _size([passages[name]])
    gist = " ".join(notes.gist.split()).encode()[:GIST].decode(errors="ignore")
    return PartNotes(part=part, kept=tuple(name for name in part.passages if name in kept), gist=gist)


def _size(passages: Iterable[Passage]) -> int:
    """Bytes that passages take in the paper's layer: text, id, line end, and their headings."""
    return sum(len(passage.text.encode()) + len(passage.section) // 4 + OVERHEAD for passage in passages)


def _cut(passages: Sequence[Passage], room: int) -> list[Part]:
    """Parts that share `room` by their size, cut between sections where that is possible; none if all fit."""
    total = _size(passages)
    if total <= room:
        return []
    most = max(1, min(LONGEST_PART, room))
    parts = []
    for group in _groups(passages, most):
        heads = list(dict.fromkeys(_section(passage) for passage in group))
        title = heads[0] if len(heads) == 1 else f"{heads[0]} … {heads[-1]}"
        ids = tuple(passage.id for passage in group)
        parts.append(Part(index=0, title=title, passages=ids, room=room * _size(group) // total))
    return parts


def _groups(passages: Sequence[Passage], most: int) -> Iterator[list[Passage]]:
    group: list[Passage] = []
    for _, section in groupby(passages, _section):
        members = list(section)
        if group and _size(group) + _size(members) > most:
            yield group
            group = []
        for passage in members:
            if group and _size(group) + _size([passage]) > most:
                yield group
                group = []
            group.append(passage)
    if group:
        yield group


def _section(passage: Passage) -> str:
    return passage.section.split(" / ")[0] or "Beginning"
