from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from store.channel import LIST, LONG
from store.errors import BadQuery
from store.files import Home
from store.library import Library
from store.records import ChannelPost, Forum, Paper, Piece, Snapshot
from store.search import Search
from store.vectors import Vectors
from tests.store.samples import document

BEGIN = datetime(2025, 3, 1, tzinfo=UTC)
PAPER = "arxiv:2407.18370"


def post(number: int, text: str, *papers: str, **more: object) -> ChannelPost:
    pieces = (Piece(kind="plain", text=text),)
    known = {"channel": "Канал", "date": BEGIN + timedelta(days=number), "pieces": pieces, "papers": papers}
    return ChannelPost.model_validate({"message_id": number} | known | more)


def keep(library: Library, *posts: ChannelPost) -> None:
    library.keep_channel_posts(library.keep_channel("Канал", 7), posts)


class Topics:
    """An embedder with one direction for judges, one for attention, and one for all the rest; it counts its work."""

    name = "topics"
    dimension = 3

    def __init__(self) -> None:
        self.asked: list[str] = []

    def query(self, text: str) -> np.ndarray:
        return _topic(text)

    def passages(self, texts: Sequence[str], progress: object = None) -> np.ndarray:
        self.asked += texts
        return np.stack([_topic(text) for text in texts])


def _topic(text: str) -> np.ndarray:
    words = text.lower()
    place = 0 if "суд" in words or "judge" in words else 1 if "внимани" in words or "attention" in words else 2
    return np.eye(3, dtype=np.float32)[place]


@pytest.fixture
def topics() -> Topics:
    return Topics()


@pytest.fixture
def search(home: Home, library: Library, topics: Topics) -> Search:
    return Search(library, Vectors(home.chroma, model="topics", dimension=3), topics)


def test_a_post_comes_back_as_it_went_in(library: Library) -> None:
    whole = post(
        2,
        "слова",
        PAPER,
        edited=BEGIN,
        author="Анна",
        forwarded_from="Другой",
        reply_to=1,
        photos=("a.jpg",),
        pieces=(Piece(kind="pre", text="x = 1", target="python"),),
    )
    keep(library, whole)
    assert library.posts_on([PAPER]) == [whole]
    assert library.has_channel()


def test_the_same_number_twice_at_once_is_one_post(library: Library) -> None:
    keep(library, post(1, "раньше"), post(1, "позже"))
    assert [found.text for found in library.channel_posts([1]).values()] == ["позже"]


def test_papers_that_the_channel_has_covered(library: Library) -> None:
    many = [f"arxiv:2501.{number:05}" for number in range(LIST)]
    keep(
        library,
        post(1, "Разбор", PAPER),
        post(2, "Ещё раз", PAPER),
        post(3, "Чужое", "arxiv:1706.03762", forwarded_from="Другой"),
        post(4, "Новости недели", "arxiv:2501.99999", *many),
        post(5, "Пять статей", *many),
    )
    assert [found.message_id for found in library.covering(PAPER)] == [2, 1], "the newest first"
    assert library.covering("arxiv:1706.03762") == [], "a forwarded post is not the author's"
    assert library.covering("arxiv:2501.99999") == [], "a list of news only mentions"
    assert [found.message_id for found in library.covering(many[0])] == [5]
    assert [found.message_id for found in library.posts_on([many[0]])] == [5, 4]
    assert library.covering("arxiv:0000.00000") == []


def test_a_paper_and_its_forum_are_one_work(library: Library) -> None:
    library.save_paper(Paper(paper_id=PAPER))
    forum = Forum(forum="UHPnqSTBPO", arxiv_id="2407.18370", paper_id=PAPER, matched_by="arxiv id")
    library.keep_forum(forum, Snapshot(forum="UHPnqSTBPO", taken=BEGIN, seen=BEGIN, source="api", scores=()))
    keep(library, post(1, "Рецензии", "openreview:UHPnqSTBPO"), post(2, "Статья", PAPER))
    assert len(library.covering(PAPER)) == len(library.covering("openreview:UHPnqSTBPO")) == 2


def test_examples_are_long_and_the_authors_own(library: Library) -> None:
    long = "слово " * (LONG // 6 + 1)
    keep(library, post(1, long), post(2, "коротко"), post(3, long, forwarded_from="Другой"), post(4, long))
    assert [found.message_id for found in library.recent_long_posts(10)] == [4, 1]
    assert [found.message_id for found in library.recent_long_posts(1)] == [4]
    assert [found.message_id for found in library.recent_long_posts(10, least=3)] == [4, 2, 1]


def test_words_are_found_in_every_form_and_forgotten(library: Library) -> None:
    keep(library, post(1, "Калибровка судей"), post(2, "Внимание"))
    ((number, score),) = library.find_in_channel("калибровки судьи", 5)
    assert library.channel_posts([number])[number].message_id == 1
    assert score > 0
    keep(library, post(1, "Совсем другое"))
    assert library.find_in_channel("калибровка", 5) == []
    assert library.find_in_channel("!!!", 5) == []


def test_search_by_words_needs_no_index_and_by_meaning_does(library: Library, search: Search, topics: Topics) -> None:
    keep(library, post(1, "Кто проверяет судей", PAPER), post(2, "Разреженное внимание", "arxiv:2501.00001"))
    assert [found.post.message_id for found in search.search_channel("судьи")] == [1]
    assert search.search_channel("attention") == []
    assert search.index_channel() == 2
    assert search.search_channel("attention")[0].post.message_id == 2
    assert search.search_channel("judges")[0].post.message_id == 1
    assert len(search.search_channel("judges", limit=1)) == 1
    with pytest.raises(BadQuery):
        search.search_channel(" ")
    with pytest.raises(BadQuery):
        search.search_channel("судьи", limit=0)


def test_only_telling_posts_are_indexed_and_only_once(library: Library, search: Search, topics: Topics) -> None:
    long = "слово " * (LONG // 6 + 1)
    keep(library, post(1, "суд", PAPER), post(2, long), post(3, "мелочь"), post(4, "чужое", PAPER, forwarded_from="Х"))
    heard: list[tuple[int, int]] = []
    assert search.index_channel(lambda done, total: heard.append((done, total))) == 2
    assert heard == [(2, 2)]
    assert all(len(text) <= LONG for text in topics.asked)
    assert search.index_channel() == 0
    keep(library, post(1, "внимание", PAPER))
    assert search.index_channel() == 1, "a post whose words changed is indexed anew"
    assert [found.post.message_id for found in search.search_channel("attention", 1)] == [1]
    keep(library, post(1, "внимание"))
    assert search.index_channel() == 0
    assert search.search_channel("attention", 5)[0].post.message_id != 1, "what tells nothing any more goes"


def test_the_channel_and_the_papers_do_not_meet(library: Library, search: Search) -> None:
    read = document(PAPER, "We judge the judge.")
    library.save_document(read, pdf="0" * 64)
    search.index_document(read)
    keep(library, post(1, "суд судей", PAPER))
    search.index_channel()
    search.check()
    assert [found.paper_id for found in search.search("judge")] == [PAPER]
    assert {passage.id for found in search.search("суд") for passage in found.passages} == {"p1"}


def test_reindex_brings_the_channel_back(library: Library, search: Search) -> None:
    keep(library, post(1, "суд", PAPER))
    heard: list[tuple[int, int]] = []
    search.reindex(lambda done, total: heard.append((done, total)))
    assert heard[-1] == (1, 1)
    assert [found.post.message_id for found in search.search_channel("judge")] == [1]


def test_style_examples_are_near_first_then_the_newest(library: Library, search: Search) -> None:
    long = "слово " * (LONG // 6 + 1)
    keep(
        library,
        post(1, f"Суд и судьи. {long}"),
        post(2, f"Внимание. {long}"),
        post(3, f"Суд. {long}", forwarded_from="Другой"),
        post(4, f"Прочее. {long}"),
        post(5, "Суд коротко", PAPER),
    )
    assert [found.message_id for found in search.style_examples("a text about nothing here", 2)] == [4, 2]
    search.index_channel()
    assert [found.message_id for found in search.style_examples("A judge of text", 1)] == [1]
    nearest, *others = search.style_examples("A judge of text", 3)
    assert nearest.message_id == 1
    assert {found.message_id for found in others} == {2, 4}
