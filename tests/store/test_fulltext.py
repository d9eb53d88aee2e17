from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.fulltext import stems
from store.library import Library
from tests.store.samples import document


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("калибровка судей", "Калибровкой СУДЬЯМИ"),
        ("ёлки", "елка"),
        ("calibrated judges", "Calibrating a judge"),
        ("ﬁne", "fine"),
    ],
)
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert set(stems(one)) <= set(stems(other))


def test_stems_split_at_all_but_letters_digits_and_underscore() -> None:
    assert stems("GPT-4o's top_p=0.95, «β»\0²") == ["gpt", "4o", "s", "top_p", "0", "95", "β", "2"]


@given(st.text())
def test_stems_are_bare_words(text: str) -> None:
    for stem in stems(text):
        assert stem
        assert not set(stem) & set(' "\0')


def test_rarer_words_and_more_words_rank_higher(library: Library) -> None:
    library.save_document(document("x:1", "the judge and the model", "the model and the data", "the data"), pdf="a")
    found = library.full_text("judge model", 10)
    assert [passage_id for _, passage_id, _ in found] == ["p1", "p2"]
    assert found[0][2] > found[1][2] > 0
    assert len(library.full_text("the", 2)) == 2


@pytest.mark.parametrize("query", ["", "  ", "?!", '"', "'; --", "NEAR(a b)", "a AND", "col:umn", "*", "^x", "\0"])
def test_no_query_is_a_syntax_error(library: Library, query: str) -> None:
    library.save_document(document("x:1", "nothing of it"), pdf="a")
    assert library.full_text(query, 5) == []


def test_a_whole_page_may_be_a_query(library: Library) -> None:
    library.save_document(document("x:1", "word77 here"), pdf="a")
    query = " ".join(f"word{number}" for number in range(3000))
    assert len(library.full_text(query, 5)) == 1
