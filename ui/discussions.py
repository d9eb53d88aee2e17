"""The JSON forms of discussions and venues."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.reviews import url_of
from pipeline.writing.discussion import reviews_sentence

if TYPE_CHECKING:
    from pipeline.sources.openreview.dynamics import Dynamics
    from pipeline.sources.openreview.venues import Ranked

Json = dict[str, Any]


def reviews_json(found: Dynamics, trouble: str = "") -> Json:
    """One forum with its dynamics; `trouble` says why nothing newer could be fetched."""
    forum = found.forum
    return {
        "forum": forum.forum,
        "decision": found.decision,
        "reviewers": [reviewer.model_dump(mode="json") for reviewer in found.reviewers],
        "mean_before": found.mean_before,
        "mean_after": found.mean_after,
        "spread_before": found.spread_before,
        "spread_after": found.spread_after,
        "open_questions": list(found.open_questions),
        "title": forum.title,
        "venue": forum.venue,
        "status": forum.status,
        "url": url_of(forum.forum),
        "paper_id": forum.paper_id,
        "matched_by": forum.matched_by,
        "authors_replied": found.authors_replied,
        "snapshots": found.snapshots,
        "taken": found.taken.isoformat() if found.taken else None,
        "sentence": reviews_sentence(found),
        "trouble": trouble,
    }


def venue_json(ranked: list[Ranked]) -> list[Json]:
    return [paper.model_dump(mode="json") for paper in ranked]
