"""Papers and what was read in them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.orm import undefer

from store.errors import NotFound, StoreError
from store.fulltext import drop_abstracts, keep_abstracts, keep_stems
from store.records import ABSTRACT, POST, Document, Paper, Passage
from store.shelf import Changes, Shelf, get, record
from store.tables import PaperRow, PassageRow


class Papers(Shelf):
    """Papers with their documents."""

    def save_paper(self, paper: Paper) -> None:
        """Add the paper, or replace what is known of it; its document and post stay."""
        with self._database.write() as session:
            session.merge(PaperRow(**dict(paper)))

    def save_papers(self, papers: Sequence[Paper]) -> Changes:
        """Hear of many papers in one transaction: new ones are added, of known ones what is new.

        Their titles and abstracts are found by full text. Of a paper that was read, `version` and `url` stay those of
        the reading. A paper that is named twice is counted twice.
        """
        ids = {paper.paper_id for paper in papers}
        added = updated = 0
        with self._database.write() as session:
            rows = session.scalars(select(PaperRow).where(PaperRow.paper_id.in_(ids)))
            before = {row.paper_id: record(Paper, row) for row in rows}
            was_read = PaperRow.paper_id.in_(ids), PaperRow.document.is_not(None)
            read = set(session.scalars(select(PaperRow.paper_id).where(*was_read)))
            known = dict(before)
            for paper in papers:
                now = _heard(known.get(paper.paper_id), paper, paper.paper_id in read)
                added += paper.paper_id not in known
                updated += paper.paper_id in known and now != known[paper.paper_id]
                known[paper.paper_id] = now
            new = [dict(paper) for paper_id, paper in known.items() if paper_id not in before]
            changed = [dict(paper) for paper_id, paper in known.items() if before.get(paper_id, paper) != paper]
            if new:
                session.execute(insert(PaperRow), new)
            if changed:
                session.execute(update(PaperRow), changed)
            texts = {p["paper_id"]: f"{p['title']}\n{p['abstract']}" for p in (*new, *changed)}
            keep_abstracts(session, {paper_id: text for paper_id, text in texts.items() if paper_id not in read})
        return Changes(added, updated, len(papers) - added - updated)

    def save_document(self, document: Document, *, pdf: str) -> None:
        """Keep what was read in a PDF (`pdf`: its SHA-256) in place of an earlier reading.

        A paper that is not known yet is added with the document's own title, authors and abstract.
        """
        paper_id = document.paper_id
        if taken := {POST, ABSTRACT} & {passage.id for passage in document.passages}:
            raise StoreError(f"{paper_id}: a passage may not be called {taken.pop()!r}.", "Report this as a bug.")
        with self._database.write() as session:
            if not session.get(PaperRow, paper_id):
                known = document.model_dump(include={"paper_id", "title", "authors", "abstract"})
                session.add(PaperRow(**dict(Paper(**known))))
                session.flush()
            row = session.get_one(PaperRow, paper_id)
            row.document, row.pdf = document.model_copy(update={"passages": ()}), pdf
            session.execute(delete(PassageRow).where(PassageRow.paper_id == paper_id))
            if document.passages:
                places = enumerate(document.passages)
                rows = [{"paper_id": paper_id, "position": place, **dict(passage)} for place, passage in places]
                session.execute(insert(PassageRow), rows)
            drop_abstracts(session, [paper_id])
            keep_stems(session, paper_id, "passage", [(passage.id, passage.text) for passage in document.passages])

    def paper(self, paper_id: str) -> Paper:
        with self._database.read() as session:
            return record(Paper, get(session, PaperRow, paper_id, "paper"))

    def papers(self, *, read: bool = False) -> list[Paper]:
        """All papers, or those whose document is kept, the newest in the library first."""
        wanted = select(PaperRow).order_by(PaperRow.added.desc(), PaperRow.paper_id)
        return self._all(Paper, wanted.where(PaperRow.document.is_not(None)) if read else wanted)

    def has_document(self, paper_id: str) -> bool:
        with self._database.read() as session:
            wanted = exists().where(PaperRow.paper_id == paper_id, PaperRow.document.is_not(None))
            return bool(session.scalar(select(wanted)))

    def read_papers(self) -> list[str]:
        """The ids of all papers whose document is kept."""
        with self._database.read() as session:
            wanted = select(PaperRow.paper_id).where(PaperRow.document.is_not(None)).order_by(PaperRow.paper_id)
            return list(session.scalars(wanted))

    def document(self, paper_id: str) -> Document:
        """What was read in the paper's PDF.

        Raises:
            NotFound: no such paper, or it was not read yet.
        """
        with self._database.read() as session:
            row = session.get(PaperRow, paper_id, options=[undefer(PaperRow.document)])
            if row is None or row.document is None:
                raise NotFound(f"{paper_id} was not read yet.", f"Run `razbor digest {paper_id}`.")
            wanted = select(PassageRow).where(PassageRow.paper_id == paper_id).order_by(PassageRow.position)
            passages = tuple(record(Passage, passage) for passage in session.scalars(wanted))
            return row.document.model_copy(update={"passages": passages})

    def pdf_of(self, paper_id: str) -> str | None:
        """The SHA-256 of the PDF that was read, None before."""
        with self._database.read() as session:
            return get(session, PaperRow, paper_id, "paper").pdf

    def paper_with_pdf(self, sha: str) -> str | None:
        """The id of the paper that was read in the PDF with this SHA-256 (its first hex digits are enough)."""
        wanted = select(PaperRow.paper_id).where(PaperRow.pdf >= sha, PaperRow.pdf < f"{sha}g").order_by(PaperRow.added)
        with self._database.read() as session:
            return session.scalars(wanted).first()

    def completed(self, paper: Paper) -> Paper:
        """A paper read from a file with what the library knows of it besides: of an arXiv paper, its metadata."""
        with self._database.read() as session:
            row = session.get(PaperRow, paper.paper_id)
            if row is None or paper.paper_id.startswith("file:"):
                return paper
            return record(Paper, row).model_copy(update={name: getattr(paper, name) for name in paper.model_fields_set})

    def delete_paper(self, paper_id: str) -> None:
        """Delete a paper with its document, post and revisions; the ledger and the attempts stay.

        Raises:
            NotFound: no such paper.
        """
        with self._database.write() as session:
            get(session, PaperRow, paper_id, "paper")
            session.execute(delete(PaperRow).where(PaperRow.paper_id == paper_id))


def _heard(known: Paper | None, new: Paper, read: bool) -> Paper:
    if known is None:
        return new
    kept = {"version": known.version, "url": known.url} if read else {}
    return known.updated_by(new).model_copy(update=kept)
