"""models, prompts, settings, stats, reindex, and what all commands have in common."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pipeline.models import catalogue
from pipeline.prompts import PROMPTS_FOLDER
from store.files import Home
from tests.fakes import FakeModels
from tests.models.openai_server import OpenAIServer, say, status
from tests.pdfs import make_paper
from tests.ui.conftest import DRAFT
from tests.ui.terminal import Terminal
from tests.workflow import good
from ui.commands.shell import Shell


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_paper(tmp_path_factory.mktemp("papers") / "labels.pdf")


def test_models_list_says_what_is_here(tmp_path: Path) -> None:
    small = catalogue.find("qwen2.5-coder-0.5b")
    (Home(tmp_path).models / small.file_name).write_bytes(b"x")
    razbor = Terminal(tmp_path, RAZBOR_EMBEDDED_MODEL=small.name)
    found = {model["name"]: model for model in razbor("models", "list", "--json").json}
    assert set(found) == set(catalogue.NAMES)
    assert [name for name, model in found.items() if model["installed"]] == [small.name]
    assert [name for name, model in found.items() if model["chosen"]] == [small.name]
    assert {"size", "licence", "context"} <= set(found[small.name])
    told = razbor("models", "list").out
    assert "* qwen2.5-coder-0.5b" in told
    assert "Apache-2.0" in told


def test_models_pull_of_what_is_here_or_unknown(tmp_path: Path) -> None:
    small = catalogue.find("qwen2.5-coder-0.5b")
    (Home(tmp_path).models / small.file_name).write_bytes(b"x")
    razbor = Terminal(tmp_path)
    assert "is here already" in razbor("models", "pull", small.name).out
    unknown = razbor("models", "pull", "gpt-9")
    assert unknown.code == 2
    assert "Known: qwen2.5-coder-1.5b" in unknown.err


def test_models_test_asks_for_real(tmp_path: Path) -> None:
    reply = json.dumps({"sentence": "Статья делится знанием."}, ensure_ascii=False)
    with OpenAIServer(say(reply)) as server:
        razbor = Terminal(tmp_path, RAZBOR_WRITER_BASE_URL=server.url, RAZBOR_WRITER_MODEL="tiny")
        answer = razbor("models", "test")
        assert answer.out == "Статья делится знанием.\n"
        assert "The writer (tiny, at 127.0.0.1): RAZBOR_LLM=auto and a base URL is set." in answer.err
        assert "tokens/s" in answer.err
        found = razbor("models", "test", "--role", "judge", "--json").json
    assert (found["role"], found["model"], found["completion_tokens"]) == ("judge", "tiny", 10)
    assert len(server.requests) == 2


def test_models_test_of_an_endpoint_that_refuses(tmp_path: Path) -> None:
    key = "sk-very-secret"
    with OpenAIServer(status(401, echo=True)) as server:
        razbor = Terminal(tmp_path, RAZBOR_WRITER_BASE_URL=server.url, RAZBOR_WRITER_API_KEY=key)
        answer = razbor("models", "test", "--json")
    assert answer.code == 1
    assert "RAZBOR_WRITER_API_KEY" in answer.json["mend"]
    assert key not in answer.out + answer.err


def test_prompts_check_names_each_prompt_or_the_broken_file(tmp_path: Path) -> None:
    razbor = Terminal(tmp_path / "home")
    told = razbor("prompts", "check")
    assert told.code == 0
    names = {path.stem for path in PROMPTS_FOLDER.glob("*.md")} - {"common"}
    assert {line.split()[0] for line in told.out.splitlines()} == {*names, "glossary"}
    folder = shutil.copytree(PROMPTS_FOLDER, tmp_path / "prompts")
    section = folder / "section.md"
    section.write_text(section.read_text("utf-8").replace("{{ passages }}", "{{ passagess }}"), encoding="utf-8")
    broken = razbor("prompts", "check", "--folder", folder, "--json")
    assert broken.code == 2
    assert "section.md" in broken.json["error"]
    assert "passagess" in broken.json["error"]
    assert len(broken.err.splitlines()) == 1


def test_prompts_show(tmp_path: Path) -> None:
    razbor = Terminal(tmp_path)
    told = razbor("prompts", "show", "section").out
    assert "SectionDraft" in told
    assert "{{ passages }}" in told
    assert razbor("prompts", "show", "section", "--json").json["inputs"]["passages"]
    unknown = razbor("prompts", "show", "poem")
    assert unknown.code == 2
    assert "Known: brief" in unknown.err


def test_prompts_try_dry_prints_the_messages(tmp_path: Path, paper: Path) -> None:
    razbor = Terminal(tmp_path)
    told = razbor("prompts", "try", "outline", "--paper", paper, "--value", "shape=KURZ", "--dry")
    assert told.code == 0
    assert "Counting Labels" in told.out
    assert "KURZ" in told.out
    assert "«brief» stands here" in told.out
    found = razbor("prompts", "try", "brief", "--paper", paper, "--dry", "--json").json
    assert [message["role"] for message in found["messages"]] == ["system", "user"]


def test_prompts_try_asks_the_stations_before_it_first(tmp_path: Path, paper: Path) -> None:
    models = FakeModels(good.REPLIES)
    razbor = Terminal(tmp_path, models)
    values = ("number=1", "passages=p1")
    given = [word for value in values for word in ("--value", value)]
    answer = razbor("prompts", "try", "section", "--paper", paper, *given)
    assert answer.code == 0
    assert json.loads(answer.out)["sentences"]
    assert [prompt.name for prompt in models.history] == ["brief", "outline", "section"]
    models.history.clear()
    brief = f"brief={json.dumps(good.BRIEF)}"
    found = razbor("prompts", "try", "outline", "--paper", paper, "--value", brief, "--value", "shape=x", "--json").json
    assert found["reply"]["title"] == good.OUTLINE["title"]
    assert [prompt.name for prompt in models.history] == ["outline"]


def test_prompts_try_refuses_wrong_values(tmp_path: Path, paper: Path) -> None:
    razbor = Terminal(tmp_path, FakeModels(good.REPLIES))
    assert "«=»" in razbor("prompts", "try", "brief", "--paper", paper, "--value", "shape").err
    wrong = razbor("prompts", "try", "outline", "--paper", paper, "--value", "shape=x", "--value", "brief={}")
    assert wrong.code == 2
    assert "--value brief= does not fit" in wrong.err
    missing = razbor("prompts", "try", "outline", "--paper", paper, "--dry")
    assert missing.code == 2
    assert "shape" in missing.err


def test_settings_hide_secrets(tmp_path: Path) -> None:
    razbor = Terminal(tmp_path, OPENAI_API_KEY="sk-very-secret", RAZBOR_WRITER_BASE_URL="http://me:hidden@host:8000/v1")
    for answer in (razbor("settings"), razbor("settings", "--json")):
        assert "sk-very-secret" not in answer.out
        assert "hidden" not in answer.out
    found = {one["variable"]: one for one in razbor("settings", "--json").json}
    assert found["OPENAI_API_KEY"]["value"] == "set"
    assert found["RAZBOR_JUDGE_API_KEY"]["value"] == ""
    assert found["RAZBOR_WRITER_BASE_URL"]["value"] == "http://me:***@host:8000/v1"
    assert found["RAZBOR_HOME"]["value"] == str(tmp_path)


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    answer = Terminal(tmp_path, RAZBOR_MAX_ROUNDS="many")("list")
    assert answer.code == 2
    assert "RAZBOR_MAX_ROUNDS" in answer.err
    assert len(answer.err.splitlines()) == 1


def test_stats_and_reindex(seeded: Path, tmp_path: Path) -> None:
    home = shutil.copytree(seeded, tmp_path / "home")
    razbor = Terminal(home)
    found = razbor("stats", "--json").json
    assert found["counts"]["posts"] == 4
    assert found["bytes"]["razbor.sqlite"] > 0
    shutil.rmtree(home / "chroma")
    broken = razbor("search", "судья")
    assert broken.code == 2
    assert "razbor reindex" in broken.err
    assert razbor("reindex").code == 0
    assert razbor("search", "судья", "--json").json


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    answer = Terminal(tmp_path / "home")("list")
    assert answer.code == 2
    assert "RAZBOR_HOME" in answer.err


def test_the_log_knows_what_happened_and_no_secret(seeded: Path, tmp_path: Path) -> None:
    home = shutil.copytree(seeded, tmp_path / "home")
    Terminal(home, OPENAI_API_KEY="sk-very-secret")("show", "nothing")
    log = (home / "logs" / "razbor.log").read_text("utf-8")
    assert "There is no post «nothing»." in log
    assert "sk-very-secret" not in log


def test_a_defect_is_one_sentence_unless_debug(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from ui.cli import app

    class Broken(Shell):
        @property
        def settings(self) -> object:  # type: ignore[override]
            raise ZeroDivisionError("nobody thought of this")

    plain = CliRunner().invoke(app, ["list"], obj=Broken())
    assert plain.exit_code == 1
    assert "Unexpected ZeroDivisionError: nobody thought of this." in plain.stderr
    assert "--debug" in plain.stderr
    assert len(plain.stderr.splitlines()) == 1
    debug = CliRunner().invoke(app, ["--debug", "list"], obj=Broken())
    assert "Traceback" in debug.stderr


def test_usage_errors_leave_with_2(seeded: Path) -> None:
    razbor = Terminal(seeded)
    assert razbor("shwo").code == 2
    assert razbor("show").code == 2
    assert razbor("show", DRAFT, "--nonsense").code == 2
    assert razbor("--version").out.startswith("0.")
