"""Forums and their snapshots."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from store.errors import NotFound
from store.library import Library
from store.records import Forum, Note, NoteEdit, Score, Snapshot
from tests.store.samples import PAPER, paper

DAY = datetime(2024, 11, 1, tzinfo=UTC)
FORUM = Forum(forum="Qx7forum01", venue="V.cc/2024/Conference", title="Sheep", authors=("Ada Byron",), created=DAY)


def look(day: int, *ratings: float, source: str = "api", words: str = "Why?", forum: str = FORUM.forum) -> Snapshot:
    at = DAY + timedelta(days=day)
    scores = tuple(Score(reviewer=f"R{n}", rating=rating) for n, rating in enumerate(ratings))
    edits = (NoteEdit(at=DAY, rating=1.0),)
    note = Note(id="n", kind="review", author="R0", created=DAY, fields={"questions": words}, edits=edits)
    notes = (note,) if source == "api" else ()
    return Snapshot(forum=forum, taken=at, seen=at, source=source, scores=scores, notes=notes)  # type: ignore[arg-type]


def test_snapshots_come_back_as_they_were_and_a_look_that_saw_nothing_new_adds_none(library: Library) -> None:
    first = library.keep_forum(FORUM, look(1, 5, 6))
    again = library.keep_forum(FORUM, look(2, 5, 6))
    changed = library.keep_forum(FORUM, look(3, 8, 6))
    reworded = library.keep_forum(FORUM, look(4, 8, 6, words="Why not?"))
    assert [(s.added, s.updated, s.rerated) for s in (first, again, changed, reworded)] == [
        (True, False, False),
        (False, False, False),
        (False, True, True),
        (False, True, False),
    ]
    kept = library.snapshots(FORUM.forum)
    assert kept == [look(1, 5, 6).model_copy(update={"seen": DAY + timedelta(days=2)}), look(3, 8, 6), reworded_look()]
    assert library.forum(FORUM.forum) == FORUM


def reworded_look() -> Snapshot:
    return look(4, 8, 6, words="Why not?")


def test_what_is_not_said_now_stays_and_older_news_change_nothing(library: Library) -> None:
    library.keep_forum(FORUM, look(5, 5))
    library.keep_forum(Forum(forum=FORUM.forum, decision="Accept"), look(9, 5))
    library.keep_forum(Forum(forum=FORUM.forum, decision="Reject", title="Old"), look(1, 4))
    assert library.forum(FORUM.forum) == FORUM.model_copy(update={"decision": "Accept"})
    assert [snapshot.taken.day for snapshot in library.snapshots(FORUM.forum)] == [2, 6]


def test_a_list_tells_the_fate_but_renames_nothing(library: Library) -> None:
    library.keep_forum(FORUM, look(1, 5))
    told = Forum(forum=FORUM.forum, title="SHEEP", venue="list2024", abstract="New.", status="withdrawn")
    library.keep_forum(told, look(2, 5, source="import"))
    known = library.forum(FORUM.forum)
    assert known == FORUM.model_copy(update={"abstract": "New.", "status": "withdrawn"})
    assert [sight.source for sight in library.sights_at(["V.cc/2024/Conference"])] == ["api", "import"]


def test_a_forum_is_linked_only_to_a_paper_that_is_there(library: Library) -> None:
    owned = FORUM.model_copy(update={"paper_id": PAPER, "matched_by": "arXiv id"})
    library.keep_forum(owned, look(1, 5))
    assert library.forums_of(PAPER) == []
    library.save_paper(paper())
    library.keep_forum(owned, look(2, 5))
    assert library.forums_of(PAPER) == [owned]
    library.keep_forum(FORUM, look(3, 5))
    assert library.forums_of(PAPER) == [owned], "a fetch that does not say whose it is leaves the link"
    library.delete_paper(PAPER)
    assert library.forum(FORUM.forum) == FORUM.model_copy(update={"matched_by": "arXiv id"})
    with pytest.raises(NotFound):
        library.link_forum(FORUM.forum, PAPER, "given")


def test_venues_and_sights(library: Library) -> None:
    other = Forum(forum="Zz9forum02", venue="W.cc/2025/Conference")
    library.keep_forums([(FORUM, look(1, 5)), (other, look(1, 3, forum=other.forum)), (FORUM, look(2, 6))])
    assert library.venues() == ["V.cc/2024/Conference", "W.cc/2025/Conference"]
    assert [forum.forum for forum in library.forums_at(["W.cc/2025/Conference"])] == [other.forum]
    assert [sight.scores[0].rating for sight in library.sights_of([FORUM.forum])] == [5, 6]
    assert library.forum("unknown") is None
    assert library.snapshots("unknown") == []
    assert (library.stats()["forums"], library.stats()["snapshots"]) == (2, 3)
