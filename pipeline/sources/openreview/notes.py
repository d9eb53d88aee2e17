"""Raw replies as notes: which kind each is, who wrote it, what marks it bears.

Venues name things as they like, so kinds are told by words in the invitation's name, else by the fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from pipeline.sources.openreview.fields import (
    EARLIER,
    RATINGS,
    Raw,
    clean,
    fields_of,
    invitations,
    key,
    listed,
    mark,
    scores,
    time_of,
)
from store.records import Note, NoteEdit, NoteKind

AUTHORS = "Authors"
_NO_REVIEW = {"ethics", "rating", "pre", "question", "revision", "checklist", "acknowledgement", "confirmation"}
_KINDS: tuple[tuple[NoteKind, tuple[set[str], ...]], ...] = (
    ("withdrawal", ({"withdraw"}, {"withdrawn"}, {"withdrawal"})),
    ("desk_rejection", ({"desk", "reject"}, {"desk", "rejected"}, {"desk", "rejection"})),
    ("metareview", ({"metareview"}, {"meta", "review"})),
    ("decision", ({"decision"}, {"acceptance"})),
)
"""Words of an invitation's name that tell the kind whoever wrote the note; the first that fits."""
_TELLING: tuple[tuple[NoteKind, set[str]], ...] = (
    ("withdrawal", {"withdrawal_confirmation", "withdrawal"}),
    ("desk_rejection", {"desk_reject_comments", "desk_rejection_comments"}),
    ("metareview", {"metareview", "meta_review"}),
    ("decision", {"decision"}),
    ("reply", {"rebuttal"}),
)
_LAST = datetime.max.replace(tzinfo=UTC)


def notes_of(root: Raw, replies: Iterable[Raw]) -> tuple[Note, ...]:
    """The replies as notes in the order of time; deleted ones and those whose content nobody may see are left out."""
    people = people_of(root)
    shown = [raw for raw in replies if isinstance(raw.get("content"), Mapping) and not raw.get("ddate")]
    notes = {note.id: note for raw in shown if (note := _note(raw, people)).id}
    return tuple(sorted(notes.values(), key=lambda note: (note.created or _LAST, note.id)))


def with_edits(note: Note, edits: Iterable[Raw]) -> Note:
    """The note with the scores that its edits show, in the order of time; an edit of other fields changes none."""
    shown: list[NoteEdit] = []
    for raw in sorted(edits, key=lambda edit: time_of(edit, "edited") or _LAST):
        at, (rating, confidence) = time_of(raw, "edited"), scores(fields_of(raw))
        if at is None or (rating is None and confidence is None):
            continue
        last = shown[-1] if shown else NoteEdit(at=at)
        rating = last.rating if rating is None else rating
        confidence = last.confidence if confidence is None else confidence
        shown.append(NoteEdit(at=at, rating=rating, confidence=confidence))
    return note.model_copy(update={"edits": tuple(shown) or note.edits})


def people_of(root: Raw) -> set[str]:
    """The profile ids of the authors, by which they sign where a venue is not blind."""
    content = root.get("content")
    named = [*listed(content.get("authorids")), *listed(content.get("authors"))] if isinstance(content, Mapping) else []
    ids = [person.get("username") if isinstance(person, Mapping) else person for person in named]
    return {name for name in ids if isinstance(name, str) and name.startswith("~")}


def _note(raw: Raw, people: set[str]) -> Note:
    fields, author = fields_of(raw), _author(raw, people)
    kind = _kind(raw, fields, author)
    note = Note(
        id=clean(str(raw.get("id") or "")),
        kind=kind,
        author=author,
        reply_to=clean(str(raw.get("replyto") or "")),
        created=time_of(raw, "cdate", "tcdate"),
        modified=time_of(raw, "mdate", "tmdate"),
        fields=fields,
    )
    return _marked(note) if kind == "review" else note


def _marked(review: Note) -> Note:
    """With its numbers; a venue that keeps the first mark beside the final one shows the change in one note."""
    rating, confidence = scores(review.fields)
    first = mark(review.fields, [early + name for early in EARLIER for name in RATINGS])
    marked = review.model_copy(update={"rating": first if rating is None else rating, "confidence": confidence})
    if first is None or rating in (None, first) or review.created is None:
        return marked
    edits = (
        NoteEdit(at=review.created, rating=first, confidence=confidence),
        NoteEdit(at=review.modified or review.created, rating=rating, confidence=confidence),
    )
    return marked.model_copy(update={"edits": edits})


def _author(raw: Raw, people: set[str]) -> str:
    """The last part of the signature: `Reviewer_x7Qp`, `AnonReviewer2`, `Area_Chair_Uq1z`, `Authors`."""
    signatures = raw.get("signatures")
    name = clean(str(signatures[0])).rpartition("/")[2] if isinstance(signatures, list) and signatures else ""
    return AUTHORS if name in people or re.fullmatch(r"authors?", name, re.IGNORECASE) else name


def _kind(raw: Raw, fields: Mapping[str, str], author: str) -> NoteKind:
    for name in invitations(raw):
        last = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.rpartition("/-/")[2])
        if kind := _kind_named(set(re.findall(r"[a-z]+", last.lower())), author):
            return kind
    return _kind_by_fields({key(name) for name in fields}, author)


def _kind_named(words: set[str], author: str) -> NoteKind | None:
    for kind, telling in _KINDS:
        if any(together <= words for together in telling):
            return kind
    if words & {"review", "evaluation"} and not words & _NO_REVIEW:
        return "review"
    if not words & {"rebuttal", "response", "comment", "acknowledgement", "question"}:
        return None
    by_authors = author == AUTHORS or ("rebuttal" in words and "acknowledgement" not in words)
    return "reply" if by_authors else "comment"


def _kind_by_fields(names: set[str], author: str) -> NoteKind:
    for kind, telling in _TELLING:
        if names & telling:
            return kind
    if author == AUTHORS:
        return "reply"
    is_review = names & set(RATINGS) and names & {"review", "summary", "strengths", "weaknesses", "confidence"}
    return "review" if is_review else "comment"
