"""«Поиск»: papers and posts in Russian and English, with the passages that answer."""

from __future__ import annotations

import streamlit as st
from markupsafe import Markup

from store.library import Library
from store.records import ABSTRACT, POST, Found, FoundPassage
from ui.views import markup, shell, words

_LIMIT = 10
_PARAGRAPHS = 3


def page() -> None:
    st.title("Поиск")
    query = st.text_input(
        "Что искать",
        key="q",
        bind="query-params",
        placeholder="калибровка LLM-судей с гарантиями",
        icon=":material/search:",
    )
    with shell.open_library() as library:
        if not library.stats()["papers"]:
            st.info("Искать пока негде: ни одна статья ещё не прочитана.", icon=":material/info:")
            st.code("razbor digest 2407.18370", language="bash")
        elif not query.strip():
            st.caption("Можно спрашивать по-русски: найдутся и английские статьи, и посты.")
        else:
            _answer(library, query)


def _answer(library: Library, query: str) -> None:
    with st.spinner("Ищу…"):
        found = shell.open_search(library).search(query, _LIMIT)
    if not found:
        st.info("Ничего не нашлось. Попробуйте другие слова.", icon=":material/search_off:")
        return
    st.caption(f"{words.counted(len(found), 'статья', 'статьи', 'статей')}, лучшие сверху")
    for paper in found:
        with st.container(border=True, gap="xsmall"):
            _paper(library, paper, query)


def _paper(library: Library, paper: Found, query: str) -> None:
    entry = library.post_of(paper.paper_id)
    markup.show(
        Markup('<h3 class="rz-found">{}</h3>{}').format(
            paper.title, markup.meta(paper.paper_id, outcome=entry.outcome if entry else None)
        )
    )
    markup.show(markup.join(_passage(paper.paper_id, passage, query) for passage in paper.passages))
    if entry:
        st.page_link(shell.POST, label="Открыть пост", icon=":material/article:", query_params={"post": entry.post_id})


def _passage(paper_id: str, passage: FoundPassage, query: str) -> Markup:
    if passage.id == POST:
        place, text = Markup("пост"), _excerpt(passage.text, query)
    elif passage.id == ABSTRACT:
        place, text = Markup("аннотация"), passage.text
    else:
        name = f"с.{words.NBSP}{passage.page}, фрагмент {passage.id}"
        place, text = markup.to_passage(paper_id, passage.id, name), passage.text
    shown = markup.marked(text, markup.word_spans(query, text))
    return Markup('<div class="rz-hit"><span class="rz-place">{}</span><p>{}</p></div>').format(place, shown)


def _excerpt(post: str, query: str) -> str:
    """The first paragraphs of a post that hold a word of the query; without one, its beginning."""
    paragraphs = post.splitlines()
    telling = [paragraph for paragraph in paragraphs if markup.word_spans(query, paragraph)]
    return "\n".join((telling or paragraphs)[:_PARAGRAPHS])


page()
