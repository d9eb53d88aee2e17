"""import telegram, search in the channel, and what digest says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes import FakeModels
from tests.pdfs import make_paper
from tests.sources.exports import bold, message, service, write_html, write_json
from tests.ui.terminal import Terminal
from tests.workflow import good
from tests.workflow.conftest import sections_in_place

MESSAGES = [
    service(1),
    message(2, bold("Судья, который молчит"), "\nРазбор: https://arxiv.org/abs/2407.18370. Калибровка судей."),
    message(3, "Короткая заметка про внимание"),
]


@pytest.fixture
def razbor(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path / "home")


def test_import_prints_the_contract_s_json(razbor: Terminal, tmp_path: Path) -> None:
    path = write_json(tmp_path / "result.json", MESSAGES)
    first = razbor("import", "telegram", path, "--json")
    assert first.code == 0
    assert {"added": 2, "updated": 0, "unchanged": 0, "refused": []}.items() <= first.json.items()
    assert razbor("import", "telegram", tmp_path, "--json").json["unchanged"] == 2


def test_import_for_a_person(razbor: Terminal, tmp_path: Path) -> None:
    answer = razbor("import", "telegram", write_html(tmp_path / "pages", MESSAGES))
    assert answer.code == 0
    assert answer.out == "2 added, 0 updated, 0 unchanged.\n"
    assert "razbor reindex --channel" in answer.err
    assert "messages: 100 %" in answer.err


def test_refused_messages_are_said_and_cost_the_exit_code(razbor: Terminal, tmp_path: Path) -> None:
    answer = razbor("import", "telegram", write_json(tmp_path / "r.json", [*MESSAGES, {"type": "message"}]), "--json")
    assert answer.code == 1
    assert answer.json["added"] == 2
    assert answer.json["refused"] == [{"line": 4, "why": "message 4: no id"}]


@pytest.mark.parametrize(
    ("head", "arguments", "said"),
    [
        ({"type": "personal_chat", "name": "Алиса"}, (), "no channel but a personal chat"),
        ({"type": 7}, (), "does not say of which chat"),
        ({}, ("--zone", "Mars/Base"), "no time zone"),
    ],
)
def test_what_cannot_be_imported(
    razbor: Terminal, tmp_path: Path, head: dict[str, object], arguments: tuple[str, ...], said: str
) -> None:
    answer = razbor("import", "telegram", write_json(tmp_path / "r.json", MESSAGES, **head), *arguments, "--json")
    assert answer.code == 2
    assert said in answer.json["error"]
    assert answer.json["mend"]


def test_search_marks_posts_of_the_channel(razbor: Terminal, tmp_path: Path) -> None:
    razbor("import", "telegram", write_json(tmp_path / "r.json", MESSAGES))
    told = razbor("search", "калибровка судьи").out
    assert "In the channel:" in told
    assert "«Судья, который молчит» (Разборы статей #2, 2025-03-01)" in told
    assert razbor("search", "калибровка судьи", "--json").json == [], "the list of papers stays one of papers"
    (found,) = razbor("search", "калибровка судьи", "--channel", "--json").json
    assert (found["message_id"], found["papers"]) == (2, ["arxiv:2407.18370"])
    assert found["markdown"].startswith("**Судья, который молчит**")
    assert "In the channel" not in razbor("search", "калибровка", "--channel").out


def test_reindex_of_the_channel_alone(razbor: Terminal, tmp_path: Path) -> None:
    razbor("import", "telegram", write_json(tmp_path / "r.json", MESSAGES))
    assert "Indexed 1 channel posts." in razbor("reindex", "--channel").out
    assert "Indexed 0 channel posts." in razbor("reindex", "--channel").out
    (found,) = razbor("search", "a judge that abstains", "--channel", "--json").json
    assert found["message_id"] == 2


def test_digest_says_which_paper_a_file_is_and_what_the_channel_has_on_it(tmp_path: Path) -> None:
    import pymupdf

    pdf = pymupdf.open(make_paper(tmp_path / "plain.pdf"))
    pdf[0].insert_text((30, 560), "arXiv:2407.18370v2  [cs.LG]  25 Jul 2024", fontsize=20, rotate=90)
    pdf.save(tmp_path / "labels.pdf")
    razbor = Terminal(tmp_path / "home", FakeModels(sections_in_place(good.REPLIES)))
    razbor("import", "telegram", write_json(tmp_path / "r.json", MESSAGES))
    answer = razbor("digest", tmp_path / "labels.pdf", "--json")
    assert answer.json["paper_id"] == "arxiv:2407.18370"
    assert [post["message_id"] for post in answer.json["channel"]] == [2]
    assert "labels.pdf is arxiv:2407.18370, version 2." in answer.err
    assert "The channel has a post on this paper: «Судья, который молчит»" in answer.err
