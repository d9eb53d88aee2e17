"""show, list, edit, search over a filled data folder."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from store.files import Home
from store.library import Library
from store.records import Paper
from tests.ui.conftest import ACCEPTED, DRAFT, HOSTILE, SKIPPED
from tests.ui.terminal import Terminal


@pytest.fixture
def home(seeded: Path, tmp_path: Path) -> Path:
    return shutil.copytree(seeded, tmp_path / "home")


def test_show_tells_everything_about_a_post(seeded: Path) -> None:
    razbor = Terminal(seeded)
    told = razbor("show", DRAFT).out
    assert f"{DRAFT} (arxiv:2601.00001): needs_person" in told
    assert "✓ c2" in told
    assert "✗ c6" in told
    assert "“The probability that the promised level is broken stays below delta = 0.1.” (p3, page 3)" in told
    assert "judge (qwen2.5-coder-1.5b): revise; faithful 2" in told
    assert "Revision 2 of 2" in told
    assert "48,210 prompt tokens (36,900 cached)" in told
    assert "left out: Список литературы" in told


@pytest.mark.parametrize("words", [DRAFT, "arxiv:2601.00001", "2601.00001v3", "https://arxiv.org/abs/2601.00001"])
def test_a_post_has_several_names(seeded: Path, words: str) -> None:
    assert Terminal(seeded)("show", words, "--json").json["post_id"] == DRAFT


def test_show_in_one_form_and_in_an_older_revision(seeded: Path) -> None:
    razbor = Terminal(seeded)
    text = razbor("show", DRAFT, "--form", "text").out
    assert text.startswith("Сколько меток нужно судье")
    assert "71,2" in text
    assert "74,3" in razbor("show", DRAFT, "--form", "text", "--revision", 1).out
    assert razbor("show", DRAFT, "--form", "html").out.startswith("<b>Сколько меток")
    assert razbor("show", DRAFT, "--form", "markdown").out.startswith("# Сколько меток")
    assert razbor("show", DRAFT, "--form", "pdf").code == 2
    assert razbor("show", DRAFT, "--revision", 9).code == 2
    assert razbor("show", DRAFT, "--revision", 1, "--json").json["revision"] == 1


def test_show_of_what_has_no_text(seeded: Path) -> None:
    razbor = Terminal(seeded)
    assert "заметка без нового результата" in razbor("show", SKIPPED).out
    found = razbor("show", SKIPPED, "--json").json
    assert (found["outcome"], found["post"], found["claims"]) == ("skipped", None, [])
    failed = razbor("show", "2601.00004")
    assert failed.code == 2
    assert "failed at judge" in failed.err
    assert "razbor digest 2601.00004" in failed.err
    unknown = razbor("show", "nothing", "--json")
    assert (unknown.code, unknown.json["error"]) == (2, "There is no post «nothing».")


def test_list(seeded: Path) -> None:
    razbor = Terminal(seeded)
    found = razbor("list", "--json").json
    assert {post["post_id"] for post in found["posts"]} == {DRAFT, ACCEPTED, SKIPPED, HOSTILE}
    assert {one["target"] for one in found["unfinished"]} == {"2601.00004", "scan.pdf"}
    told = razbor("list").out
    assert "continue with: razbor digest 2601.00004" in told
    assert [line for line in told.splitlines() if line.strip().startswith(DRAFT)]
    accepted = razbor("list", "--outcome", "accepted", "--json").json
    assert [post["post_id"] for post in accepted["posts"]] == [ACCEPTED]
    assert accepted["unfinished"] == []
    assert razbor("list", "--outcome", "good").code == 2


def test_an_empty_library_says_how_to_begin(tmp_path: Path) -> None:
    assert "razbor digest" in Terminal(tmp_path)("list").out


def test_edit_makes_a_checked_revision(home: Path, tmp_path: Path) -> None:
    razbor = Terminal(home)
    text = razbor("show", DRAFT, "--form", "text").out
    file = tmp_path / "post.txt"
    file.write_text(text.replace("71,2", "99,9"), encoding="utf-8")
    told = razbor("edit", DRAFT, "--file", file)
    assert told.code == 0
    assert f"Saved as revision 3 of {DRAFT}: needs_person" in told.out
    assert "error   c5" in told.out
    again = razbor("edit", DRAFT, "--file", file)
    assert "Nothing changed; revision 3 stays." in again.out
    without_c6 = "\n".join(text.splitlines()).replace(
        " Метод уже внедрён в трёх крупных компаниях и экономит им половину разметки.", ""
    )
    found = razbor("edit", "2601.00001", "--file", "-", "--json", typed=without_c6).json
    assert (found["revision"], found["author"], found["revisions"]) == (4, "person", 4)
    assert all(claim["proven"] for claim in found["claims"])
    assert found["outcome"] == "accepted"


def test_edit_refuses_what_it_cannot_read(home: Path, tmp_path: Path) -> None:
    razbor = Terminal(home)
    assert razbor("edit", DRAFT, "--file", tmp_path / "no.txt").code == 2
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe\x00\xd8")
    assert "not UTF-8" in razbor("edit", DRAFT, "--file", tmp_path / "bytes.txt").err
    assert "empty" in razbor("edit", DRAFT, "--file", "-", typed="  \n").err
    assert "--file" in razbor("edit", DRAFT).err
    assert razbor("show", DRAFT, "--json").json["revisions"] == 2


@pytest.mark.skipif(os.name == "nt", reason="a pseudo-terminal is POSIX")
def test_edit_in_an_editor(home: Path, tmp_path: Path) -> None:
    script = tmp_path / "editor.py"
    script.write_text(
        "import pathlib, sys\np = pathlib.Path(sys.argv[1])\n"
        "p.write_text(p.read_text('utf-8').replace('половину разметки', 'треть разметки'), 'utf-8')\n"
    )
    inner, outer = pty.openpty()
    environment = {**os.environ, "RAZBOR_HOME": str(home), "VISUAL": f"{sys.executable} {script}"}
    command = [sys.executable, "-m", "ui.cli", "edit", DRAFT]
    done = subprocess.run(command, stdin=outer, capture_output=True, text=True, env=environment, check=False)
    os.close(inner)
    os.close(outer)
    assert done.returncode == 0, done.stderr
    assert "Saved as revision 3" in done.stdout
    assert "треть разметки" in Terminal(home)("show", DRAFT, "--form", "text").out


def test_search_finds_across_languages(seeded: Path) -> None:
    razbor = Terminal(seeded)
    found = razbor("search", "судья воздерживается, когда не уверен", "--limit", 2, "--json").json
    assert len(found) == 2
    assert set(found[0]) == {"paper_id", "title", "score", "passages"}
    assert set(found[0]["passages"][0]) == {"id", "page", "text"}
    assert found[0]["score"] >= found[1]["score"]
    assert "Counting Labels" in razbor("search", "calibrated judge").out
    assert razbor("search", " ").code == 2
    assert razbor("search", "x", "--limit", 0).code == 2


def test_words_of_a_paper_cannot_steer_the_terminal(tmp_path: Path) -> None:
    title = "A \x1b]0;owned\x07\x1b[2J title [bold]not bold[/bold] \u202egnp"
    with Library.open(Home(tmp_path).database) as library:
        library.save_paper(Paper(paper_id="arxiv:2601.00009", title=title))
        library.set_outcome("arxiv-2601.00009", "skipped", (title,), paper_id="arxiv:2601.00009")
    for arguments in (("list",), ("show", "arxiv-2601.00009")):
        told = Terminal(tmp_path)(*arguments).out
        assert not {"\x1b", "\x07", "\u202e"} & set(told)
        assert "[bold]not bold[/bold]" in told
