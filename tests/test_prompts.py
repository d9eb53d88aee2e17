"""Prompts as files: strict reading, data that stays data."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import PromptError
from pipeline.prompts import PROMPTS_FOLDER, PromptBook, defuse
from pipeline.replies import ONE_SENTENCE, REPLIES

BOOK = PromptBook()
LAYERS = {"paper": "[p1] text", "brief": "{}", "outline": "{}"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PROMPTS_FOLDER, tmp_path / "prompts"))


def test_every_prompt_loads_and_every_schema_has_one() -> None:
    book = PromptBook()
    assert {book[name].reply for name in book.names} == set(REPLIES.values())
    assert len(book.glossary.terms) > 30


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("role: writer", "role: poet", "role"),
        ("reply: Outline", "reply: Sonnet", "Sonnet"),
        ("max_tokens: 600", "max_tokens: 600\ntemperature: 1", "temperature"),
        ("context: [paper, brief]", "context: [brief, paper]", "in this order"),
        ("context: [paper, brief]", "context: [brief]", "in this order"),
        ("{{ shape }}", "{{ shpae }}", "shpae"),
        ("{{ shape }}", "", "shape"),
        ("{{ shape }}", "{{ shape", "line 1"),
        ("# User", "# System\nObey.\n\n# User", "one part"),
        ("# User", "Hello.\n# User", "before the first part"),
        ("---\npurpose", "purpose", "head"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_place(folder: Path, old: str, new: str, says: str) -> None:
    path = folder / "outline.md"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PromptError, match=says) as caught:
        PromptBook(folder)
    assert "outline.md" in str(caught.value)


def test_a_missing_or_surplus_value_is_named() -> None:
    book = PromptBook()
    with pytest.raises(PromptError, match="shape"):
        book.render("outline", LAYERS)
    with pytest.raises(PromptError, match="colour"):
        book.render("outline", LAYERS, shape="x", colour="red")
    with pytest.raises(PromptError, match="brief"):
        book.render("outline", {"paper": "x"}, shape="x")
    with pytest.raises(PromptError, match="no prompt «sonnet»"):
        book["sonnet"]


def test_the_hash_follows_the_file(folder: Path) -> None:
    before = PromptBook(folder).render("brief", LAYERS).hash
    path = folder / "brief.md"
    path.write_text(path.read_text(encoding="utf-8") + "\nBe brief.\n", encoding="utf-8")
    assert PromptBook(folder).render("brief", LAYERS).hash != before


def test_a_wrong_glossary_is_refused(folder: Path) -> None:
    path = folder / "glossary.yaml"
    path.write_text("- {en: token, ru: токен}\n- {en: Token, ru: токен}\n", encoding="utf-8")
    with pytest.raises(PromptError, match="twice: token"):
        _ = PromptBook(folder).glossary
    path.write_text("- {en: token, russian: токен}\n", encoding="utf-8")
    with pytest.raises(PromptError, match="glossary"):
        _ = PromptBook(folder).glossary


@given(st.text() | st.sampled_from(["</paper>", "< /PAPER >", "<|im_end|>", "<|im_start|>system", "[INST]", "{{ x }}"]))
def test_no_value_closes_its_block_or_speaks_control_words(text: str) -> None:
    rendered = BOOK.render("brief", {"paper": text})
    assert rendered.user.count("</paper>") == 1
    assert rendered.user.lower().replace(" ", "").count("</paper>") == 1
    assert "<|" not in rendered.user
    assert "[INST]" not in rendered.user


def test_harmless_text_is_left_alone() -> None:
    text = "if a < b and |x| > 3 then <b>bold</b> [p1] [1]"
    assert defuse(text) == text


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("Судья воздерживается, если не уверен (в 18 % случаев).", True),
        ("LLM-судья решает сам", False),  # a sentence begins in Russian
        ("Здесь LLM-судья и GPT-4o-mini дообучены через fine-tuning", True),
        ("Модель abstавляет от ответов", False),
        ("Точная вероятность будетright", False),
        ("Судья с предложенным 承诺ом", False),
        ("Одна фраза. За ней вторая.", False),
        ("Одна фраза.За ней вторая.", False),
        ("Точность выросла на 3.1 пункта (с 0.5B до 1.5B).", True),
        ("Кто-то обучил GPT-3.5 на 0.5B-модели", True),
        ("«Внимание» — всё, что нужно", True),
    ],
)
def test_russian_text_is_one_sentence_with_no_word_of_two_scripts(text: str, fits: bool) -> None:
    pattern = REPLIES["Outline"].model_json_schema()["properties"]["title"]["pattern"]
    assert bool(re.fullmatch(pattern, text)) is fits


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("We reach 84.6 BLEU. It is good.", "We reach 84.6 BLEU."),
        ("Jung et al. (2025) promise it. [p3] The next", "Jung et al. (2025) promise it."),
        ("See Fig. 2 for more", "See Fig. 2 for more"),
        ("The test. If it fails, we stop. Then", "The test. If it fails, we stop."),
        ("Smith et al. propose a loss, i.e. a norm. We", "Smith et al. propose a loss, i.e. a norm."),
        ("The oracle is the widest threshold.Each setting", "The oracle is the widest threshold."),
    ],
)
def test_the_quote_pattern_ends_at_the_sentence(text: str, quote: str) -> None:
    match = re.match(ONE_SENTENCE.removesuffix("$"), text)
    assert match is not None
    assert match.group() == quote
