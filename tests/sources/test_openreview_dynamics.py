"""How a discussion went, from snapshots, edits and times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pipeline.sources.openreview.dynamics import Dynamics, dynamics
from pipeline.sources.openreview.forums import forum_of, snapshot_of
from pipeline.sources.openreview.notes import notes_of, with_edits
from store.records import Score, Snapshot
from tests.sources.discussions import FORUM, discussion
from tests.sources.openreview_server import DAY, START, Raw, reply, submission

BEGIN = datetime.fromtimestamp(START / 1000, UTC)


def edit(rating: int, day: float) -> Raw:
    """An edit as the client hands it over."""
    return {"content": {"rating": {"value": rating}}, "edited": int(START + day * DAY)}


def look(raws: list[Raw], day: float, edits: dict[str, list[Raw]] | None = None) -> Snapshot:
    """What a fetch on that day saw: notes that were there, reviews as they stood at the end unless changed here."""
    there = [raw for raw in raws[1:] if raw["cdate"] <= START + day * DAY]
    notes = tuple(with_edits(note, (edits or {}).get(note.id, [])) for note in notes_of(raws[0], there))
    return snapshot_of(FORUM, notes, BEGIN + timedelta(days=day))


def told(raws: list[Raw], *snapshots: Snapshot) -> Dynamics:
    return dynamics(forum_of(raws[0], notes_of(raws[0], raws[1:])), snapshots)


def by_id(found: Dynamics) -> dict[str, tuple[Any, ...]]:
    return {one.id[-4:]: (one.before, one.after, one.replied_after_rebuttal) for one in found.reviewers}


def rated(raws: list[Raw], note: str, rating: int) -> list[Raw]:
    """The same notes, with one review still unchanged since it was posted."""
    raws = [dict(raw) for raw in raws]
    for raw in raws:
        if raw["id"] == note:
            raw["content"] = {**raw["content"], "rating": {"value": rating}}
            raw["mdate"] = raw["cdate"]
    return raws


def test_two_snapshots_show_who_changed_and_who_came_back() -> None:
    raws = discussion()
    found = told(raws, look(rated(raws, "r1", 5), 5), look(raws, 40))
    assert by_id(found) == {"aaaa": (5, 8, True), "bbbb": (3, 3, False), "cccc": (6, 6, False)}
    assert (found.mean_before, found.mean_after) == (4.67, 5.67)
    assert (found.spread_before, found.spread_after) == (1.25, 2.05)
    assert (found.decision, found.authors_replied, found.snapshots) == ("Accept (Poster)", True, 2)
    assert found.open_questions == ("How would the method count a flock that never stands still?",)


def test_one_snapshot_with_edits_shows_the_same() -> None:
    raws = discussion()
    found = told(raws, look(raws, 40, {"r1": [edit(8, 12), edit(5, 1)]}))
    assert by_id(found)["aaaa"] == (5, 8, True)
    assert found.mean_before == 4.67


def test_an_edited_review_without_a_trace_of_its_first_mark_is_not_guessed() -> None:
    raws = discussion()
    found = told(raws, look(raws, 40))
    assert by_id(found) == {"aaaa": (None, 8, True), "bbbb": (3, 3, False), "cccc": (6, 6, False)}
    assert (found.mean_before, found.spread_before) == (None, None)
    assert found.mean_after == 5.67


def test_a_change_before_the_rebuttal_is_none_after_it() -> None:
    raws = discussion()
    found = told(raws, look(raws, 40, {"r1": [edit(5, 1), edit(8, 6)]}))
    assert by_id(found)["aaaa"] == (8, 8, True)


def test_a_venue_that_hides_the_time_of_a_change() -> None:
    raws = [{**raw, "mdate": None} for raw in discussion()]
    found = told(raws, look(rated(raws, "r1", 5), 5), look(raws, 40))
    assert by_id(found)["aaaa"] == (5, 8, True)


def test_a_venue_that_keeps_both_marks_in_one_note() -> None:
    raws = [
        *discussion()[:1],
        reply(FORUM, "r", "Official_Review", "R", 1, changed=20, preliminary_rating=2, final_rating="4: accept"),
        reply(FORUM, "a", "Rebuttal", "Authors", 10, to="r", rebuttal="Look again."),
    ]
    assert by_id(told(raws, look(raws, 30))) == {"R": (2, 4, False)}


def test_before_the_rebuttal_nobody_is_silent() -> None:
    raws = discussion()
    found = told(raws, look(rated(raws, "r1", 5), 5))
    assert by_id(found) == {"aaaa": (5, 5, None), "bbbb": (3, 3, None), "cccc": (6, 6, None)}
    assert found.open_questions == ()


def test_one_answer_to_all_is_a_rebuttal_to_each() -> None:
    raws = [raw for raw in discussion() if raw["id"] not in ("a1", "a2", "a3", "c1")]
    raws.append(reply(FORUM, "a9", "Official_Comment", "Authors", 10, comment="To all reviewers: thank you."))
    assert {one.replied_after_rebuttal for one in told(raws, look(raws, 40)).reviewers} == {False}


def test_an_answer_to_another_review_is_no_rebuttal_to_this_one() -> None:
    raws = [raw for raw in discussion() if raw["id"] not in ("a2", "a3")]
    assert by_id(told(raws, look(raws, 40)))["bbbb"][2] is None


def test_a_form_ticked_is_no_answer_but_a_chair_who_asks_takes_the_question_up() -> None:
    ticked = reply(
        FORUM,
        "k",
        "Mandatory_Acknowledgement",
        "Reviewer_bbbb",
        12,
        to="r2",
        mandatory_acknowledgement="I have read it.",
    )
    raws = [*discussion(), ticked]
    assert by_id(told(raws, look(raws, 40)))["bbbb"][2] is False
    raws.append(reply(FORUM, "k2", "Official_Comment", "Area_Chair_dddd", 13, to="a2", comment="And the flock?"))
    found = told(raws, look(raws, 40))
    assert (by_id(found)["bbbb"][2], found.open_questions) == (False, ())


def test_a_late_review_counts_from_its_own_first_mark() -> None:
    raws = discussion()
    late = reply(FORUM, "r4", "Official_Review", "Reviewer_eeee", 15, rating=4)
    assert by_id(told([*raws, late], look([*raws, late], 40)))["eeee"] == (4, 4, None)


# --- imported lists -----------------------------------------------------------------------------------------------


def listed(day: int, **ratings: float) -> Snapshot:
    scores = tuple(Score(reviewer=name[1:], rating=rating) for name, rating in ratings.items())
    at = BEGIN + timedelta(days=day)
    return Snapshot(forum=FORUM, taken=at, seen=at, source="import", scores=scores)


def test_two_lists_show_each_reviewer_and_a_newcomer_has_no_before() -> None:
    raws = [submission(FORUM, "T")]
    found = told(raws, listed(0), listed(1, _1=5, _2=6), listed(20, _3=8, _1=5, _2=8))
    assert by_id(found) == {"3": (None, 8, None), "1": (5, 5, None), "2": (6, 8, None)}
    assert (found.mean_before, found.mean_after) == (5.5, 7)


def test_a_list_from_before_tells_the_mean_where_the_forum_itself_does_not() -> None:
    raws = discussion()
    found = told(raws, listed(5, _1=5, _2=3, _3=6), look(raws, 40))
    assert (found.mean_before, found.mean_after) == (4.67, 5.67)
    assert by_id(found)["aaaa"] == (None, 8, True)


def test_a_forum_that_nobody_saw_has_no_numbers() -> None:
    found = told([submission(FORUM, "T")])
    assert (found.reviewers, found.mean_before, found.mean_after, found.taken) == ((), None, None, None)
