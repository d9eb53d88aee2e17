"""Watched names are found as whole words, in the ways in which papers print them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import SettingsError
from pipeline.reading.backmatter.entry import parse_reference
from pipeline.reading.backmatter.watchlist import find_watched, mentions, watched_names
from store.records import Document, Passage

THANKS = "We thank Maria Ivanova and J. Lightman for advice. The code of @octocat helped."
DOCUMENT = Document(
    paper_id="file:0",
    title="A Paper",
    pages=9,
    authors=("Jaehun Jung", "Hunter Lightman"),
    acknowledgements=THANKS,
    passages=(Passage(id="p1", page=8, bbox=(0, 0, 1, 1), section="Acknowledgements", text=THANKS),),
    references=(
        parse_reference("[1] J. Jung, F. Brahman, and Y. Choi. Trust or escalate. arXiv:2407.18370, 2024.", page=9),
        parse_reference(
            "[2] Li, X. and Dąbrowski, M. BERT-based ranking. 2020. https://github.com/octocat/rank.", page=9
        ),
    ),
)


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("Jaehun Jung", [("authors", 1), ("references", 9)]),
        ("J. Jung", [("authors", 1), ("references", 9)]),
        ("Jung, Jaehun", [("authors", 1), ("references", 9)]),
        ("Minjae Jung", []),
        ("Li", [("references", 9)]),
        ("Xin Li", [("references", 9)]),
        ("Maria Ivanova", [("acknowledgements", 8)]),
        ("Marek Dabrowski", [("references", 9)]),
        ("Trust or Escalate", [("references", 9)]),
        ("BERT", [("references", 9)]),
        ("@octocat", [("acknowledgements", 8), ("references", 9)]),
        ("github.com/octocat", [("references", 9)]),
        ("github.com/octo", []),
    ],
)
def test_places(name: str, places: list[tuple[str, int]]) -> None:
    assert [(found.where, found.page) for found in find_watched(DOCUMENT, [name])] == places


def test_text_and_order() -> None:
    found = find_watched(DOCUMENT, ["Ivanova", "Jung"])
    assert [w.name for w in found] == ["Ivanova", "Jung", "Jung"]
    assert found[0].text == "We thank Maria Ivanova and J. Lightman for advice."
    assert found[2].text == DOCUMENT.references[0].text


@pytest.mark.parametrize(
    ("text", "name", "there"),
    [
        ("Y. Choi, J. Smith, and A. Bo. Title.", "Jin Choi", False),
        ("Choi, Y., Smith, J., and Bo, A. Title.", "Yejin Choi", True),
        ("Choi Y, Smith JH, Bo A. Title.", "Jane H. Smith", True),
        ("Choi Y, Smith JH, Bo A. Title.", "Karl Smith", False),
        ("Wei-Li Chen wrote it.", "Li", False),
        ("Aaron van den Oord and Yazhe Li.", "A. van den Oord", True),
        ("Geoffrey E. Hinton", "Geoffrey Hinton", True),
        ("Г. Перельман и Иван Петров", "Григорий Перельман", True),
        ("The Lightman case", "Li", False),
        ("a.b@host.org wrote", "a.b@host.org", True),
        ("aa.b@host.org wrote", "a.b@host.org", False),
        ("RoBERTa and DistilBERT", "BERT", False),
        ("", "Li", False),
    ],
)
def test_mentions(text: str, name: str, there: bool) -> None:
    assert mentions(text, name) is there


def test_the_setting_holds_names_or_a_file(tmp_path: Path) -> None:
    assert watched_names(" Jaehun Jung, BERT ,,@octocat, BERT") == ("Jaehun Jung", "BERT", "@octocat")
    assert watched_names("Jung, Jaehun; BERT") == ("Jung, Jaehun", "BERT")
    assert watched_names("") == ()
    path = tmp_path / "names.txt"
    path.write_text("Jung, Jaehun  # the first\n\n# a comment\nBERT\n", encoding="utf-8")
    assert watched_names(str(path)) == ("Jung, Jaehun", "BERT")
    with pytest.raises(SettingsError, match="cannot be read"):
        watched_names(str(tmp_path / "missing.txt"))
