"""Each page of the dashboard, run by Streamlit's own test driver over a filled data folder."""

from __future__ import annotations

import inspect
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pipeline import nodes
from pipeline.editing import save_edit
from pipeline.prompts import PromptBook
from pipeline.writing.post import plain
from store.files import Home
from store.library import Library
from store.search import Search
from store.vectors import Vectors
from tests.ui.conftest import ACCEPTED, DRAFT, HOSTILE, HOSTILE_TITLE, SKIPPED, Renamed
from ui.views import markup, words

APP = Path(__file__).parents[2] / "ui" / "app.py"
Open = Callable[..., AppTest]


@pytest.fixture
def home(seeded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A copy of the filled folder, and the settings point at it."""
    shutil.copytree(seeded, tmp_path / "home")
    monkeypatch.setenv("RAZBOR_HOME", str(tmp_path / "home"))
    return Home(tmp_path / "home")


@pytest.fixture
def start() -> Open:
    """Open the dashboard as a browser does: a page, with the parameters of its address."""

    def open_page(page: str = "posts", **address: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=60).run()
        if page != "posts":
            app.switch_page(f"views/{page}.py")
        app.query_params.update(address)
        return calm(app.run())

    return open_page


def calm(app: AppTest) -> AppTest:
    assert not app.exception
    return app


def html(app: AppTest) -> str:
    """All HTML of the page but the style sheet."""
    return "\n".join(element.value for element in app.html if not element.value.startswith("<style>"))


def titles(app: AppTest) -> list[str]:
    return [link.label for link in app.page_link]


def said(app: AppTest) -> str:
    boxes = [*app.error, *app.warning, *app.success, *app.info]
    return "\n".join(box.value for box in boxes)


def edit_meanwhile(home: Home, title: str) -> None:
    """Another person saves the draft under a new title."""
    with Library.open(home.database) as library:
        text = plain(library.revision(DRAFT).post)
        changed = "\n".join([title, *text.split("\n")[1:]])
        search = Search.open(home, library, "bundled")
        save_edit(library, search, PromptBook().glossary, DRAFT, changed)


def editor(app: AppTest, text: str) -> AppTest:
    """Type a text into the editor."""
    app.text_area[0].set_value(text)
    return calm(app.run())


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label.startswith(label)).click()
    return calm(app.run())


# --- the list ------------------------------------------------------------------------------------------------------


def test_the_list_groups_posts_by_outcome(home: Home, start: Open) -> None:
    app = start()
    assert [heading.value for heading in app.subheader] == ["Нужен человек", "Приняты", "Пропущены", "Не удалось"]
    assert "2\u00a0редакции · 2\u00a0причины" in html(app)


def test_the_list_shows_one_outcome(home: Home, start: Open) -> None:
    app = start()
    app.segmented_control[0].set_value("accepted")
    calm(app.run())
    assert [heading.value for heading in app.subheader] == ["Приняты"]
    assert titles(app) == ["Судья\\, который умеет молчать"]


def test_failures_show_stage_error_and_the_command_that_continues(home: Home, start: Open) -> None:
    app = start()
    app.segmented_control[0].set_value("failed")
    calm(app.run())
    assert "станция «судья»" in html(app)
    assert "connection refused" in html(app)
    assert [code.value for code in app.code] == ["razbor digest 2601.00004", "razbor digest scan.pdf"]
    assert "Повтор без изменений не поможет" in "".join(caption.value for caption in app.caption)


def test_an_old_failure_is_gone_when_the_paper_has_its_post(home: Home, start: Open) -> None:
    with Library.open(home.database) as library:
        for attempt in library.attempts():
            library.save_attempt(attempt.model_copy(update={"outcome": "accepted", "error": ""}))
    assert "не удалось" not in html(start())


@pytest.mark.parametrize("page", ["posts", "post", "edit", "paper", "search"])
def test_an_empty_library_names_the_command(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: Open
) -> None:
    monkeypatch.setenv("RAZBOR_HOME", str(tmp_path / "nothing yet"))
    app = start(page)
    assert app.info
    assert app.code[0].value.startswith("razbor ")


# --- one post ------------------------------------------------------------------------------------------------------


def test_a_link_from_the_list_and_the_address_open_the_post(home: Home, start: Open) -> None:
    link = next(link for link in start().page_link if "Сколько меток" in link.label)
    assert (link.proto.page, link.proto.query_string) == ("post", f"post={DRAFT}")
    for app in (start("post", post=DRAFT), start("posts", post=DRAFT)):
        assert '<h1 class="rz-title">Сколько меток нужно судье: цена гарантии</h1>' in html(app)


def test_claims_stand_beside_their_evidence(home: Home, start: Open) -> None:
    page = html(start("post", post=DRAFT))
    assert page.count('class="rz-claim rz-proven"') == 7
    assert page.count('class="rz-claim rz-unproven"') == 1
    assert "цитаты нет в статье" in page
    assert "фрагмент p4, с.\u00a04, раздел «4 Experiments»" in page
    assert "<mark>With 500 labels the cover- age reaches 71.2%" in page  # hyphenated in the paper, whole in the quote


def test_only_unproven_claims_on_request(home: Home, start: Open) -> None:
    app = start("post", post=DRAFT)
    app.toggle(key="only_unproven").set_value(True)
    calm(app.run())
    assert "rz-proven" not in html(app)
    assert "<code>c6</code>" in html(app)


def test_the_post_shows_its_judge_and_origin(home: Home, start: Open) -> None:
    page = html(start("post", post=DRAFT))
    assert "Решение: исправить" in page
    assert "●●○○○ 2/5" in page
    assert "3f1c9a7e52b0d418" in page
    assert "48\u00a0210, из них из кэша 36\u00a0900" in page
    assert "Список литературы: в пост не идёт." in page


def test_two_revisions_are_compared_word_by_word(home: Home, start: Open) -> None:
    app = start("post", post=DRAFT)
    assert "<del>74,3</del><ins>71,2</ins>" in html(app)
    app.selectbox(key="diff_old").set_value(2)
    calm(app.run())
    assert "<del>" not in html(app)
    assert "Тексты одинаковы." in [caption.value for caption in app.caption]


def test_an_older_revision_can_be_read(home: Home, start: Open) -> None:
    app = start("post", post=DRAFT)
    app.selectbox(key=f"revision-{DRAFT}").set_value(1)
    calm(app.run())
    assert "чисел нет в доказательстве: 74,3" in html(app)


def test_a_skipped_paper_says_why(home: Home, start: Open) -> None:
    app = start("post", post=SKIPPED)
    assert "заметка без нового результата" in html(app)
    assert "решено не писать" in said(app)


def test_an_unknown_post_is_one_sentence(home: Home, start: Open) -> None:
    app = start("post", post="nope")
    assert said(app) == "В библиотеке этого нет. Выберите другое в списке."


def test_the_choice_of_a_post_opens_it(home: Home, start: Open) -> None:
    app = start("post")
    app.selectbox[0].set_value(ACCEPTED)
    calm(app.run())
    assert "Судья, который умеет молчать</h1>" in html(app)
    assert app.query_params["post"] == ACCEPTED


# --- editing -------------------------------------------------------------------------------------------------------


def test_an_edit_is_checked_before_and_saved_as_a_revision(home: Home, start: Open) -> None:
    app = start("edit", post=DRAFT)
    text = app.text_area[0].value
    assert "цитаты нет в статье" in html(app)
    without_c6 = text.replace(" Метод уже внедрён в трёх крупных компаниях и экономит им половину разметки.", "")
    editor(app, without_c6)
    assert "цитаты нет в статье" not in html(app)
    press(app, "Сохранить")
    assert said(app) == "Сохранена редакция 3. Исход — принят."
    with Library.open(home.database) as library:
        revision = library.revision(DRAFT)
        assert (revision.number, revision.author, plain(revision.post)) == (3, "person", without_c6)
        assert library.post(DRAFT).outcome == "accepted"


def test_a_new_sentence_has_no_proof(home: Home, start: Open) -> None:
    app = start("edit", post=DRAFT)
    editor(app, app.text_area[0].value + "\n\nP.S. Охват вырос до 99,9 %.")
    assert "чисел нет в доказательстве: 99,9" in html(app)
    press(app, "Сохранить")
    assert "Сохранена редакция 3. Исход — нужен человек: 3\u00a0причины." in said(app)


def test_markup_in_the_editor_stays_text(home: Home, start: Open) -> None:
    app = start("edit", post=DRAFT)
    editor(app, app.text_area[0].value + "\n\nP.S. <img src=x onerror=alert(1)>")
    assert "&lt;img src=x onerror=alert(1)&gt;" in html(app)
    assert "<img" not in html(app)


def test_a_text_beyond_the_limit_is_counted(home: Home, start: Open) -> None:
    app = start("edit", post=DRAFT)
    editor(app, app.text_area[0].value + "\n\n" + "очень " * 700)
    assert "одно сообщение Telegram столько не вмещает" in said(app)


def test_an_empty_text_is_refused_in_words(home: Home, start: Open) -> None:
    app = editor(start("edit", post=DRAFT), "  ")
    assert "В тексте ничего нет." in said(app)
    press(app, "Сохранить")
    with Library.open(home.database) as library:
        assert library.next_number(DRAFT) == 3


def test_a_newer_revision_is_never_overwritten_silently(home: Home, start: Open) -> None:
    app = start("edit", post=DRAFT)
    mine = app.text_area[0].value + "\n\nP.S. Моя мысль."
    editor(app, mine)
    edit_meanwhile(home, "Чужой заголовок")
    press(app, "Сохранить")
    assert "Пока вы правили, сохранена редакция 3 (человек," in said(app)
    assert "<del>Чужой</del>" in html(app)
    with Library.open(home.database) as library:
        assert library.revision(DRAFT).post.title == "Чужой заголовок"
    press(app, "Сохранить мой текст")
    assert "Сохранена редакция 4." in said(app)
    with Library.open(home.database) as library:
        assert plain(library.revision(DRAFT).post) == mine


def test_the_newer_revision_can_be_taken(home: Home, start: Open) -> None:
    app = start("edit", post=DRAFT)
    edit_meanwhile(home, "Чужой заголовок")
    calm(app.run())
    press(app, "Взять редакцию 3")
    assert app.text_area[0].value.startswith("Чужой заголовок")
    assert not app.warning


# --- search --------------------------------------------------------------------------------------------------------


def test_search_finds_the_passage(home: Home, start: Open) -> None:
    app = start("search")
    app.text_input[0].set_value("сколько label нужно судье")
    calm(app.run())
    page = html(app)
    assert "Counting Labels" in page
    assert "с.\u00a04, фрагмент p4" in page
    assert "500 <mark>labels</mark>" in page
    assert f"post={DRAFT}" in [link.proto.query_string for link in app.page_link]


def test_search_by_address(home: Home, start: Open) -> None:
    assert "<mark>fixed</mark>-<mark>sequence</mark>" in html(start("search", q="fixed-sequence testing threshold"))


def test_another_embedding_model_is_named_with_its_mend(home: Home, start: Open) -> None:
    other = Renamed()
    with Library.open(home.database) as library:
        Search(library, Vectors(home.chroma, model=other.name, dimension=other.dimension), other).reindex()
    app = start("search", q="judge")
    assert said(app) == (
        "Поисковый индекс построен другой моделью эмбеддингов, не той, что задана сейчас. Выполните `razbor reindex`."
    )


# --- untrusted text ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "address"),
    [("posts", {}), ("post", {"post": HOSTILE}), ("edit", {"post": HOSTILE}), ("search", {"q": "we say hi"})],
)
def test_hostile_text_stays_text(page: str, address: dict[str, str], home: Home, start: Open) -> None:
    app = start(page, **address)
    shown = html(app)
    for tag in ("<script", "<img", "<b>hi", "<b>Intro"):
        assert tag not in shown
    assert all(url.startswith("paper?paper=arxiv%3A") for url in re.findall(r"""href=["']?([^"'>\s]*)""", shown))
    if page != "posts":
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    markdown = [
        *app.markdown,
        *app.caption,
        *app.error,
        *app.warning,
        *app.success,
        *app.info,
        *app.title,
        *app.subheader,
    ]
    assert not [element for element in markdown if "evil" in element.value]
    assert not [label for label in titles(app) if re.search(r"(?<!\\)[<\[$*]", label)]


def test_a_label_shows_every_character_and_no_markup() -> None:
    label = markup.label(HOSTILE_TITLE)
    assert label.replace("\\", "").replace("\u2060", "") == HOSTILE_TITLE
    assert all(f"\\{sign}" in label for sign in "<>[]()!*$:")


# --- words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "form"),
    [(0, "причин"), (1, "причина"), (2, "причины"), (5, "причин"), (11, "причин"), (12, "причин"), (21, "причина"),
     (111, "причин"), (102, "причины")],
)  # fmt: skip
def test_plural_forms(number: int, form: str) -> None:
    assert words.reasons(number) == f"{number}\u00a0{form}"


def test_every_station_of_the_graph_has_a_russian_name() -> None:
    stations = [
        name for name, thing in inspect.getmembers(nodes, inspect.isfunction) if thing.__module__ == nodes.__name__
    ]
    assert {name for name in stations if not name.startswith("_")} <= set(words.STATIONS)


def test_amounts_are_russian() -> None:
    assert words.amount(4096) == "4096"
    assert words.amount(1_234_567.5, 1) == "1\u00a0234\u00a0567,5"
    assert words.duration(3720) == "1\u00a0ч 2\u00a0мин"
