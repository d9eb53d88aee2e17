"""Each check on planted faults and on text that must pass."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.checking.checks import run_checks
from pipeline.checking.folding import fold
from pipeline.checking.grounding import check_evidence, placed
from pipeline.checking.numbers import check_numbers
from pipeline.checking.outcome import decide, errors, is_proven
from pipeline.checking.russian import check_russian
from pipeline.prompts import Glossary, Term
from store.records import Block, Claim, Document, Passage, Post, Verdict

GLOSSARY = Glossary(terms=(Term(en="state of the art", ru="лучший результат", avoid=("состояние искусства",)),))
PASSAGES = (
    "We reduce memory from 8 GB to 1.3 GB, a drop of 83.75%, with three annotators and 1,234 labels.",
    "The coverage of Llama-7B reaches 71.2% — “calibrated” judges abstain when un-\nsure about the answer.",
)


def document(*texts: str) -> Document:
    passages = tuple(
        Passage(id=f"p{n}", page=1, bbox=(0, 0, 1, 1), section="1 Intro", text=text)
        for n, text in enumerate(texts or PASSAGES, 1)
    )
    return Document(paper_id="file:0000000000000000", title="T", pages=1, passages=passages)


def post(text: str, quote: str = "", *passages: str) -> Post:
    return Post(blocks=(Block(kind="paragraph", claims=(Claim(id="c1", text=text, quote=quote, passages=passages),)),))


@pytest.mark.parametrize(
    "quote",
    [
        "We reduce memory from 8 GB to 1.3 GB",
        "we reduce  memory from 8 GB to 1.3 GB, a drop of 83.75%",
        "“We reduce memory from 8 GB to 1.3 GB.”",
    ],
)
def test_a_quote_is_found_after_folding(quote: str) -> None:
    assert check_evidence(post("Память падает.", quote, "p1"), document()) == []


def test_ligatures_dashes_quotes_and_broken_words_fold() -> None:
    text = document("The ﬁne-tuned model is “state–of–the–art” and cali-\nbrated.")
    quote = 'The fine-tuned model is "state-of-the-art" and calibrated'
    assert check_evidence(post("Модель.", quote, "p1"), text) == []


@pytest.mark.parametrize(
    ("quote", "where", "says"),
    [
        ("", (), "нет цитаты"),
        ("We reduce memory from 8 GB to 1.4 GB", ("p1",), "цитаты нет в статье"),
        ("We reduce memory from 8 GB to 1.3 GB", ("p2",), "цитаты нет"),
        ("We reduce memory from 8 GB to 1.3 GB", ("p9",), "нет фрагмента p9"),
        ("We reduce memory from 8 GB to 1.3 GB", (), "цитаты нет"),
        ("8 GB", ("p1",), "короче"),
    ],
)
def test_a_broken_pointer_is_an_error(quote: str, where: tuple[str, ...], says: str) -> None:
    (finding,) = check_evidence(post("Память падает.", quote, *where), document())
    assert says in finding.message
    assert finding.severity == "error"


def test_a_claim_is_placed_where_its_quote_stands() -> None:
    found = placed(post("Покрытие.", "The coverage of Llama-7B reaches 71.2%"), document())
    assert found.claims[0].passages == ("p2",)
    lost = placed(post("Покрытие.", "The coverage of Llama-7B reaches 99%", "p1"), document())
    assert lost.claims[0].passages == ("p1",)


@pytest.mark.parametrize(
    "text",
    [
        "Память падает с 8 до 1,3 ГБ.",
        "Это на 83,75 % меньше, меток 1 234.",
        "Работали 3 разметчика.",
        "Модель GPT-4 и слой L2 здесь ни при чём.",
        "Без чисел.",
        "Память 1,3GB вместо 8GB.",
    ],
)
def test_numbers_of_the_evidence_pass(text: str) -> None:
    assert check_numbers(post(text, PASSAGES[0], "p1"), document()) == []


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Память падает с 8 до 1,4 ГБ.", "1,4"),
        ("Память падает в 6 раз.", "6"),
        ("Быстрее в 10x и на 40ms.", "10"),
        ("Модель на 2,7x меньше.", "2,7"),
        ("Меток 12 345.", "12 345"),
        ("Покрытие 71,2 %.", "71,2"),
    ],
)
def test_a_number_from_elsewhere_is_an_error(text: str, missing: str) -> None:
    (finding,) = check_numbers(post(text, PASSAGES[0], "p1"), document())
    assert missing in finding.message


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("Падает perplexность модели на тестах.", "mixed_script"),
        ("Модель хорошо撰 пишет по-русски.", "foreign_script"),
        ("The model writes English sentences all day long.", "untranslated"),
        ("Это новое состояние искусства в задаче.", "calque"),
        ('Модель называют "судьёй" все.', "typography"),
        ("Модель - это судья.", "typography"),
    ],
)
def test_flawed_russian_is_found(text: str, check: str) -> None:
    assert check in {finding.check for finding in check_russian(post(text), GLOSSARY)}


@pytest.mark.parametrize(
    "text",
    [
        "LLM-судья набирает 71,2 % на MMLU, а Llama-7B — меньше.",
        "Авторы (Müller и Erdős) берут α = 0,1 и функцию f(x).",
        "GPT-4 и Gemini сравнивают на MT-Bench.",
    ],
)
def test_good_russian_passes(text: str) -> None:
    assert check_russian(post(text), GLOSSARY) == []


def test_a_repeated_sentence_is_an_error() -> None:
    claims = (Claim(id="c1", text="Одно и то же."), Claim(id="c2", text="Одно и  то же."))
    (finding,) = check_russian(Post(blocks=(Block(kind="paragraph", claims=claims),)), GLOSSARY)
    assert (finding.where, finding.check) == ("c2", "repeat")


def test_a_phrase_that_stands_everywhere_lets_no_number_in() -> None:
    texts = ("On the test set we are better by 3 points.", "On the test set the other method reaches 97.3 points.")
    claim = placed(post("Точность 97,3.", "on the test set"), document(*texts))
    assert claim.claims[0].passages == ("p1", "p2")
    assert len(check_numbers(claim, document(*texts))) == 1


@pytest.mark.parametrize(
    "text", ["Подробности на www.evil.example сегодня.", "Пишите @channel нам.", "См. t.me/x тут."]
)
def test_addresses_in_the_text_are_an_error(text: str) -> None:
    assert "link" in {finding.check for finding in check_russian(post(text), GLOSSARY)}


def test_only_proof_decides_whether_a_claim_is_proven() -> None:
    flawed = post('Память "падает" с 8 до 1,3 ГБ.', "We reduce memory from 8 GB to 1.3 GB", "p1")
    findings = run_checks(flawed, document(), GLOSSARY)
    assert is_proven(flawed.claims[0], findings)
    wrong = post("Память падает до 2 ГБ.", "We reduce memory from 8 GB to 1.3 GB", "p1")
    assert not is_proven(wrong.claims[0], run_checks(wrong, document(), GLOSSARY))


def test_only_an_accepting_judge_and_no_error_accept() -> None:
    accept = Verdict(role="judge", model="m", reasons="Хорошо.", marks={}, decision="accept")
    bad = tuple(errors(run_checks(post("Text."), document(), GLOSSARY)))
    assert bad
    assert decide((), accept) == ("accepted", ())
    assert decide(bad, accept)[0] == "needs_person"
    assert decide((), None)[0] == "needs_person"
    assert decide((), accept.model_copy(update={"decision": "abstain"}))[0] == "needs_person"
    assert decide((), judged=False) == ("accepted", ())


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
