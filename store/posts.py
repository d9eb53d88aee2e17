"""Posts and their revisions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from store.errors import StoreError, Superseded
from store.fulltext import keep_stems
from store.records import POST, Outcome, PostEntry, Revision, now
from store.shelf import Shelf, get, missing
from store.tables import PaperRow, PostRow, RevisionRow

_REVISIONS = select(RevisionRow)
_POSTS = select(PostRow, func.count(RevisionRow.number)).outerjoin(RevisionRow).group_by(PostRow.post_id)


class Posts(Shelf):
    """One post a paper, each with numbered revisions."""

    def save_revision(self, revision: Revision, *, paper_id: str, outcome: Outcome, reasons: Sequence[str]) -> None:
        """Keep one revision; see `save_revisions`."""
        self.save_revisions(paper_id, [revision], outcome=outcome, reasons=reasons)

    def save_revisions(
        self, paper_id: str, revisions: Sequence[Revision], *, outcome: Outcome, reasons: Sequence[str]
    ) -> None:
        """Keep revisions under their numbers, making the post with the first; the same number again replaces it.

        The outcome belongs to the newest revision: saving only older numbers leaves it.

        Raises:
            NotFound: no such paper.
            StoreError: the paper has another post, the post another paper, or a person's words would be replaced.
        """
        with self._database.write() as session:
            for revision in revisions:
                _save(session, revision, paper_id, outcome, reasons)

    def keep_digest(
        self, paper_id: str, revisions: Sequence[Revision], *, outcome: Outcome, reasons: Sequence[str]
    ) -> None:
        """Append all revisions of one digest in one transaction; a digest that is already kept changes nothing.

        The numbers that the revisions bear are replaced: a person may have saved an edit meanwhile.

        Raises:
            NotFound: no such paper.
        """
        with self._database.write() as session:
            post_id, digest_id = revisions[0].post_id, revisions[0].provenance.digest_id
            rows = session.scalars(_REVISIONS.where(RevisionRow.post_id == post_id))
            if any(row.provenance.digest_id == digest_id for row in rows):
                return
            for number, revision in enumerate(revisions, _newest(session, post_id) + 1):
                _save(session, revision.model_copy(update={"number": number}), paper_id, outcome, reasons)

    def append_revision(
        self, revision: Revision, outcome: Outcome, reasons: Sequence[str], *, after: int | None = None
    ) -> Revision:
        """Keep a revision under the post's next number, whatever number it bears; two savers never share one.

        With `after`, only if that is still the newest number.

        Raises:
            NotFound: no such post.
            Superseded: a newer revision was saved meanwhile.
        """
        with self._database.write() as session:
            post = get(session, PostRow, revision.post_id, "post")
            newest = _newest(session, revision.post_id)
            if after is not None and newest != after:
                raise Superseded(
                    f"Revision {newest} of {revision.post_id} was saved meanwhile; yours began from {after}.",
                    "Look at the newer revision, then save again.",
                    newest=newest,
                )
            numbered = revision.model_copy(update={"number": newest + 1})
            _save(session, numbered, post.paper_id, outcome, reasons)
            return numbered

    def next_number(self, post_id: str) -> int:
        """The number after the newest revision's; 1 for a post that does not exist yet."""
        with self._database.read() as session:
            return _newest(session, post_id) + 1

    def set_outcome(
        self, post_id: str, outcome: Outcome, reasons: Sequence[str], *, paper_id: str | None = None
    ) -> None:
        """Change the outcome. With `paper_id`, a paper that got no post has its outcome kept too, with no revision.

        Raises:
            NotFound: no such post (without `paper_id`), or no such paper.
            StoreError: the paper has another post, or the post another paper.
        """
        with self._database.write() as session:
            post = _post(session, post_id, paper_id) if paper_id else get(session, PostRow, post_id, "post")
            post.outcome, post.reasons, post.updated = outcome, tuple(reasons), now()

    def post(self, post_id: str) -> PostEntry:
        entries = self._entries(_POSTS.where(PostRow.post_id == post_id))
        if not entries:
            raise missing("post", post_id)
        return entries[0]

    def post_of(self, paper_id: str) -> PostEntry | None:
        """The paper's post; None when there is none."""
        return next(iter(self._entries(_POSTS.where(PostRow.paper_id == paper_id))), None)

    def posts(self, outcome: Outcome | None = None) -> list[PostEntry]:
        """All posts, or those with one outcome, newest first."""
        wanted = _POSTS.order_by(PostRow.created.desc(), PostRow.post_id)
        return self._entries(wanted.where(PostRow.outcome == outcome) if outcome else wanted)

    def revision(self, post_id: str, number: int | None = None) -> Revision:
        """One revision; without a number the newest."""
        wanted = _REVISIONS.where(RevisionRow.post_id == post_id).order_by(RevisionRow.number.desc()).limit(1)
        found = self._all(Revision, wanted if number is None else wanted.where(RevisionRow.number == number))
        if not found:
            raise missing("revision", post_id if number is None else f"{post_id} number {number}")
        return found[0]

    def revisions(self, post_id: str) -> list[Revision]:
        """All revisions of a post, the first one first; none for an unknown post."""
        return self._all(Revision, _REVISIONS.where(RevisionRow.post_id == post_id).order_by(RevisionRow.number))

    def _entries(self, wanted: Select[PostRow, int]) -> list[PostEntry]:
        with self._database.read() as session:
            rows = session.execute(wanted).all()
            names = PostEntry.model_fields.keys() - {"revisions"}
            return [PostEntry(**{n: getattr(post, n) for n in names}, revisions=number) for post, number in rows]


def _newest(session: Session, post_id: str) -> int:
    return session.scalar(select(func.max(RevisionRow.number)).where(RevisionRow.post_id == post_id)) or 0


def _save(session: Session, revision: Revision, paper_id: str, outcome: Outcome, reasons: Sequence[str]) -> None:
    post = _post(session, revision.post_id, paper_id)
    newest = _newest(session, revision.post_id)
    _protect_person(session, revision)
    if newest == 0:
        post.created = revision.created
    if revision.number >= newest:
        post.title, post.outcome, post.reasons = revision.post.title, outcome, tuple(reasons)
        post.updated = revision.created
        keep_stems(session, paper_id, "post", [(POST, revision.post.text)])
    session.flush()
    session.merge(RevisionRow(**dict(revision)))
    session.flush()


def _post(session: Session, post_id: str, paper_id: str) -> PostRow:
    """The paper's post; a new one under the paper's title if it has none."""
    paper = get(session, PaperRow, paper_id, "paper")
    post = session.scalar(select(PostRow).where(or_(PostRow.paper_id == paper_id, PostRow.post_id == post_id)))
    if post is None:
        post = PostRow(post_id=post_id, paper_id=paper_id, title=paper.title, created=now())
        session.add(post)
    if (post.post_id, post.paper_id) != (post_id, paper_id):
        raise StoreError(
            f"{post.paper_id} has the post {post.post_id}; {post_id} cannot become the post of {paper_id}.",
            "A paper has one post: save under that post's id.",
        )
    return post


def _protect_person(session: Session, revision: Revision) -> None:
    old = session.get(RevisionRow, (revision.post_id, revision.number))
    if old is not None and old.author == "person" and revision.author != "person":
        raise StoreError(
            f"Revision {old.number} of {old.post_id} was written by a person and is not replaced.",
            "Append a new revision.",
        )
