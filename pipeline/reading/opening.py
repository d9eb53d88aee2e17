"""From a PDF to pages of lines: the only file that asks MuPDF for text."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from pipeline.errors import BadPdf, ReadingError
from pipeline.reading.hidden.elsewhere import Shown, beside_pages, is_told_title
from pipeline.reading.hidden.ink import Ink
from pipeline.reading.hidden.layer import VECTOR, lines_of, read_layer, turned
from pipeline.reading.hidden.smuggled import smuggled
from pipeline.reading.hidden.spans import Sheet, find_hidden, report
from pipeline.reading.layout.lines import clean, make_line
from pipeline.reading.layout.pages import Page, Pdf
from pipeline.reading.layout.words import look_closely
from pipeline.reading.ocr import find_data, find_languages, offer, recognise
from store.records import Box

OUT_OF_MEMORY = re.compile(r"alloc \(\d+ bytes\) failed")
STROKE = 14.0
SCAN_COVERS = 0.5
LONGEST_TEXT = 20_000_000


def load_pymupdf() -> Any:
    """PyMuPDF without its layout models: 0.14 s and 52 MB instead of 0.6 s and 139 MB.

    PyMuPDF 2 imports both modules when it finds them; only `to_chunks` and its kin need them.
    """
    sys.modules.setdefault("pymupdf4llm", None)  # type: ignore[arg-type]
    sys.modules.setdefault("pymupdf.layout", None)  # type: ignore[arg-type]
    import pymupdf

    tools: Any = pymupdf.TOOLS
    tools.mupdf_display_errors(False)
    tools.mupdf_display_warnings(False)
    return pymupdf


def open_pdf(path: Path, most_pages: int, ocr: bool = False) -> Pdf:
    """Read every page; with `ocr` also those that are pictures without a text layer.

    Raises:
        BadPdf: not a PDF, empty, encrypted, broken, truncated, or scanned without a text layer.
        MemoryError: the process may not have more memory.
        ReadingError: more pages or more text than the limits allow.
    """
    pymupdf = load_pymupdf()
    check_bytes(path)
    document = open_document(pymupdf, path)
    if document.page_count > most_pages:
        raise ReadingError(
            f"The PDF has {document.page_count} pages; the limit is {most_pages}.",
            "Raise RAZBOR_READ_PAGES to read it.",
        )
    pdf = Pdf(pages=[], outline=_outline(document), title=clean((document.metadata or {}).get("title") or ""))
    _read_pages(pymupdf, document, pdf)
    _look_beside(pymupdf, document, pdf, path)
    languages = _recognise_scans(document, pdf, ocr)
    if document.is_repaired:
        pdf.whole = pdf.whole and not _cut(path)
        pdf.warnings.insert(0, f"The file is damaged and was repaired{_cut(path)}: pages or text may be missing.")
    _no_text(pdf, offer(languages, ocr))
    return pdf


def check_bytes(path: Path) -> None:
    """Refuse what is no PDF before MuPDF sees it.

    Raises:
        BadPdf: `empty` or `not_pdf`, saying what the file looks like.
    """
    with path.open("rb") as file:
        head = file.read(2048)
    if not head.strip():
        raise BadPdf("The file is empty.", "Download the paper again.", kind="empty")
    if b"%PDF-" not in head[:1024]:
        raise BadPdf(f"This is not a PDF: it looks like {looks_like(head)}.", "Give the PDF itself.", kind="not_pdf")


def looks_like(head: bytes) -> str:
    """What a file's first bytes look like, in words."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    known = (
        ((b"<!doctype html", b"<html", b"<head"), "an HTML page"),
        ((b"<?xml", b"<"), "an XML file"),
        ((b"pk\x03\x04",), "a ZIP or Office file"),
        ((b"\x1f\x8b",), "a gzip archive"),
        ((b"%!ps",), "PostScript"),
        ((b"\x89png", b"\xff\xd8\xff", b"gif8"), "a picture"),
        ((b"{", b"["), "JSON"),
    )
    for marks, name in known:
        if start.startswith(marks):
            return name
    return "binary data" if b"\x00" in head else "plain text"


def open_document(pymupdf: Any, path: Path) -> Any:
    """MuPDF's document of a file, with at least one page.

    Raises:
        BadPdf: encrypted, truncated or broken.
    """
    try:
        document = pymupdf.open(path, filetype="pdf")
        if document.needs_pass:
            raise BadPdf("The PDF is encrypted and asks for a password.", "Save a copy without it.", kind="encrypted")
        count = document.page_count
    except (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase) as error:
        raise _broken(path, str(error)) from error
    if not count:
        raise _broken(path, "it has no pages")
    return document


def _broken(path: Path, why: str) -> BadPdf:
    if _cut(path):
        return BadPdf("The PDF is truncated: its end is missing.", "Download the paper again.", kind="truncated")
    return BadPdf(f"The PDF is broken and cannot be repaired: {clean(why)[:120]}.", "Download it again.", kind="broken")


def _cut(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 2048))
        return "" if b"%%EOF" in file.read() else " (its end is missing: truncated)"


def _outline(document: Any) -> list[tuple[int, str, int]]:
    return [(int(level), clean(title), int(page)) for level, title, page, *_ in document.get_toc(simple=True)]


def _read_pages(pymupdf: Any, document: Any, pdf: Pdf) -> None:
    letters = 0
    for number in range(1, document.page_count + 1):
        try:
            page = _read_page(pymupdf, document[number - 1], number, pdf)
        except (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase) as error:
            if OUT_OF_MEMORY.search(str(error)):
                raise MemoryError from error
            pdf.whole = False
            pdf.warnings.append(f"Page {number} cannot be read: {clean(str(error))[:120]}.")
            continue
        pdf.pages.append(page)
        letters += sum(len(line.text) for line in page.lines)
        if letters > LONGEST_TEXT:
            raise ReadingError(f"The PDF holds more than {LONGEST_TEXT:,} letters; this is no paper.")
    complaints = dict.fromkeys(line for line in pymupdf.TOOLS.mupdf_warnings().splitlines() if line.strip())
    if any(OUT_OF_MEMORY.search(complaint) for complaint in complaints):
        raise MemoryError
    if complaints:
        pdf.warnings.append(f"MuPDF: {'; '.join(list(complaints)[:3])[:300]}.")


def _read_page(pymupdf: Any, page: Any, number: int, pdf: Pdf) -> Page:
    layer = read_layer(pymupdf, page)
    turn = page.rotation_matrix if page.rotation else None
    area = tuple(page.rect)
    images = page.get_image_info() if page.get_images() else []
    pictures = [turned(image["bbox"], turn) for image in images]
    vectors = [turned(block["bbox"], turn) for block in layer.blocks if block["type"] == VECTOR]
    read = Page(
        number=number,
        width=area[2],
        height=area[3],
        lines=[],
        rules=[box for box in vectors if _is_rule(box)],
        drawings=[box for box in vectors if box[2] - box[0] > STROKE and box[3] - box[1] > STROKE],
        pictures=pictures,
        links=[(link["uri"], tuple(link["from"])) for link in page.get_links() if link.get("uri")],
    )
    opaque = [box for box, image in zip(pictures, images, strict=True) if not image["has-mask"]]
    lines = list(lines_of(layer.blocks, page))
    hidden = find_hidden(Sheet(page, area, layer, opaque, Ink(layer.drawn, *area[2:])), lines)
    _take_lines(read, lines, {id(span) for _, span in hidden})
    pdf.hidden.extend(report(hidden, number) + smuggled(lines, number))
    look_closely(read, page, layer.text, [span["bbox"] for _, span in hidden])
    return read


def _take_lines(read: Page, lines: list[tuple[tuple[float, float], int, list[Any]]], unseen: set[int]) -> None:
    for direction, block, spans in lines:
        line = make_line([span for span in spans if id(span) not in unseen], read.number, block)
        if line and abs(direction[1]) < 0.1 and direction[0] > 0:
            read.lines.append(line)
        elif line:
            read.turned += len(line.text)


def _is_rule(box: Box) -> bool:
    return box[3] - box[1] < 3 and box[2] - box[0] > 60


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _look_beside(pymupdf: Any, document: Any, pdf: Pdf, path: Path) -> None:
    known = Shown.of(" ".join(line.text for page in pdf.pages for line in page.lines))
    try:
        pdf.hidden.extend(beside_pages(pymupdf, document, path, known))
    except (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase) as error:
        pdf.warnings.append(f"Metadata and annotations were not looked through: {clean(str(error))[:120]}.")
        pdf.title, pdf.outline = "", []
    pdf.outline = [entry for entry in pdf.outline if not is_told_title(entry[1], known)]
    pdf.title = "" if is_told_title(pdf.title, known) else pdf.title


def _is_scan(page: Page) -> bool:
    area = page.width * page.height
    covered = sum(map(_area, page.pictures))  # some scanners cut a page into strips
    return not _is_lettered(page) and covered > SCAN_COVERS * area


def _is_lettered(page: Page) -> bool:
    return any(c.isalnum() for line in page.lines for c in line.text)


def _recognise_scans(document: Any, pdf: Pdf, ocr: bool) -> str:
    """Read the scanned pages' pictures if that is wanted and can be done; the languages that can be recognised."""
    scans = [page for page in pdf.pages if _is_scan(page)]
    if not any(map(_is_lettered, pdf.pages)):  # then small pictures are all there is
        scans = [page for page in pdf.pages if page.pictures]
    data = find_data() if scans else None
    languages = find_languages(data)
    if ocr and data and languages:
        for page in scans:
            blocks = recognise(document[page.number - 1], data, languages)
            for direction, block, spans in lines_of(blocks, document[page.number - 1]):
                _take_lines(page, [(direction, block, spans)], set())
        pdf.ocr = True
        pages = ", ".join(str(page.number) for page in scans)
        pdf.warnings.append(f"Recognised by OCR ({languages}), so letters and numbers may be wrong: page {pages}.")
    elif scans and any(map(_is_lettered, pdf.pages)):
        pages = ", ".join(str(page.number) for page in scans)
        pdf.warnings.append(f"Scanned pages were left out: {pages}. {offer(languages, ocr)}")
    return languages


def _no_text(pdf: Pdf, mend: str) -> None:
    if any(map(_is_lettered, pdf.pages)):
        return
    if any(page.pictures for page in pdf.pages):
        raise BadPdf("The PDF is scanned: its pages are pictures without a text layer.", mend, kind="scanned")
    raise BadPdf("The PDF's pages carry no readable text.", "Check that the file opens in a viewer.", kind="empty")
