"""A venue's marks from lists, and the ranking over them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.errors import InputError
from pipeline.sources.openreview.dynamics import dynamics
from pipeline.sources.openreview.scores import date_of, import_scores, name_reviewers
from pipeline.sources.openreview.venues import top_of_venue, venue_key
from store.library import Library
from store.records import Score

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "openreview"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is absent")
BEFORE = """id,title,ratings,confidences,withdraw
aaaa1111,"Sheep, Counted","[5, 6]","[3, 4]",0
bbbb2222,Goats,"[8, 8, 1]","[5, 5, 5]",0
cccc3333,Wolves,[],[],0
"""
AFTER = """id,title,ratings,confidences,withdraw
aaaa1111,"Sheep, Counted","[8, 5, 8]","[2, 3, 4]",0
bbbb2222,Goats,"[8, 8, 1]","[5, 5, 5]",1
cccc3333,Wolves,"[6, 6]","[4, 3]",0
"""


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.sqlite") as opened:
        yield opened


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    before, after = tmp_path / "sheep2024_20241105.csv", tmp_path / "sheep2024_2024-11-20.csv"
    before.write_text(BEFORE, encoding="utf-8")
    after.write_text(AFTER, encoding="utf-8")
    return before, after


def counts(told: object) -> tuple[int, ...]:
    return tuple(getattr(told, name) for name in ("added", "updated", "unchanged", "changed"))


def test_two_looks_at_a_venue_show_who_changed(library: Library, files: tuple[Path, Path]) -> None:
    before, after = files
    assert counts(import_scores(before, library)) == (3, 0, 0, 0)
    assert counts(import_scores(after, library)) == (0, 3, 0, 2)
    assert counts(import_scores(after, library)) == (0, 0, 3, 0)
    assert counts(import_scores(before, library)) == (0, 0, 3, 0)
    forum = library.forum("aaaa1111")
    assert forum is not None
    found = dynamics(forum, library.snapshots("aaaa1111"))
    assert {one.id: (one.before, one.after) for one in found.reviewers} == {"3": (None, 8), "1": (5, 5), "2": (6, 8)}
    goats = library.forum("bbbb2222")
    assert goats is not None
    assert goats.status == "withdrawn"


def test_the_later_list_may_come_first(library: Library, files: tuple[Path, Path]) -> None:
    for file in reversed(files):
        import_scores(file, library)
    forum = library.forum("bbbb2222")
    assert forum is not None
    assert forum.status == "withdrawn", "an older list does not take back what a newer one says"
    found = dynamics(forum, library.snapshots("aaaa1111"))
    assert (found.mean_before, found.mean_after) == (5.5, 7)


@pytest.mark.parametrize(
    ("by", "order"),
    [
        ("rating", ["aaaa1111", "cccc3333", "bbbb2222"]),
        ("spread", ["bbbb2222", "aaaa1111", "cccc3333"]),
        ("confidence", ["bbbb2222", "cccc3333", "aaaa1111"]),
        ("change", ["aaaa1111", "cccc3333", "bbbb2222"]),
    ],
)
def test_a_venue_is_ranked(library: Library, files: tuple[Path, Path], by: str, order: list[str]) -> None:
    for file in files:
        import_scores(file, library)
    ranked = top_of_venue(library, "SHEEP 2024", 15, by)  # type: ignore[arg-type]
    assert [paper.forum for paper in ranked] == order
    assert [paper.forum for paper in top_of_venue(library, "sheep2024", 1, by)] == order[:1]  # type: ignore[arg-type]
    goats = next(paper for paper in ranked if paper.forum == "bbbb2222")
    assert (goats.mean, goats.spread, goats.decision, goats.ratings) == (5.67, 3.3, "withdrawn", (8, 8, 1))


def test_a_venue_that_nobody_knows(library: Library) -> None:
    with pytest.raises(InputError, match="no venue 'x2024'"):
        top_of_venue(library, "x2024", 5)


def test_names_of_venues() -> None:
    assert {venue_key(name) for name in ("ICLR.cc/2023/Conference", "ICLR 2023", "iclr2023", "iclr_2023")} == {
        "iclr2023"
    }
    assert venue_key("ICLR.cc/2023/Workshop/X") != venue_key("ICLR.cc/2023/Conference")


def test_json_lists_with_named_reviewers(library: Library, tmp_path: Path) -> None:
    papers = [
        {"site": "https://openreview.net/forum?id=dddd4444", "title": "Fences", "rating": "5;7", "confidence": "4;3",
         "reviewers": "GRur;qkT2", "status": "Poster", "author": "Ada Byron;Émile Borel"},
        {"id": "eeee5555", "title": "Walls", "rating": "", "status": "Withdraw"},
        "no object",
    ]  # fmt: skip
    file = tmp_path / "walls2025.json"
    file.write_text(json.dumps(papers), encoding="utf-8")
    told = import_scores(file, library)
    assert (told.added, [(refused.line, refused.why) for refused in told.refused]) == (2, [(3, "no id of a forum")])
    fences, walls = library.forum("dddd4444"), library.forum("eeee5555")
    assert fences is not None
    assert walls is not None
    assert (fences.venue, fences.decision, fences.authors) == ("walls2025", "Poster", ("Ada Byron", "Émile Borel"))
    assert walls.status == "withdrawn"
    (snapshot,) = library.snapshots("dddd4444")
    assert [(score.reviewer, score.rating, score.confidence) for score in snapshot.scores] == [
        ("GRur", 5, 4),
        ("qkT2", 7, 3),
    ]


def test_one_file_with_both_looks(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "both.csv"
    file.write_text("forum;Ratings Before;Ratings After\nffff6666;5,5;5,8\n", encoding="utf-8")
    told = import_scores(file, library, venue="V 2026", taken=datetime(2026, 1, 1, tzinfo=UTC))
    assert (told.added, told.unchanged, told.changed) == (1, 0, 1)
    assert top_of_venue(library, "v2026", 1)[0].mean_before == 5


def test_bad_rows_are_refused_with_their_lines_and_the_rest_is_kept(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(
        'id,ratings\naaaa1111,"[5, 6]"\nno id at all,"[5]"\nbbbb2222,"[5, strong accept]"\naaaa1111,[7]\n'
        "cccc3333,strong\ndddd4444,8: accept\n",
        encoding="utf-8",
    )
    told = import_scores(file, library)
    assert [(refused.line, refused.why) for refused in told.refused] == [
        (3, "no id of a forum"),
        (4, "ratings: '[5, strong accept]' is no list"),
        (5, "aaaa1111 stands in the file twice"),
        (6, "ratings: 'strong' has no number"),
    ]
    assert told.added == 2


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.csv", b"title,year\nx,1\n", "no column of ids"),
        ("a.csv", b"", "no column of ids"),
        ("a.csv", b"id,ratings\n\xff\xfe,1\n", "not UTF-8"),
        ("a.json", b"[1, 2", "no JSON"),
        ("a.json", b'{"id": 1}', "holds no list"),
        ("a.json", b"[1, 2]", "No row of a.json"),
    ],
)
def test_a_file_that_is_no_list_of_marks(library: Library, tmp_path: Path, name: str, data: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=words):
        import_scores(tmp_path / name, library)
    with pytest.raises(InputError, match="cannot be read"):
        import_scores(tmp_path / "absent.csv", library)


def test_a_date_that_is_none() -> None:
    assert date_of("2022-11-05") == datetime(2022, 11, 5, tzinfo=UTC)
    with pytest.raises(InputError):
        date_of("yesterday")


def test_reviewers_are_named_alike_only_where_it_is_certain() -> None:
    def scores(*ratings: float, names: str = "") -> tuple[Score, ...]:
        return tuple(
            Score(reviewer=name, rating=rating) for name, rating in zip(names or [""] * 9, ratings, strict=False)
        )

    def names(new: tuple[Score, ...], known: tuple[Score, ...]) -> str:
        return "".join(score.reviewer for score in name_reviewers(new, known))

    known = scores(5, 6, 8, names="123")
    assert names(scores(5, 6, 8), ()) == "123"
    assert names(scores(8, 6, 8), known) == "123"
    assert names(scores(3, 5, 6, 8), known) == "4123"
    assert names(scores(5, 6, 8, 3), known) == "1234"
    assert names(scores(6, 8), known) == "23"
    assert names(scores(6, 6, 6), scores(6, 6, names="12")) == "345", "either side could be the new one"


@needs_data
def test_760_of_4874_papers_changed_at_iclr_2023(library: Library) -> None:
    told = [import_scores(DATA / "iclr2023" / f"iclr2023_{day}.csv", library) for day in ("20221105", "20221120")]
    assert (told[0].added, told[1].changed, told[0].refused, told[1].refused) == (4874, 760, [], [])
    assert len(top_of_venue(library, "ICLR 2023", 5000)) == 4874 - 2, "two papers got no review"
