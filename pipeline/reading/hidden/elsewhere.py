"""Text beside the pages' own: metadata, outline, attachments, annotations, form fields, layers that are off.

None of it is printed. It is no alarm by being there: only what speaks to a reviewer or a model is, or prose that the
pages do not show (a publisher copies the abstract into the metadata).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from pipeline.reading.hidden.addressed import is_addressed, is_prose, is_text
from pipeline.reading.hidden.layer import fold
from pipeline.reading.layout.lines import clean
from store.records import Box, HiddenText

NOWHERE: Box = (0.0, 0.0, 0.0, 0.0)
HIDDEN_OR_NOVIEW = 2 | 32
LINK, POPUP, WIDGET = 1, 16, 21
LONGER = re.compile(r"[^\W\d_]{4,}")
ORDINARY = re.compile(  # licences, marks of TeX, and the schemas with which archives describe their own fields
    r"rights|licen[cs]e|copyright|usageterms|marked|statement|ptex|banner|pdfa\w*:|stevt|producer|creatortool",
    re.IGNORECASE,
)
XMP_TEXT = re.compile(r"<(?P<tag>[\w:.-]+)[^>]*>(?P<text>[^<]{12,})</|(?P<name>[\w:.-]+)=\"(?P<value>[^\"<]{12,})\"")
STRING = re.compile(r"^(?:string|name)$")
LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Shown:
    """What the pages print: its letters without blanks, and its longer words."""

    letters: str
    words: frozenset[str]

    @classmethod
    def of(cls, text: str) -> Shown:
        return cls(fold(text), frozenset(LONGER.findall(text.lower())))

    def holds(self, text: str) -> bool:
        """Whether the pages print it, or (a message apart) nearly all its words: an abstract in other words."""
        if fold(text) in self.letters:
            return True
        words = LONGER.findall(text.lower())
        return len(words) > 12 and not is_addressed(text) and sum(w in self.words for w in words) > 0.7 * len(words)


def beside_pages(pymupdf: Any, document: Any, path: Path, known: Shown) -> list[HiddenText]:
    """What is hidden in a whole document beside the text that its pages show.

    Raises:
        RuntimeError: MuPDF cannot read a part of it.
    """
    found = [*_metadata(document, known), *_outline(document, known), *_attachments(document, known)]
    for page in document:
        found.extend(_annotations(document, page, known))
    return found + _layers(pymupdf, document, path)


def speaks(text: str, known: Shown) -> bool:
    """Whether this text should be told of: not shown on the pages, and addressed or prose."""
    return not known.holds(text) and (is_addressed(text) or is_prose(text))


def _told(kind: str, text: str, page: int = 0, box: Box = NOWHERE) -> HiddenText:
    text = clean(text)[:LONGEST]
    return HiddenText(kind=kind, page=page, bbox=box, text=text, addressed=is_addressed(text))


def _metadata(document: Any, known: Shown) -> Iterator[HiddenText]:
    told: set[str] = set()
    for name, text in [*_info(document), *_xmp(document)]:
        folded = fold(text)
        prose = is_prose(text) and not ORDINARY.search(name) and _rest(name, text)
        if folded not in told and not known.holds(text) and (is_addressed(text) or prose):
            told.add(folded)
            yield _told("metadata", text)


def _rest(name: str, text: str) -> bool:
    """A title or keywords may read like a sentence; they are prose when they are long."""
    return len(text) > 300 if re.search(r"title|keyword|creator|producer|author", name, re.IGNORECASE) else True


def _info(document: Any) -> Iterator[tuple[str, str]]:
    kind, value = document.xref_get_key(-1, "Info")
    if kind == "xref":
        xref = int(value.split()[0])
        for name in document.xref_get_keys(xref):
            kind, text = document.xref_get_key(xref, name)
            if STRING.match(kind) and text:
                yield name, text


def _xmp(document: Any) -> Iterator[tuple[str, str]]:
    tag = ""
    for match in XMP_TEXT.finditer((document.get_xml_metadata() or "")[: 50 * LONGEST]):
        own = match["tag"] or match["name"]
        outer = re.findall(r"<(\w+:\w+)[ >]", match.string[max(0, match.start() - 200) : match.start()])
        tag = f"{' '.join(outer)} {own}" if own == "rdf:li" else own
        yield tag, unescape(match["text"] or match["value"])


def _outline(document: Any, known: Shown) -> Iterator[HiddenText]:
    for _, title, page, *_ in document.get_toc(simple=True):
        if is_told_title(title, known):
            yield _told("outline", title, max(0, page))


def is_told_title(title: str, known: Shown) -> bool:
    """Whether a title of the outline or the metadata is a message rather than a title. Long headings are no prose."""
    return not known.holds(title) and (is_addressed(title) or (len(title) > 150 and is_prose(title)))


def _attachments(document: Any, known: Shown) -> Iterator[HiddenText]:
    for number in range(document.embfile_count()):
        about = document.embfile_info(number)
        for name in ("name", "filename", "ufilename", "description", "desc"):
            if speaks(about.get(name) or "", known):
                yield _told("attachment", about[name])
                break


def _annotations(document: Any, page: Any, known: Shown) -> Iterator[HiddenText]:
    for xref, kind, _ in page.annot_xrefs():
        texts = dict.fromkeys(text for name in _names(kind) if (text := _string(document, xref, name)))
        for text in texts:
            if speaks(text, known):
                said = "form field" if kind == WIDGET else "annotation"
                yield _told(said, text, page.number + 1, _place(document, page, xref))


def _names(kind: int) -> tuple[str, ...]:
    return (
        ("V", "DV", "TU", "Parent/V", "Parent/DV", "Parent/TU") if kind == WIDGET else ("Contents", "Subj", "T", "RC")
    )


def _string(document: Any, xref: int, name: str) -> str:
    kind, text = document.xref_get_key(xref, name)
    return re.sub(r"<[^>]*>", " ", text) if kind == "string" and name == "RC" else text if kind == "string" else ""


def _place(document: Any, page: Any, xref: int) -> Box:
    """The annotation's rectangle as the reader sees the page."""
    numbers = [float(n) for n in re.findall(r"-?[\d.]+", document.xref_get_key(xref, "Rect")[1])]
    if len(numbers) != 4:
        return NOWHERE
    m = page.transformation_matrix * page.rotation_matrix
    x0, y0, x1, y1 = numbers
    xs = [x * m.a + y * m.c + m.e for x, y in ((x0, y0), (x1, y1))]
    ys = [x * m.b + y * m.d + m.f for x, y in ((x0, y0), (x1, y1))]
    return round(min(xs), 1), round(min(ys), 1), round(max(xs), 1), round(max(ys), 1)


def _layers(pymupdf: Any, document: Any, path: Path) -> list[HiddenText]:
    """Lines that appear when every optional content group is switched on."""
    if all(group["on"] for group in document.get_ocgs().values()):
        return []
    found: list[HiddenText] = []
    with pymupdf.open(path, filetype="pdf") as copy:
        root = copy.pdf_catalog()
        copy.xref_set_key(root, "OCProperties/D/OFF", "[]")
        copy.xref_set_key(root, "OCProperties/D/BaseState", "/ON")
        with pymupdf.open("pdf", copy.tobytes()) as opened:
            for before, after in zip(document, opened, strict=False):
                found.extend(_appeared(before, after))
    return found


def _appeared(before: Any, after: Any) -> Iterator[HiddenText]:
    known = fold(before.get_text())
    for x0, y0, x1, y1, text, _, kind in after.get_text("blocks"):
        if kind == 0 and is_text(text) and fold(text) not in known and (is_addressed(text) or is_prose(text)):
            yield _told("layer", text, after.number + 1, (round(x0, 1), round(y0, 1), round(x1, 1), round(y1, 1)))
