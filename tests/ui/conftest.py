"""A data folder as a week of work leaves it: posts of every outcome, revisions, a verdict, a failed attempt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import streamlit as st

from pipeline.checking.checks import run_checks
from pipeline.checking.outcome import decide
from pipeline.prompts import PromptBook
from store.embedding import Bundled
from store.files import Home
from store.library import Library
from store.records import (
    Attempt,
    Block,
    Claim,
    Document,
    Paper,
    Passage,
    Post,
    Provenance,
    ReadingRecord,
    Revision,
    Section,
    Usage,
    Verdict,
)
from store.search import Search

DRAFT, ACCEPTED, SKIPPED = "arxiv-2601.00001", "arxiv-2601.00002", "arxiv-2601.00003"
HOSTILE = "arxiv-2601.00666"
HOSTILE_TITLE = "<script>alert(1)</script> ![](http://evil.test/a.png) [x](javascript:alert(1)) $latex$ :smile: **b**"
HOSTILE_PASSAGE = (
    "<img src=x onerror=alert(1)> We say <b>hi</b> and ![](http://evil.test/b.png) $x^2$ to [you](javascript:1)."
)
BEGUN = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)

PASSAGES = (
    (
        "p1",
        1,
        "Abstract",
        "Language models are used as judges of text, yet nobody knows when their verdicts can be trusted.",
    ),
    (
        *("p2", 2, "1 Introduction"),
        "A calibrated judge abstains when it is unsure, and the text then goes to a person. The question of this paper "
        "is how many labels that takes.",
    ),
    (
        *("p3", 3, "3 Method"),
        "We choose the threshold by fixed-sequence testing. Thresholds are tried from the strictest to the loosest, "
        "and the first one that fails stops the search. The probability that the promised level is broken stays "
        "below delta = 0.1.",
    ),
    (
        *("p4", 4, "4 Experiments"),
        "Table 1 gives the share of cases that the judge decides by itself. With 500 labels the cover- age reaches "
        "71.2%, and the agreement on the decided cases is 92.4%. Doubling the labels to 1,000 raises the coverage by "
        "only 3.1 points.",
    ),
    (
        *("p5", 5, "5 Limitations"),
        "Annotators are simulated, and the judge is far simpler than a language model. Under a shift of domain the "
        "promise is void.",
    ),
)


def _document(paper_id: str, title: str, passages: tuple[tuple[str, int, str, str], ...] = PASSAGES) -> Document:
    return Document(
        paper_id=paper_id,
        title=title,
        pages=6,
        sections=(Section(number="1", title="Introduction", level=1, page=2),),
        passages=tuple(
            Passage(id=name, page=page, bbox=(72, 90, 523, 160), section=section, text=text)
            for name, page, section, text in passages
        ),
    )


def _claim(name: str, text: str, passage: str = "", quote: str = "") -> Claim:
    return Claim(id=name, text=text, passages=(passage,) if passage else (), quote=quote)


def _post(wrong: str = "71,2") -> Post:
    """A realistic post; `wrong` is the coverage that it claims."""
    lead = _claim(
        "c1",
        "Статья выясняет, сколько размеченных примеров нужно языковой модели-судье, чтобы её согласие с людьми было "
        "гарантировано.",
        "p2",
        "The question of this paper is how many labels that takes.",
    )
    method = (
        _claim(
            "c2",
            "Порог уверенности выбирают последовательной проверкой гипотез: от самого строгого к самому мягкому, до "
            "первой неудачи.",
            "p3",
            "Thresholds are tried from the strictest to the loosest, and the first one that fails stops the search.",
        ),
        _claim(
            "c3",
            "Вероятность нарушить обещанный уровень согласия не превышает 0,1.",
            "p3",
            "The probability that the promised level is broken stays below delta = 0.1.",
        ),
        _claim(
            "c4",
            "Если судья не уверен, он воздерживается — и текст читает человек.",
            "p2",
            "A calibrated judge abstains when it is unsure",
        ),
    )
    result = (
        _claim(
            "c5",
            f"С пятью сотнями меток судья сам решает {wrong}\u00a0% случаев, а согласие на них — 92,4\u00a0%.",
            "p4",
            "With 500 labels the coverage reaches 71.2%, and the agreement on the decided cases is 92.4%.",
        ),
        _claim(
            "c6",
            "Метод уже внедрён в трёх крупных компаниях и экономит им половину разметки.",
            "p4",
            "deployed in three companies",
        ),
    )
    limits = _claim(
        "c7",
        "Разметчики смоделированы, и при сдвиге предметной области гарантия теряет силу.",
        "p5",
        "Under a shift of domain the promise is void.",
    )
    cheap = _claim(
        "c8",
        "Удвоение числа меток до 1000 добавляет к охвату всего 3,1 пункта.",
        "p4",
        "Doubling the labels to 1,000 raises the coverage by only 3.1 points.",
    )
    return Post(
        blocks=(
            Block(kind="title", text="Сколько меток нужно судье: цена гарантии"),
            Block(kind="link", text="Статья", url="https://arxiv.org/abs/2601.00001"),
            Block(kind="lead", claims=(lead,)),
            Block(kind="heading", text="Как выбирают порог"),
            Block(kind="paragraph", claims=method),
            Block(kind="heading", text="Что вышло на опыте"),
            Block(kind="paragraph", claims=result),
            Block(kind="bullet", claims=(cheap,)),
            Block(kind="bullet", claims=(limits,)),
        )
    )


VERDICT = Verdict(
    role="judge",
    model="qwen2.5-coder-1.5b",
    reasons="Пост верно передаёт метод, но утверждение о внедрении в компаниях ничем не подтверждено.",
    marks={"faithful": 2, "clear": 4, "complete": 4, "russian": 5, "format": 5},
    decision="revise",
    fixes=("c6: убрать или доказать утверждение о трёх компаниях.",),
)
PROVENANCE = Provenance(
    prompts={"brief": "3f1c9a7e52b0d418", "section": "aa90c1d2e3f40516", "judge": "0b1c2d3e4f506172"},
    models={"writer": "qwen2.5-coder-1.5b", "judge": "qwen2.5-coder-1.5b"},
    usage=Usage(
        prompt_tokens=48_210,
        cached_tokens=36_900,
        completion_tokens=5_321,
        calls=11,
        cache_hits=2,
        money=0.0123,
        seconds=312.4,
    ),
    read=ReadingRecord(pages=6, passages=5, left_out=("Список литературы: в пост не идёт.",)),
)


def _keep(library: Library, search: Search, document: Document, *posts: Post, verdict: Verdict | None = None) -> None:
    """Keep a paper with the revisions of its post, checked as the pipeline checks them."""
    paper_id, glossary = document.paper_id, PromptBook().glossary
    library.save_paper(Paper(paper_id=paper_id, title=document.title, url=f"https://arxiv.org/abs/{paper_id[6:]}"))
    library.save_document(document, pdf="0" * 64)
    search.index_document(document)
    revisions = [
        Revision(
            post_id=paper_id.replace(":", "-"),
            number=number,
            author="qwen2.5-coder-1.5b",
            post=post,
            findings=run_checks(post, document, glossary),
            verdicts=(verdict,) if verdict else (),
            provenance=PROVENANCE,
            created=BEGUN + timedelta(minutes=number),
        )
        for number, post in enumerate(posts, start=1)
    ]
    outcome, reasons = decide(revisions[-1].findings, verdict, judged=verdict is not None)
    library.save_revisions(paper_id, revisions, outcome=outcome, reasons=reasons)
    search.index_post(paper_id, posts[-1].text)


def _proven() -> Post:
    blocks = [
        block.model_copy(update={"claims": tuple(claim for claim in block.claims if claim.id != "c6")})
        for block in _post().blocks
    ]
    return Post(blocks=(Block(kind="title", text="Судья, который умеет молчать"), *blocks[1:]))


def _hostile() -> Post:
    claim = _claim(
        "c1",
        "<script>alert(2)</script> ![](http://evil.test/c.png) $y$",
        "p1",
        "We say <b>hi</b> and ![](http://evil.test/b.png)",
    )
    return Post(blocks=(Block(kind="title", text=HOSTILE_TITLE), Block(kind="lead", claims=(claim,))))


class Renamed(Bundled):
    """The bundled model under another name, so that its index is another model's."""

    name = "another"


def fill(folder: Path) -> None:
    """Fill a data folder."""
    home = Home(folder)
    with Library.open(home.database) as library:
        search = Search.open(home, library, "bundled")
        _keep(
            library, search, _document("arxiv:2601.00001", "Counting Labels"), _post("74,3"), _post(), verdict=VERDICT
        )
        _keep(library, search, _document("arxiv:2601.00002", "The Judge Who Abstains"), _proven())
        library.save_paper(Paper(paper_id="arxiv:2601.00003", title="A Short Note on Nothing Much"))
        library.set_outcome(SKIPPED, "skipped", ("заметка без нового результата",), paper_id="arxiv:2601.00003")
        passages = (("p1", 1, "1 <b>Intro</b>", HOSTILE_PASSAGE),)
        _keep(library, search, _document("arxiv:2601.00666", HOSTILE_TITLE, passages), _hostile())
        library.save_attempt(
            Attempt(
                digest_id="a1",
                target="2601.00004",
                paper_id="arxiv:2601.00004",
                outcome="failed",
                stage="judge",
                error="The model does not answer: connection refused. Start it, or set RAZBOR_JUDGE_BASE_URL.",
                continue_with="razbor digest 2601.00004",
                started=BEGUN,
                finished=BEGUN + timedelta(minutes=4),
            )
        )
        library.save_attempt(
            Attempt(
                digest_id="a2",
                target="scan.pdf",
                paper_id="file:0123456789abcdef",
                outcome="failed",
                stage="read",
                permanent=True,
                error="scan.pdf has no text layer. Run OCR on it first.",
                continue_with="razbor digest scan.pdf",
                started=BEGUN,
                finished=BEGUN,
            )
        )


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The filled folder, made once; tests that write take a copy."""
    folder = tmp_path_factory.mktemp("seeded")
    fill(folder)
    return folder


@pytest.fixture(autouse=True)
def _fresh_caches() -> Iterator[None]:
    yield
    st.cache_resource.clear()
