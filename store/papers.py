"""Papers and what was read in them."""

from __future__ import annotations

from sqlalchemy import delete, exists, insert, select
from sqlalchemy.orm import undefer

from store.errors import NotFound, StoreError
from store.fulltext import keep_stems
from store.records import POST, Document, Paper, Passage
from store.shelf import Shelf, get, record
from store.tables import PaperRow, PassageRow


class Papers(Shelf):
    """Papers with their documents."""

    def save_paper(self, paper: Paper) -> None:
        """Add the paper, or replace what is known of it; its document and post stay."""
        with self._database.write() as session:
            session.merge(PaperRow(**dict(paper)))

    def save_document(self, document: Document, *, pdf: str) -> None:
        """Keep what was read in a PDF (`pdf`: its SHA-256) in place of an earlier reading.

        A paper that is not known yet is added with the document's own title, authors and abstract.
        """
        paper_id = document.paper_id
        if any(passage.id == POST for passage in document.passages):
            raise StoreError(f"{paper_id}: a passage may not be called {POST!r}.", "Report this as a bug.")
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
            keep_stems(session, paper_id, "passage", [(passage.id, passage.text) for passage in document.passages])

    def paper(self, paper_id: str) -> Paper:
        with self._database.read() as session:
            return record(Paper, get(session, PaperRow, paper_id, "paper"))

    def papers(self) -> list[Paper]:
        """All papers, the newest in the library first."""
        return self._all(Paper, select(PaperRow).order_by(PaperRow.added.desc(), PaperRow.paper_id))

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

    def delete_paper(self, paper_id: str) -> None:
        """Delete a paper with its document, post and revisions; the ledger and the attempts stay.

        Raises:
            NotFound: no such paper.
        """
        with self._database.write() as session:
            get(session, PaperRow, paper_id, "paper")
            session.execute(delete(PaperRow).where(PaperRow.paper_id == paper_id))
