"""The revisions of one digest: all or none, once, and never over a person's."""

from __future__ import annotations

from pathlib import Path

from store.library import Library
from store.records import Block, Paper, Post, Provenance, Revision


def revision(text: str, digest_id: str, author: str = "model") -> Revision:
    post = Post(blocks=(Block(kind="title", text=text),))
    return Revision(post_id="file-1", number=1, author=author, post=post, provenance=Provenance(digest_id=digest_id))


def test_kept_twice_is_kept_once_and_after_an_edit_it_is_appended(tmp_path: Path) -> None:
    with Library.open(tmp_path / "razbor.sqlite") as library:
        library.save_paper(Paper(paper_id="file:1"))
        first = [revision("one", "d1"), revision("two", "d1")]
        for _ in range(2):
            library.keep_digest("file:1", first, outcome="needs_person", reasons=("reason",))
        library.append_revision(revision("edited", "", "person"), "accepted", ())
        library.keep_digest("file:1", [revision("again", "d2")], outcome="accepted", reasons=())
        assert [(r.number, r.post.title) for r in library.revisions("file-1")] == [
            (1, "one"),
            (2, "two"),
            (3, "edited"),
            (4, "again"),
        ]
        assert library.post("file-1").outcome == "accepted"
