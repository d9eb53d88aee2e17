"""What the faces show, read from the library: the JSON forms that other programs rely on, and finding a post."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pipeline.checking.outcome import is_proven
from pipeline.errors import InputError
from pipeline.sources.identity import identify
from pipeline.sources.local import same_work
from pipeline.writing import pieces
from pipeline.writing.post import markdown, plain, telegram_html, telegram_length
from store.errors import NotFound
from store.records import (
    Attempt,
    ChannelPost,
    Claim,
    Document,
    Found,
    Paper,
    Passage,
    Place,
    PostEntry,
    Revision,
    Watched,
)

if TYPE_CHECKING:
    from pipeline.nightly import Report
    from store.library import Library

Json = dict[str, Any]


def paper_id_of(words: str, library: Library) -> str:
    """The id of the paper that a person means by an id, a URL or a file; words that say none of them, as they are."""
    try:
        return same_work(identify(words), library).paper_id
    except InputError:
        return words


def find_post(library: Library, words: str) -> PostEntry:
    """The post that a person means by its id, its paper's id, an arXiv id or URL, or a PDF.

    Raises:
        NotFound: there is none; of a paper that was tried, the mend is the command that continues.
    """
    paper_id = paper_id_of(words, library)
    found = next((post for post in library.posts() if words in (post.post_id, post.paper_id)), None)
    entry = found or library.post_of(paper_id)
    if entry:
        return entry
    attempt = library.last_attempt(paper_id)
    if attempt:
        raise NotFound(f"{paper_id} has no post: {_state(attempt)}", f"Continue with: {attempt.continue_with}")
    raise NotFound(f"There is no post «{words}».", "`razbor list` shows what there is.")


def _state(attempt: Attempt) -> str:
    if attempt.outcome == "failed":
        return f"it failed at {attempt.stage}: {attempt.error}"
    return f"it is not finished, its station is {attempt.stage}."


def unfinished(library: Library) -> list[Attempt]:
    """The last attempt of each target that failed or was broken off (or still runs), newest first."""
    last = {attempt.paper_id or attempt.target: attempt for attempt in library.attempts()}
    return [attempt for attempt in reversed(last.values()) if attempt.outcome in (None, "failed")]


def post_json(library: Library, entry: PostEntry, number: int | None = None) -> Json:
    """One post with all that was found about it, in its newest revision or in revision `number`.

    Raises:
        NotFound: no such revision.
    """
    known: Json = {"paper_id": entry.paper_id, "post_id": entry.post_id, "title": entry.title, "outcome": entry.outcome}
    known |= {"reasons": list(entry.reasons), "revisions": entry.revisions}
    known["channel"] = [channel_json(post) for post in library.posts_on([entry.paper_id])]
    if not entry.revisions and number is None:  # a skipped paper has an outcome and no text
        return known | _NO_TEXT
    return known | revision_json(library.revision(entry.post_id, number))


_NO_TEXT: Json = {
    **dict.fromkeys(("post", "usage", "read", "provenance", "revision", "author", "created")),
    **{"claims": [], "checks": [], "verdicts": []},
}


def revision_json(revision: Revision) -> Json:
    """One saved state of a post: forms, claims with their proof, checks, verdicts, where it came from."""
    provenance = revision.provenance.model_dump(mode="json")
    return {
        "revision": revision.number,
        "author": revision.author,
        "created": revision.created.isoformat(),
        "post": forms_json(revision),
        "claims": [claim.model_dump(mode="json") | {"proven": proven} for claim, proven in claims(revision)],
        "checks": [finding.model_dump(mode="json") for finding in revision.findings],
        "verdicts": [verdict.model_dump(mode="json") for verdict in revision.verdicts],
        "usage": provenance.pop("usage"),
        "read": provenance.pop("read"),
        "provenance": provenance,
    }


def forms_json(revision: Revision) -> Json:
    post = revision.post
    forms = {"text": plain(post), "html": telegram_html(post), "markdown": markdown(post)}
    return forms | {"length": telegram_length(post)}


def claims(revision: Revision) -> list[tuple[Claim, bool]]:
    """The claims in the order of the post, each with whether it is proven."""
    return [(claim, is_proven(claim, revision.findings)) for claim in revision.post.claims]


def failure_json(attempt: Attempt) -> Json:
    """An attempt that did not end with a post."""
    wanted = {"paper_id", "target", "outcome", "stage", "error", "continue_with", "permanent", "started", "finished"}
    return attempt.model_dump(mode="json", include=wanted)


def list_json(posts: list[PostEntry], attempts: list[Attempt]) -> Json:
    return {
        "posts": [post.model_dump(mode="json") for post in posts],
        "unfinished": [failure_json(attempt) for attempt in attempts],
    }


def document_json(document: Document, watched: Iterable[Watched] = ()) -> Json:
    """What was read in a paper; a table also as Markdown, and the watched names that were found."""
    found = document.model_dump(mode="json")
    for shown, table in zip(found["tables"], document.tables, strict=True):
        shown["markdown"] = table.markdown()
    return found | {"watched": [one.model_dump(mode="json") for one in watched]}


def passage_json(library: Library, document: Document, passage: Passage) -> Json:
    """One passage with its places, and the claims of the paper's post that rest on it."""
    places = [place.model_dump(mode="json") for place in places_of(passage)]
    quoted = [
        {"post_id": revision.post_id, "revision": revision.number, "proven": proven, **claim.model_dump(mode="json")}
        for revision, claim, proven in resting_on(library, document.paper_id, passage.id)
    ]
    return {"paper_id": document.paper_id, **passage.model_dump(mode="json"), "places": places, "quoted_by": quoted}


def places_of(passage: Passage) -> tuple[Place, ...]:
    """Where the passage stands, a place in each column that it runs through."""
    return passage.places or (Place(page=passage.page, bbox=passage.bbox),)


def resting_on(library: Library, paper_id: str, passage_id: str) -> list[tuple[Revision, Claim, bool]]:
    """The claims of the post's newest revision that name this passage, each with whether it is proven."""
    entry = library.post_of(paper_id)
    if entry is None or not entry.revisions:
        return []
    revision = library.revision(entry.post_id)
    return [(revision, claim, proven) for claim, proven in claims(revision) if passage_id in claim.passages]


def found_json(found: list[Found]) -> list[Json]:
    return [paper.model_dump(mode="json") for paper in found]


def channel_json(post: ChannelPost, score: float | None = None) -> Json:
    """A post of the author's channel, with its score where it was searched for."""
    known = post.model_dump(mode="json", exclude={"pieces"})
    found = {"title": post.title, "text": post.text, "markdown": pieces.markdown(post.pieces)}
    return known | found | ({} if score is None else {"score": score})


def channel_line(post: ChannelPost) -> str:
    """Where a post stands in the channel, for a person: `«Title» (Channel #12, 2025-03-01)`."""
    origin = f", from {post.forwarded_from}" if post.forwarded_from else ""
    return f"«{post.title}» ({post.channel} #{post.message_id}, {post.date:%Y-%m-%d}{origin})"


def paper_json(paper: Paper) -> Json:
    """What a source knows of a paper."""
    return paper.model_dump(mode="json")


def report_json(report: Report) -> Json:
    return report.model_dump(mode="json")
