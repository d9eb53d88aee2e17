"""Reading a paper for a face: from the library, else from its PDF; its passages, figures and the pictures of both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.reading.reader import Limits, read_pdf
from pipeline.sources.fetch import fetch
from pipeline.sources.identity import identify
from pipeline.sources.local import same_work
from store.errors import NotFound
from store.files import Home
from store.records import Box, Document, Figure, Paper, Passage, Watched
from ui.queries import paper_id_of, places_of

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.settings import Settings
    from store.library import Library
    from store.search import Search

MAIN = "main"
"""What one may say instead of a figure's number."""


@dataclass(frozen=True)
class Reading:
    """A paper, its document, and the SHA-256 of the PDF that was read. `kept`: the library holds just this."""

    paper: Paper
    document: Document
    pdf: str
    kept: bool = False


def read_paper(words: str, settings: Settings, library: Library, *, again: bool = False) -> Reading:
    """What the library holds of a paper, else what its PDF says. Nothing is kept: that is `keep`.

    `again` reads the PDF that is kept, or where another arXiv version is asked for, that one.

    Raises:
        InputError: no such paper or file, no PDF, or the library holds another version of it.
        SourceError, ReadingError, StoreError: see `pipeline.errors`.
    """
    paper_id = paper_id_of(words, library)
    if library.has_document(paper_id):
        known = _known(library, paper_id)
        other = _other_version(words, known.paper)
        if not again and other:
            raise InputError(
                f"The library holds version {known.paper.version} of {paper_id}, not {other}.",
                f"--again reads version {other} in its place.",
            )
        if not other:
            return _anew(known, settings) if again else known
    target, home = same_work(identify(words), library), Home(settings.home)
    paper, pdf = fetch(target, settings, home)
    if target.path:
        paper = library.completed(paper)
    document = read_pdf(home.pdf(pdf), paper.paper_id, Limits.of(settings))
    return Reading(paper.completed_from(document), document, pdf)


def _known(library: Library, paper_id: str) -> Reading:
    return Reading(library.paper(paper_id), library.document(paper_id), library.pdf_of(paper_id) or "", kept=True)


def _other_version(words: str, paper: Paper) -> int | None:
    """The arXiv version that is asked for, where it is not the kept one."""
    try:
        asked = identify(words).version
    except InputError:  # the bare id of a file
        return None
    return asked if asked != paper.version else None


def _anew(known: Reading, settings: Settings) -> Reading:
    paper = known.paper
    document = read_pdf(Home(settings.home).pdf(known.pdf), paper.paper_id, Limits.of(settings))
    if paper.paper_id.startswith("file:"):  # all that is known of it was read in it
        paper = Paper(paper_id=paper.paper_id, url=paper.url)
    return replace(known, paper=paper.completed_from(document), document=document, kept=False)


def keep(reading: Reading, settings: Settings, library: Library, search: Search) -> None:
    """Keep what was read: then the search, the dashboard and a later command know it without the network.

    The index comes first: what is broken off there is not kept, and the same command begins it anew.

    Raises:
        StoreError: it cannot be stored, or a digest of the paper is running (`Locked`).
    """
    with Home(settings.home).lock(f"paper-{reading.document.paper_id}"):
        search.index_document(reading.document)
        library.save_paper(reading.paper)
        library.save_document(reading.document, pdf=reading.pdf)


def without_quote(document: Document, library: Library) -> list[str]:
    """The ids of the post's claims whose quote stood in the kept reading and does not stand in this one."""
    from pipeline.checking.grounding import check_evidence

    entry = library.post_of(document.paper_id)
    if entry is None or not entry.revisions:
        return []
    post, before = library.revision(entry.post_id).post, library.document(document.paper_id)
    already = {finding.where for finding in check_evidence(post, before)}
    return [finding.where for finding in check_evidence(post, document) if finding.where not in already]


def watched_in(document: Document, settings: Settings) -> tuple[Watched, ...]:
    """The watched names of the settings that stand in the paper."""
    from pipeline.reading.backmatter.watchlist import find_watched, watched_names

    return find_watched(document, watched_names(settings.watchlist))


def passage_of(document: Document, name: str) -> Passage:
    """Raises: NotFound."""
    found = next((passage for passage in document.passages if passage.id == name), None)
    if found is None:
        ids = [passage.id for passage in document.passages]
        mend = f"Its {len(ids)} passages are {ids[0]} to {ids[-1]}." if ids else "It has none at all."
        raise NotFound(f"{document.paper_id} has no passage «{name}».", mend)
    return found


def boxes_on(passage: Passage, page: int) -> tuple[Box, ...]:
    """The passage's boxes on a page."""
    return tuple(place.bbox for place in places_of(passage) if place.page == page)


def is_main(document: Document, figure: Figure) -> bool:
    main = document.main_figure
    return main is not None and (main.number, main.page) == (figure.number, figure.page)


def figure_of(document: Document, number: str) -> Figure:
    """The figure with this number, or the main one (`main`).

    Raises:
        NotFound: there is none.
    """
    figures = document.figures
    found = next((one for one in figures if one.number == number or (number == MAIN and is_main(document, one))), None)
    if found is None:
        what = "main figure" if number == MAIN else f"figure «{number}»"
        numbers = ", ".join(figure.number for figure in figures if figure.number)
        raise NotFound(
            f"{document.paper_id} has no {what}.", f"It has: {numbers}." if numbers else "It has no figures."
        )
    return found


def page_picture(pdf: Path, page: int, boxes: tuple[Box, ...], settings: Settings) -> bytes:
    """A page as PNG with `boxes` marked. Raises: as `pipeline.reading.render.render_page`."""
    from pipeline.reading.render import render_page

    return render_page(pdf, page, boxes, limits=Limits.of(settings))


def figure_picture(pdf: Path, figure: Figure, settings: Settings) -> bytes:
    """A figure's region as PNG. Raises: as `pipeline.reading.render.render_region`."""
    from pipeline.reading.render import render_region

    return render_region(pdf, figure.page, figure.bbox, limits=Limits.of(settings))
