"""`razbor read`: the outline, a passage, pictures, and what stays in the library."""

from __future__ import annotations

import shutil
from pathlib import Path

import pymupdf
import pytest

from pipeline.sources.identity import identify
from store.files import Home
from store.library import Library
from store.records import Figure, MainFigure
from tests.fakes import FakeModels
from tests.pdfs import make_paper
from tests.ui.terminal import Terminal
from tests.workflow import good
from tests.workflow.conftest import sections_in_place


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_paper(tmp_path_factory.mktemp("papers") / "labels.pdf")


@pytest.fixture(scope="module")
def read_home(tmp_path_factory: pytest.TempPathFactory, paper: Path) -> Path:
    """A data folder with the paper read, and a figure that its reading did not find."""
    home = tmp_path_factory.mktemp("read") / "home"
    assert Terminal(home)("read", paper).code == 0
    with Library.open(Home(home).database) as library:
        (paper_id,) = library.read_papers()
        figure = Figure(number="1", page=1, caption="Figure 1: A judge.", bbox=(72, 72, 300, 200))
        main = MainFigure(number="1", page=1, reason="the overview of the method")
        document = library.document(paper_id).model_copy(update={"figures": (figure,), "main_figure": main})
        library.save_document(document, pdf=library.pdf_of(paper_id) or "")
    return home


@pytest.fixture
def razbor(read_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal in an empty folder, over a copy of that data folder."""
    shutil.copytree(read_home, tmp_path / "home")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return Terminal(tmp_path / "home")


def test_the_outline_for_a_person(razbor: Terminal, paper: Path) -> None:
    told = razbor("read", paper)
    assert told.code == 0
    assert told.out.startswith("Counting Labels: How Many Calibration Examples Does a Judge Need?\nAnna Petrova")
    assert "  3 Method (page 1)" in told.out
    assert "main: 1, page 1: the overview of the method" in told.out
    assert "2   1 with an arXiv id, 1 with a DOI" in told.out
    assert "--figure main" in told.err
    assert "razbor digest" in told.err


def test_json_is_the_document_with_tables_as_markdown(razbor: Terminal, paper: Path) -> None:
    found = razbor("read", paper, "--json").json
    assert {
        *("paper_id", "title", "authors", "abstract", "pages", "language", "sections", "passages", "figures"),
        *("tables", "references", "links", "acknowledgements", "hidden_text", "warnings", "watched"),
    } <= set(found)
    assert {"id", "page", "bbox", "section", "text"} <= set(found["passages"][0])
    (table,) = found["tables"]
    assert "| 500 | 71.2 | 92.4 |" in table["markdown"]


def test_what_was_read_is_kept_and_found(razbor: Terminal, paper: Path, tmp_path: Path) -> None:
    moved = shutil.move(shutil.copy(paper, tmp_path / "other name.pdf"), tmp_path / "moved.pdf")
    paper_id = identify(str(moved)).paper_id
    assert razbor("read", paper_id, "--json").json["paper_id"] == paper_id
    assert razbor("search", "сколько меток нужно судье", "--json").json[0]["paper_id"] == paper_id
    assert razbor("list", "--json").json["posts"] == []


def test_the_watched_names_are_told(razbor: Terminal, paper: Path) -> None:
    razbor.variables["RAZBOR_WATCHLIST"] = "Anna Petrova"
    found = razbor("read", paper, "--json").json
    assert [(one["name"], one["where"]) for one in found["watched"]] == [("Anna Petrova", "authors")]
    assert "Anna Petrova" in razbor("read", paper).out.split("watched name")[1]


def test_again_reads_the_kept_pdf_anew(razbor: Terminal, paper: Path) -> None:
    assert len(razbor("read", paper, "--json").json["figures"]) == 1
    anew = razbor("read", identify(str(paper)).paper_id, "--again", "--json")
    assert (anew.code, anew.json["figures"]) == (0, [])
    assert razbor("read", paper, "--json").json["figures"] == []


def test_a_passage_with_its_places_and_the_claims_on_it(tmp_path: Path, paper: Path) -> None:
    razbor = Terminal(tmp_path / "home", FakeModels(sections_in_place(good.REPLIES)))
    claim = razbor("digest", paper, "--json").json["claims"][0]
    name = claim["passages"][0]
    found = razbor("read", paper, "--passage", name, "--json").json
    assert found["id"] == name
    assert found["places"][0] == {"page": found["page"], "bbox": found["bbox"]}
    assert claim["id"] in [one["id"] for one in found["quoted_by"]]
    told = razbor("read", paper, "--passage", name).out
    assert told.startswith(found["text"])
    assert claim["quote"] in told


def opened(path: Path) -> pymupdf.Pixmap:
    return pymupdf.Pixmap(path.read_bytes())


def test_a_page_is_drawn_with_the_passage_marked(razbor: Terminal, paper: Path, tmp_path: Path) -> None:
    plain = razbor("read", paper, "--render", 1, "--out", tmp_path / "plain.png")
    assert (plain.code, plain.out.strip()) == (0, str(tmp_path / "plain.png"))
    answer = razbor("read", paper, "--render", 1, "--passage", "p1", "--json").json
    name = identify(str(paper)).paper_id.replace(":", "-")
    assert answer["file"] == f"{name}-page-1-p1.png"
    assert (answer["page"], len(answer["boxes"])) == (1, 1)
    marked = opened(tmp_path / "here" / answer["file"])
    unmarked = opened(tmp_path / "plain.png")
    assert (marked.width, marked.height) == (unmarked.width, unmarked.height)
    assert marked.samples != unmarked.samples


def test_a_figure_is_drawn(razbor: Terminal, paper: Path, tmp_path: Path) -> None:
    one = razbor("read", paper, "--figure", 1, "--out", tmp_path / "one.png")
    main = razbor("read", paper, "--figure", "main", "--json").json
    assert one.code == 0
    assert main["figure"] == "1"
    drawn = opened(tmp_path / "one.png")
    assert drawn.width / drawn.height == pytest.approx(228 / 128, rel=0.02)
    assert opened(tmp_path / "here" / main["file"]).samples == drawn.samples


def test_a_file_is_never_replaced(razbor: Terminal, paper: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.png").write_text("mine")
    refused = razbor("read", paper, "--render", 1, "--out", tmp_path / "mine.png")
    assert refused.code == 2
    assert "is there already" in refused.err
    assert (tmp_path / "mine.png").read_text() == "mine"
    assert razbor("read", paper, "--render", 1, "--out", tmp_path / "no" / "folder.png").code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--passage", "p999"), "has no passage «p999»"),
        (("--render", "3"), "has no page 3"),
        (("--render", "0"), "has no page 0"),
        (("--render", "2", "--passage", "p1"), "is not on page 2"),
        (("--figure", "9"), "has no figure «9»"),
        (("--figure", "1", "--render", "1"), "--figure goes with neither"),
        (("--out", "a.png"), "--out is for a picture"),
    ],
)
def test_a_wrong_wish_is_one_sentence_and_2(razbor: Terminal, paper: Path, words: tuple[str, ...], said: str) -> None:
    answer = razbor("read", paper, *words, "--json")
    assert answer.code == 2
    assert said in answer.json["error"]
    assert answer.json["mend"]
    assert len(answer.err.splitlines()) == 1
    assert list(Path.cwd().iterdir()) == []


def test_an_unknown_paper_is_refused(razbor: Terminal) -> None:
    assert razbor("read", "nothing.pdf").code == 2
    assert razbor("read", "file:0123456789abcdef").code == 2


def test_a_paper_whose_pdf_is_gone_is_shown_but_not_drawn(razbor: Terminal, paper: Path) -> None:
    shutil.rmtree(Home(razbor.home).pdfs)
    paper_id = identify(str(paper)).paper_id
    assert razbor("read", paper_id).code == 0
    assert razbor("read", paper_id, "--render", 1).code == 2
