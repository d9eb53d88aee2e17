"""Text on a page that a reader cannot see but a language model would read: found, kept apart, reported.

The page's picture is asked whether the letters left ink (`ink.py`), so a way of hiding need not be known to be found:
opacity, clips, empty glyphs, the colour of the ground. Where other ink stands in the same place the order of printing
decides. An invisible layer over the picture of its own words (OCR) is no alarm, nor are crumbs and small labels.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.reading.hidden.addressed import is_addressed, is_prose, is_text
from pipeline.reading.hidden.ink import Ink, is_light, overlap, rgb
from pipeline.reading.hidden.layer import PICTURE, TEXT, VECTOR, Layer, Span, turned
from pipeline.reading.layout.lines import clean, union
from store.records import Box, HiddenText

INKED = 16 | 32
NEAR_WHITE = 0xF0
FAINTEST = 13
TINY, MINUTE = 2.0, 1.0
BAND = 24
SCAN_COVERS = 0.5
PICTURED = 48
SUSPECT = "suspect"
FLAT = 0.1
CROPPED = 8  # words: a figure that is cropped on being included leaves labels and rows outside the cut

Found = list[tuple[str, Span]]


@dataclass(slots=True)
class Sheet:
    """What the judgement of one page rests on. `pictures` are opaque ones, `printed` all of them and shadings too;
    `covers` are opaque fills by bands of the page, with their block."""

    page: Any
    area: Box
    layer: Layer
    pictures: list[Box]
    ink: Ink
    spans: list[tuple[int, Span]] = field(default_factory=list)
    printed: list[Box] = field(default_factory=list)
    covers: dict[int, list[tuple[int, Box]]] = field(default_factory=dict)

    @property
    def scanned(self) -> bool:
        return sum(overlap(self.area, box) for box in self.pictures) > SCAN_COVERS


def find_hidden(sheet: Sheet, lines: Sequence[tuple[tuple[float, float], int, list[Span]]]) -> Found:
    """Hidden spans of a page in the order of printing, each with its kind."""
    turn = sheet.page.rotation_matrix if sheet.page.rotation else None
    sheet.printed = [turned(block[:4], turn) for block in sheet.layer.ordered if block[-1] == PICTURE]
    sheet.covers = _covers(sheet.layer.blocks, turn)
    sheet.spans = [(block, span) for _, block, spans in lines for span in spans if span["text"].strip()]
    found = [(kind, span) for block, span in sheet.spans if (kind := _kind(sheet, block, span))]
    found = _settle(sheet, found)
    beyond = [(kind, span | {"bbox": turned(span["bbox"], turn)}) for kind, span in sheet.layer.beyond]
    return found + [("off-page" if _outside(span["bbox"], sheet.area) else kind, span) for kind, span in beyond]


def _kind(sheet: Sheet, block: int, span: Span) -> str:
    if _is_flat(span) or _outside(span["bbox"], sheet.area):
        return "tiny" if _is_flat(span) else "off-page"
    if not _is_inked(span):
        return "" if _is_layer_of_picture(sheet, span) else "invisible"
    if span["size"] < TINY or _is_mirrored(span):
        return "tiny" if span["size"] < TINY else "mirrored"
    return "covered" if _is_covered(sheet, block, span) else _suspect(sheet, span)


def _suspect(sheet: Sheet, span: Span) -> str:
    if not is_light(span["color"]) and (sheet.ink.is_plain(_core(span["bbox"])) or _is_sign(sheet, span)):
        return ""
    return SUSPECT


def _settle(sheet: Sheet, found: Found) -> Found:
    """Look at the suspects closely, if together they are text at all: commas and signs leave little ink."""
    worth = is_text(" ".join(span["text"] for kind, span in found if kind == SUSPECT))
    looked = [
        (_inkless(sheet, span) if worth else "", span) if kind == SUSPECT else (kind, span) for kind, span in found
    ]
    return [(kind, span) for kind, span in looked if kind]


def _inkless(sheet: Sheet, span: Span) -> str:
    """`white`, `background` or `no ink` for letters that cannot be told from their ground."""
    shown = sheet.ink.shows(_core(span["bbox"]), rgb(span["color"]), lambda: _overprinted(sheet, span))
    if shown == "seen":
        return ""
    if min(rgb(span["color"])) >= NEAR_WHITE:
        return "white"
    return "background" if shown == "same" else "no ink"


def _is_sign(sheet: Sheet, span: Span) -> bool:
    """A mathematical sign, whose ink may stand anywhere in its box."""
    return len(span["text"].strip()) < 3 and sheet.ink.is_plain(span["bbox"])


def _is_layer_of_picture(sheet: Sheet, span: Span) -> bool:
    """Invisible letters over a picture or an outline of themselves: OCR, or the text of a drawing. The ink there must
    not be that of other text."""
    box = span["bbox"]
    return not _overprinted(sheet, span) and sheet.ink.contrast(_core(box)) >= PICTURED


def _is_covered(sheet: Sheet, block: int, span: Span) -> bool:
    """Whether something opaque was printed over the letters later."""
    box = _core(span["bbox"])
    later = [n for n, cover in sheet.covers.get(int(box[1] // BAND), ()) if n > block and overlap(box, cover) > 0.9]
    if later:
        over = any(n > later[0] and overlap(box, other["bbox"]) > 0.4 for n, other in sheet.spans)
        return over or sheet.ink.shows(box, rgb(span["color"]), lambda: False) != "seen"
    if not any(overlap(box, picture) > 0.9 for picture in sheet.printed):
        return False
    over_it = [picture for picture in _later_pictures(sheet, span) if overlap(box, picture) > 0.9]
    if any(_is_opaque(sheet, picture) for picture in over_it):
        return not (sheet.scanned and _is_layer_of_picture(sheet, span))
    return bool(over_it) and not sheet.ink.bears(box, rgb(span["color"]))


def _is_opaque(sheet: Sheet, picture: Box) -> bool:
    """Pictures with a mask, and shadings, may let the letters through."""
    return any(overlap(picture, box) > 0.98 and overlap(box, picture) > 0.98 for box in sheet.pictures)


def _later_pictures(sheet: Sheet, span: Span) -> list[Box]:
    """Pictures and shadings that were printed after these letters."""
    text = span["text"].strip()
    turn = sheet.page.rotation_matrix if sheet.page.rotation else None
    last = -1
    for n, (*box, words, _, kind) in enumerate(sheet.layer.ordered):
        if kind == TEXT and text in words.replace("\n", " ") and overlap(span["bbox"], turned(box, turn)) > 0.5:
            last = n
    later = sheet.layer.ordered[last + 1 :] if last >= 0 else []
    return [turned(block[:4], turn) for block in later if block[-1] == PICTURE]


def _covers(blocks: list[dict[str, Any]], turn: Any) -> dict[int, list[tuple[int, Box]]]:
    covers: dict[int, list[tuple[int, Box]]] = {}
    for block in blocks:
        if block["type"] != VECTOR or block["stroked"] or block["alpha"] < 250 or not block["isrect"]:
            continue
        box = turned(block["bbox"], turn)
        if box[2] - box[0] > 8 and box[3] - box[1] > 3:
            for band in range(int(max(-1e4, box[1]) // BAND), int(min(1e4, box[3]) // BAND) + 1):
                covers.setdefault(band, []).append((block["number"], box))
    return covers


def _overprinted(sheet: Sheet, span: Span) -> bool:
    """Whether other, inked letters stand in the same place."""
    box, inked = _core(span["bbox"]), _is_inked(span)
    return any(
        _is_inked(other)
        and not (inked and other["color"] == span["color"])
        and (overlap(box, other["bbox"]) > 0.3 or overlap(_core(other["bbox"]), span["bbox"]) > 0.5)
        for _, other in sheet.spans
        if other is not span
    )


def _is_inked(span: Span) -> bool:
    return bool(span["char_flags"] & INKED) and span["alpha"] >= FAINTEST


def _is_flat(span: Span) -> bool:
    """No height, or no width worth the name for the number of letters."""
    x0, y0, x1, y1 = span["bbox"]
    long, short = max(x1 - x0, y1 - y0), min(x1 - x0, y1 - y0)
    return short < FLAT or (len(span["text"].strip()) > 3 and long < 0.06 * span["size"] * len(span["text"].strip()))


def _is_mirrored(span: Span) -> bool:
    """Letters that hang from their baseline upside down."""
    _, y0, _, y1 = span["bbox"]
    upright = span["level"] and span["ascender"] > 2 * abs(span["descender"]) and y1 > y0
    turned_over = upright and 0 <= (span["origin"][1] - y0) / (y1 - y0) < 0.35
    return turned_over and is_prose(span["text"])


def _outside(box: Sequence[float], area: Box) -> bool:
    return box[2] <= area[0] or box[3] <= area[1] or box[0] >= area[2] or box[1] >= area[3]


def _core(box: Sequence[float]) -> Box:
    """The band of the small letters, where ink must be."""
    height = box[3] - box[1]
    return box[0], box[1] + 0.3 * height, box[2], box[3] - 0.2 * height


def report(found: Found, number: int) -> list[HiddenText]:
    """Neighbouring hidden spans of one kind on page `number`, joined; crumbs are no alarm."""
    joined: list[tuple[str, list[Span]]] = []
    for kind, span in found:
        if joined and joined[-1][0] == kind:
            joined[-1][1].append(span)
        else:
            joined.append((kind, [span]))
    return [hidden for kind, spans in joined if (hidden := _hidden(kind, spans, number))]


def _hidden(kind: str, spans: list[Span], number: int) -> HiddenText | None:
    text = clean(_text(spans))
    addressed = is_addressed(text)
    size = max(span["size"] for span in spans)
    label = kind == "tiny" and size >= MINUTE and not is_prose(text)
    crop = kind == "clipped" and not (is_prose(text) and len(text.split()) >= CROPPED)
    if not addressed and (label or crop or not is_text(text)):
        return None
    box = union(span["bbox"] for span in spans)
    return HiddenText(kind=kind, page=number, bbox=box, text=text, addressed=addressed)


def _text(spans: list[Span]) -> str:
    """Joined; letters printed one by one are put together again."""
    text = str(spans[0]["text"])
    for left, right in itertools.pairwise(spans):
        level = abs(left["origin"][1] - right["origin"][1]) < 0.5
        singles = sum(len(span["text"].strip()) == 1 for span in (left, right))
        near = level and right["bbox"][0] - left["bbox"][2] < (0, 0.15, 0.6)[singles] * right["size"]
        text += ("" if near else " ") + right["text"]
    return text
