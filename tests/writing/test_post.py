"""A post as blocks: no text breaks out, editing keeps evidence."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from pipeline.replies import Edit, Proof, Repair
from pipeline.writing.post import markdown, parse, plain, telegram_html, telegram_length
from pipeline.writing.repair import apply_repair
from pipeline.writing.typography import typeset
from store.records import Block, Claim, Post

POST = Post(
    blocks=(
        Block(kind="title", text="Заголовок"),
        Block(kind="link", text="Статья", url="https://arxiv.org/abs/2407.18370"),
        Block(
            kind="lead", claims=(Claim(id="c1", text="Работа о судьях.", quote="q one two three", passages=("p1",)),)
        ),
        Block(kind="heading", text="Что сделали"),
        Block(
            kind="paragraph",
            claims=(
                Claim(id="c2", text="Порог выбирают т. е. проверяют.", quote="q2 two three four", passages=("p2",)),
                Claim(id="c3", text="Согласие равно 92,4 %.", quote="q3 two three four", passages=("p3",)),
            ),
        ),
        Block(kind="bullet", claims=(Claim(id="c4", text="Гарантия.", quote="q4 two three four", passages=("p4",)),)),
        Block(kind="bullet", claims=(Claim(id="c5", text="Предел.", quote="q5 two three four", passages=("p5",)),)),
        Block(kind="code", text="x = 1\ny = 2"),
        Block(kind="postscript", claims=(Claim(id="c6", text="Всё.", quote="q6 two three four", passages=("p6",)),)),
    )
)
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=60)


def test_plain_text_reads_as_a_post() -> None:
    assert plain(POST) == (
        "Заголовок\n\nСтатья: https://arxiv.org/abs/2407.18370\n\nРабота о судьях.\n\n🔹 Что сделали\n"
        "Порог выбирают т. е. проверяют. Согласие равно 92,4 %.\n\n• Гарантия.\n• Предел.\n\n```\nx = 1\ny = 2\n```\n\n"
        "P.S. Всё."
    )


def test_an_unchanged_text_keeps_everything() -> None:
    assert parse(plain(POST), POST) == POST


def test_a_changed_sentence_keeps_its_evidence_and_a_new_one_has_none() -> None:
    text = plain(POST).replace("Согласие равно 92,4 %.", "Согласие равно 93 %. А это совсем новая мысль автора.")
    claims = {claim.id: claim for claim in parse(text, POST).claims}
    assert (claims["c3"].text, claims["c3"].passages) == ("Согласие равно 93 %.", ("p3",))
    assert (claims["c7"].text, claims["c7"].passages, claims["c7"].quote) == (
        "А это совсем новая мысль автора.",
        (),
        "",
    )
    assert claims["c2"] == POST.claims[1]


def test_a_removed_section_and_windows_line_ends() -> None:
    text = plain(POST).replace("🔹 Что сделали\n", "").replace("\n", "\r\n")
    kinds = [block.kind for block in parse(text, POST).blocks]
    assert "heading" not in kinds
    assert kinds.count("lead") == 2


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(WORDS, WORDS, WORDS)
def test_no_text_becomes_markup(title: str, sentence: str, code: str) -> None:
    post = Post(
        blocks=(
            Block(kind="title", text=title),
            Block(kind="paragraph", claims=(Claim(id="c1", text=sentence),)),
            Block(kind="code", text=code),
        )
    )
    page = Tags()
    page.feed(telegram_html(post))
    page.close()
    assert page.tags == ["b", "pre"]
    assert telegram_length(post) == len(plain(post).encode("utf-16-le")) // 2
    assert html.unescape(re.sub(r"</?(?:b|pre)>", "", telegram_html(post))).count(sentence) >= 1


def test_markdown_escapes_links_images_and_html() -> None:
    hostile = "![x](http://evil) <script> [y](javascript:z) `code` # no"
    text = markdown(Post(blocks=(Block(kind="paragraph", claims=(Claim(id="c1", text=hostile),)),)))
    assert "![x](" not in text
    assert "<script>" not in text
    fenced = markdown(Post(blocks=(Block(kind="code", text="```\nescape"),)))
    assert fenced.startswith("````\n")


def test_an_emoji_counts_as_two_units() -> None:
    assert telegram_length(Post(blocks=(Block(kind="title", text="🔹а"),))) == 3


@given(WORDS)
def test_typesetting_twice_changes_nothing(text: str) -> None:
    assert typeset(typeset(text)) == typeset(text)


def test_typography() -> None:
    assert typeset('Модель "Судья" - это  92,4% и №5 .') == "Модель «Судья»\u00a0— это 92,4\u00a0% и №\u00a05."


def test_edits_are_made_only_where_they_occur_once() -> None:
    repair = Repair(
        edits=[
            Edit(old="равно 92,4 %", new="выше 92 %"),
            Edit(old="а", new="б"),
            Edit(old="нет такого", new="x"),
            Edit(old="", new="x"),
        ],
        proofs=[Proof(claim="c4", quote="new quote of four words"), Proof(claim="c99", quote="nothing")],
        drop=["c5", "c1", "c98"],
    )
    repaired = apply_repair(POST, repair)
    claims = {claim.id: claim for claim in repaired.post.claims}
    assert claims["c3"].text == "Согласие выше 92\u00a0%."
    assert (claims["c4"].quote, claims["c4"].passages) == ("new quote of four words", ())
    assert "c5" not in claims
    assert "c1" in claims, "a block keeps its last claim"
    assert len(repaired.failed) == 6
