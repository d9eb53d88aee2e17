from __future__ import annotations

import string
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.errors import NotFound, StoreError, Superseded
from store.files import Home
from store.library import Library
from store.records import (
    Attempt,
    Document,
    Figure,
    Finding,
    ModelCall,
    Paper,
    Passage,
    Provenance,
    Run,
    Table,
    Usage,
    Verdict,
)
from tests.store.samples import PAPER, POST, document, paper, revision, words_of

MOSCOW = timezone(timedelta(hours=3))
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


# --- papers ------------------------------------------------------------------------------------------------------


def test_paper_round_trip_in_utc(library: Library) -> None:
    full = Paper(
        paper_id=PAPER,
        version=2,
        title="Trust or Escalate",
        authors=("Ann", "Борис"),
        categories=("cs.CL",),
        published=datetime(2024, 7, 25, 23, 30, 0, 123456, MOSCOW),
        withdrawn=True,
    )
    library.save_paper(full)
    assert library.paper(PAPER) == full
    assert library.paper(PAPER).published.tzinfo == UTC


def test_saving_a_paper_again_keeps_its_document(library: Library) -> None:
    library.save_document(document(PAPER, "One."), pdf="abc")
    assert library.paper(PAPER).title == f"Title of {PAPER}"
    library.save_paper(paper())
    assert library.paper(PAPER).title == "Trust or Escalate"
    assert library.has_document(PAPER)
    assert library.pdf_of(PAPER) == "abc"


def test_time_without_a_zone_is_refused(library: Library) -> None:
    with pytest.raises(StoreError, match="zone"):
        library.save_paper(Paper(paper_id=PAPER, published=datetime(2024, 1, 1)))
    assert library.papers() == []


def test_document_round_trip_and_second_reading(library: Library) -> None:
    read = document(PAPER, "One.", "Two.", "Three.").model_copy(
        update={
            "figures": (Figure(number="1", page=1, caption="c", bbox=(0, 0, 1, 1)),),
            "tables": (Table(number="1", page=1, caption="c", rows=(("a", "б"), ("1", "2"))),),
            "warnings": ("w",),
        }
    )
    library.save_document(read, pdf="a" * 64)
    assert library.document(PAPER) == read
    again = document(PAPER, "Other.")
    library.save_document(again, pdf="b" * 64)
    assert library.document(PAPER) == again
    assert library.pdf_of(PAPER) == "b" * 64
    assert library.full_text("two", 5) == []
    assert [key for *key, _ in library.full_text("other", 5)] == [[PAPER, "p1"]]


def test_document_that_cannot_be_kept_leaves_the_old_one(library: Library) -> None:
    old = document(PAPER, "Old.")
    library.save_document(old, pdf="a")
    twice = (old.passages[0], old.passages[0])
    with pytest.raises(StoreError):
        library.save_document(old.model_copy(update={"passages": twice}), pdf="b")
    reserved = Passage(id="post", page=1, bbox=(0, 0, 1, 1), section="", text="x")
    with pytest.raises(StoreError, match="post"):
        library.save_document(old.model_copy(update={"passages": (reserved,)}), pdf="b")
    assert library.document(PAPER) == old
    assert library.pdf_of(PAPER) == "a"
    assert len(library.full_text("old", 5)) == 1


def test_missing_things_are_not_found(library: Library) -> None:
    for ask in (library.paper, library.document, library.pdf_of, library.post, library.revision, library.run):
        with pytest.raises(NotFound):
            ask("nothing")
    with pytest.raises(NotFound):
        library.delete_paper("nothing")
    with pytest.raises(NotFound):
        library.set_outcome("nothing", "accepted", [])
    with pytest.raises(NotFound):
        library.save_revision(revision(), paper_id="nothing", outcome="accepted", reasons=[])
    with pytest.raises(NotFound):
        library.append_revision(revision(), "accepted", [])
    assert library.post_of("nothing") is None
    assert library.cached_reply("nothing") is None
    assert library.last_attempt("nothing") is None
    assert not library.has_document("nothing")


def test_deleting_a_paper_takes_all_but_the_ledger(library: Library) -> None:
    library.save_document(document(PAPER, "Judges."), pdf="a")
    library.save_revision(revision(), paper_id=PAPER, outcome="accepted", reasons=[])
    library.record_call(call())
    library.save_document(document("arxiv:2", "Judges."), pdf="a")
    library.delete_paper(PAPER)
    assert library.posts() == []
    assert library.revisions(POST) == []
    assert [paper_id for paper_id, *_ in library.full_text("judges судей", 9)] == ["arxiv:2"]
    assert len(library.calls("d1")) == 1
    counts = library.stats()
    assert (counts["papers"], counts["documents"], counts["passages"], counts["calls"]) == (1, 1, 1, 1)


# --- posts -------------------------------------------------------------------------------------------------------


def test_revision_round_trip(library: Library) -> None:
    library.save_paper(paper())
    full = revision().model_copy(
        update={
            "findings": (Finding(check="numbers", severity="error", where="c1", message="85 % ≠ 58 %"),),
            "verdicts": (Verdict(role="judge", model="m", reasons="r", marks={"русский": 4}, decision="abstain"),),
            "provenance": Provenance(prompts={"write": "ab12"}, usage=Usage(prompt_tokens=3, money=0.25)),
        }
    )
    library.save_revision(full, paper_id=PAPER, outcome="needs_person", reasons=["a", "б"])
    assert library.revision(POST) == library.revision(POST, 1) == full
    entry = library.post(POST)
    assert entry == library.post_of(PAPER) == library.posts()[0]
    assert (entry.title, entry.outcome, entry.reasons, entry.revisions) == ("Разбор", "needs_person", ("a", "б"), 1)
    assert entry.created == entry.updated == full.created


def test_same_number_again_replaces(library: Library) -> None:
    library.save_paper(paper())
    for words in ("Первый.", "Второй."):
        library.save_revision(revision(1, words=words), paper_id=PAPER, outcome="accepted", reasons=[])
    assert words_of(library.revisions(POST)) == ["Второй."]
    assert library.full_text("первый", 5) == []


def test_saving_an_older_number_leaves_outcome_and_search(library: Library) -> None:
    library.save_paper(paper())
    library.save_revision(revision(1), paper_id=PAPER, outcome="needs_person", reasons=["flawed"])
    library.append_revision(revision(words="Мой текст.", author="person"), "accepted", [])
    library.save_revision(revision(1), paper_id=PAPER, outcome="failed", reasons=["late"])
    assert library.post(POST).outcome == "accepted"
    assert len(library.full_text("мой", 5)) == 1


def test_rounds_are_kept_together_or_not_at_all(library: Library) -> None:
    library.save_paper(paper())
    rounds = [revision(1), revision(2, post_id="another")]
    with pytest.raises(StoreError):
        library.save_revisions(PAPER, rounds, outcome="accepted", reasons=[])
    assert library.posts() == []
    rounds = [revision(1), revision(2, words="Дважды.")]
    for _ in range(2):
        library.save_revisions(PAPER, rounds, outcome="accepted", reasons=[])
    assert library.revisions(POST) == rounds


def test_persons_words_are_not_replaced_by_a_model(library: Library) -> None:
    library.save_paper(paper())
    library.save_revision(revision(1), paper_id=PAPER, outcome="needs_person", reasons=[])
    mine = library.append_revision(revision(author="person", words="Мой текст."), "accepted", [])
    assert mine.number == library.next_number(POST) - 1 == 2
    with pytest.raises(StoreError, match="person"):
        library.save_revision(revision(2), paper_id=PAPER, outcome="accepted", reasons=[])
    assert library.revision(POST) == mine


def test_an_edit_of_an_older_revision_is_not_stored(library: Library) -> None:
    library.save_paper(paper())
    library.save_revision(revision(1), paper_id=PAPER, outcome="needs_person", reasons=[])
    library.append_revision(revision(author="person"), "accepted", [], after=1)
    with pytest.raises(Superseded) as caught:
        library.append_revision(revision(author="person", words="Поздно."), "accepted", [], after=1)
    assert caught.value.newest == 2
    assert len(library.revisions(POST)) == 2


def test_a_paper_has_one_post(library: Library) -> None:
    library.save_paper(paper())
    library.save_paper(paper("arxiv:2"))
    library.save_revision(revision(1), paper_id=PAPER, outcome="accepted", reasons=[])
    for post_id, paper_id in (("other", PAPER), (POST, "arxiv:2")):
        with pytest.raises(StoreError, match="post"):
            library.save_revision(revision(post_id=post_id), paper_id=paper_id, outcome="accepted", reasons=[])
    assert len(library.posts()) == 1


def test_outcomes_and_order_of_posts(library: Library) -> None:
    for number, day in enumerate((3, 1, 2)):
        library.save_paper(paper(f"arxiv:{number}"))
        made = revision(post_id=f"post{number}").model_copy(update={"created": datetime(2026, 1, day, tzinfo=UTC)})
        library.save_revision(made, paper_id=f"arxiv:{number}", outcome="accepted", reasons=[])
    assert [entry.post_id for entry in library.posts()] == ["post0", "post2", "post1"]
    library.set_outcome("post2", "skipped", ["dull"])
    assert library.post("post2").reasons == ("dull",)
    assert [entry.post_id for entry in library.posts("skipped")] == ["post2"]


def test_skipped_paper_has_an_entry_without_revisions(library: Library) -> None:
    library.save_paper(paper())
    library.set_outcome(POST, "skipped", ["a poster"], paper_id=PAPER)
    entry = library.post_of(PAPER)
    assert (entry.outcome, entry.revisions, entry.title) == ("skipped", 0, "Trust or Escalate")
    library.save_revision(revision(1), paper_id=PAPER, outcome="accepted", reasons=[])
    assert library.post(POST).revisions == 1


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["append", "save"]), st.integers(1, 4), st.sampled_from(["m", "person"]))))
def test_numbers_are_never_shared(steps: list[tuple[str, int, str]]) -> None:
    """Whatever is saved in whatever order: the library agrees with a dictionary, and appends lose nothing."""
    with TemporaryDirectory() as folder, Library.open(Home(folder).database) as library:
        library.save_paper(paper())
        library.save_revision(revision(1), paper_id=PAPER, outcome="accepted", reasons=[])
        expected = {1: ("m", "Проверяем судей.")}
        for step, (kind, number, author) in enumerate(steps):
            made = revision(number, words=f"Шаг {step}.", author=author)
            if kind == "append":
                saved = library.append_revision(made, "accepted", [])
                assert saved.number == max(expected) + 1
                expected[saved.number] = (author, f"Шаг {step}.")
            elif author == "m" and expected.get(number, ("m",))[0] == "person":
                with pytest.raises(StoreError):
                    library.save_revision(made, paper_id=PAPER, outcome="accepted", reasons=[])
            else:
                library.save_revision(made, paper_id=PAPER, outcome="accepted", reasons=[])
                expected[number] = (author, f"Шаг {step}.")
        kept = library.revisions(POST)
        assert [r.number for r in kept] == sorted(expected)
        assert words_of(kept) == [expected[number][1] for number in sorted(expected)]
        assert library.next_number(POST) == max(expected) + 1
        assert library.post(POST).revisions == len(expected)


# --- any text ----------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(text=ANY_TEXT, title=ANY_TEXT, paper_id=ANY_TEXT)
def test_any_text_comes_back_as_it_was(shared: Library, text: str, title: str, paper_id: str) -> None:
    read = Document(paper_id=paper_id, title=title, pages=1, passages=document(paper_id, text).passages)
    shared.save_document(read, pdf="a")
    assert shared.document(paper_id) == read
    made = revision(words=text, post_id=f"post {paper_id}")
    shared.save_revision(made, paper_id=paper_id, outcome="failed", reasons=[text])
    assert shared.revision(made.post_id) == made
    assert shared.post(made.post_id).reasons == (text,)
    shared.full_text(text, 5)


@settings(max_examples=40, deadline=None)
@given(st.text(string.ascii_letters + string.digits + "Ёжикъязык", min_size=1))
def test_a_word_finds_its_passage(shared: Library, word: str) -> None:
    shared.save_document(document("words", f"before, {word}; after"), pdf="a")
    assert ("words", "p1") in [tuple(key) for *key, _ in shared.full_text(word.upper(), 500)]
    shared.delete_paper("words")


def test_half_a_surrogate_pair_is_refused_whole(library: Library) -> None:
    with pytest.raises(StoreError):
        library.save_document(document(PAPER, "good", "bad \ud800"), pdf="a")
    with pytest.raises(StoreError):
        library.keep_reply("key", "m", "bad \ud800")
    assert library.papers() == []
    assert library.full_text("\ud800", 5) == []


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """One library for all examples of a property; its tests do not rely on what else it holds."""
    folder = tmp_path_factory.mktemp("shared")
    with Library.open(folder / "razbor.sqlite") as library:
        yield library


# --- ledger, attempts, runs --------------------------------------------------------------------------------------


def call(**changes: object) -> ModelCall:
    usual = ModelCall(
        digest_id="d1",
        paper_id=PAPER,
        role="writer",
        model="m",
        prompt="write",
        prompt_hash="ab12",
        prompt_tokens=100,
        cached_tokens=40,
        completion_tokens=7,
        money=0.5,
        seconds=2.0,
    )
    return usual.model_copy(update=changes)


def test_usage_counts_what_was_spent(library: Library) -> None:
    calls = [call(), call(role="judge"), call(from_reply_cache=True, seconds=0.5), call(digest_id="d2")]
    for one in calls:
        library.record_call(one)
    assert library.calls("d1") == calls[:3]
    assert library.usage("d1") == Usage(
        prompt_tokens=200, cached_tokens=80, completion_tokens=14, calls=2, cache_hits=1, money=1.0, seconds=4.5
    )
    assert library.usage("none") == Usage()


def test_first_reply_under_a_key_stays(library: Library) -> None:
    library.keep_reply("key", "m", "первый\0")
    library.keep_reply("key", "m", "второй")
    assert library.cached_reply("key") == "первый\0"


def test_attempts(library: Library) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    first = Attempt(digest_id="d1", target="a.pdf", run_id="r1", paper_id=PAPER, started=start)
    later = Attempt(digest_id="d0", target="a.pdf", paper_id=PAPER, started=start + timedelta(hours=1))
    library.save_attempt(later)
    library.save_attempt(first)
    assert library.attempts() == library.attempts(paper_id=PAPER) == [first, later]
    assert library.last_attempt(PAPER) == later
    failed = first.model_copy(update={"outcome": "failed", "stage": "read", "finished": start, "paper_id": ""})
    library.save_attempt(failed)
    assert library.attempts(run_id="r1") == [failed]
    assert library.attempts(run_id="r1", paper_id=PAPER) == []


def test_runs(library: Library) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    runs = [Run(run_id=name, started=start + timedelta(days=day)) for day, name in enumerate("ba")]
    for run in runs:
        library.save_run(run)
    assert library.runs() == runs[::-1]
    library.save_run(runs[0].model_copy(update={"outcome": "done", "finished": start}))
    assert library.run("b").outcome == "done"
    assert len(library.runs()) == 2
