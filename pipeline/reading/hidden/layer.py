"""A page's text layer as MuPDF tells it: lines of spans, and what it holds beyond what is printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.reading.hidden.addressed import is_addressed, is_text
from pipeline.reading.hidden.ink import overlap
from store.records import Box

Span = dict[str, Any]
TEXT, PICTURE, VECTOR = 0, 1, 3
TWICE = 1.6


@dataclass(slots=True)
class Layer:
    """`text` is MuPDF's text page, `blocks` its blocks, `drawn` its display list; `ordered` are text and pictures in
    the order of printing: box, text, number, kind. `beyond` are spans that are not printed, with their kind: `clipped`
    away, scaled to nothing (`tiny`), or an `actual text` that says something else than the letters do.
    """

    text: Any
    blocks: list[dict[str, Any]]
    drawn: Any
    beyond: list[tuple[str, Span]] = field(default_factory=list)
    ordered: list[Any] = field(default_factory=list)


def read_layer(pymupdf: Any, page: Any) -> Layer:
    """What is printed, in the order of printing.

    Two readings are compared: with clips and `ActualText` honoured, and with neither. Letters printed twice (a poor
    man's bold) are read once more with MuPDF's own remedy, which takes four fifths of the time wherever it is on.
    """
    plain = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_COLLECT_VECTORS
    text = _read(pymupdf, page, plain | pymupdf.TEXT_CLIP)
    drawn = page.get_displaylist()
    everything = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_IGNORE_ACTUALTEXT | pymupdf.TEXT_PRESERVE_IMAGES
    layer = Layer(text, _blocks(page, text), drawn, ordered=_read(pymupdf, page, everything).extractBLOCKS())
    told = _letters(span["text"] for span in _all_spans(layer.blocks))
    if told != _letters(block[4] for block in layer.ordered if block[-1] == TEXT):
        _find_beyond(pymupdf, page, plain, layer)
    if _printed_twice(layer.blocks):
        layer.text = _read(pymupdf, page, plain | pymupdf.TEXT_CLIP | pymupdf.TEXT_COLLECT_STYLES)
        layer.blocks = _blocks(page, layer.text)
    return layer


def _find_beyond(pymupdf: Any, page: Any, plain: int, layer: Layer) -> None:
    everything = _spans(page, _read(pymupdf, page, plain))
    shown = _read(pymupdf, page, plain | pymupdf.TEXT_CLIP | pymupdf.TEXT_IGNORE_ACTUALTEXT)
    layer.beyond = [("clipped", span) for span in _only_in(everything, _spans(page, layer.text))]
    known = fold("".join(span["text"] for span in everything + _spans(page, shown)))
    layer.beyond += [("tiny", span) for span in _traced(page) if fold(span["text"]) not in known]
    _settle_actual_text(page, shown, layer)


def lines_of(blocks: Iterable[dict[str, Any]], page: Any) -> Iterator[tuple[tuple[float, float], int, list[Span]]]:
    """Direction, block and spans of every line, as the reader sees the page: MuPDF gives places before its rotation."""
    turn = page.rotation_matrix if page.rotation else None
    for block in (block for block in blocks if block["type"] == TEXT):
        for line in block["lines"]:
            x, y = line["dir"]
            if turn:
                x, y = x * turn.a + y * turn.c, x * turn.b + y * turn.d
                for span in line["spans"]:
                    turn_span(span, turn)
            for span in line["spans"]:
                span["level"] = x > 0 and abs(y) < 0.1
            yield (x, y), block["number"], line["spans"]


def _traced(page: Any) -> Iterator[Span]:
    """All runs of letters, those scaled to nothing too, which MuPDF leaves out of its blocks."""
    for trace in page.get_texttrace():
        x0, _, _, y1 = trace["bbox"]
        text = "".join(chr(char[0]) for char in trace["chars"])
        yield {"text": text, "bbox": trace["bbox"], "origin": (x0, y1), "size": 0.0}


def turn_span(span: Span, turn: Any) -> None:
    span["bbox"] = turned(span["bbox"], turn)
    span["origin"] = turned((*span["origin"], *span["origin"]), turn)[:2]


def turned(box: Sequence[float], turn: Any) -> Box:
    """A box under a rotation by right angles; as it is where `turn` is None."""
    if turn is None:
        return box[0], box[1], box[2], box[3]
    xs = [x * turn.a + y * turn.c + turn.e for x, y in ((box[0], box[1]), (box[2], box[3]))]
    ys = [x * turn.b + y * turn.d + turn.f for x, y in ((box[0], box[1]), (box[2], box[3]))]
    return min(xs), min(ys), max(xs), max(ys)


def _read(pymupdf: Any, page: Any, flags: int) -> Any:
    # without the boundless clip MuPDF drops what is printed off the page
    return page.get_textpage(flags=flags, clip=pymupdf.INFINITE_RECT())


def _blocks(page: Any, text: Any) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = page.get_text("dict", textpage=text)["blocks"]
    return blocks


def _spans(page: Any, text: Any) -> list[Span]:
    return [span for span in _all_spans(_blocks(page, text)) if span["text"].strip()]


def _all_spans(blocks: Iterable[dict[str, Any]]) -> Iterator[Span]:
    for block in (block for block in blocks if block["type"] == TEXT):
        for line in block["lines"]:
            yield from line["spans"]


def _letters(texts: Iterable[str]) -> str:
    return "".join("".join(texts).split())


def fold(text: str) -> str:
    """Letters and digits alone, small."""
    return re.sub(r"[\W_]+", "", text.lower())


def _only_in(many: list[Span], few: list[Span]) -> list[Span]:
    """Spans that the other reading lacks. One that is cut at its ends is not missing."""
    known = {_key(span) for span in few}
    missing = [span for span in many if _key(span) not in known]
    return [
        span
        for span in missing
        if not any(part["text"].strip() in span["text"] and overlap(part["bbox"], span["bbox"]) > 0.5 for part in few)
    ]


def _key(span: Span) -> tuple[int, int, str]:
    return round(span["origin"][0]), round(span["origin"][1]), span["text"]


def _settle_actual_text(page: Any, shown: Any, layer: Layer) -> None:
    """Where `ActualText` says other words than the letters do, the letters count. Mended ligatures differ in crumbs."""
    told, printed = _spans(page, layer.text), _spans(page, shown)
    known, seen = {_key(span) for span in printed}, {_key(span) for span in told}
    extra = [span for span in told if _key(span) not in known]
    letters = fold("".join(span["text"] for span in printed if _key(span) not in seen))
    new = [word for span in extra for word in span["text"].split() if fold(word) not in letters]
    if is_text(" ".join(new)) or any(is_addressed(span["text"]) for span in extra):
        layer.beyond += [("actual text", span) for span in extra]
        layer.text, layer.blocks = shown, _blocks(page, shown)


def _printed_twice(blocks: list[dict[str, Any]]) -> bool:
    """Whether any words are printed again within a hair's breadth."""
    places: dict[str, list[tuple[float, float]]] = {}
    for span in (span for span in _all_spans(blocks) if len(span["text"].strip()) > 2):
        x, y = span["origin"]
        known = places.setdefault(span["text"], [])
        if any(abs(x - a) < TWICE and abs(y - b) < TWICE for a, b in known[-8:]):
            return True
        known.append((x, y))
    return False
