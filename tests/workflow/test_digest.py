"""One paper through the whole graph."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from pipeline.checking.outcome import is_proven
from pipeline.digest import Stage, digest
from pipeline.errors import BadPdf, ContextTooSmall, ModelReplyError, ModelUnavailable, PaperBusy, UnknownPaper
from pipeline.sources.identity import identify
from pipeline.writing.post import plain
from tests.fakes import FakeModels
from tests.pdfs import SECTIONS, make_paper
from tests.workflow import good
from tests.workflow.conftest import AT_ONCE, Make


def fake(deps: Any) -> FakeModels:
    assert isinstance(deps.models, FakeModels)
    return deps.models


def test_a_good_post_is_accepted_with_every_claim_proven(make: Make, paper: Path) -> None:
    deps = make()
    attempt = digest(str(paper), deps)
    assert attempt.outcome == "accepted"
    revision = deps.library.revision(attempt.post_id)
    document = deps.library.document(attempt.paper_id)
    passages = {passage.id: passage.text for passage in document.passages}
    for claim in revision.post.claims:
        assert is_proven(claim, revision.findings)
        assert any(claim.quote in " ".join(passages[name].split()) for name in claim.passages)
    assert plain(revision.post).startswith("Сколько меток нужно судье")
    assert revision.provenance.read is not None
    assert revision.provenance.read.passages == len(document.passages)
    assert [found.paper_id for found in deps.search.search("откалиброванный судья")] == [attempt.paper_id]


def test_every_question_begins_with_the_same_bytes(make: Make, paper: Path) -> None:
    deps = make()
    digest(str(paper), deps)
    history = fake(deps).history
    assert {question.name for question in history} == {"brief", "outline", "section", "frame", "judge"}
    paper_layer = history[0].user.split("</paper>")[0]
    assert "A few hundred labels buy a useful guarantee." in paper_layer
    assert all(question.user.startswith(paper_layer) and question.system == history[0].system for question in history)
    later = [question.user for question in history if question.name in ("section", "frame", "judge")]
    outline_end = later[0].index("</outline>")
    assert len({user[:outline_end] for user in later}) == 1


@pytest.fixture
def long_paper(tmp_path: Path) -> Path:
    """The usual paper with an appendix that no small context holds."""
    filler = [
        f"Run {n} repeats the simulation with seed {n} and gives much the same curve as before." for n in range(99)
    ]
    sections = {**SECTIONS, "A Further Runs": [" ".join(filler[n : n + 9]) for n in range(0, 99, 9)]}
    return make_paper(tmp_path / "long.pdf", sections=sections)


def test_a_paper_longer_than_the_context_is_read_in_notes(make: Make, long_paper: Path) -> None:
    deps = make(context=9_500)
    details: list[str] = []
    attempt = digest(str(long_paper), deps, on_stage=lambda stage: details.append(stage.detail))
    assert attempt.outcome == "accepted"
    history = fake(deps).history
    assert len(fake(deps).asked("notes")) >= 1
    assert any("parts become notes" in detail for detail in details)
    later = [question.user for question in history if question.name != "notes"]
    layer = later[0].split("</paper>")[0]
    assert "condensed: This part tells the same again and again." in layer
    assert len(layer.encode()) < 3 * (9_500 - 6_000) + 2_000
    assert all(user.startswith(layer) for user in later)
    read = deps.library.revision(attempt.post_id).provenance.read
    assert read is not None
    assert read.condensed
    assert all("passages whole, the rest as a note" in line for line in read.condensed)


def test_a_context_too_small_for_any_paper_fails_with_the_mend(make: Make, paper: Path) -> None:
    deps = make(context=4_096)
    with pytest.raises(ContextTooSmall, match="too small for any paper"):
        digest(str(paper), deps)
    (attempt,) = deps.library.attempts()
    assert (attempt.outcome, attempt.stage) == ("failed", "read")


def test_a_second_digest_gives_the_same_post_without_asking(make: Make, paper: Path) -> None:
    first = digest(str(paper), make())
    deps = make()
    second = digest(str(paper), deps)
    assert (second.post_id, second.outcome, second.stage) == (first.post_id, "accepted", "known")
    assert fake(deps).history == []
    assert len(deps.library.posts()) == 1


def test_again_adds_revisions_to_the_same_post(make: Make, paper: Path) -> None:
    deps = make()
    first = digest(str(paper), deps)
    digest(str(paper), deps, again=True)
    assert [revision.number for revision in deps.library.revisions(first.post_id)] == [1, 2]
    assert len(deps.library.posts()) == 1


def test_a_fault_is_repaired_and_each_round_is_a_revision(make: Make, paper: Path) -> None:
    wrong = {
        "sentences": [{**good.SECTIONS[1]["sentences"][1], "text": "С 700 метками судья решает 71,2 % случаев."}] * 1
    }
    wrong["sentences"].append(good.SECTIONS[1]["sentences"][0])
    repair = {"edits": [{"old": "С 700 метками", "new": "С 500 метками"}], "proofs": [], "drop": []}
    deps = make({"section": [good.SECTIONS[0], wrong], "repair": [repair]})
    attempt = digest(str(paper), deps)
    assert attempt.outcome == "accepted"
    before, after = deps.library.revisions(attempt.post_id)
    assert [finding.check for finding in before.findings if finding.severity == "error"] == ["number"]
    assert "700" in plain(before.post)
    assert "700" not in plain(after.post)


INVENTED = [
    {"quote": "We also cured all diseases of the world.", "text": "Авторы вылечили все болезни."},
    {"quote": "The moon is made of cheese, we find.", "text": "Луна оказалась сделана из сыра."},
]


def test_repairs_that_do_not_help_end_the_loop_and_cost_no_judge(make: Make, paper: Path) -> None:
    deps = make({"section": [good.SECTIONS[0], {"sentences": INVENTED}]}, max_rounds=5)
    attempt = digest(str(paper), deps)
    entry = deps.library.post(attempt.post_id)
    assert entry.outcome == "needs_person"
    assert sum("цитаты нет в статье" in reason for reason in entry.reasons) == 2
    assert len(fake(deps).asked("repair")) == 1
    assert fake(deps).asked("judge") == []
    assert entry.revisions == 2


def test_the_cap_ends_a_loop_that_still_gets_better(make: Make, paper: Path) -> None:
    one_by_one = [{"edits": [], "proofs": [], "drop": [name]} for name in ("c5", "c6")]
    sentences = [good.SECTIONS[1]["sentences"][0], *INVENTED]
    replies = {"section": [good.SECTIONS[0], {"sentences": sentences}], "repair": one_by_one}
    deps = make(replies, max_rounds=1)
    attempt = digest(str(paper), deps)
    entry = deps.library.post(attempt.post_id)
    assert (entry.outcome, entry.revisions, len(entry.reasons)) == ("needs_person", 2, 1)
    more = make(replies, max_rounds=2)
    assert digest(str(paper), more, again=True).outcome == "accepted"


@pytest.mark.parametrize(
    ("verdict", "said"), [(good.ABSTAIN, "судья воздержался"), (good.REVISE, "судья хочет правки")]
)
def test_a_judge_that_does_not_accept_sends_the_post_to_a_person(
    make: Make, paper: Path, verdict: dict[str, Any], said: str
) -> None:
    deps = make({"judge": [verdict]}, max_rounds=1)
    attempt = digest(str(paper), deps)
    entry = deps.library.post(attempt.post_id)
    assert entry.outcome == "needs_person"
    assert said in entry.reasons[-1]


def test_a_paper_worth_no_post_is_skipped_only_if_no_person_named_it(make: Make, paper: Path) -> None:
    brief = {**good.BRIEF, "worth_a_post": False, "why": "an announcement"}
    deps = make({"brief": [brief]})
    skipped = digest(str(paper), deps, named=False)
    assert skipped.outcome == "skipped"
    assert deps.library.post(skipped.post_id).reasons == ("an announcement",)
    named = digest(str(paper), make({"brief": [brief]}), again=True)
    assert named.outcome == "accepted"


def test_a_retryable_error_is_tried_again(make: Make, paper: Path) -> None:
    deps = make({"brief": [ModelUnavailable("Busy."), ModelUnavailable("Busy."), good.BRIEF]})
    assert digest(str(paper), deps, retry=AT_ONCE).outcome == "accepted"
    assert len(fake(deps).asked("brief")) == 3


def test_a_model_that_answers_nonsense_fails_with_stage_and_continuation(make: Make, paper: Path) -> None:
    deps = make({"outline": [ModelReplyError("The reply fits no schema.", "Try another model.")]})
    with pytest.raises(ModelReplyError):
        digest(str(paper), deps, retry=AT_ONCE)
    failed = deps.library.last_attempt(identify(str(paper)).paper_id)
    assert failed is not None
    assert (failed.outcome, failed.stage, failed.permanent) == ("failed", "outline", False)
    assert failed.continue_with == f"razbor digest {paper}"
    assert len(fake(deps).asked("outline")) == 1
    assert deps.library.posts() == []

    later = make()
    assert digest(str(paper), later).outcome == "accepted"
    assert fake(later).asked("brief") == [], "the finished station was not repeated"


@pytest.mark.parametrize("station", ["brief", "outline", "section", "frame", "judge"])
def test_an_interrupted_digest_goes_on_from_its_last_station(make: Make, paper: Path, station: str) -> None:
    class Pulled(BaseException):
        """The plug is pulled: nothing in the code may catch this."""

    asked: list[str] = []

    class Unplugged(FakeModels):
        def ask(self, prompt: Any, reply: Any, **about: Any) -> Any:
            if prompt.name == station and station not in asked:
                asked.append(prompt.name)
                raise Pulled
            return super().ask(prompt, reply, **about)

    first = make()
    broken = Unplugged(fake(first)._replies)
    object.__setattr__(first, "models", broken)
    with pytest.raises(Pulled):
        digest(str(paper), first)
    deps = make()
    attempt = digest(str(paper), deps)
    assert attempt.outcome == "accepted"
    earlier = {"brief": 0, "outline": 1, "section": 2, "frame": 3, "judge": 4}[station]
    repeated = {question.name for question in fake(deps).history}
    assert not repeated & set(["brief", "outline", "section", "frame", "judge"][:earlier])
    assert [entry.revisions for entry in deps.library.posts()] == [1]


def test_the_same_paper_is_not_digested_twice_at_once(make: Make, paper: Path) -> None:
    entered, leave = threading.Event(), threading.Event()

    def on_stage(stage: Stage) -> None:
        if stage.name == "brief" and stage.event == "begin":
            entered.set()
            assert leave.wait(30)

    deps = make()
    thread = threading.Thread(target=digest, args=(str(paper), deps), kwargs={"on_stage": on_stage})
    thread.start()
    assert entered.wait(60)
    with pytest.raises(PaperBusy, match="being digested by process"):
        digest(str(paper), make())
    leave.set()
    thread.join(60)
    assert [entry.outcome for entry in deps.library.posts()] == ["accepted"]


def test_bad_targets_are_stored_with_their_reason(make: Make, tmp_path: Path) -> None:
    deps = make()
    page = tmp_path / "page.pdf"
    page.write_text("<!doctype html><html><body>Please log in</body></html>")
    with pytest.raises(UnknownPaper):
        digest(str(tmp_path / "absent.pdf"), deps)
    with pytest.raises(BadPdf):
        digest(str(page), deps)
    absent, bad = sorted(deps.library.attempts(), key=lambda attempt: attempt.paper_id)
    assert (absent.stage, absent.permanent) == ("identify", True)
    assert (bad.stage, bad.permanent, bad.paper_id) == ("read", True, identify(str(page)).paper_id)
    assert "Traceback" not in bad.error


def test_a_paper_of_which_text_is_missing_is_never_accepted(make: Make, paper: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.pdf"
    whole = paper.read_bytes()
    cut.write_bytes(whole[: len(whole) - 400])
    deps = make()
    attempt = digest(str(cut), deps)
    assert attempt.outcome == "needs_person"
    assert any("не целиком" in reason for reason in deps.library.post(attempt.post_id).reasons)


def test_again_asks_anew_and_anything_else_uses_kept_replies(make: Make, paper: Path) -> None:
    deps = make()
    digest(str(paper), deps)
    assert {question.salt for question in fake(deps).history} == {""}
    later = make()
    digest(str(paper), later, again=True)
    salts = {question.salt for question in fake(later).history}
    assert salts == {later.library.attempts(paper_id=identify(str(paper)).paper_id)[-1].digest_id}


STATIONS = ["fetch", "read", "brief", "route", "outline", "write_section", "assemble", "check", "judge", "keep"]


def test_a_repair_that_fits_no_schema_leaves_the_draft_to_a_person(make: Make, paper: Path) -> None:
    nonsense = ModelReplyError("The reply fits no schema.", "Try another model.")
    deps = make({"section": [good.SECTIONS[0], {"sentences": INVENTED}], "repair": [nonsense]})
    attempt = digest(str(paper), deps)
    entry = deps.library.post(attempt.post_id)
    assert entry.outcome == "needs_person"
    assert entry.reasons[-1].startswith("модель не дала годного ответа: The reply fits no schema")


def test_a_judge_that_answers_nonsense_leaves_the_draft_to_a_person(make: Make, paper: Path) -> None:
    deps = make({"judge": [ModelReplyError("The reply fits no schema.", "Try another model.")]})
    attempt = digest(str(paper), deps)
    entry = deps.library.post(attempt.post_id)
    assert entry.outcome == "needs_person"
    assert "The reply fits no schema" in entry.reasons[0]


def test_a_repair_that_makes_things_worse_is_not_what_is_kept(make: Make, paper: Path) -> None:
    worse: dict[str, Any] = {"proofs": [], "drop": []}
    worse["edits"] = [{"old": "Авторы вылечили все болезни.", "new": "Авторы вылечили 77 болезней за 5 дней."}]
    deps = make({"section": [good.SECTIONS[0], {"sentences": INVENTED}], "repair": [worse]})
    attempt = digest(str(paper), deps)
    assert "вылечили все болезни" in plain(deps.library.revision(attempt.post_id).post)
    assert deps.library.post(attempt.post_id).revisions == 2


@pytest.mark.parametrize("event", ["begin", "end"])
@pytest.mark.parametrize("station", [*STATIONS, "reviews"])
def test_pulling_the_plug_at_any_station_loses_and_doubles_nothing(
    make: Make, paper: Path, station: str, event: str
) -> None:
    class Pulled(BaseException):
        """Nothing in the code may catch this."""

    def pull(stage: Stage) -> None:
        if (stage.name, stage.event) == (station, event):
            raise Pulled

    first = make()
    with pytest.raises(Pulled):
        digest(str(paper), first, on_stage=pull)
    second = make()
    seen: list[str] = []
    attempt = digest(str(paper), second, on_stage=lambda stage: seen.append(stage.name))
    assert attempt.outcome == "accepted"
    assert [entry.revisions for entry in second.library.posts()] == [1]
    reached = "brief" if station == "reviews" else station  # these two run side by side
    assert not set(seen) & set(STATIONS[: STATIONS.index(reached)])
    last = second.library.last_attempt(attempt.paper_id)
    assert last is not None
    assert last.outcome == "accepted"
