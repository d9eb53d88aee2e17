"""The only door to SQL: records in, records out, each call one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import func, select, tuple_

from store import fulltext
from store.channel import Channel
from store.database import Database
from store.forums import Forums
from store.ledger import Ledger
from store.papers import Papers
from store.posts import Posts
from store.records import ABSTRACT, POST, FoundPassage
from store.shelf import record
from store.tables import (
    AttemptRow,
    CallRow,
    ChannelPostRow,
    ForumRow,
    PaperRow,
    PassageRow,
    PostRow,
    ReplyRow,
    RevisionRow,
    RunRow,
    SnapshotRow,
)

Key = tuple[str, str]
_COUNTED = (
    *(PaperRow, PassageRow, ForumRow, SnapshotRow, PostRow, RevisionRow, ChannelPostRow),
    *(CallRow, ReplyRow, AttemptRow, RunRow),
)


class Library(Papers, Forums, Posts, Channel, Ledger):
    """Papers, forums, posts, the author's channel and the ledger. Threads may share one; each process opens its own.

    Every method raises `DatabaseError` or `DiskFull` (see `store.database`), `NotFound` where it is asked for one
    thing that is not there, and `StoreError` for a record that cannot be stored, such as a time without a zone.
    """

    @classmethod
    def open(cls, where: str | Path) -> Self:
        """Open a SQLite file or URL, making or migrating it where needed.

        Raises:
            DatabaseError: it cannot be opened, or a newer Razbor made it.
        """
        return cls(Database(where))

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def full_text(self, query: str, limit: int) -> list[tuple[str, str, float]]:
        """`(paper_id, passage_id, score)` of texts with any word of the query, best first.

        Texts are passages, posts (id `post`), and title and abstract of a paper that was not read (id `abstract`).

        Words are compared by stem; the score is BM25, higher is better.
        """
        with self._database.read() as session:
            return fulltext.find(session.connection(), query, limit)

    def texts(self, keys: Iterable[Key]) -> dict[Key, FoundPassage]:
        """What passages and posts say, by `(paper_id, passage_id)`; a key without a text is left out."""
        wanted = set(keys)
        passages = select(PassageRow).where(tuple_(PassageRow.paper_id, PassageRow.id).in_(wanted))
        newest = select(RevisionRow.post_id, func.max(RevisionRow.number)).group_by(RevisionRow.post_id)
        is_newest = tuple_(RevisionRow.post_id, RevisionRow.number).in_(newest)
        owners = [paper_id for paper_id, passage_id in wanted if passage_id == POST]
        posts = select(PostRow.paper_id, RevisionRow.post).join(RevisionRow)
        unread = [paper_id for paper_id, passage_id in wanted if passage_id == ABSTRACT]
        abstracts = select(PaperRow.paper_id, PaperRow.abstract).where(PaperRow.paper_id.in_(unread))
        with self._database.read() as session:
            found = {(row.paper_id, row.id): record(FoundPassage, row) for row in session.scalars(passages)}
            for owner, post in session.execute(posts.where(PostRow.paper_id.in_(owners), is_newest)):
                found[owner, POST] = FoundPassage(id=POST, page=0, text=post.text)
            for paper_id, abstract in session.execute(abstracts):
                found[paper_id, ABSTRACT] = FoundPassage(id=ABSTRACT, page=0, text=abstract)
        return found

    def stats(self) -> dict[str, int]:
        """How many of each thing the library holds."""
        wanted = {row.__tablename__: select(func.count()).select_from(row) for row in _COUNTED}
        wanted["documents"] = select(func.count()).where(PaperRow.document.is_not(None))
        with self._database.read() as session:
            return {name: session.execute(count).scalar_one() for name, count in wanted.items()}
