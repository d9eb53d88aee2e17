"""reviews, venue and import scores, as a person or a program calls them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.files import Home
from store.library import Library
from store.records import Paper
from tests.sources.discussions import AUTHORS, FORUM, TITLE, discussion
from tests.sources.openreview_server import VENUE, OpenReviewServer, edit, reply, status, submission
from tests.ui.terminal import Terminal

CONTRACT = {
    "forum",
    "decision",
    "reviewers",
    "mean_before",
    "mean_after",
    "spread_before",
    "spread_after",
    "open_questions",
}
SHEEP = Paper(paper_id="arxiv:2501.00001", title=TITLE, authors=tuple(AUTHORS))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenReviewServer]:
    goats = [
        submission("Qx7forum02", "Goats Are Not Sheep", authors=["Nobody Known"]),
        *[reply("Qx7forum02", f"g{n}", "Official_Review", f"R{n}", n, rating=n, confidence=5) for n in (1, 10)],
    ]
    with OpenReviewServer(*discussion(), *goats) as running:
        running.edits["r1"] = [edit(5, 1), edit(8, 12)]
        monkeypatch.setenv("RAZBOR_OPENREVIEW_URL", running.url)
        yield running


@pytest.fixture
def razbor(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path / "home")


def keep(razbor: Terminal, *papers: Paper) -> None:
    with Library.open(Home(razbor.home).database) as library:
        for paper in papers:
            library.save_paper(paper)


@pytest.mark.parametrize("name", [FORUM, f"openreview:{FORUM}", f"https://openreview.net/forum?id={FORUM}"])
def test_reviews_prints_the_contract_s_json_and_nothing_else(
    razbor: Terminal, server: OpenReviewServer, name: str
) -> None:
    answer = razbor("reviews", name, "--json")
    assert answer.code == 0
    found = answer.json
    assert set(found) >= CONTRACT
    assert (found["forum"], found["decision"]) == (FORUM, "Accept (Poster)")
    assert found["reviewers"][0] == {
        "id": "Reviewer_aaaa",
        "before": 5,
        "after": 8,
        "confidence": 4,
        "replied_after_rebuttal": True,
        "open_questions": [],
    }
    assert (found["mean_before"], found["mean_after"], found["matched_by"]) == (4.67, 5.67, "")
    assert found["open_questions"] == ["How would the method count a flock that never stands still?"]


def test_reviews_for_a_person(razbor: Terminal, server: OpenReviewServer) -> None:
    answer = razbor("reviews", FORUM)
    assert answer.code == 0
    for words in (TITLE, "Reviewer_bbbb", "silent", "came back", "Accept (Poster)", "flock", "рецензентов выросла"):
        assert words in answer.out


def test_a_paper_of_the_library_finds_its_forum_and_says_how(razbor: Terminal, server: OpenReviewServer) -> None:
    keep(razbor, SHEEP)
    found = razbor("reviews", "2501.00001", "--json").json
    assert (found["forum"], found["paper_id"], found["matched_by"]) == (FORUM, SHEEP.paper_id, "title and authors")
    server.asked.clear()
    assert razbor("reviews", "2501.00001", "--json").json["snapshots"] == 1
    assert "/notes/search" not in server.paths


def test_two_forums_that_fit_are_named_and_a_person_picks(razbor: Terminal, server: OpenReviewServer) -> None:
    server.notes.append(submission("Zz9forum09", TITLE, venue="LATER.cc/2025/Conference", authors=AUTHORS))
    keep(razbor, SHEEP)
    answer = razbor("reviews", "2501.00001", "--json")
    assert answer.code == 2
    assert "Qx7forum01 (TEST.cc/2024/Conference), Zz9forum09 (LATER.cc/2025/Conference)" in answer.json["error"]
    picked = razbor("reviews", "2501.00001", "--forum", "Zz9forum09", "--json").json
    assert (picked["forum"], picked["matched_by"]) == ("Zz9forum09", "given by a person")
    assert razbor("reviews", "2501.00001", "--json").json["forum"] == "Zz9forum09"


def test_a_challenge_is_for_a_person_unless_something_was_seen_before(
    razbor: Terminal, server: OpenReviewServer
) -> None:
    server.next(status(403, "ChallengeRequiredError"))
    refused = razbor("reviews", FORUM, "--json")
    assert refused.code == 2
    assert "challenge" in refused.json["error"]
    assert "RAZBOR_OPENREVIEW_USERNAME" in refused.json["mend"]
    razbor("reviews", FORUM)
    server.next(status(403, "ChallengeRequiredError"))
    stale = razbor("reviews", FORUM, "--json")
    assert (stale.code, stale.json["mean_after"]) == (1, 5.67)
    assert "challenge" in stale.json["trouble"]
    assert "challenge" in stale.err
    server.asked.clear()
    assert razbor("reviews", FORUM, "--offline").code == 0
    assert server.asked == []


@pytest.mark.parametrize("name", ["2501.99999", "no/such thing", "Zz9unknown"])
def test_a_paper_that_nobody_knows(razbor: Terminal, server: OpenReviewServer, name: str) -> None:
    answer = razbor("reviews", name)
    assert answer.code == 2
    assert answer.out == ""


def test_a_venue_is_fetched_once_and_ranked(razbor: Terminal, server: OpenReviewServer) -> None:
    answer = razbor("venue", VENUE, "--top", "5", "--json")
    assert answer.code == 0
    first, second = answer.json
    assert set(first) >= {"forum", "title", "mean", "spread", "ratings", "decision"}
    assert (first["forum"], first["mean"], first["decision"]) == (FORUM, 5.67, "Accept (Poster)")
    assert (second["ratings"], second["spread"]) == ([1, 10], 4.5)
    server.asked.clear()
    by_spread = razbor("venue", VENUE, "--by", "spread")
    assert by_spread.out.index("Goats") < by_spread.out.index("Sheep:")
    assert server.asked == []


def test_a_venue_that_nobody_knows(razbor: Terminal, server: OpenReviewServer) -> None:
    answer = razbor("venue", "NONE.cc/2020/Conference")
    assert answer.code == 2
    assert "no venue" in answer.err


def test_scores_are_imported_and_ranked(razbor: Terminal, tmp_path: Path) -> None:
    for day, marks in (("20241105", "[5, 6]"), ("20241120", "[8, 6]")):
        file = tmp_path / f"sheep2024_{day}.csv"
        file.write_text(f'id,title,ratings\naaaa1111,Sheep,"{marks}"\n,Nobody,[3]\n', encoding="utf-8")
        answer = razbor("import", "scores", file, "--json")
        assert answer.code == 1
        assert answer.json["refused"] == [{"line": 3, "why": "no id of a forum"}]
    assert (answer.json["updated"], answer.json["changed"]) == (1, 1)
    (paper,) = razbor("venue", "sheep2024", "--json").json
    assert (paper["mean"], paper["mean_before"]) == (7, 5.5)
    found = razbor("reviews", "aaaa1111", "--offline", "--json").json
    assert [(one["before"], one["after"]) for one in found["reviewers"]] == [(5, 8), (6, 6)]
