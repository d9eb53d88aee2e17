"""«Пост»: the text, and everything that speaks for it or against it."""

from __future__ import annotations

import streamlit as st
from markupsafe import Markup

from pipeline.checking.outcome import is_proven
from pipeline.writing.post import TELEGRAM_LIMIT, plain, telegram_length
from store.library import Library
from store.records import Claim, Document, Finding, Passage, PostEntry, Provenance, Revision, Verdict
from ui.views import markup, shell, words


def page() -> None:
    with shell.open_library() as library:
        entry = shell.chosen_post(library)
        if entry is None:
            return
        _head(entry, library)
        revisions = library.revisions(entry.post_id)
        if not revisions:
            st.info("Текста нет: статья прочитана, но поста по ней решено не писать.", icon=":material/info:")
            return
        document = library.document(entry.paper_id) if library.has_document(entry.paper_id) else None
    revision = _pick(revisions)
    left, right = st.columns([5, 6], gap="large")
    with left:
        _text(revision)
    with right:
        _evidence(revision, revisions, document)


def _head(entry: PostEntry, library: Library) -> None:
    paper = library.paper(entry.paper_id)
    read = library.has_document(entry.paper_id)
    original = paper.title if paper.title != entry.title else ""
    markup.show(
        markup.join(
            [
                markup.title(entry.title),
                markup.meta(entry.paper_id, shell.moment(entry.updated), original, outcome=entry.outcome),
                markup.items(entry.reasons, "rz-reasons"),
            ]
        )
    )
    with st.container(horizontal=True):
        if read:
            about = {"paper": entry.paper_id}
            st.page_link(shell.PAPER, label="Прочитанное", icon=":material/menu_book:", query_params=about)
        if entry.revisions:
            link = {"post": entry.post_id}
            st.page_link(shell.EDIT, label="Править", icon=":material/edit:", query_params=link)
        if paper.url.startswith(("https://", "http://")):
            st.page_link(paper.url, label="Открыть статью", icon=":material/open_in_new:")


def _pick(revisions: list[Revision]) -> Revision:
    """The newest revision, unless the reader asks for an older one."""
    if len(revisions) == 1:
        return revisions[0]
    numbers = [revision.number for revision in reversed(revisions)]
    names = {revision.number: _name(revision) for revision in revisions}
    key = f"revision-{revisions[0].post_id}"
    number = st.selectbox("Редакция", numbers, format_func=names.__getitem__, key=key, width=480)
    return next(revision for revision in revisions if revision.number == number)


def _name(revision: Revision) -> str:
    return f"{revision.number} · {words.author(revision.author)} · {shell.moment(revision.created)}"


def _text(revision: Revision) -> None:
    length = telegram_length(revision.post)
    st.caption(f"Так пост выглядит в Telegram · {words.amount(length)} из {words.amount(TELEGRAM_LIMIT)} знаков")
    markup.show(markup.bubble(revision.post))


def _evidence(revision: Revision, revisions: list[Revision], document: Document | None) -> None:
    proven = sum(is_proven(claim, revision.findings) for claim in revision.post.claims)
    names = [
        f"Утверждения {proven}/{len(revision.post.claims)}",
        f"Проверки {len(revision.findings)}",
        "Судья",
        "Происхождение",
        "История",
    ]
    claims, checks, judge, origin, history = st.tabs(names)
    with claims:
        _claims(revision, document, proven)
    with checks:
        _checks(revision)
    with judge:
        _verdicts(revision.verdicts)
    with origin:
        _origin(revision.provenance, document)
    with history:
        _history(revisions)


def _claims(revision: Revision, document: Document | None, proven: int) -> None:
    total = len(revision.post.claims)
    st.caption(f"Доказано {proven} из {words.counted(total, 'утверждения', 'утверждений', 'утверждений')} поста.")
    with st.container(horizontal=True):
        only_unproven = st.toggle("Только недоказанные", key="only_unproven")
        opened = st.toggle("Показывать фрагменты статьи", value=True, key="passages")
    if not document:
        st.caption("Текста статьи в библиотеке нет, поэтому фрагменты не показаны.")
    shown = [claim for claim in revision.post.claims if not (only_unproven and is_proven(claim, revision.findings))]
    if shown:
        markup.show(markup.join(_claim(claim, revision.findings, document, opened) for claim in shown))


def _claim(claim: Claim, findings: tuple[Finding, ...], document: Document | None, opened: bool) -> Markup:
    proven = is_proven(claim, findings)
    read = {passage.id: passage for passage in document.passages} if document else {}
    paper_id = document.paper_id if document else ""
    shown = [read[name] for name in claim.passages if name in read]
    quote = Markup('<p class="rz-quote">«{}»</p>').format(claim.quote) if claim.quote else Markup("")
    return Markup(
        '<article class="rz-claim rz-{}">'
        '<p><span class="rz-sign" title="{}">{}</span> <code>{}</code> {}</p>{}{}{}</article>'
    ).format(
        "proven" if proven else "unproven",
        "доказано" if proven else "не доказано",
        "✓" if proven else "✗",
        claim.id,
        claim.text,
        markup.findings((finding for finding in findings if finding.where == claim.id), placed=False),
        quote,
        markup.join(_passage(paper_id, passage, claim.quote, opened) for passage in shown),
    )


def _passage(paper_id: str, passage: Passage, quote: str, opened: bool) -> Markup:
    section = f", раздел «{passage.section}»" if passage.section else ""
    place = f"фрагмент {passage.id}, с.{words.NBSP}{passage.page}{section}"
    text = markup.marked(passage.text, markup.quote_span(quote, passage.text))
    shown = markup.to_passage(paper_id, passage.id, "на странице")
    return Markup('<details class="rz-passage"{}><summary>{} · {}</summary><p>{}</p></details>').format(
        Markup(" open") if opened else "", place, shown, text
    )


def _checks(revision: Revision) -> None:
    if not revision.findings:
        st.success("Проверки в коде ничего не нашли.", icon=":material/check:")
    for check in dict.fromkeys(finding.check for finding in revision.findings):
        found = [finding for finding in revision.findings if finding.check == check]
        st.markdown(f"**{markup.label(words.CHECKS.get(check, check))}**")
        markup.show(markup.findings(found))


def _verdicts(verdicts: tuple[Verdict, ...]) -> None:
    if not verdicts:
        st.caption("Эту редакцию судья не читал.")
    for verdict in verdicts:
        dots = {
            words.MARKS.get(name, name): f"{'●' * mark}{'○' * (5 - mark)} {mark}/5"
            for name, mark in verdict.marks.items()
        }
        decision = words.DECISIONS[verdict.decision]
        markup.show(
            markup.join(
                [
                    Markup("<p><b>Решение: {}</b></p><p>{}</p>").format(decision, verdict.reasons),
                    markup.table(dots),
                    Markup("<p><b>Что исправить</b></p>") if verdict.fixes else "",
                    markup.items(verdict.fixes),
                    markup.meta(words.ROLES.get(verdict.role, verdict.role), verdict.model),
                ]
            )
        )


def _origin(origin: Provenance, document: Document | None) -> None:
    usage, read = origin.usage, origin.read
    spent = {
        "Вызовы модели": f"{usage.calls}, ещё {usage.cache_hits} из своего кэша",
        "Токены запросов": f"{words.amount(usage.prompt_tokens)}, из них из кэша {words.amount(usage.cached_tokens)}",
        "Токены ответов": words.amount(usage.completion_tokens),
        "Деньги": f"{words.amount(usage.money, 4)}{words.NBSP}$",
        "Время модели": words.duration(usage.seconds),
    }
    _part("Модели", markup.table({words.ROLES.get(role, role): model for role, model in origin.models.items()}))
    _part(
        "Промпты", markup.table({name: Markup("<code>{}</code>").format(key) for name, key in origin.prompts.items()})
    )
    _part("Затраты", markup.table(spent) if usage.calls or usage.cache_hits else Markup(""))
    if read:
        pages = words.counted(read.pages, "страница", "страницы", "страниц")
        passages = words.counted(read.passages, "фрагмент", "фрагмента", "фрагментов")
        whole = bool(document and document.whole) and not read.condensed and not read.left_out
        _part("Что прочитано", markup.meta(f"{pages}, {passages}{', статья прочитана целиком' if whole else ''}"))
        _part("Сжато", markup.items(read.condensed))
        _part("Не вошло", markup.items(read.left_out))
    _part("Примечания", markup.items(origin.notes))


def _part(name: str, html: Markup) -> None:
    if html:
        markup.show(Markup("<p><b>{}</b></p>{}").format(name, html))


def _history(revisions: list[Revision]) -> None:
    markup.show(markup.items(_name(revision) for revision in reversed(revisions)))
    if len(revisions) < 2:
        st.caption("Редакция одна, сравнивать не с чем.")
        return
    texts = {revision.number: plain(revision.post) for revision in revisions}
    left, right = st.columns(2)
    old = left.selectbox("Было", list(texts), index=len(texts) - 2, key="diff_old")
    new = right.selectbox("Стало", list(texts), index=len(texts) - 1, key="diff_new")
    if texts[old] == texts[new]:
        st.caption("Тексты одинаковы.")
    else:
        markup.show(markup.difference(texts[old], texts[new]))


page()
