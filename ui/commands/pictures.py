"""`razbor read --render` and `--figure`: a page or a figure of a paper as a PNG file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import InputError
from pipeline.keeping import post_id_of
from store.files import Home
from ui.queries import places_of
from ui.reading import Reading, boxes_on, figure_of, figure_picture, page_picture, passage_of

if TYPE_CHECKING:
    from pipeline.settings import Settings
    from store.records import Box, Document
    from ui.queries import Json


def write(reading: Reading, settings: Settings, *, passage: str, page: int | None, number: str, file: str) -> Json:
    """Write the picture of a page, or of figure `number` where no page is given; say what it shows and where it is.

    Raises:
        NotFound: no such passage or figure, or the PDF is not kept any more.
        InputError: no such page, the passage is not on it, or the file is there or cannot be written.
        ReadingError, BadPdf: the page cannot be drawn.
    """
    document, pdf = reading.document, Home(settings.home).pdf(reading.pdf)
    if page is None:
        figure = figure_of(document, number)
        path = _free(file, document, f"figure-{figure.number}")
        _write(path, figure_picture(pdf, figure, settings))
        return _answer(document, path, figure.page, (figure.bbox,)) | {"figure": figure.number}
    boxes = _boxes(document, page, passage)
    path = _free(file, document, f"page-{page}{passage and f'-{passage}'}")
    _write(path, page_picture(pdf, page, boxes, settings))
    return _answer(document, path, page, boxes) | {"passage": passage}


def _answer(document: Document, path: Path, page: int, boxes: tuple[Box, ...]) -> Json:
    return {"paper_id": document.paper_id, "file": str(path), "page": page, "boxes": [list(box) for box in boxes]}


def _boxes(document: Document, page: int, passage: str) -> tuple[Box, ...]:
    """What is to be marked on the page."""
    if not 1 <= page <= document.pages:
        raise InputError(f"{document.paper_id} has no page {page}.", f"Its pages are 1 to {document.pages}.")
    if not passage:
        return ()
    found = passage_of(document, passage)
    boxes = boxes_on(found, page)
    if not boxes:
        pages = ", ".join(str(place.page) for place in places_of(found))
        raise InputError(f"The passage {passage} is not on page {page}.", f"Its page: {pages}.")
    return boxes


def _free(file: str, document: Document, what: str) -> Path:
    """The file to write, by default in the current folder; nobody's file is replaced."""
    safe = re.sub(r"[^\w.-]+", "_", f"{post_id_of(document.paper_id)}-{what}")
    path = Path(file or f"{safe}.png").expanduser()
    if path.exists():
        raise InputError(f"{path} is there already and stays as it is.", "Remove it, or give another name with --out.")
    return path


def _write(path: Path, png: bytes) -> None:
    try:
        with path.open("xb") as file:
            file.write(png)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.", "Give another name with --out.") from error
