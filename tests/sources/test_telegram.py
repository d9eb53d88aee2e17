"""Imports of channel exports, in both forms, whole and broken."""

from __future__ import annotations

import json
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import InputError
from pipeline.sources.telegram.importing import ImportedChannel, import_telegram, zone_of
from store.errors import StoreError
from store.library import Library
from store.records import ChannelPost
from tests.sources.exports import (
    BEGIN,
    CHANNEL,
    NUMBER,
    bold,
    link,
    message,
    service,
    write_html,
    write_json,
)

PAPER = "arxiv:2407.18370"
MESSAGES = [
    service(1),
    message(
        2,
        bold("Судья, который молчит 🤫"),
        "\nСтатья: ",
        {"type": "link", "text": "https://arxiv.org/abs/2407.18370v2"},
        "\n\n🔹 Идея\nПорог <b>не</b> тег & не «разметка»: ",
        {"type": "code", "text": "p < 0.1"},
        {"type": "pre", "text": "for x in y:\n    pass", "language": ""},
        {"type": "italic", "text": "курсив"},
        " и ",
        {"type": "spoiler", "text": "тайна"},
        link("рецензии", "https://openreview.net/forum?id=UHPnqSTBPO&noteId=a1"),
        " ",
        {"type": "hashtag", "text": "#llm"},
        " ",
        {"type": "mention", "text": "@author"},
        {"type": "custom_emoji", "text": "🔥", "document_id": "stickers/a.tgs"},
        {"type": "blockquote", "text": "цитата\nв две строки"},
        {"type": "underline", "text": "черта"},
        {"type": "strikethrough", "text": "нет"},
        photo="photos/photo_1.jpg",
        author="Анна",
    ),
    message(3, photo="photos/photo_2.jpg", when=BEGIN + timedelta(hours=2)),
    message(4, "Чужое: arXiv:1706.03762v5", forwarded_from="Другой канал"),
    message(5, "Чужое и дальше", forwarded_from="Другой канал", when=BEGIN + timedelta(hours=4, seconds=1)),
    message(6, "Ответ читателю", reply_to_message_id=2),
    message(7, photo="photos/photo_3.jpg"),
]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library.sqlite") as opened:
        yield opened


@pytest.fixture(params=["json", "html"])
def exported(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The same channel in either form; the HTML one in pages of two messages."""
    folder = tmp_path / "export"
    folder.mkdir()
    if request.param == "json":
        write_json(folder / "result.json", MESSAGES)
    else:
        write_html(folder, MESSAGES, per_page=2)
    return folder


def counts(done: ImportedChannel) -> tuple[int, int, int, int]:
    return done.added, done.updated, done.unchanged, len(done.refused)


def only(library: Library, paper_id: str) -> ChannelPost:
    (post,) = library.posts_on([paper_id])
    return post


def test_posts_with_all_they_hold(library: Library, exported: Path) -> None:
    done = import_telegram(exported, library)
    assert counts(done) == (4, 0, 0, 0)
    assert done.channel == CHANNEL
    post = only(library, PAPER)
    assert (post.channel, post.message_id, post.author) == (CHANNEL, 2, "Анна")
    assert post.date == BEGIN + timedelta(hours=2)
    assert post.text == "".join(part if isinstance(part, str) else part["text"] for part in MESSAGES[1]["text"])
    assert post.title == "Судья, который молчит 🤫"
    assert post.papers == (PAPER, "openreview:UHPnqSTBPO")
    assert post.photos == ("photos/photo_1.jpg", "photos/photo_2.jpg"), "the album's second picture joins"
    kinds = [piece.kind for piece in post.pieces]
    assert kinds == [entity["type"] for entity in MESSAGES[1]["text_entities"]]
    assert [piece.target for piece in post.pieces if piece.kind == "text_link"] == [
        "https://openreview.net/forum?id=UHPnqSTBPO&noteId=a1"
    ]
    foreign = only(library, "arxiv:1706.03762")
    assert (foreign.forwarded_from, foreign.author) == ("Другой канал", "")


def test_a_joined_forward_keeps_its_origin_and_a_reply_its_target(library: Library, exported: Path) -> None:
    import_telegram(exported, library)
    by_number = {post.message_id: post for post in library.channel_posts(range(10)).values()}
    assert by_number[5].forwarded_from == "Другой канал"
    assert by_number[6].reply_to == 2
    assert not by_number[6].forwarded_from


def test_both_forms_say_the_same(library: Library, tmp_path: Path) -> None:
    import_telegram(write_json(tmp_path / "result.json", MESSAGES), library)
    again = import_telegram(write_html(tmp_path / "pages", MESSAGES, per_page=3), library)
    assert counts(again) == (0, 0, 4, 0), "the HTML of a channel that is known from JSON is that channel"


def test_html_first_and_json_later_are_one_channel(library: Library, tmp_path: Path) -> None:
    import_telegram(write_html(tmp_path / "pages", MESSAGES), library)
    assert counts(import_telegram(write_json(tmp_path / "result.json", MESSAGES), library)) == (0, 0, 4, 0)
    renamed = write_json(tmp_path / "renamed.json", MESSAGES, name="Новое имя")
    assert import_telegram(renamed, library).added == 0
    assert only(library, PAPER).channel == "Новое имя"


def test_channels_of_one_name_are_told_apart_by_their_ids(library: Library, tmp_path: Path) -> None:
    import_telegram(write_json(tmp_path / "a.json", MESSAGES), library)
    assert import_telegram(write_json(tmp_path / "b.json", MESSAGES, id=NUMBER + 1), library).added == 4
    with pytest.raises(StoreError, match="Two channels"):
        import_telegram(write_html(tmp_path / "pages", MESSAGES), library)


def test_again_changes_nothing_and_an_edit_changes_one(library: Library, tmp_path: Path) -> None:
    path = write_json(tmp_path / "result.json", MESSAGES)
    assert counts(import_telegram(path, library)) == (4, 0, 0, 0)
    assert counts(import_telegram(path, library)) == (0, 0, 4, 0)
    when = BEGIN + timedelta(days=1)
    stamp = {"edited": "2025-03-02T12:30:15", "edited_unixtime": str(int(when.timestamp()))}
    edited = [*MESSAGES[:5], message(6, "Ответ: см. arXiv:2501.00001", **stamp), message(8, "Новое")]
    assert counts(import_telegram(write_json(path, edited), library)) == (1, 1, 3, 0)
    assert only(library, "arxiv:2501.00001").edited == when
    page = write_html(tmp_path / "pages", edited)
    assert counts(import_telegram(page, library)) == (0, 0, 5, 0), "a page does not know of edits, and undoes none"
    assert library.find_in_channel("читатель", 5) == [], "the words of the older text are forgotten"
    assert len(library.find_in_channel("ответ", 5)) == 1
    assert library.stats()["channel_posts"] == 5


def test_a_tie_goes_with_the_link(library: Library, tmp_path: Path) -> None:
    import_telegram(write_json(tmp_path / "r.json", [message(1, "arXiv:2407.18370")]), library)
    import_telegram(write_json(tmp_path / "r.json", [message(1, "Ссылки больше нет")]), library)
    assert library.posts_on([PAPER]) == []


def test_progress_reaches_the_total(library: Library, tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    path = write_json(tmp_path / "r.json", (message(number, f"Пост {number}") for number in range(1, 1202)))
    done = import_telegram(path, library, progress=lambda now, total: heard.append((now, total)))
    assert done.added == 1201
    assert heard == [(500, 1201), (1000, 1201), (1201, 1201)]


OLD = {"date_unixtime": None, "text_entities": None, "edited": "1970-01-01T03:00:00"}


@pytest.mark.parametrize(
    ("zone", "hour"), [(ZoneInfo("Europe/Moscow"), 9), (ZoneInfo("UTC"), 12), (None, None)], ids=str
)
def test_an_old_export_without_zones(library: Library, tmp_path: Path, zone: ZoneInfo | None, hour: int | None) -> None:
    old = [{k: v for k, v in (message(1, "arXiv:2407.18370") | OLD).items() if v is not None}]
    old[0]["date"] = "2020-01-15T12:00:00"
    done = import_telegram(write_json(tmp_path / "r.json", old), library, zone=zone)
    here = datetime(2020, 1, 15, 12).astimezone(UTC).hour
    post = only(library, PAPER)
    assert post.date == datetime(2020, 1, 15, hour if hour is not None else here, tzinfo=UTC)
    assert post.edited is None
    assert "1 times in the export have no zone" in done.notes[0]


def test_zones() -> None:
    assert zone_of("") is None
    assert zone_of("Europe/Moscow") == ZoneInfo("Europe/Moscow")
    for wrong in ("Nowhere/City", "../../etc/passwd", "\0"):
        with pytest.raises(InputError, match="no time zone"):
            zone_of(wrong)


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"id": None}, "no id"),
        ({"id": 2**70}, "no id"),
        ({"id": True}, "no id"),
        ({"date": None, "date_unixtime": None}, "no date"),
        ({"date_unixtime": "soon"}, "invalid literal"),
        ({"date_unixtime": "9" * 40}, ""),
        ({"text_entities": [{"type": "bold"}]}, "no text"),
        ({"text_entities": [7]}, "no text"),
        ({"text_entities": {"type": "bold"}}, "no text"),
        ({"date_unixtime": ["1"]}, "int()"),
        ({"id": "\x1b[31m" + "9" * 500}, "no id"),
    ],
)
def test_a_broken_message_is_refused_alone(
    library: Library, tmp_path: Path, broken: dict[str, object], why: str
) -> None:
    path = write_json(tmp_path / "r.json", [message(1, "раз"), message(2, "два") | broken, message(3, "три")])
    done = import_telegram(path, library)
    assert counts(done) == (2, 0, 0, 1)
    assert done.refused[0].line == 2
    assert why in done.refused[0].why


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    sorted(message(1, "", author="", photo="", forwarded_from="", reply_to_message_id=1, edited=""))
)


@given(st.lists(st.dictionaries(FIELDS, VALUES, max_size=5), max_size=4))
@settings(deadline=None, max_examples=80)
def test_no_message_brings_the_import_down(changes: list[dict[str, Any]]) -> None:
    messages = [message(number, "слова") | change for number, change in enumerate(changes, 1)]
    with TemporaryDirectory() as name, Library.open(Path(name) / "library.sqlite") as library:
        done = import_telegram(write_json(Path(name) / "r.json", messages), library)
    assert done.messages == len(messages)
    assert not any(unicodedata.category(letter) == "Cc" for one in done.refused for letter in one.why)


def test_strange_but_whole_messages(library: Library, tmp_path: Path) -> None:
    strange = [
        message(1, {"type": "a kind of tomorrow", "text": "слова"}),
        message(2, {"type": "text_link", "text": "нажми", "href": "javascript:alert(1)"}),
        message(3, "чужое", forwarded_from=None),
        message(4, "картинка", photo="(File not included. Change data exporting settings to download.)"),
        {"id": 5, "type": "unsupported"},
        message(6, "ответ чужому", reply_to_message_id=2, reply_to_peer_id="channel7"),
    ]
    assert counts(import_telegram(write_json(tmp_path / "r.json", strange), library)) == (5, 0, 0, 0)
    posts = {post.message_id: post for post in library.channel_posts(range(10)).values()}
    assert posts[1].pieces[0].kind == "plain"
    assert posts[3].forwarded_from == "unknown"
    assert posts[4].photos == ()
    assert posts[6].reply_to is None


def test_control_characters_as_telegram_desktop_writes_them(library: Library, tmp_path: Path) -> None:
    path = write_json(tmp_path / "r.json", [message(1, "до@после arXiv:2407.18370 \\x41 \r\nконец ~ \0")])
    data = path.read_bytes().replace(b"@", rb"\x0B").replace(b"~", rb"\ud83d")
    path.write_bytes(b"\xef\xbb\xbf" + data)
    import_telegram(path, library)
    assert only(library, PAPER).text == "допосле arXiv:2407.18370 \\x41 \nконец ? "


def test_an_escape_on_the_edge_of_what_is_read_at_once(library: Library, tmp_path: Path) -> None:
    for shift in range(8):
        path = write_json(tmp_path / "r.json", [message(1, "x" * 65_000 + "a" * shift + "@\\" * 400)])
        path.write_bytes(path.read_bytes().replace(b"@", rb"\x0B"))
        import_telegram(path, library)
        assert next(iter(library.channel_posts([1]).values())).text.endswith("a" * shift + "\\" * 400)


WRONG = {
    "empty": (b"", "an empty file"),
    "text": ("просто слова".encode(), "plain text"),
    "zip": (b"PK\x03\x04rest", "ZIP"),
    "other_json": (b'{"papers": [1, 2]}', "no Telegram export of a chat"),
    "list": (b'[{"id": 1}]', "no Telegram export of a chat"),
    "scalar": (b'{"messages": []}', "does not say of which chat"),
    "invalid": (b'{"name": hello}', "not valid JSON"),
    "bytes": (b'{"name": "\xff\xfe"}', "not valid JSON"),
    "page": (b"<html><body>Hello</body></html>", "no page of a chat"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_files_are_said_in_a_sentence(library: Library, tmp_path: Path, name: str) -> None:
    data, said = WRONG[name]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=said) as caught:
        import_telegram(tmp_path / name, library)
    assert caught.value.mend
    assert library.stats()["channel_posts"] == 0


def test_wrong_places(library: Library, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        import_telegram(tmp_path / "absent.json", library)
    with pytest.raises(InputError, match="neither"):
        import_telegram(tmp_path, library)
    (tmp_path / "export_results.html").write_text("<html></html>")
    with pytest.raises(InputError, match="whole account"):
        import_telegram(tmp_path, library)


def test_a_cut_export_leaves_nothing(library: Library, exported: Path) -> None:
    for path in sorted(exported.iterdir())[-1:]:
        path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match=r"cut off.*Nothing was imported"):
        import_telegram(exported, library)
    assert library.stats()["channel_posts"] == 0


def test_a_missing_page_is_named(library: Library, tmp_path: Path) -> None:
    write_html(tmp_path, MESSAGES, per_page=2)
    (tmp_path / "messages3.html").unlink()
    with pytest.raises(InputError, match=r"messages3\.html is missing"):
        import_telegram(tmp_path, library)


def test_an_accounts_export_names_its_channels(library: Library, tmp_path: Path) -> None:
    chats = [
        {"name": "Алиса", "type": "personal_chat", "id": 1, "messages": [message(1, "привет")]},
        {"name": CHANNEL, "type": "private_channel", "id": 2, "messages": MESSAGES},
    ]
    whole = {"about": "…", "personal_information": {"user_id": 1}, "chats": {"about": "…", "list": chats}}
    (tmp_path / "result.json").write_text(json.dumps(whole), encoding="utf-8")
    with pytest.raises(InputError, match=f"whole account with 2 chats.*«{CHANNEL}»"):
        import_telegram(tmp_path, library)


def test_a_chat_between_people_is_refused_unless_it_is_wanted(library: Library, tmp_path: Path) -> None:
    talk = [message(1, "привет", **{"from": "Алиса"}), message(2, "arXiv:2407.18370", **{"from": "Боря"})]
    told = write_json(tmp_path / "r.json", talk, name="Алиса", type="personal_chat")
    with pytest.raises(InputError, match="no channel but a personal chat"):
        import_telegram(told, library)
    talk[1]["forwarded_from"] = "X"  # so that both messages stand under a name of their own
    shown = write_html(tmp_path / "pages", talk, name="Алиса")
    with pytest.raises(InputError, match="no channel but a chat with messages of Боря"):
        import_telegram(shown, library)
    assert import_telegram(told, library, any_chat=True).added == 2


def test_names_that_cannot_reach_a_terminal(library: Library, tmp_path: Path) -> None:
    done = import_telegram(write_json(tmp_path / "r.json", MESSAGES, name="\x1b[31mкрасный\x07"), library)
    assert done.channel == "[31mкрасный"


def test_memory_does_not_grow_with_the_export(tmp_path: Path) -> None:
    """Five times as many messages take hardly more: less than a quarter of the export's size."""
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from pipeline.sources.telegram.importing import import_telegram; from store.library import Library\n"
        "with Library.open(sys.argv[2]) as library: import_telegram(Path(sys.argv[1]), library)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    peaks = []
    for count in (500, 2500):
        text = "слово" * 800
        path = write_json(tmp_path / f"{count}.json", (message(n, f"{n} {text}") for n in range(1, count + 1)))
        done = subprocess.run(
            [sys.executable, "-c", code, str(path), str(tmp_path / f"{count}.sqlite")],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parents[2],
        )
        peaks.append(int(done.stdout) * 1024)
    assert peaks[1] - peaks[0] < path.stat().st_size / 4
