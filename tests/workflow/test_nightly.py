"""A night over a folder: the new papers once, a broken one stored, the budget kept, one night at a time."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import BudgetSpent, InputError, ModelReplyError, PaperBusy
from pipeline.nightly import night, report, targets_of
from tests.fakes import FakeModels
from tests.pdfs import SECTIONS, make_paper
from tests.workflow.conftest import Make


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("night")
    for number in (1, 2, 3):
        make_paper(
            folder / f"paper{number}.pdf", title=f"Counting Labels for a Judge, Part {number}", sections=SECTIONS
        )
    (folder / "broken.pdf").write_bytes((folder / "paper1.pdf").read_bytes()[:200])
    (folder / "notes.txt").write_text("not a paper")
    return folder


def test_three_posts_and_one_failure_then_nothing_new(make: Make, folder: Path) -> None:
    deps = make(papers_at_once=3)
    targets = targets_of(folder, None)
    assert len(targets) == 4
    first = night(targets, deps)
    assert (len(first.made), len(first.waiting), len(first.skipped), len(first.failed)) == (3, 0, 0, 1)
    assert first.outcome == "partly_failed"
    (failure,) = first.failed
    assert failure.stage == "read"
    assert failure.continue_with == f"razbor digest {folder / 'broken.pdf'}"
    assert report(deps.library, first.run_id) == first

    again = make()
    second = night(targets, again)
    assert (second.made, second.failed, second.outcome) == ((), (), "done")
    assert isinstance(again.models, FakeModels)
    assert again.models.history == []
    assert len(again.library.posts()) == 3


def test_a_failure_that_can_heal_is_tried_again_the_next_night(make: Make, folder: Path) -> None:
    target = [str(folder / "paper1.pdf")]
    first = night(target, make({"frame": [ModelReplyError("Nonsense, twice.")]}))
    assert [failure.stage for failure in first.failed] == ["assemble"]
    second = night(target, make())
    assert len(second.made) == 1


def test_the_budget_stops_the_night_and_the_next_one_goes_on(make: Make, folder: Path) -> None:
    targets = [str(folder / f"paper{number}.pdf") for number in (1, 2, 3)]
    deps = make({"outline": [BudgetSpent("The budget is spent.", "Raise it.")]}, papers_at_once=1)
    stopped = night(targets, deps)
    assert stopped.outcome == "stopped"
    assert len(deps.library.attempts(run_id=stopped.run_id)) == 1
    assert len(night(targets, make()).made) == 3


def test_the_number_of_papers_is_bounded_and_the_rest_is_said(make: Make, folder: Path) -> None:
    targets = [str(folder / f"paper{number}.pdf") for number in (1, 2, 3)]
    done = night(targets, make(max_papers=2))
    assert len(done.made) == 2
    assert "1 left" in done.note


def test_two_nights_never_overlap(make: Make, folder: Path) -> None:
    entered, leave = threading.Event(), threading.Event()

    def on_paper(target: str, event: str) -> None:
        entered.set()
        assert leave.wait(60)

    deps = make()
    target = [str(folder / "paper1.pdf")]
    thread = threading.Thread(target=night, args=(target, deps, on_paper))
    thread.start()
    assert entered.wait(60)
    with pytest.raises(PaperBusy, match="Another night"):
        night(target, make())
    leave.set()
    thread.join(60)
    assert len(deps.library.posts()) == 1


def test_a_list_of_ids(tmp_path: Path) -> None:
    ids = tmp_path / "ids.txt"
    ids.write_text("2407.18370  # trust or escalate\n\n# later\narxiv:1706.03762\n2407.18370\n", encoding="utf-8")
    assert targets_of(None, ids) == ["2407.18370", "arxiv:1706.03762"]
    with pytest.raises(InputError):
        targets_of(tmp_path / "absent", None)


def test_an_unknown_name_in_the_list_fails_alone(make: Make, folder: Path) -> None:
    done: Any = night(["nonsense", str(folder / "paper2.pdf")], make())
    assert len(done.made) == 1
    assert [failure.paper_id for failure in done.failed] == ["nonsense"]
    assert [f.paper_id for f in night(["nonsense"], make()).failed] == ["nonsense"], "said every night until mended"
