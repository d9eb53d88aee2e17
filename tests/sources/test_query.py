"""What a person types, as ids or as arXiv's own query language."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import InputError, UnknownPaper
from pipeline.sources.arxiv.query import Query, meant


@pytest.mark.parametrize(
    ("query", "expression"),
    [
        ({"words": "judge"}, "all:judge"),
        ({"words": "calibrated judge"}, "all:calibrated AND all:judge"),
        ({"words": '"trust or escalate" judge'}, 'all:"trust or escalate" AND all:judge'),
        ({"words": "chain-of-thought"}, 'all:"chain-of-thought"'),
        ({"words": "судья"}, "all:судья"),
        ({"words": 'a" (b) [c] \\'}, "all:a AND all:b AND all:c"),
        ({"words": "ti:judge AND cat:cs.CL"}, "(ti:judge AND cat:cs.CL)"),
        ({"words": "judge ANDNOT jury"}, "(judge ANDNOT jury)"),
        ({"categories": ("cs.CL",)}, "cat:cs.CL"),
        ({"categories": ("cs.CL", "stat.ML")}, "(cat:cs.CL OR cat:stat.ML)"),
        ({"categories": ("cs.*",), "words": "judge"}, "all:judge AND cat:cs.*"),
        ({"authors": ("Anna Petrova", "Smirnov")}, 'au:"Anna Petrova" AND au:Smirnov'),
        (
            {"since": date(2026, 1, 2), "until": date(2026, 1, 3)},
            "submittedDate:[202601020000 TO 202601032359]",
        ),
        ({"since": date(2026, 1, 2)}, "submittedDate:[202601020000 TO 299912312359]"),
        ({"until": date(2026, 1, 2)}, "submittedDate:[199108010000 TO 202601022359]"),
    ],
)
def test_expression(query: dict[str, Any], expression: str) -> None:
    assert Query(**query).expression() == expression


@pytest.mark.parametrize(
    "query", [{}, {"words": '"" ()'}, {"since": date(2026, 1, 2), "until": date(2026, 1, 1), "words": "a"}]
)
def test_no_query(query: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Query(**query).expression()


def test_words_are_sorted_by_relevance_and_anything_else_by_date() -> None:
    assert Query(words="judge").sorted_by == "relevance"
    assert Query(categories=("cs.CL",)).sorted_by == "submitted"
    assert Query(words="judge", sort="updated").sorted_by == "updated"


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (["2601.00001"], ["2601.00001"]),
        (["2601.00001", "https://arxiv.org/abs/2601.00002v3"], ["2601.00001", "2601.00002"]),
        (["2601.00001, 2601.00002 hep-th/9901001"], ["2601.00001", "2601.00002", "hep-th/9901001"]),
        (["arXiv:2601.00001v1", "[cs.LG]", "25 Jul 2024"], ["2601.00001"]),
    ],
)
def test_ids(words: list[str], ids: list[str]) -> None:
    targets = meant(words, Query())
    assert isinstance(targets, list)
    assert [target.arxiv_id for target in targets] == ids


def test_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "judge").mkdir()
    assert meant(["judge", "calibration"], Query(limit=3)) == Query(words="judge calibration", limit=3)
    assert meant([], Query(categories=("cs.CL",))) == Query(categories=("cs.CL",))


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (["2601.00001", "judge"], InputError, "“judge” is no arXiv id"),
        (["2601.1"], UnknownPaper, "2601.1"),
        (["https://example.org/paper"], UnknownPaper, "no arXiv paper"),
        (["https://openreview.net/forum?id=UHPnqSTBPO"], UnknownPaper, "no arXiv paper"),
        (["arxiv:24"], UnknownPaper, "arxiv:24"),
    ],
)
def test_what_is_neither(words: list[str], error: type[InputError], said: str) -> None:
    with pytest.raises(error, match=said):
        meant(words, Query())


def test_a_file_is_no_query_and_ids_cannot_be_filtered(tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(b"%PDF-")
    with pytest.raises(InputError, match="is a file"):
        meant([str(path)], Query())
    with pytest.raises(InputError, match="cannot be filtered"):
        meant(["2601.00001"], Query(categories=("cs.CL",)))
