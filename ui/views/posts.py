"""«Посты»: what there is, by outcome, and what failed, with the command that continues."""

from __future__ import annotations

import streamlit as st
from markupsafe import Markup

from store.library import Library
from store.records import Attempt, Outcome, PostEntry
from ui.views import markup, shell, words

_AT_ONCE = 30
_ALL = "all"
_HEADINGS: dict[Outcome, str] = {
    "needs_person": "Нужен человек",
    "accepted": "Приняты",
    "skipped": "Пропущены",
    "failed": "Не удалось",
}


def page() -> None:
    if post_id := st.query_params.get("post"):
        st.switch_page(shell.POST, query_params={"post": post_id})
    st.title("Посты")
    with shell.open_library() as library:
        posts, failures = library.posts(), _unfinished(library)
        if not posts and not failures:
            shell.nothing_yet()
            return
        wanted = _filter(posts, failures)
        with st.container(key="rows"):
            _rows([post for post in posts if wanted in (_ALL, post.outcome)])
        if wanted in (_ALL, "failed"):
            _failures(failures)


def _unfinished(library: Library) -> list[Attempt]:
    """The last attempt at each target if it brought no post, newest first."""
    last = {attempt.paper_id or attempt.target: attempt for attempt in library.attempts()}
    found = [attempt for attempt in last.values() if attempt.outcome in ("failed", None)]
    return sorted(found, key=lambda attempt: attempt.started, reverse=True)


def _filter(posts: list[PostEntry], failures: list[Attempt]) -> str:
    counts: dict[str, int] = {_ALL: len(posts) + len(failures)}
    counts |= {outcome: sum(post.outcome == outcome for post in posts) for outcome in _HEADINGS}
    counts["failed"] += len(failures)
    names: dict[str, str] = {_ALL: "Все"} | {str(outcome): name for outcome, name in _HEADINGS.items()}
    chosen: str = st.segmented_control(
        "Исход",
        list(counts),
        default=_ALL,
        required=True,
        format_func=lambda outcome: f"{names[outcome]} {counts[outcome]}",
        key="outcome",
        persist_state="session",
        label_visibility="collapsed",
    )
    return chosen


def _rows(posts: list[PostEntry]) -> None:
    """Posts under the heading of their outcome, a page of them at once."""
    order = list(_HEADINGS)
    posts = sorted(posts, key=lambda post: order.index(post.outcome))
    pages = -(-len(posts) // _AT_ONCE)
    at = st.pagination(pages, key="posts_page") - 1 if pages > 1 else 0
    heading = None
    for post in posts[at * _AT_ONCE : (at + 1) * _AT_ONCE]:
        if post.outcome != heading:
            heading = post.outcome
            st.subheader(_HEADINGS[heading])
        _row(post)


def _row(post: PostEntry) -> None:
    with st.container(border=True, gap="xxsmall"):
        st.page_link(shell.POST, label=markup.label(post.title), query_params={"post": post.post_id})
        facts = [
            post.paper_id,
            shell.moment(post.updated),
            words.counted(post.revisions, "редакция", "редакции", "редакций") if post.revisions else "без текста",
            words.reasons(len(post.reasons)) if post.reasons else "",
        ]
        markup.show(markup.meta(*facts, outcome=post.outcome))


def _failures(failures: list[Attempt]) -> None:
    if failures:
        st.subheader("Не удалось")
    for attempt in failures:
        with st.container(border=True, gap="xsmall"):
            _failure(attempt)


def _failure(attempt: Attempt) -> None:
    station = words.STATIONS.get(attempt.stage, attempt.stage)
    markup.show(
        markup.join(
            [
                markup.meta(
                    attempt.paper_id or attempt.target,
                    shell.moment(attempt.finished or attempt.started),
                    f"станция «{station}»",
                    outcome="failed",
                ),
                Markup("<p>{}</p>").format(attempt.error or "Разбор ещё идёт или был прерван."),
            ]
        )
    )
    if attempt.permanent:
        st.caption("Повтор без изменений не поможет: сначала исправьте файл или команду.")
    if attempt.continue_with:
        st.caption("Продолжить с этого места:")
        st.code(attempt.continue_with, language="bash", wrap_lines=True)


page()
