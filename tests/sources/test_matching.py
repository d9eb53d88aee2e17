"""Which forum discusses a paper."""

from __future__ import annotations

import pytest

from pipeline.sources.openreview.matching import best_match, fit, fold_title, shared_authors
from store.records import Forum, Paper

PAPER = Paper(
    paper_id="arxiv:2501.00001",
    title="Counting Sheep with Rényi $\\alpha$-Bounds",
    authors=("Émile Borel", "Ada Byron"),
)


def forum(name: str = "f1", **facts: object) -> Forum:
    known = {"title": PAPER.title, "authors": ("E. Borel", "Byron, Ada"), "venue": "V.cc/2025/Conference"}
    return Forum(forum=name, **{**known, **facts})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "how"),
    [
        ({"arxiv_id": "2501.00001", "title": "Quite Another Name"}, "arXiv id"),
        ({"arxiv_id": "2501.99999"}, ""),
        ({}, "title and authors"),
        ({"title": "COUNTING SHEEP: with Renyi {\\alpha}-bounds"}, "title and authors"),
        ({"title": "Counting Sheep with the Rényi alpha-Bounds"}, "a like title (0.95) and authors"),
        ({"authors": ("Somebody Else", "Nobody Known")}, ""),
        ({"authors": ()}, "title alone, the authors are hidden"),
        ({"title": "Counting Goats with Rényi alpha-Bounds in the Wild", "authors": ()}, ""),
        ({"title": "Counting Wolves"}, ""),
        ({"title": ""}, ""),
    ],
)
def test_how_a_forum_fits(facts: dict[str, object], how: str) -> None:
    assert fit(PAPER, forum(**facts)) == how


def test_a_short_title_with_hidden_authors_proves_nothing() -> None:
    paper = PAPER.model_copy(update={"title": "Sheep Everywhere"})
    assert fit(paper, forum(title="Sheep Everywhere", authors=())) == ""


def test_one_fit_is_a_match_and_says_how() -> None:
    match = best_match(PAPER, [forum("f1"), forum("f2", title="Other"), forum("f3", venue="DBLP.org/journals")])
    assert (match.forum and match.forum.forum, match.matched_by) == ("f1", "title and authors")


def test_two_venues_are_named_and_none_is_guessed() -> None:
    match = best_match(PAPER, [forum("f1"), forum("f2", venue="W.cc/2026/Conference")])
    assert match.forum is None
    assert [one.forum for one in match.candidates] == ["f1", "f2"]


def test_a_printed_id_decides_between_two() -> None:
    match = best_match(PAPER, [forum("f1"), forum("f2", arxiv_id="2501.00001")])
    assert match.forum is not None
    assert match.forum.forum == "f2"


def test_folding() -> None:
    assert fold_title("$\\mathcal{O}$-Notation: {A} Réview…") == "o notation a review"
    assert shared_authors(["Jaehun Jung", "A. Other"], ["Jung, Jaehun"]) == 1.0
    assert shared_authors([], []) == 0.0
