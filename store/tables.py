"""The SQL tables. What is asked for by value is a column; the rest of a record is kept as pydantic's own JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from store.records import (
    Box,
    Document,
    Finding,
    Note,
    PassageKind,
    Piece,
    Place,
    Post,
    Provenance,
    Score,
    Verdict,
    Version,
    now,
)


class Utc(TypeDecorator[datetime]):
    """A time with its zone, kept as UTC. SQLite forgets zones, so a time without one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError(f"the time {value} has no zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


class Json(TypeDecorator[Any]):
    """A typed value as JSON text, written and checked by pydantic."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.kind)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else self._adapter.dump_json(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else self._adapter.validate_json(value)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


Words = tuple[str, ...]


def _paper() -> Any:
    return ForeignKey("papers.paper_id", ondelete="CASCADE")


class PaperRow(Base):
    __tablename__ = "papers"

    paper_id: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int | None]
    versions: Mapped[tuple[Version, ...]] = mapped_column(Json(tuple[Version, ...]), server_default="[]")
    title: Mapped[str] = mapped_column(Text)
    authors: Mapped[Words] = mapped_column(Json(Words))
    abstract: Mapped[str] = mapped_column(Text)
    categories: Mapped[Words] = mapped_column(Json(Words))
    published: Mapped[datetime | None] = mapped_column(Utc)
    updated: Mapped[datetime | None] = mapped_column(Utc)
    withdrawn: Mapped[bool]
    url: Mapped[str] = mapped_column(Text)
    comment: Mapped[str] = mapped_column(Text)
    # What was read in its PDF, without the passages; both empty until then. `pdf` is the file's SHA-256.
    document: Mapped[Document | None] = mapped_column(Json(Document), deferred=True)
    pdf: Mapped[str | None] = mapped_column(Text, index=True)
    added: Mapped[datetime] = mapped_column(Utc, default=now)


class PassageRow(Base):
    __tablename__ = "passages"

    paper_id: Mapped[str] = mapped_column(Text, _paper(), primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    position: Mapped[int]
    page: Mapped[int]
    bbox: Mapped[Box] = mapped_column(Json(Box))
    section: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    kind: Mapped[PassageKind] = mapped_column(Text, server_default="text")
    appendix: Mapped[bool] = mapped_column(server_default=false())
    places: Mapped[tuple[Place, ...]] = mapped_column(Json(tuple[Place, ...]), server_default="[]")


class ForumRow(Base):
    __tablename__ = "forums"

    forum: Mapped[str] = mapped_column(Text, primary_key=True)
    venue: Mapped[str] = mapped_column(Text, index=True)
    title: Mapped[str] = mapped_column(Text)
    authors: Mapped[Words] = mapped_column(Json(Words))
    abstract: Mapped[str] = mapped_column(Text)
    arxiv_id: Mapped[str] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    pdf: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime | None] = mapped_column(Utc)
    paper_id: Mapped[str | None] = mapped_column(Text, ForeignKey("papers.paper_id", ondelete="SET NULL"), index=True)
    matched_by: Mapped[str] = mapped_column(Text)


class SnapshotRow(Base):
    """The notes are loaded only when asked for: a venue's ranking reads the scores of thousands of forums."""

    __tablename__ = "snapshots"

    forum: Mapped[str] = mapped_column(Text, ForeignKey("forums.forum", ondelete="CASCADE"), primary_key=True)
    taken: Mapped[datetime] = mapped_column(Utc, primary_key=True)
    seen: Mapped[datetime] = mapped_column(Utc)
    source: Mapped[str] = mapped_column(Text)
    scores: Mapped[tuple[Score, ...]] = mapped_column(Json(tuple[Score, ...]))
    notes: Mapped[tuple[Note, ...]] = mapped_column(Json(tuple[Note, ...]), deferred=True)


class StemsRow(Base):
    """The stems of a passage (`kind` is `passage`), a post (`post`) or a title and abstract (`abstract`)."""

    __tablename__ = "stems"
    __table_args__ = (UniqueConstraint("paper_id", "kind", "passage_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    paper_id: Mapped[str] = mapped_column(Text, _paper())
    kind: Mapped[str] = mapped_column(Text)
    passage_id: Mapped[str] = mapped_column(Text)
    stems: Mapped[str] = mapped_column(Text)


class PostRow(Base):
    __tablename__ = "posts"

    post_id: Mapped[str] = mapped_column(Text, primary_key=True)
    paper_id: Mapped[str] = mapped_column(Text, _paper(), unique=True)
    title: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text, index=True)
    reasons: Mapped[Words] = mapped_column(Json(Words))
    created: Mapped[datetime] = mapped_column(Utc)
    updated: Mapped[datetime] = mapped_column(Utc)


class RevisionRow(Base):
    __tablename__ = "revisions"

    post_id: Mapped[str] = mapped_column(Text, ForeignKey("posts.post_id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    author: Mapped[str] = mapped_column(Text)
    post: Mapped[Post] = mapped_column(Json(Post))
    findings: Mapped[tuple[Finding, ...]] = mapped_column(Json(tuple[Finding, ...]))
    verdicts: Mapped[tuple[Verdict, ...]] = mapped_column(Json(tuple[Verdict, ...]))
    provenance: Mapped[Provenance] = mapped_column(Json(Provenance))
    created: Mapped[datetime] = mapped_column(Utc)


class ChannelRow(Base):
    """A channel of the author. An HTML export does not know the id that Telegram gave it."""

    __tablename__ = "channels"

    id: Mapped[int] = mapped_column(primary_key=True)
    telegram_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    name: Mapped[str] = mapped_column(Text)


class ChannelPostRow(Base):
    """`stems` is what full text searches: of the author's own and of forwarded posts."""

    __tablename__ = "channel_posts"
    __table_args__ = (UniqueConstraint("channel_id", "message_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"))
    message_id: Mapped[int] = mapped_column(BigInteger)
    date: Mapped[datetime] = mapped_column(Utc)
    edited: Mapped[datetime | None] = mapped_column(Utc)
    author: Mapped[str] = mapped_column(Text)
    forwarded_from: Mapped[str] = mapped_column(Text)
    reply_to: Mapped[int | None] = mapped_column(BigInteger)
    photos: Mapped[Words] = mapped_column(Json(Words))
    pieces: Mapped[tuple[Piece, ...]] = mapped_column(Json(tuple[Piece, ...]))
    papers: Mapped[Words] = mapped_column(Json(Words))
    length: Mapped[int]
    stems: Mapped[str] = mapped_column(Text, deferred=True)


class ChannelPaperRow(Base):
    """A paper that a channel post links to; the paper need not be in the library."""

    __tablename__ = "channel_papers"

    post_id: Mapped[int] = mapped_column(ForeignKey("channel_posts.id", ondelete="CASCADE"), primary_key=True)
    paper_id: Mapped[str] = mapped_column(Text, primary_key=True, index=True)


class CallRow(Base):
    """One model call. It outlives its paper: money spent stays spent."""

    __tablename__ = "calls"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest_id: Mapped[str] = mapped_column(Text, index=True)
    paper_id: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    model: Mapped[str] = mapped_column(Text)
    prompt: Mapped[str] = mapped_column(Text)
    prompt_hash: Mapped[str] = mapped_column(Text)
    prompt_tokens: Mapped[int]
    cached_tokens: Mapped[int]
    completion_tokens: Mapped[int]
    money: Mapped[float]
    seconds: Mapped[float]
    from_reply_cache: Mapped[bool]
    created: Mapped[datetime] = mapped_column(Utc)


class ReplyRow(Base):
    __tablename__ = "replies"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    model: Mapped[str] = mapped_column(Text)
    reply: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(Utc, default=now)


class AttemptRow(Base):
    __tablename__ = "attempts"
    __table_args__ = (Index(None, "paper_id", "started"),)

    attempt_id: Mapped[str] = mapped_column(Text, primary_key=True)
    digest_id: Mapped[str] = mapped_column(Text)
    target: Mapped[str] = mapped_column(Text)
    run_id: Mapped[str] = mapped_column(Text, index=True)
    paper_id: Mapped[str] = mapped_column(Text)
    post_id: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text)
    stage: Mapped[str] = mapped_column(Text)
    error: Mapped[str] = mapped_column(Text)
    continue_with: Mapped[str] = mapped_column(Text)
    permanent: Mapped[bool]
    started: Mapped[datetime] = mapped_column(Utc)
    finished: Mapped[datetime | None] = mapped_column(Utc)


class RunRow(Base):
    __tablename__ = "runs"

    run_id: Mapped[str] = mapped_column(Text, primary_key=True)
    started: Mapped[datetime] = mapped_column(Utc)
    finished: Mapped[datetime | None] = mapped_column(Utc)
    outcome: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
