"""One discussion as it could have been, in the shape of either API; every word is made up here."""

from __future__ import annotations

from typing import Any

from tests.sources.openreview_server import Raw, reply, submission

FORUM = "Qx7forum01"
TITLE = "Counting Sheep: How Many Examples Put a Judge to Sleep"
AUTHORS = ["Ada Byron", "Émile Borel", "Sofia Kowalewska"]


def discussion(api: int = 2, venue: str = "TEST.cc/2024/Conference", **content: Any) -> list[Raw]:
    """Three reviews on days 1 to 3, an answer to each on day 10; one reviewer comes back on day 12, raising 5 to 8."""
    rating = (lambda mark, words: mark) if api == 2 else (lambda mark, words: f"{mark}: {words}")
    many: dict[str, Any] = {"api": api, "venue": venue}
    return [
        submission(FORUM, TITLE, **many, authors=AUTHORS, abstract="We count.", **content),
        reply(
            FORUM, "r1", "Official_Review", "Reviewer_aaaa", 1, **many, changed=12, summary="They count sheep.",
            soundness="3 good", rating=rating(8, "accept, good paper"), confidence="4: sure",
            questions="1. Why were only white sheep counted?\n2. Does the order of the sheep change the count?",
        ),
        reply(
            FORUM, "r2", "Official_Review", "Reviewer_bbbb", 2, **many, review="Sheep are not examples.",
            rating=rating(3, "reject"), confidence=rating(5, "certain"),
            questions="1. How would the method count a flock that never stands still?\n2. See weaknesses.",
        ),
        reply(
            FORUM, "r3", "Official_Review", "Reviewer_cccc", 3, **many, strengths="Clear.", weaknesses="Short.",
            rating=rating(6, "weak accept"), confidence=rating(3, "fairly"),
        ),
        *[
            reply(FORUM, f"a{n}", "Official_Comment", "Authors", 10, **many, to=f"r{n}", comment=f"Thank you, {n}.")
            for n in (1, 2, 3)
        ],
        reply(FORUM, "c1", "Official_Comment", "Reviewer_aaaa", 12, **many, to="a1", comment="Convinced, I raise it."),
        reply(FORUM, "m1", "Meta_Review", "Area_Chair_dddd", 20, **many, metareview="Two for, one against."),
        reply(FORUM, "d1", "Decision", "Program_Chairs", 30, **many, title="Decision", decision="Accept (Poster)"),
    ]  # fmt: skip
