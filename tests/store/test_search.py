from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from store.embedding import load_embedder
from store.errors import BadQuery, IndexBroken, IndexMismatch, NotFound
from store.files import Home
from store.library import Library
from store.records import Document
from store.search import Search
from store.vectors import Vectors
from tests.store.samples import document, revision

CORPUS = [
    document(
        "arxiv:1",
        "We calibrate LLM judges so that their agreement with human annotators is guaranteed.",
        "All experiments ran on eight accelerators for two days.",
    ),
    document("arxiv:2", "Sparse attention makes long contexts cheap.", "A kernel keeps blocks of keys in fast memory."),
    document("arxiv:3", "We predict protein structures.", "The SuperFold-9 benchmark holds nine proteins."),
]


class Letters:
    """An embedder whose vectors count letters: quick, and near texts are those with the same letters."""

    name = "letters"
    dimension = 32

    def query(self, text: str) -> np.ndarray:
        return self.passages([text])[0]

    def passages(self, texts: Sequence[str], progress=None) -> np.ndarray:
        counts = [np.bincount([ord(letter) % 32 for letter in text.lower()] or [0], minlength=32) for text in texts]
        if progress:
            progress(len(texts), len(texts))
        vectors = np.array(counts, dtype=np.float32).reshape(-1, 32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def search(home: Home, library: Library) -> Search:
    """A search with the bundled embedder over three tiny papers."""
    return filled(Search.open(home, library, "bundled"), library, CORPUS)


@pytest.fixture
def quick(home: Home, library: Library) -> Search:
    """The same with a toy embedder, for all that is not about meaning."""
    return filled(letters(home, library), library, CORPUS)


def letters(home: Home, library: Library) -> Search:
    return Search(library, Vectors(home.chroma, model="letters", dimension=32), Letters())


def filled(search: Search, library: Library, documents: Sequence[Document]) -> Search:
    for read in documents:
        library.save_document(read, pdf="a")
        search.index_document(read)
    return search


@pytest.mark.parametrize(
    ("query", "paper_id"),
    [
        ("калибровка LLM-судей с гарантиями", "arxiv:1"),
        ("разреженное внимание для длинных контекстов", "arxiv:2"),
        ("предсказание структуры белков", "arxiv:3"),
        ("SuperFold-9", "arxiv:3"),
    ],
)
def test_russian_query_finds_english_passage(search: Search, query: str, paper_id: str) -> None:
    found = search.search(query, 3)
    assert found[0].paper_id == paper_id
    assert found[0].title == f"Title of {paper_id}"
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_answer_holds_the_passages_best_first(search: Search) -> None:
    best = search.search("guaranteed agreement of judges with humans", 1)
    assert [one.paper_id for one in best] == ["arxiv:1"]
    assert [passage.id for passage in best[0].passages] == ["p1", "p2"]
    passage = CORPUS[0].passages[0]
    assert best[0].passages[0].model_dump() == {"id": "p1", "page": passage.page, "text": passage.text}


def test_post_is_found_under_its_paper(search: Search, library: Library) -> None:
    made = revision(words="Судьи учатся признавать сомнение.")
    library.save_revision(made, paper_id="arxiv:2", outcome="accepted", reasons=[])
    search.index_post("arxiv:2", made.post.text)
    best = search.search("сомнение судей", 3)[0]
    assert best.paper_id == "arxiv:2"
    assert (best.passages[0].id, best.passages[0].page) == ("post", 0)
    assert "сомнение" in best.passages[0].text


@pytest.mark.parametrize(("query", "limit"), [("", 5), (" \n\t", 5), ("judges", 0), ("judges", -1)])
def test_query_without_words_is_refused(quick: Search, query: str, limit: int) -> None:
    with pytest.raises(BadQuery):
        quick.search(query, limit)


@pytest.mark.parametrize("query", ["?", '"', "\0", "half \ud800", "x" * 20_000, "🔹"])
def test_odd_queries_are_answered(quick: Search, query: str) -> None:
    assert len(quick.search(query, 3)) <= 3


def test_empty_library_answers_nothing(home: Home, library: Library) -> None:
    assert letters(home, library).search("judges") == []


def test_second_reading_leaves_nothing_stale(quick: Search, library: Library) -> None:
    again = document("arxiv:1", "Wholly different words.")
    library.save_document(again, pdf="b")
    quick.index_document(again)
    quick.check()
    texts = {passage.text for one in quick.search("calibrate judges accelerators", 9) for passage in one.passages}
    assert "Wholly different words." in texts
    assert not texts & {passage.text for passage in CORPUS[0].passages}


def test_deleted_paper_is_found_no_more(quick: Search, library: Library) -> None:
    quick.delete_paper("arxiv:1")
    quick.check()
    assert {one.paper_id for one in quick.search("calibrate judges", 9)} == {"arxiv:2", "arxiv:3"}
    with pytest.raises(NotFound):
        quick.delete_paper("arxiv:1")


def test_paper_deleted_from_the_library_alone_is_not_shown(quick: Search, library: Library) -> None:
    """As after a crash between the two deletions."""
    library.delete_paper("arxiv:1")
    assert {one.paper_id for one in quick.search("calibrate judges", 9)} == {"arxiv:2", "arxiv:3"}
    with pytest.raises(IndexBroken, match="library"):
        quick.check()


def test_lost_index_is_an_error_until_rebuilt(home: Home, quick: Search, library: Library) -> None:
    made = revision()
    library.save_revision(made, paper_id="arxiv:2", outcome="accepted", reasons=[])
    library.set_outcome("skipped", "skipped", [], paper_id="arxiv:3")
    quick.index_post("arxiv:2", made.post.text)
    before = quick.search("calibrate judges", 9)
    Vectors(home.chroma, model="letters", dimension=32).clear()
    with pytest.raises(IndexBroken) as caught:
        quick.search("calibrate judges")
    assert "razbor reindex" in caught.value.mend
    heard: list[tuple[int, int]] = []
    quick.reindex(lambda done, total: heard.append((done, total)))
    quick.check()
    assert quick.search("calibrate judges", 9) == before
    assert heard == sorted(heard)
    assert heard[-1] == (8, 8)


def test_other_model_is_refused_until_rebuilt(home: Home, quick: Search, library: Library) -> None:
    other = Search(library, Vectors(home.chroma, model="bigger", dimension=32), Letters())
    with pytest.raises(IndexMismatch):
        other.search("judges")
    other.reindex()
    assert other.search("judges")


def test_unknown_embedding_model_gives_its_own_name_to_the_index(home: Home, library: Library) -> None:
    assert load_embedder("bundled", home.models).name != "bundled"


COLD = """
import sys
from store.files import Home
from store.library import Library
from store.search import Search
home = Home(sys.argv[1])
with Library.open(home.database) as library:
    found = Search.open(home, library, "bundled").search("калибровка судей", 3)
print(found[0].paper_id, sorted({"torch", "alembic", "sentence_transformers", "transformers"} & sys.modules.keys()))
"""


def test_cold_search_imports_no_torch(home: Home, search: Search, python) -> None:
    out, err = python(COLD, home.path).communicate()
    assert out == "arxiv:1 []\n", err
