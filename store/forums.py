"""Discussions of papers: forums, and a snapshot of each for every time that it was seen changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from store.records import Forum, Record, Score, Snapshot
from store.shelf import Shelf, get, record
from store.tables import ForumRow, PaperRow, SnapshotRow


class Seen(Record):
    """What keeping a forum changed: it was not known, it or its scores differ, its ratings differ."""

    forum: str
    added: bool = False
    updated: bool = False
    rerated: bool = False


class Sight(Record):
    """The scores of one snapshot without its notes, for the rankings of whole venues."""

    forum: str
    taken: datetime
    source: str
    scores: tuple[Score, ...]


class Forums(Shelf):
    """Forums with their snapshots, the oldest first."""

    def keep_forum(self, forum: Forum, snapshot: Snapshot) -> Seen:
        """Keep what one fetch saw; see `keep_forums`."""
        return self.keep_forums([(forum, snapshot)])[0]

    def keep_forums(self, seen: Iterable[tuple[Forum, Snapshot]]) -> list[Seen]:
        """Keep forums with a snapshot of each, in one transaction.

        A snapshot that says the same as the one before it only moves that one's `seen`. What is not said now (an empty
        title, no paper) stays as it was known. A paper that the library does not hold is not linked.
        """
        pairs = list(seen)
        names = {forum.forum for forum, _ in pairs}
        with self._database.write() as session:
            rows = {row.forum: row for row in session.scalars(select(ForumRow).where(ForumRow.forum.in_(names)))}
            looks: dict[str, list[SnapshotRow]] = {name: [] for name in names}
            for look in session.scalars(select(SnapshotRow).where(SnapshotRow.forum.in_(names))):
                looks[look.forum].append(look)
            told = [_keep_forum(session, rows, looks[forum.forum], forum, snapshot) for forum, snapshot in pairs]
            session.flush()
            return [
                _keep_snapshot(session, looks[snapshot.forum], snapshot, one)
                for one, (_, snapshot) in zip(told, pairs, strict=True)
            ]

    def link_forum(self, forum: str, paper_id: str, matched_by: str) -> None:
        """Say whose discussion the forum is.

        Raises:
            NotFound: no such forum or paper.
        """
        with self._database.write() as session:
            get(session, PaperRow, paper_id, "paper")
            row = get(session, ForumRow, forum, "forum")
            row.paper_id, row.matched_by = paper_id, matched_by

    def forum(self, forum: str) -> Forum | None:
        with self._database.read() as session:
            row = session.get(ForumRow, forum)
            return record(Forum, row) if row else None

    def forums_of(self, paper_id: str) -> list[Forum]:
        """The forums linked to a paper, the newest submission first."""
        wanted = select(ForumRow).where(ForumRow.paper_id == paper_id)
        return self._all(Forum, wanted.order_by(ForumRow.created.desc().nulls_last(), ForumRow.forum))

    def forums_at(self, venues: Sequence[str]) -> list[Forum]:
        """All forums of these venues, named as they are kept."""
        return self._all(Forum, select(ForumRow).where(ForumRow.venue.in_(venues)).order_by(ForumRow.forum))

    def venues(self) -> list[str]:
        """The venues of all forums."""
        with self._database.read() as session:
            return list(session.scalars(select(ForumRow.venue).distinct().order_by(ForumRow.venue)))

    def snapshots(self, forum: str) -> list[Snapshot]:
        """All snapshots of a forum with their notes, the oldest first."""
        wanted = select(SnapshotRow).where(SnapshotRow.forum == forum).order_by(SnapshotRow.taken)
        return self._all(Snapshot, wanted.options(undefer(SnapshotRow.notes)))

    def sights_at(self, venues: Sequence[str]) -> list[Sight]:
        """The scores of all snapshots of these venues' forums, the oldest first."""
        wanted = select(SnapshotRow.forum, SnapshotRow.taken, SnapshotRow.source, SnapshotRow.scores)
        wanted = wanted.join(ForumRow).where(ForumRow.venue.in_(venues)).order_by(SnapshotRow.taken)
        return self._sights(wanted)

    def sights_of(self, forums: Sequence[str]) -> list[Sight]:
        """The scores of all snapshots of these forums, the oldest first."""
        wanted = select(SnapshotRow.forum, SnapshotRow.taken, SnapshotRow.source, SnapshotRow.scores)
        return self._sights(wanted.where(SnapshotRow.forum.in_(forums)).order_by(SnapshotRow.taken))

    def _sights(self, wanted: object) -> list[Sight]:
        with self._database.read() as session:
            rows = session.execute(wanted)  # type: ignore[call-overload]
            return [Sight(forum=f, taken=t, source=kind, scores=scores) for f, t, kind, scores in rows]


def _keep_forum(
    session: Session, rows: dict[str, ForumRow], looks: list[SnapshotRow], forum: Forum, snapshot: Snapshot
) -> Seen:
    row = rows.get(forum.forum)
    added, updated = row is None, False
    if row is None:
        row = rows[forum.forum] = ForumRow(**dict(forum.model_copy(update={"paper_id": None, "matched_by": ""})))
        session.add(row)
    elif not any(look.seen > snapshot.taken for look in looks):
        updated = _take_over(row, forum, snapshot)
    if forum.paper_id and session.get(PaperRow, forum.paper_id):
        row.paper_id, row.matched_by = forum.paper_id, forum.matched_by
    return Seen(forum=forum.forum, added=added, updated=updated)


def _take_over(row: ForumRow, forum: Forum, snapshot: Snapshot) -> bool:
    """Take over what is said now; whether anything differs.

    An imported list fills gaps and tells decisions; it does not rename what OpenReview itself named.
    """
    told = {name: value for name, value in forum if name not in ("forum", "paper_id", "matched_by")}
    mine = {"status", "decision"} if snapshot.source == "import" else set(told)
    fresh = {name: value for name, value in told.items() if value and (name in mine or not getattr(row, name))}
    fresh = {name: value for name, value in fresh.items() if getattr(row, name) != value}
    for name, value in fresh.items():
        setattr(row, name, value)
    return bool(fresh)


def _keep_snapshot(session: Session, looks: list[SnapshotRow], snapshot: Snapshot, told: Seen) -> Seen:
    """Add the snapshot, or find it said already."""
    earlier = [look for look in looks if look.source == snapshot.source and look.taken <= snapshot.taken]
    before = max(earlier, key=lambda look: look.taken, default=None)
    if before and before.scores == snapshot.scores and (not snapshot.notes or before.notes == snapshot.notes):
        before.seen = max(before.seen, snapshot.seen)
        return told
    row = SnapshotRow(**dict(snapshot))
    if any(look.taken == snapshot.taken for look in looks):
        row = session.merge(row)
    else:
        session.add(row)
    looks.append(row)
    rerated = before is not None and _ratings(before.scores) != _ratings(snapshot.scores)
    return told.model_copy(update={"updated": not told.added, "rerated": rerated})


def _ratings(scores: Sequence[Score]) -> dict[str, float | None]:
    return {score.reviewer: score.rating for score in scores}
