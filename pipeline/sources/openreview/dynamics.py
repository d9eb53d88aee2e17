"""How a discussion went: each reviewer's mark before and after the rebuttal, who came back, what nobody took up.

Told from all that was seen of a forum: its snapshots, the edits that the venue shows, and the times of its notes.
A mark from before the rebuttal that nobody saw stays unknown; the present one is never put in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from statistics import fmean, pstdev

from pipeline.sources.openreview.fields import key
from pipeline.sources.openreview.notes import AUTHORS
from pipeline.sources.openreview.questions import questions_of
from store.records import Forum, Note, Record, Score, Snapshot

_UNSPOKEN = ("acknowledg", "mandatory_", "confirmation", "title")
"""Keys of fields that a venue makes a reviewer fill in; they are no answer to the authors."""


class ReviewerDynamics(Record):
    """`before` is None where nobody saw it, or the review came later; `replied_after_rebuttal` None: no rebuttal."""

    id: str
    before: float | None = None
    after: float | None = None
    confidence: float | None = None
    replied_after_rebuttal: bool | None = None
    open_questions: tuple[str, ...] = ()


class Dynamics(Record):
    """A forum over time. `spread` is the standard deviation of the marks; means and spreads are to two places."""

    forum: Forum
    reviewers: tuple[ReviewerDynamics, ...] = ()
    mean_before: float | None = None
    mean_after: float | None = None
    spread_before: float | None = None
    spread_after: float | None = None
    authors_replied: bool = False
    snapshots: int = 0
    taken: datetime | None = None

    @property
    def open_questions(self) -> tuple[str, ...]:
        return tuple(question for reviewer in self.reviewers for question in reviewer.open_questions)

    @property
    def decision(self) -> str:
        """The venue's decision, or that the paper was withdrawn or rejected without reviews."""
        return {"active": self.forum.decision}.get(self.forum.status, self.forum.status.replace("_", "-"))


def dynamics(forum: Forum, snapshots: Sequence[Snapshot]) -> Dynamics:
    """What the snapshots, in the order of time, show of the discussion.

    Names of reviewers in an imported list are not those of OpenReview: once the forum itself was fetched, such a list
    tells only the mean and spread from before.
    """
    fetched = [snapshot for snapshot in snapshots if snapshot.source == "api"]
    listed = [snapshot.scores for snapshot in snapshots if snapshot.source == "import" and snapshot.scores]
    reviewers = _fetched(fetched) if fetched else _listed(listed)
    first = [score.rating for score in listed[0]] if listed else []
    known = fetched and reviewers and all(reviewer.before is not None for reviewer in reviewers)
    before = [reviewer.before for reviewer in reviewers] if known else first
    after = [reviewer.after for reviewer in reviewers]
    return Dynamics(
        forum=forum,
        reviewers=reviewers,
        mean_before=mean(before),
        mean_after=mean(after),
        spread_before=spread(before),
        spread_after=spread(after),
        authors_replied=any(map(_is_rebuttal, fetched[-1].notes)) if fetched else False,
        snapshots=len(snapshots),
        taken=snapshots[-1].taken if snapshots else None,
    )


def _listed(lists: Sequence[tuple[Score, ...]]) -> tuple[ReviewerDynamics, ...]:
    if not lists:
        return ()
    first = {score.reviewer: score.rating for score in lists[0]}
    return tuple(
        ReviewerDynamics(
            id=score.reviewer, before=first.get(score.reviewer), after=score.rating, confidence=score.confidence
        )
        for score in lists[-1]
    )


def _fetched(snapshots: Sequence[Snapshot]) -> tuple[ReviewerDynamics, ...]:
    last = snapshots[-1]
    reviews = [note for note in last.notes if note.kind == "review"]
    return tuple(
        _reviewer(review, score.reviewer, snapshots) for review, score in zip(reviews, last.scores, strict=True)
    )


def _reviewer(review: Note, name: str, snapshots: Sequence[Snapshot]) -> ReviewerDynamics:
    notes = snapshots[-1].notes
    thread = _thread(review, notes)
    rebuttal = _rebuttal(review, thread, notes)
    later = [note for note in notes if rebuttal and note.created and note.created > rebuttal and _speaks(note)]
    replied = any(note.author == review.author for note in later)
    taken_up = replied or any(note.id in thread and note.author != AUTHORS for note in later)
    return ReviewerDynamics(
        id=name,
        before=_mark_before(rebuttal, _marks(review, snapshots)),
        after=review.rating,
        confidence=review.confidence,
        replied_after_rebuttal=replied if rebuttal else None,
        open_questions=questions_of(review.fields) if rebuttal and not taken_up else (),
    )


def _thread(review: Note, notes: Sequence[Note]) -> set[str]:
    """The ids of all notes under the review; a note may come before the one it answers, as clocks go."""
    below = {review.id}
    while more := {note.id for note in notes if note.reply_to in below} - below:
        below |= more
    return below - {review.id}


def _rebuttal(review: Note, thread: set[str], notes: Sequence[Note]) -> datetime | None:
    """When the authors first answered this review: under it, or all reviewers at once after it was there."""
    reviews = {note.id for note in notes if note.kind == "review"}
    under_others = set().union(*(_thread(n, notes) for n in notes if n.id in reviews - {review.id}))
    answers = [note for note in notes if _is_rebuttal(note) and (note.id in thread or note.id not in under_others)]
    times = [note.created for note in answers if note.created and (not review.created or note.created > review.created)]
    return min(times, default=None)


def _is_rebuttal(note: Note) -> bool:
    return note.author == AUTHORS and note.kind == "reply"


def _speaks(note: Note) -> bool:
    """Whether a person wrote something: a form that the venue makes a reviewer tick is no answer."""
    return note.kind in ("comment", "reply") and any(not key(name).startswith(_UNSPOKEN) for name in note.fields)


def _marks(review: Note, snapshots: Sequence[Snapshot]) -> list[tuple[datetime, float]]:
    """The review's marks with the times from which they are known to have stood, in the order of time."""
    seen = [(snapshot.taken, note) for snapshot in snapshots for note in snapshot.notes if note.id == review.id]
    marks = [(edit.at, edit.rating) for _, note in seen for edit in note.edits]
    earlier: tuple[datetime, float | None] | None = None
    for taken, note in seen:
        since = note.modified or note.created or taken
        if earlier is None or (note.rating != earlier[1] and since > earlier[0]):
            marks.append((since, note.rating))
        elif note.rating != earlier[1]:  # the venue does not show the time of the change
            marks.append((taken, note.rating))
        earlier = taken, note.rating
    known = [(at, rating) for at, rating in marks if rating is not None]
    return sorted(known, key=lambda mark: mark[0])


def _mark_before(rebuttal: datetime | None, marks: Sequence[tuple[datetime, float]]) -> float | None:
    """The last mark that stood before the rebuttal; without one, the first that is known."""
    if not rebuttal:
        return marks[0][1] if marks else None
    return next((rating for at, rating in reversed(marks) if at < rebuttal), None)


def mean(ratings: Iterable[float | None]) -> float | None:
    """The mean of the marks that are there, None without any."""
    known = [rating for rating in ratings if rating is not None]
    return round(fmean(known), 2) if known else None


def spread(ratings: Iterable[float | None]) -> float | None:
    """The standard deviation of the marks that are there (`pstdev`: these are all reviewers), None without any."""
    known = [rating for rating in ratings if rating is not None]
    return round(pstdev(known), 2) if known else None
