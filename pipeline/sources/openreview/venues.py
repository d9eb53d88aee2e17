"""The papers of a venue by their reviews: from imported lists of marks, or fetched from OpenReview."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from pipeline.errors import InputError
from pipeline.sources.openreview.dynamics import mean, spread
from pipeline.sources.openreview.forums import forum_of, snapshot_of
from pipeline.sources.openreview.notes import notes_of
from pipeline.sources.openreview.source import OpenReview, replies_of
from store.library import Library
from store.records import Forum, Record, Snapshot, now

if TYPE_CHECKING:
    from store.forums import Sight

By = Literal["rating", "spread", "confidence", "change"]
_BATCH = 200


class Ranked(Record):
    """One paper of a venue; `mean_before` is of the first marks that were seen, `ratings` are the newest."""

    forum: str
    title: str
    mean: float
    spread: float
    ratings: tuple[float, ...]
    confidence: float | None
    mean_before: float | None
    decision: str


def venue_key(venue: str) -> str:
    """`ICLR.cc/2023/Conference`, `ICLR 2023` and `iclr2023` are one venue: `iclr2023`."""
    words = re.sub(r"\.(?:cc|org|com|net|io)\b|\bconference\b", " ", venue.lower())
    return "".join(re.findall(r"[^\W_]+", words))


def known_venues(library: Library, venue: str) -> list[str]:
    """The names under which the library knows the venue."""
    return [name for name in library.venues() if venue_key(name) == venue_key(venue)]


def top_of_venue(library: Library, venue: str, top: int, by: By = "rating") -> list[Ranked]:
    """The first papers of a venue by mean rating, by disagreement, by the reviewers' confidence, or by how much the
    mean rose; papers without ratings are left out. Ties go to the higher mean, then to the title.

    Raises:
        InputError: the library knows no such venue.
    """
    names = known_venues(library, venue)
    if not names:
        raise InputError(
            f"The library knows no venue {venue!r}.", "`razbor venue VENUE --fetch`, or import its scores."
        )
    sights: dict[str, list[Sight]] = {}
    for sight in library.sights_at(names):
        sights.setdefault(sight.forum, []).append(sight)
    ranked = [paper for forum in library.forums_at(names) if (paper := _ranked(forum, sights.get(forum.forum, [])))]
    return sorted(ranked, key=lambda paper: (-_value(paper, by), -paper.mean, paper.title, paper.forum))[:top]


def _ranked(forum: Forum, sights: list[Sight]) -> Ranked | None:
    rated = [sight for sight in sights if any(score.rating is not None for score in sight.scores)]
    fetched = [sight for sight in rated if sight.source == "api"]
    if not rated:
        return None
    first, last = rated[0].scores, (fetched or rated)[-1].scores
    ratings = tuple(score.rating for score in last if score.rating is not None)
    return Ranked(
        forum=forum.forum,
        title=forum.title,
        mean=mean(ratings) or 0.0,
        spread=spread(ratings) or 0.0,
        ratings=ratings,
        confidence=mean(score.confidence for score in last),
        mean_before=mean(score.rating for score in first),
        decision=forum.decision if forum.status == "active" else forum.status.replace("_", "-"),
    )


def _value(paper: Ranked, by: By) -> float:
    values = {
        "rating": paper.mean,
        "spread": paper.spread,
        "confidence": paper.confidence or 0.0,
        "change": paper.mean - (paper.mean if paper.mean_before is None else paper.mean_before),
    }
    return values[by]


def fetch_venue(
    venue: str, client: OpenReview, library: Library, at: Callable[[int], None] = lambda done: None
) -> None:
    """Keep a snapshot of every forum of a venue, a batch at a time; `at` hears how many came.

    Raises:
        SourceError, UnknownPaper: see `OpenReview`; what came before stays.
    """
    batch: list[tuple[Forum, Snapshot]] = []
    for root in client.submissions(venue, at):
        notes = notes_of(root, replies_of(root) or [])
        forum = forum_of(root, notes)
        batch.append((forum.model_copy(update={"venue": venue}), snapshot_of(forum.forum, notes, now())))
        if len(batch) == _BATCH:
            library.keep_forums(batch)
            batch.clear()
    library.keep_forums(batch)
