"""HTML of the dashboard. A value enters it only through `Markup.format`, which escapes it; nothing else is shown."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

import streamlit as st
from markupsafe import Markup

from pipeline.writing.post import telegram_html
from store.fulltext import stems
from store.records import Finding, Outcome, Post
from ui.views import words

_URL = re.compile(r"https?://[^\s<>\"']+")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|\w+|\s+|[^\w\s]")
_WORD = re.compile(r"\w+")
_SHORTEST_STEM = 3
_WORD_JOINER = "\u2060"


def show(html: Markup) -> None:
    """Put a piece on the page."""
    st.html(str(html))


def join(pieces: Iterable[Markup | str]) -> Markup:
    """Pieces one after another, strings escaped."""
    return Markup("").join(pieces)


def label(text: str) -> str:
    """Text for the label of a widget, which Streamlit reads as Markdown: no character of it can become markup.

    The word joiner after a colon keeps apart what Streamlit replaces even in escaped text, such as `:smile:`.
    """
    return _PUNCTUATION.sub(r"\\\1", text).replace(":", f":{_WORD_JOINER}")


def to_passage(paper_id: str, passage_id: str, text: str) -> Markup:
    """A link that opens the page «Статья» with this passage marked on its page, in a tab of its own."""
    address = urlencode({"paper": paper_id, "passage": passage_id})
    return Markup('<a class="rz-go" href="paper?{}" target="_blank">{}</a>').format(address, text)


def grid(rows: Sequence[Sequence[str]], header: int) -> Markup:
    """A table of cells; the first `header` rows name the columns."""

    def row(cells: Sequence[str], kind: Markup) -> Markup:
        return Markup("<tr>{}</tr>").format(join(Markup("<{0}>{1}</{0}>").format(kind, cell) for cell in cells))

    made = [row(cells, Markup("th" if place < header else "td")) for place, cells in enumerate(rows)]
    return Markup('<div class="rz-wide"><table class="rz-grid">{}</table></div>').format(join(made))


def heading(text: str) -> Markup:
    return Markup('<h3 class="rz-part">{}</h3>').format(text)


def paragraph(text: str) -> Markup:
    return Markup('<p class="rz-text">{}</p>').format(text) if text else Markup("")


def title(text: str) -> Markup:
    return Markup('<h1 class="rz-title">{}</h1>').format(text)


def meta(*parts: str | Markup, outcome: Outcome | None = None) -> Markup:
    """One quiet line of facts, after the badge of an outcome."""
    facts = Markup(" · ").join(part for part in parts if part)
    return Markup('<p class="rz-meta">{}{}</p>').format(badge(outcome) if outcome else "", facts)


def badge(outcome: Outcome) -> Markup:
    return Markup('<span class="rz-badge rz-{}">{}</span>').format(outcome, words.OUTCOMES[outcome])


def items(texts: Iterable[str | Markup], kind: str = "") -> Markup:
    rows = join(Markup("<li>{}</li>").format(text) for text in texts)
    return Markup('<ul class="rz-list {}">{}</ul>').format(kind, rows) if rows else Markup("")


def table(rows: Mapping[str, str | Markup]) -> Markup:
    """Names on the left, values on the right."""
    cells = join(Markup("<tr><th>{}</th><td>{}</td></tr>").format(name, value) for name, value in rows.items())
    return Markup('<table class="rz-table">{}</table>').format(cells)


def findings(found: Iterable[Finding], *, placed: bool = True) -> Markup:
    """What the checks found, errors before warnings; `placed`: with the claim that each one is about."""

    def place(finding: Finding) -> Markup:
        where = "весь пост" if finding.where == "post" else finding.where
        return Markup("<code>{}</code> ").format(where) if placed else Markup("")

    ordered = sorted(found, key=lambda finding: finding.severity)
    row = Markup('<p class="rz-finding rz-{}">{}{}</p>')
    return join(row.format(finding.severity, place(finding), finding.message) for finding in ordered)


def bubble(post: Post) -> Markup:
    """The post as a Telegram message. `telegram_html` has escaped it; addresses are coloured, not clickable."""
    body = _URL.sub(lambda address: f'<span class="rz-link">{address[0]}</span>', telegram_html(post))
    return Markup('<div class="rz-chat"><div class="rz-bubble">{}</div></div>').format(Markup(body))


def marked(text: str, spans: Iterable[tuple[int, int]]) -> Markup:
    """Text with `spans` of it, in order and apart, highlighted."""
    pieces, at = [], 0
    for start, end in spans:
        pieces += [Markup("{}<mark>{}</mark>").format(text[at:start], text[start:end])]
        at = end
    return join([*pieces, text[at:]])


def quote_span(quote: str, text: str) -> list[tuple[int, int]]:
    """Where the quote stands in a passage: one span, or none.

    Only letters and digits are compared, so line-end hyphens, ligatures, quotation marks and spaces may differ.
    """
    letters = [(letter, place) for place, sign in enumerate(text) for letter in _letters(sign)]
    wanted = "".join(letter for sign in quote for letter in _letters(sign))
    start = "".join(letter for letter, _ in letters).find(wanted)
    return [(letters[start][1], letters[start + len(wanted) - 1][1] + 1)] if wanted and start >= 0 else []


def _letters(sign: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", sign).casefold() if c.isalnum())


def word_spans(query: str, text: str) -> list[tuple[int, int]]:
    """Where words of the query stand in a text, in any inflection; words of one or two letters do not count."""
    wanted = {stem for stem in stems(query) if len(stem) >= _SHORTEST_STEM}
    return [word.span() for word in _WORD.finditer(text) if wanted.intersection(stems(word[0]))]


def difference(old: str, new: str) -> Markup:
    """The new text with what was taken out and put in, word by word."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    pieces = []
    for kind, i, j, k, m in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, come = "".join(before[i:j]), "".join(after[k:m])
        if kind == "equal":
            pieces.append(Markup("{}").format(come))
        else:
            pieces += [Markup("<del>{}</del>").format(gone)] if gone else []
            pieces += [Markup("<ins>{}</ins>").format(come)] if come else []
    return Markup('<div class="rz-diff">{}</div>').format(join(pieces))
