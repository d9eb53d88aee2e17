"""The doctor: each part for real, and a broken one is named without hiding the others."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from pipeline import doctor
from pipeline.doctor import Part, examine
from pipeline.errors import SettingsError
from pipeline.models import catalogue
from pipeline.prompts import PROMPTS_FOLDER
from pipeline.settings import Settings, load
from store.files import Home
from store.library import Library
from store.records import Document, Passage
from tests.models.openai_server import OpenAIServer, say, status

HELLO = say(json.dumps({"sentence": "Чтобы делиться знанием."}))
ALWAYS = ("packages", "prompts", "index engine", "settings", "data folder", "disk", "database", "embedder")


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(HELLO) as running:
        yield running


def settings(tmp_path: Path, **values: Any) -> Settings:
    return load(home=tmp_path / "home", _env_file=None, **values)


def checked(chosen: Settings, **how: Any) -> dict[str, Part]:
    return {part.part: part for part in examine(lambda: chosen, **how)}


def failed(parts: dict[str, Part]) -> set[str]:
    return {name for name, part in parts.items() if not part.ok}


def test_a_sound_installation(tmp_path: Path, server: OpenAIServer) -> None:
    parts = checked(settings(tmp_path, writer_base_url=server.url, writer_model="tiny"))
    assert failed(parts) == set(), parts
    assert set(parts) == {*ALWAYS, "index", "PDF reader", "model"}
    assert "tiny" in parts["model"].detail
    assert len(server.requests) == 1
    assert set(asdict(parts["model"])) == {"part", "ok", "detail", "mend"}
    with Library.open(Home(tmp_path / "home").database) as library:
        assert library.papers() == []


def test_models_of_several_roles_are_asked_one_by_one(tmp_path: Path, server: OpenAIServer) -> None:
    with OpenAIServer(status(401)) as other:
        chosen = settings(tmp_path, writer_base_url=server.url, judge_base_url=other.url, judge_model="strict")
        parts = checked(chosen)
    assert failed(parts) == {"model of judge, strong_judge"}
    assert parts["model of writer"].ok
    assert "RAZBOR_JUDGE_API_KEY" in parts["model of judge, strong_judge"].mend


def test_the_embedded_model_must_be_there_and_whole(tmp_path: Path) -> None:
    small = catalogue.find("qwen2.5-coder-0.5b")
    chosen = settings(tmp_path, llm="embedded", embedded_model=small.name)
    assert "razbor models pull" in checked(chosen, model=False)["model"].mend
    (Home(tmp_path / "home").models / small.file_name).write_bytes(b"half")
    half = checked(chosen)["model"]
    assert not half.ok
    assert "4 bytes instead of 491,400,064" in half.detail


def test_without_asking_the_model(tmp_path: Path, server: OpenAIServer) -> None:
    parts = checked(settings(tmp_path, writer_base_url=server.url), model=False)
    assert parts["model"].ok
    assert "not asked" in parts["model"].detail
    assert server.requests == []


def test_wrong_settings_are_a_part_and_the_rest_is_still_tested() -> None:
    def load_wrong() -> Settings:
        raise SettingsError("Wrong setting: RAZBOR_X.", "Mend it.")

    parts = {part.part: part for part in examine(load_wrong)}
    assert failed(parts) == {"settings"}
    assert parts["settings"].mend == "Mend it."
    assert parts["prompts"].ok


def test_a_broken_database_hides_nothing_else(tmp_path: Path, server: OpenAIServer) -> None:
    chosen = settings(tmp_path, writer_base_url=server.url)
    Home(chosen.home).database.write_bytes(b"no database at all" * 100)
    parts = checked(chosen)
    assert failed(parts) == {"database", "index"}
    assert parts["database"].mend
    assert parts["model"].ok


def test_an_index_that_lost_a_passage(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    passage = Passage(id="p1", page=1, bbox=(0, 0, 1, 1), section="1", text="A judge abstains.")
    with Library.open(Home(chosen.home).database) as library:
        library.save_document(Document(paper_id="file:0", title="T", pages=1, passages=(passage,)), pdf="0" * 64)
    part = checked(chosen, model=False)["index"]
    assert not part.ok
    assert part.mend == "Run `razbor reindex`."


def test_a_broken_prompt_is_named(tmp_path: Path) -> None:
    folder = shutil.copytree(PROMPTS_FOLDER, tmp_path / "prompts")
    (folder / "judge.md").write_text("nothing")
    parts = checked(settings(tmp_path), model=False, prompts=folder)
    assert "judge.md" in parts["prompts"].detail
    assert "prompts" in failed(parts)


def test_an_unwritable_data_folder(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    parts = checked(settings(tmp_path), model=False)
    assert {"data folder", "database", "embedder", "index"} <= failed(parts)
    assert "RAZBOR_HOME" in parts["data folder"].mend
    assert parts["disk"].ok
    assert parts["PDF reader"].ok


def test_a_part_that_breaks_in_its_own_way(tmp_path: Path) -> None:
    def breaks() -> str:
        raise ZeroDivisionError("odd")

    assert doctor._tested("odd part", breaks) == Part(
        "odd part", False, "ZeroDivisionError: odd", "Install Razbor anew; else report this."
    )
