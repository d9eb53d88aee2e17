"""What all pages share: the open library, the search, the chosen post, the reader's time zone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from pipeline import settings, wiring
from pipeline.prompts import Glossary, PromptBook
from store.embedding import Embedder, load_embedder
from store.files import Home
from store.library import Library
from store.records import Paper, PostEntry
from store.search import Search
from store.vectors import Vectors
from ui.views import words

POSTS, POST, EDIT, SEARCH = "views/posts.py", "views/post.py", "views/edit.py", "views/search.py"
PAPER = "views/paper.py"
PAGE = "page"
"""The parameter of the address that says which page of a paper is shown, and the key of the widget that turns it."""


@contextmanager
def open_library() -> Iterator[Library]:
    """The library for one run of a page. Opening takes 3 ms, so no thread or session shares one."""
    with wiring.open_library(settings.load()) as library:
        yield library


def open_search(library: Library) -> Search:
    """The search over a library; the embedding model is loaded once for all sessions."""
    chosen = settings.load()
    home = Home(chosen.home)
    embedder = _embedder(chosen.embedding_model, home)
    return Search(library, Vectors(home.chroma, model=embedder.name, dimension=embedder.dimension), embedder)


@st.cache_resource(show_spinner="Загружаю модель поиска…")
def _embedder(name: str, _home: Home) -> Embedder:
    return load_embedder(name, _home.models)


def glossary() -> Glossary:
    return PromptBook().glossary


def chosen_post(library: Library) -> PostEntry | None:
    """The post that the address names (`?post=ID`), else the one opened last; without either, offer a choice.

    Raises:
        NotFound: the address names no post.
    """
    post_id = st.query_params.get("post") or st.session_state.get("post")
    if post_id:
        entry = library.post(post_id)
        st.session_state["post"] = st.query_params["post"] = entry.post_id
        return entry
    entries = library.posts()
    if not entries:
        nothing_yet()
        return None
    titles = {entry.post_id: entry.title for entry in entries}
    picked = st.selectbox("Пост", titles, index=None, format_func=titles.__getitem__, placeholder="Выберите пост")
    if picked:
        st.query_params["post"] = picked
        st.rerun()
    return None


def chosen_paper(library: Library) -> Paper | None:
    """The paper that the address names (`?paper=ID`), else the one opened last; a person can choose another one.

    Raises:
        NotFound: the address names no paper that was read.
    """
    papers = {paper.paper_id: paper for paper in library.papers(read=True)}
    if not papers:
        nothing_read()
        return None
    asked = st.query_params.get("paper") or st.session_state.get("paper")
    if asked and asked not in papers:
        library.document(asked)
    picked = st.selectbox(
        "Статья",
        papers,
        index=list(papers).index(asked) if asked else None,
        format_func=lambda name: f"{papers[name].title or 'Без названия'} · {name}",
        placeholder="Выберите статью",
        key=f"papers-{asked}",
        label_visibility="collapsed",
    )
    if picked and picked != asked:
        st.session_state[PAGE] = 1
        st.switch_page(PAPER, query_params={"paper": picked})
    if not picked:
        return None
    st.session_state["paper"] = st.query_params["paper"] = picked
    return papers[picked]


def nothing_read() -> None:
    """What a library without papers says."""
    st.info("Ни одна статья ещё не прочитана. Прочитайте первую:", icon=":material/info:")
    st.code("razbor read 2407.18370", language="bash")


def nothing_yet() -> None:
    """What an empty library says."""
    st.info("Постов пока нет. Разберите первую статью:", icon=":material/edit_note:")
    st.code("razbor digest 2407.18370", language="bash")


def moment(time: datetime) -> str:
    """A time as the reader's clock shows it."""
    return words.moment(time, _zone())


def _zone() -> tzinfo:
    """The browser's time zone, UTC when it tells none that is known."""
    try:
        return ZoneInfo(st.context.timezone) if st.context.timezone else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
