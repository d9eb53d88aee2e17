"""«Правка»: a person edits the text, sees it as Telegram will show it, and saves a revision."""

from __future__ import annotations

import streamlit as st

from pipeline.checking.outcome import is_proven
from pipeline.editing import preview, save_edit
from pipeline.errors import InputError
from pipeline.writing.post import TELEGRAM_LIMIT, plain, telegram_length
from store.errors import StoreError, Superseded
from store.library import Library
from store.records import Finding, Post, PostEntry, Revision
from ui.views import faults, markup, shell, words


def page() -> None:
    with shell.open_library() as library:
        entry = shell.chosen_post(library)
        if entry is None:
            return
        markup.show(markup.title(entry.title))
        if not entry.revisions:
            st.info("Править нечего: у этого поста нет текста.", icon=":material/info:")
            return
        _editor(library, entry)


def _editor(library: Library, entry: PostEntry) -> None:
    newest = library.revision(entry.post_id)
    began = st.session_state.setdefault(_began(entry), newest.number)
    base = newest if began == newest.number else library.revision(entry.post_id, began)
    markup.show(markup.meta(entry.paper_id, f"правка редакции {began}", outcome=entry.outcome))
    if said := st.session_state.pop("said", None):
        st.success(said, icon=":material/check:")
    left, right = st.columns(2, gap="large")
    with left:
        text = st.text_area(
            "Текст поста",
            plain(base.post),
            height=640,
            key=f"text-{entry.post_id}-{began}",
            persist_state="session",
            help="Первая строка — заголовок, 🔹 — раздел, • — пункт списка.",
        )
        st.caption("Предпросмотр и проверки обновляются по Ctrl+Enter или когда вы выходите из поля.")
        if newest.number != began:
            _conflict(library, entry, newest, text)
        elif st.button("Сохранить", type="primary", disabled=text == plain(base.post), icon=":material/save:"):
            _save(library, entry, text, began)
    with right:
        _preview(library, entry, text)


def _began(entry: PostEntry) -> str:
    return f"began-{entry.post_id}"


def _conflict(library: Library, entry: PostEntry, newest: Revision, text: str) -> None:
    """Someone saved meanwhile: nothing is written until the person has seen it and chosen."""
    who, when = words.author(newest.author), shell.moment(newest.created)
    st.warning(
        f"Пока вы правили, сохранена редакция {newest.number} ({markup.label(who)}, {when}). Ваш текст не записан.",
        icon=":material/warning:",
    )
    with st.expander("Чем ваш текст отличается от неё"):
        markup.show(markup.difference(plain(newest.post), text))
    with st.container(horizontal=True):
        if st.button(f"Взять редакцию {newest.number}, мой текст отбросить"):
            st.session_state[_began(entry)] = newest.number
            st.rerun()
        if st.button(f"Сохранить мой текст как редакцию {newest.number + 1}", type="primary"):
            _save(library, entry, text, newest.number)


def _save(library: Library, entry: PostEntry, text: str, after: int) -> None:
    search = shell.open_search(library)
    try:
        with st.spinner("Сохраняю и проверяю…"):
            saved = save_edit(library, search, shell.glossary(), entry.post_id, text, after=after)
    except (InputError, Superseded) as error:
        faults.show(error)
        return
    except StoreError as error:
        faults.show(error)
        if library.next_number(entry.post_id) > after + 1:
            st.warning("Правка сохранена, но поиск её пока не видит.")
        return
    now = library.post(entry.post_id)
    why = f": {words.reasons(len(now.reasons))}" if now.reasons else ""
    st.session_state["said"] = f"Сохранена редакция {saved.number}. Исход — {words.OUTCOMES[now.outcome]}{why}."
    st.session_state[_began(entry)] = saved.number
    st.rerun()


def _preview(library: Library, entry: PostEntry, text: str) -> None:
    try:
        post, found = preview(library, shell.glossary(), entry.post_id, text)
    except InputError as error:
        faults.show(error)
        return
    _length(post)
    markup.show(markup.bubble(post))
    _findings(post, found)


def _length(post: Post) -> None:
    length = telegram_length(post)
    counter = f"{words.amount(length)}/{TELEGRAM_LIMIT}"
    if length > TELEGRAM_LIMIT:
        st.error(f"{counter}: одно сообщение Telegram столько не вмещает.", icon=":material/error:")
    else:
        st.progress(length / TELEGRAM_LIMIT, f"{counter} знаков")


def _findings(post: Post, found: tuple[Finding, ...]) -> None:
    proven = sum(is_proven(claim, found) for claim in post.claims)
    st.markdown(f"**Проверки этого текста** · доказано {proven} из {len(post.claims)}")
    if not found:
        st.success("Проверки в коде ничего не нашли.", icon=":material/check:")
    else:
        markup.show(markup.findings(found))


page()
