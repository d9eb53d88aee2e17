"""Marks in the running text and the references they point at."""

from __future__ import annotations

import pytest

from pipeline.reading.backmatter.citations import tie
from pipeline.reading.backmatter.entry import parse_reference
from store.records import Passage, Reference


def passages(*texts: str, appendix: bool = False) -> list[Passage]:
    box = (0.0, 0.0, 1.0, 1.0)
    return [
        Passage(id=f"p{n}", page=1, bbox=box, section="", text=text, appendix=appendix)
        for n, text in enumerate(texts, 1)
    ]


def cited(texts: list[str], references: list[Reference]) -> list[list[tuple[str, str]]]:
    return [[(c.marker, c.passage) for c in reference.citations] for reference in tie(passages(*texts), references)]


NUMBERED = [parse_reference(f"[{n}] A. Author. Title number {n}. Journal, 2020.") for n in range(1, 10)]
NAMED = [
    parse_reference(text)
    for text in (
        "Jaehun Jung, Faeze Brahman, and Yejin Choi. Trust or escalate. arXiv, 2024.",
        "Yejin Choi. A first work. Journal, 2023a.",
        "Yejin Choi. A second work. Journal, 2023b.",
        "Dąbrowski, M. P. and Hendry, M. A. (1998). Old light. Journal, 4.",
        "Aaron van den Oord, Yazhe Li, and Oriol Vinyals. 2018. Contrastive coding. CoRR.",
        "OpenAI. Gpt-4 technical report. 2023.",
        "Lei Li and Bo Wu. A paper of two. Journal, 2020.",
        "Lei Li, Bo Wu, and Cai Xu. A paper of three. Journal, 2020.",
        "The Mosaic ML Team. 2021. composer. Github.",
    )
]


def test_numbers_lists_and_ranges() -> None:
    found = cited(["Both [1] and [2, 5–7] say so.", "As [7] does."], NUMBERED)
    assert found[0] == [("[1]", "p1")]
    assert [bool(marks) for marks in found] == [True, True, False, False, True, True, True, False, False]
    assert found[6] == [("[2, 5–7]", "p1"), ("[7]", "p2")]


@pytest.mark.parametrize(
    "text", ["A share in [0, 1].", "The range [1, 5].", "See [42].", "An array a[x, 3] of [1.5].", "(3)"]
)
def test_what_is_no_mark(text: str) -> None:
    assert not any(cited([text, "As [1] does."], NUMBERED)[2])


def test_raised_and_round_numbers() -> None:
    plain = [parse_reference(f"{n}. A. Author. Title number {n}. Journal, 2020.") for n in range(1, 5)]
    assert cited(["It was shown^2,3 before."], plain)[2] == [("^2,3", "p1")]
    assert cited(["It was shown (2) before."], plain)[1] == [("(2)", "p1")]
    assert not cited(["It follows from Eq. (2) at once."], plain)[1]


def test_names_with_years() -> None:
    found = cited(
        [
            "Judges abstain (Jung et al., 2024; Choi, 2023a).",
            "Jung et al. (2024) and Choi (2023a,b) agree; Dabrowski & Hendry (1998) did.",
            "Contrast (van den Oord et al., 2018) in GPT-4 (OpenAI, 2023) and composer (Mosaic ML Team, 2021).",
        ],
        NAMED,
    )
    assert found[0] == [("Jung et al., 2024", "p1"), ("Jung et al. (2024)", "p2")]
    assert found[1] == [("Choi, 2023a", "p1"), ("Choi (2023a,b)", "p2")]
    assert found[2] == [("Choi (2023a,b)", "p2")]
    assert [len(found[n]) for n in (3, 4, 5, 8)] == [1, 1, 1, 1]


def test_the_number_of_authors_tells_works_of_one_year_apart() -> None:
    found = cited(["(Li and Wu, 2020)", "(Li et al., 2020)"], NAMED)
    assert (found[6], found[7]) == ([("Li and Wu, 2020", "p1")], [("Li et al., 2020", "p2")])


def test_a_mark_that_fits_several_works_or_none_is_tied_to_none() -> None:
    assert not any(cited(["Choi (2023) and Zhang (2024), and (Jung et al., 2021)."], NAMED))


def test_labels_of_letters_and_lists_that_count_anew() -> None:
    works = [parse_reference(f"[ABC+{n}] A. Author. Title number {n}. Journal, 2017.") for n in (17, 18)]
    assert cited(["See [ABC+17, ABC+18]."], works)[1] == [("[ABC+17, ABC+18]", "p1")]
    again = [*NUMBERED[:2], *NUMBERED[:2]]
    body, appendix = tie(passages("See [1]."), again), tie(passages("See [1].", appendix=True), again)
    assert [bool(r.citations) for r in body] == [True, False, False, False]
    assert [bool(r.citations) for r in appendix] == [False, False, True, False]


@pytest.mark.parametrize("unit", ["A-", "A", "[1, ", "(2020 ", "Aa, ", "et al., "])
def test_a_hostile_passage_takes_no_time(unit: str) -> None:
    assert len(tie(passages(unit * (60_000 // len(unit))), NAMED)) == len(NAMED)
