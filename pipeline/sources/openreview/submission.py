"""A paper that OpenReview has: its metadata and its PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.settings import Settings
from pipeline.sources.identity import Target
from pipeline.sources.openreview.forums import forum_of
from pipeline.sources.openreview.notes import notes_of
from pipeline.sources.openreview.source import SITE, OpenReview, shared_client
from store.records import Paper

if TYPE_CHECKING:
    from store.files import Home


def fetch_submission(
    target: Target, settings: Settings, home: Home, client: OpenReview | None = None
) -> tuple[Paper, str]:
    """Metadata and PDF of one submission; return the paper and the SHA-256 of the kept PDF.

    Raises:
        NeedsLogin, SourceBusy, SourceError, UnknownPaper, BadPdf, ReadingError: see `OpenReview`.
    """
    client = client or shared_client(settings)
    paper = fetch_submission_metadata(target, client)
    return paper, home.keep_pdf(client.pdf(target.forum))


def fetch_submission_metadata(target: Target, client: OpenReview) -> Paper:
    """What OpenReview says of a submission.

    Raises: as `fetch_submission`.
    """
    root, replies = client.forum(target.forum)
    forum = forum_of(root, notes_of(root, replies))
    return Paper(
        paper_id=target.paper_id,
        title=forum.title,
        authors=forum.authors,
        abstract=forum.abstract,
        categories=(forum.venue,) if forum.venue else (),
        published=forum.created,
        withdrawn=forum.status == "withdrawn",
        url=f"{SITE}/forum?id={forum.forum}",
    )
