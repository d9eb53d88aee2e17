"""digest, as a person or a program calls them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from pipeline.errors import ModelReplyError
from store.files import Home
from store.library import Library
from tests.fakes import FakeModels
from tests.pdfs import make_paper
from tests.ui.terminal import Terminal
from tests.workflow import good
from tests.workflow.conftest import sections_in_place

CONTRACT = {"paper_id", "post_id", "outcome", "reasons", "post", "claims", "checks", "verdicts", "usage", "read"}


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_paper(tmp_path_factory.mktemp("papers") / "labels.pdf")


def terminal(tmp_path: Path, **replies: Any) -> Terminal:
    return Terminal(tmp_path / "home", FakeModels(sections_in_place({**good.REPLIES, **replies})))


def attempts(terminal: Terminal) -> list[Any]:
    with Library.open(Home(terminal.home).database) as library:
        return library.attempts()


def test_digest_prints_the_contract_s_json_and_nothing_else(tmp_path: Path, paper: Path) -> None:
    answer = terminal(tmp_path)("digest", paper, "--json")
    assert answer.code == 0
    found = answer.json
    assert set(found) >= CONTRACT
    assert found["paper_id"].startswith("file:")
    assert found["outcome"] == "accepted"
    assert found["reasons"] == []
    assert set(found["post"]) == {"text", "html", "markdown", "length"}
    assert found["post"]["length"] == len(found["post"]["text"].encode("utf-16-le")) // 2
    assert all(set(claim) == {"id", "text", "proven", "passages", "quote"} for claim in found["claims"])
    assert all(claim["proven"] and claim["passages"] for claim in found["claims"])
    assert all(set(check) == {"check", "severity", "where", "message"} for check in found["checks"])
    assert [verdict["decision"] for verdict in found["verdicts"]] == ["accept"]
    assert set(found["usage"]) >= {
        *("prompt_tokens", "cached_tokens", "completion_tokens", "calls", "money", "seconds")
    }
    assert set(found["read"]) == {"pages", "passages", "condensed", "left_out"}


def test_digest_for_a_person(tmp_path: Path, paper: Path) -> None:
    razbor = terminal(tmp_path)
    answer = razbor("digest", paper)
    assert answer.code == 0
    assert answer.out.startswith("Сколько меток нужно судье, чтобы ему поверили\n")
    assert "fake" in answer.err
    assert "A test asks." in answer.err
    for station in ("fetch", "read", "brief", "outline", "write_section", "assemble", "check", "judge", "keep"):
        assert f"  {station} " in answer.err
    assert "Outcome: accepted" in answer.err
    assert f"in {razbor.home}" in answer.err
    assert "razbor ui" in answer.err


def test_a_paper_with_a_post_is_shown_again_without_a_model(tmp_path: Path, paper: Path) -> None:
    razbor = terminal(tmp_path)
    first = razbor("digest", paper, "--json")
    asked = len(razbor.models.history) if razbor.models else 0
    second = razbor("digest", paper, "--json")
    assert (second.code, second.json) == (0, first.json)
    assert "--again" in second.err
    assert razbor.models is not None
    assert len(razbor.models.history) == asked
    assert razbor("digest", paper, "--again", "--json").json["revisions"] == 2


def test_without_the_model_s_file_a_known_post_is_shown_and_a_new_paper_refused(tmp_path: Path, paper: Path) -> None:
    razbor = terminal(tmp_path)
    razbor("digest", paper)
    without = Terminal(razbor.home)
    assert without("digest", paper).code == 0
    refused = without("digest", paper, "--again")
    assert refused.code == 2
    assert "razbor models pull" in refused.err


def test_a_post_that_needs_a_person_leaves_with_2_and_its_reasons(tmp_path: Path, paper: Path) -> None:
    answer = terminal(tmp_path, judge=[good.ABSTAIN])("digest", paper)
    assert answer.code == 2
    assert answer.out.startswith("Сколько меток")
    assert "Outcome: needs_person" in answer.err
    assert "Не могу судить." in answer.err


def test_a_failed_digest_leaves_with_1_the_stage_and_the_command_that_continues(tmp_path: Path, paper: Path) -> None:
    razbor = terminal(tmp_path, outline=[ModelReplyError("Two replies do not fit.", "Take a stronger model.")])
    spaced = shutil.copy(paper, tmp_path / "a paper.pdf")
    answer = razbor("digest", spaced, "--json")
    assert answer.code == 1
    found = answer.json
    assert (found["outcome"], found["stage"]) == ("failed", "outline")
    assert found["error"] == "Two replies do not fit."
    assert found["mend"] == "Take a stronger model."
    assert found["continue_with"] == f"razbor digest '{spaced}'"
    assert "Two replies do not fit. Take a stronger model." in answer.err
    assert "Continue with: razbor digest" in answer.err
    listed = razbor("list", "--json").json
    assert [one["stage"] for one in listed["unfinished"]] == ["outline"]
    shown = razbor("show", spaced)
    assert shown.code == 2
    assert "failed at outline" in shown.err


def bad_pdf(folder: Path, kind: str) -> Path:
    path = folder / f"{kind}.pdf"
    if kind == "directory":
        path.mkdir()
    elif kind == "html":
        path.write_text("<html><body>Not found</body></html>")
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "truncated":
        path.write_bytes(make_paper(folder / "whole.pdf").read_bytes()[:900])
    elif kind in ("encrypted", "scanned"):
        with pymupdf.open() as pdf:
            page = pdf.new_page()
            if kind == "encrypted":
                page.insert_text((72, 72), "A secret paper.")
                pdf.save(path, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="a", owner_pw="b")
            else:
                page.draw_rect((72, 72, 400, 400), fill=(0, 0, 0))
                pdf.save(path)
    return path


@pytest.mark.parametrize("kind", ["missing", "directory", "html", "empty", "encrypted", "scanned", "truncated"])
def test_bad_input_is_one_sentence_a_code_and_a_stored_attempt(tmp_path: Path, kind: str) -> None:
    razbor = terminal(tmp_path)
    path = bad_pdf(tmp_path, kind)
    answer = razbor("digest", path)
    assert answer.code == 2
    assert answer.out == ""
    last = answer.err.strip().splitlines()[-1]
    (attempt,) = attempts(razbor)
    assert (attempt.outcome, attempt.target, attempt.permanent) == ("failed", str(path), True)
    assert last == " ".join(attempt.error.split())
    found = razbor("digest", path, "--json")
    assert found.code == 2
    assert set(found.json) >= {"outcome", "stage", "error", "mend"}


def test_a_night_over_a_folder_with_one_broken_pdf(tmp_path: Path, paper: Path) -> None:
    folder = tmp_path / "night"
    folder.mkdir()
    (folder / "a paper.pdf").write_bytes(paper.read_bytes())
    bad_pdf(folder, "html")
    razbor = terminal(tmp_path)
    first = razbor("nightly", "--folder", folder, "--json")
    assert first.code == 1
    report = first.json
    assert set(report) >= {"run_id", "outcome", "made", "waiting", "skipped", "failed", "usage"}
    assert len(report["made"]) == 1
    assert [set(failure) for failure in report["failed"]] == [{"paper_id", "stage", "error", "continue_with"}]
    second = razbor("nightly", "--folder", folder, "--json")
    assert second.code == 0
    assert second.json["made"] == second.json["failed"] == []
    assert razbor("runs", "show", report["run_id"], "--json").json == report
    assert [run["run_id"] for run in razbor("runs", "list", "--json").json][-1] == report["run_id"]
    told = razbor("runs", "show", report["run_id"]).out
    assert "continue with: razbor digest" in told


def test_a_night_whose_post_waits_for_a_person_leaves_with_2(tmp_path: Path, paper: Path) -> None:
    razbor = terminal(tmp_path, judge=[good.ABSTAIN])
    answer = razbor("nightly", "--folder", paper.parent)
    assert answer.code == 2
    assert "waiting    1" in answer.out


def test_a_night_without_work_is_refused(tmp_path: Path) -> None:
    razbor = terminal(tmp_path)
    assert razbor("nightly").code == 2
    missing = razbor("nightly", "--folder", tmp_path / "nowhere")
    assert missing.code == 2
    assert "Check the path." in missing.err
    assert razbor("runs", "show").code == 2
