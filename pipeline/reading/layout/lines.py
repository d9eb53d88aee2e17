"""The smallest unit of the layout: a line of text with its place and type, and the strings that need mending."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from store.records import Box

BOLD_FONT = re.compile(r"bold|black|heavy|medi(?!um)|semibold|demi|cmbx|cmssbx|[-,]b$", re.IGNORECASE)
MATH_FONT = re.compile(
    r"cmmi|cmsy|cmex|cmbsy|msam|msbm|eufm|euex|rsfs|math|symbol|txsy|txmi|pxsy|pxmi|stix.*size|mtmi|mtsy"
)
SUPERSCRIPT, FLAG_BOLD = 1, 16
SPACING_ACCENTS = {
    "¨": "\u0308",
    "´": "\u0301",
    "`": "\u0300",
    "ˆ": "\u0302",
    "˜": "\u0303",
    "ˇ": "\u030c",
    "˚": "\u030a",
    "¯": "\u0304",
}
ACCENT = re.compile(r"([¨´ˆ˜ˇ˚¯]|(?<=[^\W\d_])`)\s?([A-Za-zı])")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\ud800-\udfff]")
NOTE = re.compile(r"[*∗†‡§¶]\s?[A-Z]")
POWER = re.compile(r"[−–-]|\d")
FOOTNOTE_MARK = re.compile(r"^[\d,\s]{1,5}$|^[*∗†‡§¶♠♣♥♦⋆,\s]+$")


@dataclass(slots=True)
class Line:
    """One printed line. `size` is that of the text, `top_size` of the largest; `math` is the share of symbols set
    in mathematical fonts; `cells` are the pieces between wide gaps; `column` is 0 for left or whole width, 1 for right;
    `note` says that the line begins with a footnote's raised mark; `font` is the one of most letters.
    """

    page: int
    box: Box
    baseline: float
    text: str
    size: float
    top_size: float
    bold: bool
    math: float
    block: int = 0
    column: int = 0
    note: bool = False
    cells: list[str] = field(default_factory=list)
    font: str = ""

    @property
    def middle(self) -> float:
        return (self.box[1] + self.box[3]) / 2


def make_line(spans: Sequence[dict[str, Any]], page: int, block: int) -> Line | None:
    """One line from MuPDF's spans (`page.get_text("dict")`), or None where only blanks are printed."""
    inked = [span for span in spans if span["text"].strip()]
    if not inked:
        return None
    size = _usual_size(inked)
    letters = [span for span in inked if any(c.isalpha() for c in span["text"]) and not span["flags"] & SUPERSCRIPT]
    text = _join_spans(spans, size)
    if not text:
        return None
    note = bool(FOOTNOTE_MARK.match(inked[0]["text"]) if inked[0]["size"] < 0.85 * size else NOTE.match(text))
    return Line(
        page=page,
        box=union(tuple(span["bbox"]) for span in inked),
        baseline=max(inked, key=lambda span: len(span["text"]))["origin"][1],
        text=text,
        size=size,
        top_size=max((round(span["size"], 1) for span in letters), default=size),
        bold=_share(letters or inked, _is_bold) > 0.85,
        math=_share(inked, lambda span: bool(MATH_FONT.search(span["font"].lower()))),
        block=block,
        cells=[text],
        note=note,
        font=_usual_font(letters or inked),
    )


def _usual_size(spans: Sequence[dict[str, Any]]) -> float:
    """The size that four fifths of the letters do not exceed: bold words may be cut smaller, marks are always."""
    sizes = sorted(span["size"] for span in spans for _ in span["text"].strip())
    return round(float(sizes[len(sizes) * 4 // 5]), 1)


def _usual_font(spans: Sequence[dict[str, Any]]) -> str:
    weights: Counter[str] = Counter()
    for span in spans:
        weights[span["font"]] += len(span["text"].strip())
    return weights.most_common(1)[0][0]


def _is_bold(span: dict[str, Any]) -> bool:
    return bool(span["flags"] & FLAG_BOLD or BOLD_FONT.search(span["font"]))


def _share(spans: Sequence[dict[str, Any]], wanted: Any) -> float:
    total = sum(len(span["text"].strip()) for span in spans)
    return sum(len(span["text"].strip()) for span in spans if wanted(span)) / total if total else 0.0


def _join_spans(spans: Sequence[dict[str, Any]], size: float) -> str:
    """Join spans; a raised number after a number is a power (`10^-5`), a raised mark after a word is a footnote's."""
    text = ""
    power = False
    for span, below in itertools.zip_longest(spans, spans[1:]):
        piece = span["text"]
        raised = (span["flags"] & SUPERSCRIPT or not text) and span["size"] < 0.85 * size
        begins = re.search(r"(\d|\b[A-Za-z])$", text) and POWER.match(piece.strip())
        if raised and (power or begins):
            text += piece.strip() if power else "^" + piece.strip()
            power = True
            continue
        before = text[-1:].isspace() and below is not None and below["text"][:1].isalpha()  # an isotope: 208Pb
        if before or not (raised and FOOTNOTE_MARK.match(piece)):
            text += piece
        power = False
    return clean(text)


def clean(text: str) -> str:
    """Normal blanks, whole letters: no controls, no split accents, no ligature signs."""
    text = CONTROL.sub("", text)
    text = ACCENT.sub(lambda m: unicodedata.normalize("NFC", m[2].replace("ı", "i") + SPACING_ACCENTS[m[1]]), text)
    text = re.sub(r"[\ufb00-\ufb06]", lambda m: unicodedata.normalize("NFKC", m[0]), text)
    return re.sub(r"\s+", " ", text).strip()


def union(boxes: Iterable[Sequence[float]]) -> Box:
    """The smallest box around all, rounded to a tenth of a point."""
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return (round(min(x0), 1), round(min(y0), 1), round(max(x1), 1), round(max(y1), 1))


def words_of(lines: Iterable[Line]) -> Counter[str]:
    """How often each word is printed unbroken; tells `atten-/tion` from `self-/attention`."""
    words: Counter[str] = Counter()
    broken = False
    for line in lines:
        found = re.findall(r"\w[\w'’-]*", line.text.lower())
        rest, broken = broken, line.text.endswith("-")
        words.update(found[int(rest) : -1 if broken else None])
    return words


def join_lines(texts: Sequence[str], words: Counter[str]) -> str:
    """Lines into running text, mending words broken at line ends."""
    joined = ""
    for text in texts:
        joined = join_two(joined, text, words) if joined else text
    return joined


def join_two(left: str, right: str, words: Counter[str]) -> str:
    """Two lines, or two halves of a paragraph, into one text."""
    head = re.search(r"(\w[\w-]*)[-‐]$", left)
    tail = re.match(r"[a-zа-яё][\w-]*", right)
    if not head:
        return f"{left} {right}"
    if not tail:
        return left + right if re.match(r"\w", right) else f"{left} {right}"
    whole, hyphened = (head[1] + tail[0]).lower(), f"{head[1]}-{tail[0]}".lower()
    compound = not words[whole] and len(head[1]) > 2 and words[head[1].lower()] and words[tail[0].lower()]
    if words[hyphened] > words[whole] or compound or ("-" in head[1] and not words[whole]):
        return left + right
    return left[:-1] + right
