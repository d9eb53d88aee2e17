"""fetch and import metadata, as a person or a program calls them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.files import Home
from store.library import Library
from tests.sources.arxiv_server import CAPTCHA, ArxivServer, Behaviour, Entry, answer, busy, status
from tests.ui.terminal import Terminal

CONTRACT = {"paper_id", "version", "title", "authors", "abstract", "categories", "published", "updated", "withdrawn"}


@pytest.fixture
def server() -> Iterator[ArxivServer]:
    with ArxivServer().add(Entry("2601.00001", versions=2), Entry("2601.00002", submitted=5, title="Sparse")) as server:
        server.pdfs = {"2601.00001v2": b"%PDF-1.7 two", "2601.00001v1": b"%PDF-1.7 one"}
        yield server


@pytest.fixture
def razbor(server: ArxivServer, tmp_path: Path) -> Terminal:
    where = server.url
    return Terminal(tmp_path / "home", RAZBOR_ARXIV_API_URL=where, RAZBOR_ARXIV_PDF_URL=where, RAZBOR_ARXIV_DELAY="0")


def test_by_url_and_id(razbor: Terminal) -> None:
    done = razbor("fetch", "https://arxiv.org/abs/2601.00001", "2601.00002v1", "--json")
    assert done.code == 0
    first, second = done.json
    assert set(first) >= CONTRACT | {"versions"}
    assert (first["paper_id"], first["version"], second["version"]) == ("arxiv:2601.00001", 2, 1)
    assert [version["number"] for version in first["versions"]] == [1, 2]
    with Library.open(Home(razbor.home).database) as library:
        assert {paper.paper_id for paper in library.papers()} == {"arxiv:2601.00001", "arxiv:2601.00002"}
    told = razbor("fetch", "2601.00001").out
    assert "Counting Labels for a Judge" in told
    assert "v1 (2026-01-01), v2 (2026-01-11)" in told


def test_what_is_missing_is_said_and_the_rest_shown(razbor: Terminal) -> None:
    done = razbor("fetch", "2601.00001", "2601.99999", "--json")
    assert (done.code, [paper["paper_id"] for paper in done.json]) == (1, ["arxiv:2601.00001"])
    assert "2601.99999" in done.err
    none = razbor("fetch", "2601.99999", "--json")
    assert none.code == 2
    assert set(none.json) == {"error", "mend"}
    assert "2601.99999" in none.json["error"]


def test_a_query_with_every_option(razbor: Terminal, server: ArxivServer) -> None:
    options = ("--category", "cs.CL", "--author", "Anna Petrova", "--since", "2026-01-01", "--until", "2026-01-31")
    done = razbor("fetch", "judge", *options, "--sort", "submitted", "--order", "ascending", "--limit", "5", "--json")
    assert [paper["paper_id"][-1] for paper in done.json] == ["1", "2"]
    asked = server.queries[0]
    assert asked["search_query"] == (
        'all:judge AND cat:cs.CL AND au:"Anna Petrova" AND submittedDate:[202601010000 TO 202601312359]'
    )
    assert (asked["sortBy"], asked["sortOrder"], asked["max_results"]) == ("submittedDate", "ascending", "5")
    table = razbor("fetch", "--category", "cs.CL").out
    assert "arxiv:2601.00002" in table
    assert "Sparse" in table


def test_a_query_that_finds_nothing_is_done(razbor: Terminal, server: ArxivServer) -> None:
    server.entries.clear()
    done = razbor("fetch", "judge", "--json")
    assert (done.code, done.json) == (0, [])
    assert "no such paper" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["judge", "--sort", "beauty"],
        ["judge", "--order", "up"],
        ["judge", "--since", "2026-02-01", "--until", "2026-01-01"],
        ["judge", "--since", "yesterday"],
        ["judge", "--limit", "0"],
        ["2601.00001", "judge"],
        ["2601.00001", "--category", "cs.CL"],
        ["https://example.org/"],
    ],
)
def test_a_command_that_is_off(razbor: Terminal, server: ArxivServer, arguments: list[str]) -> None:
    done = razbor("fetch", *arguments)
    assert done.code == 2
    assert done.err.strip()
    assert not server.asked


def test_a_file_is_for_read(razbor: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(b"%PDF-")
    refused = razbor("fetch", path)
    assert refused.code == 2
    assert "is a file" in refused.err


def test_pdfs_once_and_each_failure_said(razbor: Terminal, server: ArxivServer) -> None:
    done = razbor("fetch", "2601.00001", "--pdf", "--json")
    assert Path(done.json[0]["pdf"]).read_bytes() == b"%PDF-1.7 two"
    both = razbor("fetch", "2601.00001", "2601.00002", "--pdf", "--json")
    assert both.code == 1
    assert both.json[0]["pdf"] == done.json[0]["pdf"]
    assert both.json[1]["pdf"] is None
    assert "no PDF of 2601.00002v1" in both.json[1]["pdf_error"]
    assert "no PDF of 2601.00002v1" in both.err
    assert server.asked.count("/pdf/2601.00001v2") == 1


def test_a_withdrawn_paper_is_said_to_be_withdrawn(razbor: Terminal, server: ArxivServer) -> None:
    server.add(Entry("2601.00003", versions=2, comment="This paper has been withdrawn by the author"))
    assert "was withdrawn" in razbor("fetch", "2601.00003").err
    done = razbor("fetch", "2601.00003", "--pdf", "--json")
    assert done.code == 1
    assert done.json[0]["withdrawn"]
    assert "was withdrawn" in done.json[0]["pdf_error"]


@pytest.mark.parametrize(
    ("behaviour", "said", "asked"),
    [
        (status(429, retry_after="0"), "answers 429", 3),
        (busy(CAPTCHA, "text/html", 200, "0"), "captcha", 3),
        (status(403), "status 403", 1),
        (answer(b"nonsense"), "something else", 1),
    ],
)
def test_arxiv_s_bad_days_are_one_sentence_and_code_1(
    razbor: Terminal, server: ArxivServer, behaviour: Behaviour, said: str, asked: int
) -> None:
    server.always = behaviour
    done = razbor("fetch", "2601.00001", "--json")
    assert done.code == 1
    assert said in done.json["error"]
    assert done.json["mend"]
    assert said in done.err
    assert len(server.asked) == asked


def test_import_metadata(tmp_path: Path) -> None:
    razbor = Terminal(tmp_path / "home")
    lines = [{"id": f"2601.{n:05}", "title": f"Judge {n}", "abstract": "Thresholds."} for n in range(1, 4)]
    file = tmp_path / "dump.jsonl.gz"
    file.write_bytes(gzip.compress("\n".join(map(json.dumps, lines)).encode()))
    assert razbor("import", "metadata", file, "--json").json == {
        **{"added": 3, "updated": 0, "unchanged": 0},
        "refused": [],
    }
    again = razbor("import", "metadata", file)
    assert (again.code, again.out) == (0, "0 added, 0 updated, 3 unchanged.\n")
    assert "100 %" in again.err
    file.write_bytes(gzip.compress(b"{}\n" + json.dumps(lines[0]).encode())[:-9])
    broken = razbor("import", "metadata", file, "--json")
    assert broken.code == 1
    assert [set(refused) for refused in broken.json["refused"]] == [{"line", "why"}] * 2
    assert "Line 1 is refused" in broken.err
    assert "gzip" in broken.err
    absent = razbor("import", "metadata", tmp_path / "absent.jsonl", "--json")
    assert absent.code == 2
    assert "cannot be read" in absent.json["error"]
