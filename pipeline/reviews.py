"""The discussion around a paper: find its forum, take a snapshot of it, tell how it went.

OpenReview is asked only where there is a reason: a forum is known (the paper came from OpenReview, is linked to a
forum, or its own first page or arXiv comment links to one), or OpenReview is configured and the paper is on arXiv.
A file without such a hint is never looked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from pipeline.errors import InputError, NeedsLogin, ReadingError, SourceBusy, SourceError, UnknownPaper
from pipeline.settings import Settings
from pipeline.sources.identity import forum_id, identify
from pipeline.sources.mentions import papers_in
from pipeline.sources.openreview.dynamics import Dynamics, dynamics
from pipeline.sources.openreview.forums import api_of, forum_of, snapshot_of
from pipeline.sources.openreview.matching import best_match, fit
from pipeline.sources.openreview.notes import notes_of, with_edits
from pipeline.sources.openreview.source import API2, SITE, OpenReview, shared_client
from pipeline.writing.discussion import reviews_sentence
from store.library import Library
from store.records import Document, Forum, Note, Paper, now

MOST_HINTS = 3
EDITED_AFTER = timedelta(minutes=5)
"""A review changed later than this after it was posted is asked for its edits."""


class Discussion(BaseModel):
    """What the post and its provenance say of the reviews; all empty where there was nothing to look for."""

    model_config = ConfigDict(frozen=True)

    url: str = ""
    sentence: str = ""
    note: str = ""


def discuss(paper: Paper, document: Document | None, settings: Settings, library: Library) -> Discussion:
    """The discussion of a paper that is being digested. Reviews never stop a digest: a failure becomes the note."""
    try:
        found = look_up(paper, document, settings, library)
    except (SourceError, InputError, ReadingError) as error:
        words = "needs a login" if isinstance(error, NeedsLogin) else error.message
        return Discussion(note=f"reviews: {words}")
    if found is None:
        unasked = paper.paper_id.startswith("arxiv:")
        return Discussion(note="reviews: not looked for, OpenReview needs a login" if unasked else "")
    how = f" ({found.forum.matched_by})" if found.forum.matched_by else ""
    return Discussion(
        url=url_of(found.forum.forum), sentence=reviews_sentence(found), note=f"reviews: forum {found.forum.forum}{how}"
    )


def reviews_of(
    words: str, settings: Settings, library: Library, *, forum: str = "", offline: bool = False
) -> tuple[Dynamics, str]:
    """What is known of the reviews that a person asks for, and why nothing newer is known (empty: it is fresh).

    `words` name a forum (its id, URL, `openreview:ID`) or a paper of the library; `forum` says where that paper's
    reviews are, and is remembered.

    Raises:
        InputError: nothing or several forums fit.   NotFound: the library has no such paper.
        SourceError, ReadingError: OpenReview does not deliver, and nothing was seen before.
    """
    wanted, paper_id = meant(words, library)
    if forum:
        wanted = forum_id(forum) or ""
        if not wanted:
            raise InputError(f"“{forum}” is no forum of OpenReview.", "Give its id or its URL.")
    known = known_discussion(wanted, library) if wanted else None
    if offline:
        if known is None:
            raise InputError(f"Nothing was seen yet of the reviews of {words}.", "Leave out --offline.")
        return known, ""
    try:
        if wanted:
            owner = (paper_id, "given by a person") if forum and paper_id else ("", "")
            return fetch_forum(wanted, shared_client(settings), library, *owner), ""
        paper = library.paper(paper_id)
        document = library.document(paper_id) if library.has_document(paper_id) else None
        return match(paper, hinted(paper, document), shared_client(settings), library), ""
    except SourceError as error:
        if known is None or not known.snapshots:
            raise
        return known, str(error)


def meant(words: str, library: Library) -> tuple[str, str]:
    """The forum and the paper that a person means, each empty where the words say none.

    Raises:
        InputError: they name neither.
    """
    try:
        target = identify(words)
    except InputError:
        forum = forum_id(words)
        if not forum:
            raise
        return forum, ""
    if target.kind == "openreview":
        return target.forum, ""
    linked = library.forums_of(target.paper_id)
    return linked[0].forum if linked else "", target.paper_id


def look_up(paper: Paper, document: Document | None, settings: Settings, library: Library) -> Dynamics | None:
    """Fetch the paper's forum; None where there is no reason to ask OpenReview.

    Raises:
        SourceError, UnknownPaper, ReadingError: see `OpenReview`.
        InputError: no forum fits, or several do, which are named.
    """
    known = [forum.forum for forum in library.forums_of(paper.paper_id)]
    if paper.paper_id.startswith("openreview:"):
        known.insert(0, paper.paper_id.removeprefix("openreview:"))
    if known:
        return fetch_forum(known[0], shared_client(settings), library)
    hints = hinted(paper, document)
    configured = bool(settings.openreview_username) or settings.openreview_url != API2
    if not hints and not (configured and paper.paper_id.startswith("arxiv:")):
        return None
    return match(paper, hints, shared_client(settings), library)


def hinted(paper: Paper, document: Document | None) -> list[str]:
    """Forums that the paper itself links to: in its arXiv comment, on its first page, or as its own."""
    links = [link.url for link in document.links if link.own or link.page == 1] if document else []
    named = papers_in(" ".join([paper.comment, paper.url, *links]))
    return [name.removeprefix("openreview:") for name in named if name.startswith("openreview:")][:MOST_HINTS]


def match(paper: Paper, hints: Sequence[str], client: OpenReview, library: Library) -> Dynamics:
    """Find the forum of a paper by the links in it, else by a search for its title; link it and take a snapshot.

    Raises:
        InputError: none fits, or several do.
        SourceError, UnknownPaper, ReadingError: see `OpenReview`.
    """
    for hint in hints:
        if how := fit(paper, forum_of(client.forum(hint)[0])):
            return fetch_forum(hint, client, library, paper.paper_id, f"link in the paper, {how}")
    named = client.search(paper.title) if paper.title else []
    found = best_match(paper, [forum_of(raw) for raw in named])
    if found.forum:
        return fetch_forum(found.forum.forum, client, library, paper.paper_id, found.matched_by)
    if found.candidates:
        several = ", ".join(f"{forum.forum} ({forum.venue})" for forum in found.candidates)
        raise InputError(
            f"Several forums fit {paper.paper_id}: {several}.",
            f"Pick one: razbor reviews {paper.paper_id} --forum {found.candidates[0].forum}",
        )
    raise UnknownPaper(f"OpenReview has no forum that fits {paper.paper_id}.", "Give the forum's id or URL.")


def fetch_forum(forum: str, client: OpenReview, library: Library, paper_id: str = "", matched_by: str = "") -> Dynamics:
    """Take a snapshot of a forum and tell how its discussion went so far.

    With `paper_id` the forum is linked to that paper; else to the one that it names, where the library holds it.

    Raises:
        SourceError, UnknownPaper, ReadingError: see `OpenReview`.
    """
    root, replies = client.forum(forum)
    notes = tuple(_edited(note, client, api_of(root)) for note in notes_of(root, replies))
    found = forum_of(root, notes)
    owner = {"paper_id": paper_id, "matched_by": matched_by} if paper_id else _owner(found)
    library.keep_forum(found.model_copy(update=owner), snapshot_of(found.forum, notes, now()))
    return known_discussion(found.forum, library) or dynamics(found, ())


def known_discussion(forum: str, library: Library) -> Dynamics | None:
    """What earlier fetches and imports tell, without the network."""
    found = library.forum(forum)
    return dynamics(found, library.snapshots(forum)) if found else None


def url_of(forum: str) -> str:
    return f"{SITE}/forum?id={forum}"


def _owner(forum: Forum) -> dict[str, str]:
    """The paper that a forum itself names; it is linked only where the library holds it."""
    if forum.arxiv_id:
        return {"paper_id": f"arxiv:{forum.arxiv_id}", "matched_by": "arXiv id"}
    return {"paper_id": f"openreview:{forum.forum}", "matched_by": "OpenReview id"}


def _edited(note: Note, client: OpenReview, api: int) -> Note:
    """The review with its edits, if it was edited and the venue shows them."""
    changed = note.created and note.modified and note.modified - note.created > EDITED_AFTER
    if note.kind != "review" or not changed:
        return note
    try:
        return with_edits(note, client.edits(note.id, api))
    except SourceBusy:
        raise
    except (SourceError, UnknownPaper):  # the venue does not show them, which is usual
        return note
