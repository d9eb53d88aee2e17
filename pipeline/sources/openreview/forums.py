"""A submission's raw note as a forum: its venue, authors, fate, and the arXiv id that it prints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from pipeline.errors import SourceError
from pipeline.sources.mentions import papers_in
from pipeline.sources.openreview.fields import Raw, clean, fields_of, invitations, key, listed, plain, time_of
from store.records import Forum, ForumStatus, Note, Score, Snapshot

_SUBMISSION = re.compile(r"/(?:Submission|Paper|paper)\d+(?:/.*)?$")
_FATE = re.compile(r"/(?:(?:Withdrawn|Desk_Rejected|Rejected)_)?(?:Blind_)?Submission$")
_ACCEPTED = re.compile(r"\b(?:oral|poster|spotlight|notable|talk|accept\w*)\b", re.IGNORECASE)
_OF_OTHERS = ("title", "abstract", "TL;DR")
"""Fields that may name other works' arXiv ids."""


def forum_of(root: Raw, notes: Iterable[Note] = ()) -> Forum:
    """The forum of a submission; `notes` tell its fate.

    Raises:
        SourceError: the submission has no id or no content.
    """
    forum, content = root.get("id"), root.get("content")
    if not isinstance(forum, str) or not forum or not isinstance(content, Mapping):
        raise SourceError("OpenReview's answer holds a submission without id or content.", "Try again later.")
    fields, replies = fields_of(root), list(notes)
    return Forum(
        forum=clean(forum),
        venue=venue_of(root),
        title=" ".join(fields.get("title", "").split()),
        authors=_authors(content.get("authors")),
        abstract=" ".join(fields.get("abstract", "").split()),
        arxiv_id=_printed_arxiv_id(fields),
        decision=_decision(replies, fields),
        status=_status(root, replies, fields),
        pdf=fields.get("pdf", ""),
        created=time_of(root, "cdate", "tcdate"),
    )


def snapshot_of(forum: str, notes: tuple[Note, ...], taken: datetime) -> Snapshot:
    """What a fetch at `taken` saw; reviewers whom the venue does not tell apart are numbered."""
    scores: list[Score] = []
    for note in (note for note in notes if note.kind == "review"):
        name = note.author or "Reviewer"
        same = sum(score.reviewer.split("#")[0] == name for score in scores)
        name = f"{name}#{same + 1}" if same else name
        scores.append(Score(reviewer=name, rating=note.rating, confidence=note.confidence))
    return Snapshot(forum=forum, taken=taken, seen=taken, source="api", scores=tuple(scores), notes=notes)


def api_of(root: Raw) -> int:
    """Which API a raw note came from, by its shape."""
    return 2 if root.get("invitations") else 1


def venue_of(root: Raw) -> str:
    """The venue's id, such as `ICLR.cc/2025/Conference`, from the note's venue, its invitation or its domain."""
    named = next((name.split("/-/")[0] for name in invitations(root) if "/-/" in name), "")
    venue = _SUBMISSION.sub("", fields_of(root).get("venueid") or named)
    return _FATE.sub("", venue) or plain(root.get("domain"))


def _authors(field: object) -> tuple[str, ...]:
    """Names as a list of text, or of `{fullname, username}`; hidden ones are none."""
    people = listed(field)
    names = [plain(person.get("fullname")) if isinstance(person, Mapping) else plain(person) for person in people]
    return tuple(name for name in names if name and not re.match(r"anonym", name, re.IGNORECASE))


def _decision(notes: list[Note], fields: Mapping[str, str]) -> str:
    """The newest decision in the venue's words, else what the venue says of the submission itself."""
    for note in reversed([note for note in notes if note.kind == "decision"]):
        said = {key(name): text for name, text in note.fields.items()}
        for name in ("decision", "acceptance_decision", "final_decision", "recommendation"):
            if said.get(name):
                return " ".join(said[name].split())[:200]
    if fields.get("venueid", "").endswith("/Rejected_Submission"):
        return "Reject"
    venue = fields.get("venue", "")
    return venue[:200] if _ACCEPTED.search(venue) else ""


def _status(root: Raw, notes: list[Note], fields: Mapping[str, str]) -> ForumStatus:
    names = " ".join([fields.get("venueid", ""), *(name.rpartition("/-/")[2] for name in invitations(root))]).lower()
    kinds = {note.kind for note in notes}
    if "desk_rejection" in kinds or re.search(r"desk.?reject", names):
        return "desk_rejected"
    return "withdrawn" if "withdrawal" in kinds or "withdrawn" in names else "active"


def _printed_arxiv_id(fields: Mapping[str, str]) -> str:
    """The one arXiv id that the submission's own fields give."""
    own = "\n".join(text for name, text in fields.items() if name not in _OF_OTHERS)
    found = [paper.removeprefix("arxiv:") for paper in papers_in(own) if paper.startswith("arxiv:")]
    return found[0] if len(found) == 1 else ""
