"""From raw notes of either API to forums and notes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import SourceError
from pipeline.sources.openreview.fields import clean, number, plain
from pipeline.sources.openreview.forums import forum_of, snapshot_of, venue_of
from pipeline.sources.openreview.notes import notes_of
from pipeline.sources.openreview.questions import questions_of
from store.records import now
from tests.sources.discussions import AUTHORS, FORUM, TITLE, discussion
from tests.sources.openreview_server import Raw, reply, submission

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "openreview"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is absent")


def read(raws: list[Raw]) -> tuple[Any, Any]:
    notes = notes_of(raws[0], raws[1:])
    return forum_of(raws[0], notes), notes


@pytest.mark.parametrize("api", [2, 1])
def test_a_discussion_reads_the_same_in_both_apis(api: int) -> None:
    forum, notes = read(discussion(api))
    assert (forum.forum, forum.title, forum.authors) == (FORUM, TITLE, tuple(AUTHORS))
    assert (forum.venue, forum.decision, forum.status) == ("TEST.cc/2024/Conference", "Accept (Poster)", "active")
    assert [(note.id, note.kind, note.author) for note in notes] == [
        ("r1", "review", "Reviewer_aaaa"),
        ("r2", "review", "Reviewer_bbbb"),
        ("r3", "review", "Reviewer_cccc"),
        ("a1", "reply", "Authors"),
        ("a2", "reply", "Authors"),
        ("a3", "reply", "Authors"),
        ("c1", "comment", "Reviewer_aaaa"),
        ("m1", "metareview", "Area_Chair_dddd"),
        ("d1", "decision", "Program_Chairs"),
    ]
    assert [(note.rating, note.confidence) for note in notes[:3]] == [(8, 4), (3, 5), (6, 3)]
    assert notes[0].fields["soundness"] == "3 good"
    assert notes[3].reply_to == "r1"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("8", 8),
        ("8: accept, good paper", 8),
        ("3 good", 3),
        ("2.5 = borderline", 2.5),
        ("10: strong accept", 10),
        ("-1: weak reject", -1),
        ("Weak accept (6)", 6),
        ("4/5", 4),
        ("Accept (Oral)", None),
        ("2024 was a good year", None),
        ("", None),
    ],
)
def test_the_number_of_a_mark(text: str, value: float | None) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("name", "who", "content", "kind"),
    [
        ("Official_Review", "Reviewer_x", {"rating": 5}, "review"),
        ("Review", "Reviewer_x", {"overall_score": "3"}, "review"),
        ("official/review", "AnonReviewer2", {"rating": "7: good"}, "review"),
        ("pre-review/question", "AnonReviewer2", {"question": "Why?"}, "comment"),
        ("Ethics_Review", "Ethics_Reviewer_q", {"recommendation": "1: none"}, "comment"),
        ("Review_Rating", "Area_Chair_y", {"rating": 4}, "comment"),
        ("Rebuttal", "Authors", {"rebuttal": "We agree."}, "reply"),
        ("Author_Response", "Authors", {"response": "We agree."}, "reply"),
        ("Rebuttal_Acknowledgement", "Reviewer_x", {"acknowledgement": "Read."}, "comment"),
        ("Official_Comment", "Authors", {"comment": "Hello."}, "reply"),
        ("Public_Comment", "~Passer_By1", {"comment": "Hello."}, "comment"),
        ("Meta_Review", "Area_Chair_y", {"metareview": "Fine."}, "metareview"),
        ("Paper_Decision", "Program_Chairs", {"decision": "Reject"}, "decision"),
        ("acceptance", "pcs", {"decision": "Accept"}, "decision"),
        ("Withdrawal", "Authors", {"withdrawal_confirmation": "I do."}, "withdrawal"),
        ("Desk_Rejection", "Program_Chairs", {"desk_reject_comments": "Too long."}, "desk_rejection"),
        ("Assessment_Form", "Reviewer_x", {"overall_assessment": "4", "summary": "Good."}, "review"),
        ("Something_New", "Program_Chairs", {"decision": "Accept"}, "decision"),
        ("Something_New", "Reviewer_x", {"remark": "Hm."}, "comment"),
    ],
)
@pytest.mark.parametrize("api", [2, 1])
def test_kinds_are_told_by_names_or_fields(api: int, name: str, who: str, content: Raw, kind: str) -> None:
    (note,) = notes_of(submission("f" * 10, "T", api=api), [reply("f" * 10, "n", name, who, 1, api=api, **content)])
    assert note.kind == kind


def test_authors_who_sign_with_their_names_are_the_authors() -> None:
    root = submission("f" * 10, "T", authors=[{"fullname": "Ada Byron", "username": "~Ada_Byron1"}])
    raw = {**reply("f" * 10, "n", "Official_Comment", "x", 1, comment="Hi."), "signatures": ["~Ada_Byron1"]}
    (note,) = notes_of(root, [raw])
    assert (note.author, note.kind) == ("Authors", "reply")
    assert forum_of(root).authors == ("Ada Byron",)


@pytest.mark.parametrize(
    ("content", "decision", "fate"),
    [
        ({"venueid": "V.cc/2024/Conference/Withdrawn_Submission"}, "", "withdrawn"),
        ({"venueid": "V.cc/2024/Conference/Desk_Rejected_Submission"}, "", "desk_rejected"),
        ({"venueid": "V.cc/2024/Conference/Rejected_Submission"}, "Reject", "active"),
        ({"venueid": "V.cc/2024/Conference", "venue": "V 2024 oral"}, "V 2024 oral", "active"),
        ({"venueid": "V.cc/2024/Conference/Submission", "venue": "Submitted to V 2024"}, "", "active"),
    ],
)
def test_the_fate_of_a_submission(content: Raw, decision: str, fate: str) -> None:
    raw = submission("f" * 10, "T")
    forum = forum_of({**raw, "content": {name: {"value": value} for name, value in content.items()}})
    assert (forum.venue, forum.decision, forum.status) == ("V.cc/2024/Conference", decision, fate)


def test_deleted_notes_and_hidden_content_are_left_out() -> None:
    gone = {**reply("f" * 10, "n1", "Official_Review", "R", 1, rating=1), "ddate": 5}
    hidden = {**reply("f" * 10, "n2", "Official_Review", "R", 1), "content": None}
    assert notes_of(submission("f" * 10, "T"), [gone, hidden]) == ()


@pytest.mark.parametrize("raw", [{}, {"id": "f", "content": None}, {"id": 7, "content": {}}])
def test_a_submission_without_id_or_content_is_half_an_answer(raw: Raw) -> None:
    with pytest.raises(SourceError):
        forum_of(raw)


def test_odd_values_become_text_and_no_time() -> None:
    odd = {"a\x1b[31m": "x\x00y\ud800", "list": [1, None, "b"], "n": {"value": {"k": "v"}}, "no": None, "f": 2.5}
    raw = {**reply("f" * 10, "n", "Official_Comment", "R", 1), "content": odd, "cdate": "soon", "tcdate": 10**30}
    (note,) = notes_of(submission("f" * 10, "T"), [{**raw, "signatures": None}])
    assert note.fields == {"a[31m": "xy?", "list": "1, b", "n": "k: v", "f": "2.5"}
    assert (note.created, note.author) == (None, "")
    assert clean("\u009bdanger") == "danger"
    assert plain({"value": ["x", {"value": 3}]}) == "x, 3"


def test_reviewers_whom_the_venue_does_not_tell_apart_are_numbered() -> None:
    same = [reply("f" * 10, f"n{n}", "Review", "Reviewer", n, rating=n) for n in (1, 2)]
    notes = notes_of(submission("f" * 10, "T"), same)
    assert [score.reviewer for score in snapshot_of("f" * 10, notes, now()).scores] == ["Reviewer", "Reviewer#2"]


def test_the_arxiv_id_that_a_submission_prints() -> None:
    assert forum_of(submission("f" * 10, "T", html="https://arxiv.org/abs/2407.18370v2")).arxiv_id == "2407.18370"
    assert forum_of(submission("f" * 10, "T", abstract="We extend arXiv:2407.18370.")).arxiv_id == ""
    both = submission("f" * 10, "T", code="arXiv:2407.18370", data="arXiv:2411.07191")
    assert forum_of(both).arxiv_id == ""


def test_venues_without_a_venue_field_are_named_by_the_invitation() -> None:
    assert venue_of({"invitation": "V.cc/2019/Conference/-/Blind_Submission", "content": {}}) == "V.cc/2019/Conference"
    assert venue_of({"invitation": "V.cc/2019/Conference/Paper7/-/Review", "content": {}}) == "V.cc/2019/Conference"
    assert venue_of({"content": {}}) == ""


def test_questions_of_a_review() -> None:
    fields = {
        "summary": "They count.",
        "weaknesses": "- The flock is small. What would happen with a flock of goats?\n- **Is** it \n- Why?",
        "questions": "Some thoughts:\n1. **Why** were only white sheep counted?\n2) Please state the seed of each run."
        "\n3. See weaknesses above.\nQ4: Does the fence matter, and would a wall do as well?",
        "ethics_review": "Is it fine with all the animals?",
    }
    assert questions_of(fields) == (
        "What would happen with a flock of goats?",
        "Why were only white sheep counted?",
        "Please state the seed of each run.",
        "Does the fence matter, and would a wall do as well?",
    )
    assert questions_of({"questions": "N/A"}) == ()


@needs_data
def test_real_reviews_of_2020_are_read_in_both_shapes() -> None:
    ratings = []
    lines = gzip.decompress((DATA / "iclr2020_reviews_v1" / "reviews_2020_00.jsonl.gz").read_bytes()).splitlines()
    for line in lines:
        content = json.loads(line)["content"]
        for api in (1, 2):
            raw = reply("f" * 10, "n", "Official_Review", "AnonReviewer1", 1, api=api, **content)
            bare = {**raw, "invitation": None, "invitations": None}
            (note,), (guessed,) = (notes_of(submission("f" * 10, "T", api=api), [one]) for one in (raw, bare))
            assert note.kind == guessed.kind == "review"
            assert note.fields.keys() == content.keys()
            ratings.append(note.rating)
    assert len(ratings) == 4400
    assert set(ratings) == {1, 3, 6, 8}
