"""The author's channel: posts imported from its exports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, delete, exists, insert, or_, select
from sqlalchemy.orm import Session

from store import fulltext
from store.errors import StoreError
from store.records import ChannelPost
from store.shelf import Changes, Shelf
from store.tables import ChannelPaperRow, ChannelPostRow, ChannelRow, ForumRow

LONG = 1000
"""Characters from which a post is long: it explains something, and can serve as an example of style."""
LIST = 5
"""A post that links to more papers than this is a list of news: it mentions them, it does not cover them."""
_POSTS = select(ChannelPostRow, ChannelRow.name).join(ChannelRow)
_OWN = ChannelPostRow.forwarded_from == ""
_COLUMNS = ("message_id", "date", "edited", "author", "forwarded_from", "reply_to", "photos", "pieces", "papers")


class Channel(Shelf):
    """Channel posts. One is known by its channel and message id; `id` below is the number of its row."""

    def keep_channel(self, name: str, telegram_id: int | None = None) -> int:
        """The number of a channel, adding it where it is new; a new name replaces the old one.

        Without `telegram_id` (an HTML export does not know it) the channel of this name is meant.

        Raises:
            StoreError: two channels bear this name.
        """
        with self._database.write() as session:
            row = _channel(session, name, telegram_id)
            row.name, row.telegram_id = name, telegram_id or row.telegram_id
            session.add(row)
            session.flush()
            return row.id

    def keep_channel_posts(self, channel: int, posts: Sequence[ChannelPost]) -> Changes:
        """Keep posts of one channel in one transaction: new ones are added, changed ones replaced."""
        newest = {post.message_id: post for post in posts}
        wanted = ChannelPostRow.channel_id == channel, ChannelPostRow.message_id.in_(newest)
        with self._database.write() as session:
            rows = {row.message_id: row for row in session.scalars(select(ChannelPostRow).where(*wanted))}
            for number, row in rows.items():  # an HTML export does not know of edits, and none is ever undone
                newest[number] = newest[number].model_copy(update={"edited": newest[number].edited or row.edited})
            new = [post for number, post in newest.items() if number not in rows]
            changed = [
                (row, newest[number]) for number, row in rows.items() if _columns(newest[number]) != _columns(row)
            ]
            if new:
                session.execute(insert(ChannelPostRow), [_values(post) | {"channel_id": channel} for post in new])
            for row, post in changed:
                for column, value in _values(post).items():
                    setattr(row, column, value)
            session.flush()
            _tie(session, channel, [*new, *(post for _, post in changed)])
        return Changes(len(new), len(changed), len(rows) - len(changed))

    def has_channel(self) -> bool:
        """Whether a channel was imported."""
        with self._database.read() as session:
            return bool(session.scalar(select(exists().where(ChannelPostRow.id.is_not(None)))))

    def channel_posts(self, ids: Iterable[int]) -> dict[int, ChannelPost]:
        """Posts by the numbers of their rows; a number without a post is left out."""
        return dict(self._numbered(_POSTS.where(ChannelPostRow.id.in_(list(ids)))))

    def posts_on(self, paper_ids: Iterable[str]) -> list[ChannelPost]:
        """Every channel post that links to one of the papers, on arXiv or at its forum, the newest first."""
        with self._database.read() as session:
            names = _all_names(session, set(paper_ids))
        tied = select(ChannelPaperRow.post_id).where(ChannelPaperRow.paper_id.in_(names))
        return self._posts(_POSTS.where(ChannelPostRow.id.in_(tied)))

    def covering(self, *paper_ids: str) -> list[ChannelPost]:
        """The channel's own posts on a paper (under any of its ids), the newest first: it is covered already.

        A forwarded post and one that lists many papers (`LIST`) do not count.
        """
        found = self.posts_on(paper_ids)
        return [post for post in found if not post.forwarded_from and len(post.papers) <= LIST]

    def recent_long_posts(self, limit: int, least: int = LONG) -> list[ChannelPost]:
        """The channel's own posts of at least so many characters, the newest first: examples of its style."""
        return self._posts(_POSTS.where(_OWN, ChannelPostRow.length >= least), limit)

    def telling_posts(self) -> dict[int, ChannelPost]:
        """The channel's own posts that are long or link to a paper: those worth finding by meaning."""
        telling = or_(ChannelPostRow.length >= LONG, ChannelPostRow.id.in_(select(ChannelPaperRow.post_id)))
        return dict(self._numbered(_POSTS.where(_OWN, telling).order_by(ChannelPostRow.id)))

    def find_in_channel(self, query: str, limit: int) -> list[tuple[int, float]]:
        """`(id, BM25 score)` of posts with any word of the query, best first."""
        with self._database.read() as session:
            return fulltext.find_in_channel(session.connection(), query, limit)

    def _posts(self, wanted: Select[ChannelPostRow, str], limit: int | None = None) -> list[ChannelPost]:
        newest_first = wanted.order_by(ChannelPostRow.date.desc(), ChannelPostRow.message_id.desc()).limit(limit)
        return [post for _, post in self._numbered(newest_first)]

    def _numbered(self, wanted: Select[ChannelPostRow, str]) -> list[tuple[int, ChannelPost]]:
        with self._database.read() as session:
            return [(row.id, ChannelPost(channel=name, **_columns(row))) for row, name in session.execute(wanted)]


def _channel(session: Session, name: str, telegram_id: int | None) -> ChannelRow:
    """The channel's row: by its id, else by its name where one of both has no id; else a new one."""
    if telegram_id is not None:
        known = session.scalar(select(ChannelRow).where(ChannelRow.telegram_id == telegram_id))
        if known:
            return known
    named = select(ChannelRow).where(ChannelRow.name == name)
    if telegram_id is not None:
        named = named.where(ChannelRow.telegram_id.is_(None))
    found = session.scalars(named).all()
    if len(found) > 1:
        raise StoreError(f"Two channels are called «{name}».", "Import the JSON export, which tells them apart.")
    return found[0] if found else ChannelRow()


def _all_names(session: Session, ids: set[str]) -> set[str]:
    """The papers' ids, with those of their forums and of the papers that forums belong to."""
    bare = [name.partition(":")[2] for name in ids]
    same = or_(ForumRow.paper_id.in_(ids), ForumRow.arxiv_id.in_(bare), ForumRow.forum.in_(bare))
    names = set(ids)
    for forum in session.scalars(select(ForumRow).where(same)):
        names |= {f"openreview:{forum.forum}", forum.paper_id or "", f"arxiv:{forum.arxiv_id}"} - {"", "arxiv:"}
    return names


def _columns(post: ChannelPost | ChannelPostRow) -> dict[str, Any]:
    return {name: getattr(post, name) for name in _COLUMNS}


def _values(post: ChannelPost) -> dict[str, Any]:
    text = post.text
    return _columns(post) | {"length": len(text), "stems": " ".join(fulltext.stems(text))}


def _tie(session: Session, channel: int, posts: Sequence[ChannelPost]) -> None:
    """Tie posts to their papers, in place of earlier ties."""
    papers = {post.message_id: post.papers for post in posts}
    wanted = select(ChannelPostRow.message_id, ChannelPostRow.id)
    wanted = wanted.where(ChannelPostRow.channel_id == channel, ChannelPostRow.message_id.in_(papers))
    ids = dict(session.execute(wanted).all())
    session.execute(delete(ChannelPaperRow).where(ChannelPaperRow.post_id.in_(ids.values())))
    ties = [{"post_id": ids[number], "paper_id": paper} for number in papers for paper in papers[number]]
    if ties:
        session.execute(insert(ChannelPaperRow), ties)
