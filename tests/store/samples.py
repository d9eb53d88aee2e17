"""Small records for the store's tests."""

from __future__ import annotations

from collections.abc import Sequence

from store.records import Block, Claim, Document, Paper, Passage, Post, Revision

PAPER = "arxiv:2407.18370"
POST = "arxiv-2407.18370"


def document(paper_id: str, *texts: str) -> Document:
    passages = (
        Passage(id=f"p{number}", page=number, bbox=(1.5, 2, 300, 40), section="1", text=text)
        for number, text in enumerate(texts, start=1)
    )
    return Document(paper_id=paper_id, title=f"Title of {paper_id}", pages=len(texts), passages=tuple(passages))


def paper(paper_id: str = PAPER) -> Paper:
    return Paper(paper_id=paper_id, title="Trust or Escalate")


def revision(
    number: int = 1, *, words: str = "Проверяем судей.", author: str = "model", post_id: str = POST
) -> Revision:
    lead = Block(kind="lead", claims=(Claim(id="c1", text=words, passages=("p1",), quote="judges"),))
    return Revision(
        post_id=post_id, number=number, author=author, post=Post(blocks=(Block(kind="title", text="Разбор"), lead))
    )


def words_of(revisions: Sequence[Revision]) -> list[str]:
    return [revision.post.claims[0].text for revision in revisions]
