"""A channel post's text, whatever its entities are: from JSON, from HTML, as Markdown, as blocks."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pipeline.sources.mentions import papers_in
from pipeline.sources.telegram.export import Clock, cleaned, joined
from pipeline.sources.telegram.messages_html import read_html
from pipeline.sources.telegram.result_json import read_json
from pipeline.writing.pieces import blocks, markdown
from store.records import ChannelPost, Piece
from tests.sources.exports import BEGIN, message, write_html, write_json

STYLES = ("plain", "bold", "italic", "underline", "strikethrough", "spoiler", "code", "hashtag", "custom_emoji")
SIGNS = "абв yz12.,:;!?-+=*_`~[]()<>&|\\#'\"«»—\n\t"
LETTERS = st.sampled_from([*SIGNS, "👩‍🔬", "🔥", "🇷🇺", "é", "𝔸"])
WORDS = st.lists(LETTERS, min_size=1, max_size=12).map("".join)
PARTS = st.lists(st.tuples(st.sampled_from(STYLES), WORDS), min_size=1, max_size=8)
RENDER = MarkdownIt("commonmark").enable("strikethrough")


def shown(rendered: str) -> str:
    """The words of a rendered page, without blanks: Markdown folds those."""
    text = re.sub(r"<[^>]+>", "", rendered)
    for entity, letter in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(entity, letter)
    return "".join(text.split())


@given(PARTS)
@settings(deadline=None)
def test_markdown_shows_the_same_words_and_nothing_of_its_own(parts: list[tuple[str, str]]) -> None:
    pieces = [Piece.model_validate({"kind": kind, "text": text}) for kind, text in parts]
    text = "".join(text for _, text in parts)
    assert shown(RENDER.render(markdown(pieces))) == "".join(text.split())


@given(PARTS)
@settings(deadline=None, max_examples=60)
def test_json_and_html_give_the_pieces_that_went_in(parts: list[tuple[str, str]]) -> None:
    parts = [("bold", "a"), *parts, ("bold", "z")]  # Telegram trims a message, and so does a page's layout
    entities = [{"type": kind, "text": text} for kind, text in parts]
    wanted = joined(Piece.model_validate({"kind": kind, "text": cleaned(text)}) for kind, text in parts)
    with TemporaryDirectory() as name:
        from_json = read_json(write_json(Path(name) / "r.json", [message(1, *entities)]), Clock())
        from_html = read_html([write_html(Path(name) / "h", [message(1, *entities)])], Clock())
        for export in (from_json, from_html):
            (post,) = export.items()
            assert isinstance(post, ChannelPost)
            assert list(post.pieces) == wanted
            assert post.text == "".join(text for _, text in parts)


@pytest.mark.parametrize(
    ("pieces", "wanted"),
    [
        ([("bold", "Судья "), ("plain", "молчит")], "**Судья** молчит"),
        ([("bold", "две\nстроки")], "**две**\n**строки**"),
        ([("plain", "сло"), ("bold", "во")], "слово"),
        ([("bold", "а"), ("italic", " б")], "**а** _б_"),
        ([("plain", "- раз\n1. два\n# три\n<b>")], "\\- раз\n1\\. два\n\\# три\n\\<b\\>"),
        ([("code", "a`b")], "``a`b``"),
        ([("plain", "код:"), ("pre", "x = '```'\n"), ("plain", "дальше")], "код:\n\n````\nx = '```'\n````\n\nдальше"),
        ([("blockquote", "раз\n- два"), ("plain", "\nтри")], "> раз\n> \\- два\n\nтри"),
        ([("link", "https://arxiv.org/abs/2407.18370")], "<https://arxiv.org/abs/2407.18370>"),
        ([("link", "arxiv.org/abs/1")], "arxiv.org/abs/1"),
        ([("bold", "")], ""),
    ],
)
def test_markdown(pieces: list[tuple[str, str]], wanted: str) -> None:
    assert markdown([Piece.model_validate({"kind": kind, "text": text}) for kind, text in pieces]) == wanted


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        ("https://a.org/x?a=1&b=(2)", "[да\\]](<https://a.org/x?a=1&b=(2)>)"),
        ("javascript:alert(1)", "да\\]"),
        ("https://a.org/> evil", "да\\]"),
        ("", "да\\]"),
    ],
)
def test_a_link_goes_to_the_web_or_nowhere(target: str, wanted: str) -> None:
    assert markdown([Piece(kind="text_link", text="да]", target=target)]) == wanted


def test_blocks() -> None:
    pieces = (
        Piece(kind="bold", text="Судья, который молчит"),
        Piece(kind="plain", text="\nСтатья: https://arxiv.org/abs/2407.18370\n\nО чём она.\n\n🔹 Идея\nОдна. Две.\n"),
        Piece(kind="pre", text="x = 1"),
        Piece(kind="plain", text="• раз\n• два\nP.S. Всё."),
    )
    made = blocks(ChannelPost(channel="a", message_id=1, date=BEGIN, pieces=pieces)).blocks
    kinds = ["title", "link", "lead", "heading", "paragraph", "code", "bullet", "bullet", "postscript"]
    assert [block.kind for block in made] == kinds
    assert len(made[4].claims) == 2


@pytest.mark.parametrize(
    ("text", "papers"),
    [
        ("https://arxiv.org/abs/2407.18370v2, arxiv.org/pdf/1706.03762.pdf", ["arxiv:2407.18370", "arxiv:1706.03762"]),
        ("https://export.arxiv.org/abs/cs/0212020 и arXiv:math.GT/0309136", ["arxiv:cs/0212020", "arxiv:math/0309136"]),
        ("arXiv: 2407.18370, ARXIV 2407.18370 и arXiv:2407.18370v3.", ["arxiv:2407.18370"]),
        ("huggingface.co/papers/2407.18370 www.alphaxiv.org/abs/2407.18371", ["arxiv:2407.18370", "arxiv:2407.18371"]),
        (
            "https://ar5iv.labs.arxiv.org/html/2407.18370 doi.org/10.48550/arXiv.2501.00001",
            ["arxiv:2407.18370", "arxiv:2501.00001"],
        ),
        ("https://openreview.net/forum?id=UHPn-qST_O&noteId=x", ["openreview:UHPn-qST_O"]),
        ("http://openreview.net/pdf?name=a&id=abcd1234", ["openreview:abcd1234"]),
        ("2407.18370, версия 2501.12345, notarxiv.org/abs/2407.18370", []),
        ("arXiv:2413.18370 arXiv:2407.183701 arXiv:cs.LG https://arxiv.org/list/cs.CL/recent", []),
        ("github.com/a/arxiv/2407.18370", []),
    ],
)
def test_papers_that_a_text_names(text: str, papers: list[str]) -> None:
    assert list(papers_in(text)) == papers
