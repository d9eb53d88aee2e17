"""«Статья»: what was read in a paper, beside its pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import streamlit as st
from markupsafe import Markup

from pipeline import settings
from store.errors import NotFound
from store.records import Document, Link, Paper, Passage, PostEntry, Reference, Section, Watched
from ui import queries
from ui.reading import boxes_on, is_main, passage_of, watched_in
from ui.views import facsimile, markup, shell, words

_TAB = "part"
_SHOWN = 25
_FIGURES = 4


def page() -> None:
    with shell.open_library() as library:
        paper = shell.chosen_paper(library)
        if paper is None:
            return
        document, pdf = library.document(paper.paper_id), library.pdf_of(paper.paper_id) or ""
        passage = _chosen(document)
        claims = queries.resting_on(library, paper.paper_id, passage.id) if passage else []
        _head(paper, document, library.post_of(paper.paper_id))
    left, right = st.columns(2, gap="large")
    printed = right.container(key="facsimile")
    with printed:
        number = facsimile.turn(document, passage, claims)
    with left:
        _parts(document, pdf, number)
    with printed:
        facsimile.page(pdf, number, passage)


def _chosen(document: Document) -> Passage | None:
    """The passage that the address names (`?passage=ID`)."""
    name = st.query_params.get("passage")
    try:
        return passage_of(document, name) if name else None
    except NotFound:
        st.warning("Такого фрагмента в статье нет: возможно, её прочитали заново.", icon=":material/warning:")
        return None


def _head(paper: Paper, document: Document, entry: PostEntry | None) -> None:
    facts = (
        paper.paper_id,
        f"версия {paper.version}" if paper.version else "",
        words.counted(document.pages, "страница", "страницы", "страниц"),
        f"язык: {words.LANGUAGES.get(document.language, document.language)}",
    )
    authors = markup.meta(", ".join(document.authors or paper.authors))
    markup.show(
        markup.join([markup.title(document.title or paper.title or paper.paper_id), authors, markup.meta(*facts)])
    )
    with st.container(horizontal=True):
        if entry:
            st.page_link(shell.POST, label="Пост", icon=":material/article:", query_params={"post": entry.post_id})
        if paper.url.startswith(("https://", "http://")):
            st.page_link(paper.url, label="Открыть у источника", icon=":material/open_in_new:")
    _alarms(document)


def _alarms(document: Document) -> None:
    if any(hidden.addressed for hidden in document.hidden_text):
        st.error(
            "В PDF спрятан текст, который обращается к рецензенту или к языковой модели. В промпты он не попал; "
            "что в нём написано, показано на вкладке «Скрытый текст».",
            icon=":material/visibility_off:",
        )
    if not document.whole:
        st.warning("Прочитано не всё: часть текста в файле повреждена или не читается.", icon=":material/warning:")
    if document.ocr:
        st.info("Это скан: текст распознан по картинкам, в нём возможны ошибки.", icon=":material/document_scanner:")


def _parts(document: Document, pdf: str, number: int) -> None:
    parts: dict[str, Callable[[], None]] = {
        "Обзор": lambda: _overview(document),
        "Фрагменты": lambda: _passages(document, number),
        "Рисунки": lambda: _figures(document, pdf),
        "Таблицы": lambda: _tables(document),
        "Литература": lambda: _references(document),
        "Ссылки": lambda: _links(document),
        "Скрытый текст": lambda: _hidden(document),
    }
    for tab, show in zip(st.tabs(list(parts), key=_TAB, bind="query-params"), parts.values(), strict=True):
        if tab.open:
            with tab:
                show()


def _overview(document: Document) -> None:
    _part("Аннотация", markup.paragraph(document.abstract))
    _part("Прочитано", markup.table(_counts(document)))
    _part("Благодарности", markup.paragraph(document.acknowledgements))
    _part("Знакомые имена", markup.items(map(_watched, watched_in(document, settings.load()))))
    _part("Замечания чтения, дословно", markup.items(document.warnings))
    if document.sections:
        markup.show(markup.heading("Разделы"))
        with st.container(key="sections", gap=None):
            for section in document.sections:
                _section(document, section)


def _part(name: str, html: Markup) -> None:
    if html:
        markup.show(markup.join([markup.heading(name), html]))


def _counts(document: Document) -> dict[str, str]:
    main, references = document.main_figure, document.references
    kinds = Counter(words.PASSAGES[passage.kind] for passage in document.passages)
    cited = sum(bool(reference.citations) for reference in references)
    arxiv, doi = (sum(bool(getattr(one, name)) for one in references) for name in ("arxiv_id", "doi"))
    return {
        "Фрагменты": f"{len(document.passages)}: {', '.join(f'{name} {count}' for name, count in kinds.most_common())}",
        "Рисунки": f"{len(document.figures)}{f', главный — {main.number}' if main else ''}",
        "Таблицы": f"{len(document.tables)}, со строками {sum(bool(table.rows) for table in document.tables)}",
        "Литература": f"{len(references)}, с номером arXiv {arxiv}, с DOI {doi}",
        "Упоминания работ": f"{sum(len(one.citations) for one in references)}, упомянуто работ {cited}",
    }


def _watched(found: Watched) -> Markup:
    place = words.WATCHED[found.where] + (f", с.{words.NBSP}{found.page}" if found.page else "")
    return Markup("<b>{}</b> ({}): {}").format(found.name, place, found.text)


def _section(document: Document, section: Section) -> None:
    name = f"{section.number} {section.title}".strip()
    indent = "\u2003" * (section.level - 1)
    note = " · приложение" if section.appendix else ""
    _to(document, f"{indent}{name} · с.{words.NBSP}{section.page}{note}", section.page)


def _passages(document: Document, number: int) -> None:
    query = st.text_input(
        "Найти фрагмент", key="find", bind="query-params", placeholder="слова или номер, например p12", type="search"
    )
    if query:
        found = [one for one in document.passages if query == one.id or markup.word_spans(query, one.text)]
        st.caption(words.counted(len(found), "фрагмент", "фрагмента", "фрагментов"))
    else:
        found = [one for one in document.passages if boxes_on(one, number)]
        st.caption(f"Фрагменты страницы {number}. Нажмите на номер, чтобы увидеть место.")
    for passage in found[:_SHOWN]:
        _to(document, f"{passage.id} · с.{words.NBSP}{passage.page} · {passage.section}", passage.page, passage.id)
        markup.show(markup.paragraph(markup.marked(passage.text, markup.word_spans(query, passage.text))))
    if len(found) > _SHOWN:
        st.caption(f"Показаны первые {_SHOWN}: уточните запрос.")


def _figures(document: Document, pdf: str) -> None:
    main = [figure for figure in document.figures if is_main(document, figure)]
    figures = [*main, *(figure for figure in document.figures if figure not in main)]
    if not figures:
        st.caption("Рисунков не найдено.")
    pages = -(-len(figures) // _FIGURES)
    at = st.pagination(pages, key="figures_page") - 1 if pages > 1 else 0
    for figure in figures[at * _FIGURES : (at + 1) * _FIGURES]:
        with st.container(border=True, gap="xsmall"):
            if document.main_figure and figure in main:
                reason = document.main_figure.reason
                markup.show(Markup('<p class="rz-meta"><b>Главный рисунок</b> · {}</p>').format(reason))
            facsimile.figure(pdf, figure)
            markup.show(markup.paragraph(figure.caption))
            _to(document, f"Рисунок {figure.number}, с.{words.NBSP}{figure.page}", figure.page, figure.passage)


def _tables(document: Document) -> None:
    if not document.tables:
        st.caption("Таблиц не найдено.")
    for table in document.tables:
        with st.container(border=True, gap="xsmall"):
            _to(document, f"Таблица {table.number}, с.{words.NBSP}{table.page}", table.page, table.passage)
            markup.show(markup.paragraph(table.caption))
            markup.show(markup.grid(table.rows, table.header) if table.rows else markup.meta("Строки не прочитаны."))


def _references(document: Document) -> None:
    if not document.references:
        st.caption("Списка литературы не найдено.")
    markup.show(markup.items(_reference(document, one) for one in document.references))


def _reference(document: Document, reference: Reference) -> Markup:
    times = len(reference.citations)
    facts = [
        f"упомянута {words.counted(times, 'раз', 'раза', 'раз')}" if times else "в тексте не упомянута",
        f"arXiv:{reference.arxiv_id}" if reference.arxiv_id else "",
        f"doi:{reference.doi}" if reference.doi else "",
    ]
    passages = dict.fromkeys(citation.passage for citation in reference.citations)
    places = (markup.to_passage(document.paper_id, name, name) for name in passages)
    return Markup("{}{}{}").format(reference.text, markup.meta(*facts), markup.meta(*places))


def _links(document: Document) -> None:
    if not document.links:
        st.caption("Ссылок не найдено.")
    own = [link for link in document.links if link.own]
    _part("Ссылки самой статьи", markup.items(map(_link, own)))
    _part("Остальные", markup.items(_link(link) for link in document.links if not link.own))


def _link(link: Link) -> Markup:
    facts = markup.meta(words.LINKS.get(link.kind, link.kind), f"с.{words.NBSP}{link.page}", link.reason)
    return Markup('<span class="rz-link">{}</span>{}').format(link.url, facts)


def _hidden(document: Document) -> None:
    if not document.hidden_text:
        st.success("Скрытого текста не найдено.", icon=":material/check:")
    for hidden in document.hidden_text:
        facts = (
            words.HIDDEN.get(hidden.kind, hidden.kind),
            f"с.{words.NBSP}{hidden.page}",
            "обращён к рецензенту или модели" if hidden.addressed else "",
        )
        markup.show(Markup('<div class="rz-chosen">{}<p>{}</p></div>').format(markup.meta(*facts), hidden.text))


def _to(document: Document, label: str, number: int, passage: str = "") -> None:
    """A link to a page, or to a passage on its page; the tab that is open stays open."""
    address = {"paper": document.paper_id, shell.PAGE: str(number), _TAB: str(st.session_state[_TAB])}
    if passage:
        address["passage"] = passage
    st.page_link(shell.PAPER, label=markup.label(label), query_params=address)


page()
