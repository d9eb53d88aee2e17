"""The paper as it was printed: a page with a passage marked, a figure. What is drawn once stays in a bounded cache."""

from __future__ import annotations

import streamlit as st
from markupsafe import Markup

from pipeline import settings
from store.errors import RazborError
from store.files import Home
from store.records import Box, Claim, Document, Figure, Passage, Revision
from ui.queries import places_of
from ui.reading import boxes_on, figure_picture, page_picture
from ui.views import faults, markup, shell, words

_DRAWN = 64


@st.cache_data(max_entries=_DRAWN, show_spinner="Рисую страницу…")
def _page(pdf: str, page: int, boxes: tuple[Box, ...]) -> bytes:
    chosen = settings.load()
    return page_picture(Home(chosen.home).pdf(pdf), page, boxes, chosen)


@st.cache_data(max_entries=_DRAWN, show_spinner="Рисую рисунок…")
def _region(pdf: str, page: int, box: Box) -> bytes:
    chosen = settings.load()
    figure = Figure(number="", page=page, caption="", bbox=box)
    return figure_picture(Home(chosen.home).pdf(pdf), figure, chosen)


def figure(pdf: str, shown: Figure) -> None:
    """The figure's region; where it cannot be drawn, the reason."""
    try:
        st.image(
            _region(pdf, shown.page, shown.bbox), width="stretch", output_format="PNG", alt=f"Рисунок {shown.number}"
        )
    except RazborError as error:
        faults.show(error)


def turn(document: Document, passage: Passage | None, claims: list[tuple[Revision, Claim, bool]]) -> int:
    """What is chosen, and the control that turns the pages; the number of the page to show."""
    if passage:
        _about(passage, claims)
    return st.pagination(document.pages, default=passage.page if passage else 1, key=shell.PAGE, bind="query-params")


def page(pdf: str, number: int, passage: Passage | None) -> None:
    """The page with the passage marked; where it cannot be drawn, the reason."""
    try:
        st.image(
            _page(pdf, number, boxes_on(passage, number) if passage else ()),
            width="stretch",
            output_format="PNG",
            alt=f"с. {number}",
        )
    except RazborError as error:
        faults.show(error)


def _about(passage: Passage, claims: list[tuple[Revision, Claim, bool]]) -> None:
    pages = list(dict.fromkeys(place.page for place in places_of(passage)))
    where = f"с.{words.NBSP}{', '.join(map(str, pages))}"
    section = f"раздел «{passage.section}»" if passage.section else ""
    spans = [span for _, claim, _ in claims for span in markup.quote_span(claim.quote, passage.text)]
    markup.show(
        Markup('<div class="rz-chosen">{}<p>{}</p></div>').format(
            markup.meta(f"Фрагмент {passage.id}", where, words.PASSAGES[passage.kind], section),
            markup.marked(passage.text, _apart(spans)),
        )
    )
    for revision, claim, proven in claims:
        sign = "доказано" if proven else "не доказано"
        st.page_link(
            shell.POST,
            label=f"{claim.id}, {sign}: {markup.label(claim.text)}",
            icon=":material/check:" if proven else ":material/close:",
            query_params={"post": revision.post_id},
        )


def _apart(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, those that meet joined."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
