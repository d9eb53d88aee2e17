"""A channel post in our other forms: CommonMark, and the blocks that our own posts are made of."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby

from pipeline.sources.telegram.export import joined
from pipeline.writing.post import FENCE, parse
from store.records import ChannelPost, Piece, Post

_MARKS = {"bold": "**", "italic": "_", "strikethrough": "~~"}
_SPECIAL = re.compile(r"([\\`*_\[\]<>#~|&!])")
_BEGINS_LIST = re.compile(r"^(\d{1,9}(?=[.)])|(?=[-+=]))", re.MULTILINE)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_WEB = re.compile(r"https?://[^\s<>\\]+", re.IGNORECASE)


def blocks(post: ChannelPost) -> Post:
    """The post as blocks: title, sections, list, code. Its sentences are claims without evidence."""
    fenced = (f"\n{FENCE}\n{p.text.strip()}\n{FENCE}\n" if p.kind == "pre" else p.text for p in post.pieces)
    return parse("".join(fenced), Post(blocks=()))


def markdown(pieces: Iterable[Piece]) -> str:
    """CommonMark (with `~~`) that shows the same words; text cannot become markup.

    A style that has no mark (underline, spoiler) is dropped, and so is emphasis that begins or ends within a word,
    where the marks themselves would show.
    """
    chunks: list[str] = []
    for is_block, run in groupby(_neighbours(joined(pieces)), lambda run: _is_block(run[1])):
        if is_block:
            chunks.extend(_block(piece) for _, piece, _ in run)
        else:
            words = "".join(_inline(*one) for one in run)
            chunks.append(_BEGINS_LIST.sub(r"\1\\", _INDENT.sub("", words)).strip("\n"))
    return "\n\n".join(filter(None, chunks))


def _neighbours(pieces: list[Piece]) -> Iterator[tuple[str, Piece, str]]:
    """Each piece with the letter before and after it in its line, empty at an edge."""
    for place, piece in enumerate(pieces):
        before = pieces[place - 1] if place else None
        after = pieces[place + 1] if place + 1 < len(pieces) else None
        yield (
            before.text[-1] if before and not _is_block(before) else "",
            piece,
            after.text[0] if after and not _is_block(after) else "",
        )


def _is_block(piece: Piece) -> bool:
    return piece.kind in ("pre", "blockquote") or (piece.kind == "code" and "\n" in piece.text)


def _block(piece: Piece) -> str:
    if piece.kind == "blockquote":
        words = _BEGINS_LIST.sub(r"\1\\", _INDENT.sub("", _escape(piece.text)))
        return "\n".join(f"> {line}".rstrip() for line in words.strip("\n").split("\n"))
    fence = _longer_than(piece.text, FENCE)
    language = re.sub(r"[^\w+#.-]", "", piece.target)
    return f"{fence}{language}\n{piece.text.strip(chr(10))}\n{fence}"


def _inline(before: str, piece: Piece, after: str) -> str:
    text = piece.text
    if piece.kind in _MARKS:
        return _emphasised(_MARKS[piece.kind], before, text, after)
    if piece.kind == "code" and text.strip():
        ticks = _longer_than(text, "`")
        return f"{ticks} {text} {ticks}" if text[0] in "` " or text[-1] in "` " else f"{ticks}{text}{ticks}"
    if piece.kind == "text_link" and text.strip() and _WEB.fullmatch(piece.target):
        return f"[{_escape(' '.join(text.split()))}](<{piece.target}>)"
    if piece.kind == "link" and _WEB.fullmatch(text):
        return f"<{text}>"
    return _escape(text)


def _emphasised(mark: str, before: str, text: str, after: str) -> str:
    """Each line emphasised by itself, its outer blanks left outside the marks."""
    lines = text.split("\n")
    shown = []
    for place, line in enumerate(lines):
        core = line.strip()
        lead, _, trail = line.partition(core) if core else (line, "", "")
        left = lead[-1:] or (before if place == 0 else "")
        right = trail[:1] or (after if place == len(lines) - 1 else "")
        whole = core and _is_edge(left) and _is_edge(right)
        shown.append(f"{lead}{mark}{_escape(core)}{mark}{trail}" if whole else _escape(line))
    return "\n".join(shown)


def _is_edge(letter: str) -> bool:
    """Whether CommonMark lets emphasis begin or end beside it (https://spec.commonmark.org/0.31.2/#left-flanking)."""
    return not letter or letter.isspace() or letter in string.punctuation or unicodedata.category(letter)[0] == "P"


def _escape(words: str) -> str:
    return _SPECIAL.sub(r"\\\1", words)


def _longer_than(text: str, fence: str) -> str:
    """A run of backticks that the text does not hold, at least as long as `fence`."""
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    return "`" * max(len(fence), longest + 1)
