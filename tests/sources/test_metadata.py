"""Bulk import of metadata: shapes of real dumps, bad lines, broken files, and the same file twice."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import InputError
from pipeline.sources.arxiv.metadata import BATCH, LONGEST_LINE, import_metadata
from pipeline.sources.imported import Imported
from store.library import Library

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "metadata"


@pytest.fixture
def library(tmp_path: Path) -> Any:
    with Library.open(tmp_path / "library.sqlite") as library:
        yield library


def record(number: int, **more: Any) -> dict[str, Any]:
    return {"id": f"2601.{number:05}", "title": f"Paper {number}", "abstract": f"About {number} judges."} | more


def write(path: Path, *records: Any) -> Path:
    lines = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in records]
    data = b"\n".join(lines) + b"\n"
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("name", ["dump.jsonl", "dump.jsonl.gz"])
def test_a_file_twice_leaves_each_paper_once(tmp_path: Path, library: Library, name: str) -> None:
    count = 2 * BATCH + 3
    file = write(tmp_path / name, *map(record, range(1, count + 1)))
    told: list[tuple[int, int]] = []
    assert import_metadata(file, library, lambda done, total: told.append((done, total))) == Imported(added=count)
    assert told[-1][0] == told[-1][1] == file.stat().st_size
    assert len(told) >= 3
    assert import_metadata(file, library) == Imported(unchanged=count)
    assert library.stats()["papers"] == count


def test_the_documented_line_and_the_shapes_of_dumps(tmp_path: Path, library: Library) -> None:
    ours = record(1, authors=["Anna Petrova"], categories=["cs.CL"], published="2026-01-02T03:04:05Z")
    # arXiv's own dump: strings for lists, versions with mail dates
    dump = {
        **{"id": "0704.0001", "submitter": "A", "title": "A  calculation\n of labels", "abstract": "  We\ncount.\n"},
        **{"authors": "C. Bal\\'azs, E. L. Berger and Anna Petrova (Inst, Moscow)", "categories": "hep-ph cs.LG"},
        **{"comments": "37 pages", "doi": None, "license": None, "update_date": "2008-11-26"},
        "versions": [
            {"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"},
            {"version": "v2", "created": "Tue, 24 Jul 2007 20:10:27 GMT"},
        ],
    }
    api = {"id": "http://arxiv.org/abs/2601.00003v2", "title": "T", "summary": "S", "authors": [{"name": "B. C."}]}
    gone = record(4, comment="This paper has been withdrawn by the author")
    file = write(tmp_path / "dump.jsonl", ours, dump, api, gone)
    assert import_metadata(file, library) == Imported(added=4)
    paper = library.paper("arxiv:2601.00001")
    assert (paper.authors, paper.categories, paper.version) == (("Anna Petrova",), ("cs.CL",), None)
    assert paper.published is not None
    assert paper.published.isoformat() == "2026-01-02T03:04:05+00:00"
    old = library.paper("arxiv:0704.0001")
    assert (old.title, old.abstract, old.comment) == ("A calculation of labels", "We count.", "37 pages")
    assert old.authors == ("C. Bal\\'azs", "E. L. Berger", "Anna Petrova")
    assert old.categories == ("hep-ph", "cs.LG")
    assert (old.version, [v.number for v in old.versions]) == (2, [1, 2])
    assert old.published is not None
    assert old.updated is not None
    assert f"{old.published:%Y-%m-%d} {old.updated:%Y-%m-%d}" == "2007-04-02 2008-11-26"
    assert library.paper("arxiv:2601.00003").version == 2
    assert library.paper("arxiv:2601.00003").authors == ("B. C.",)
    assert library.paper("arxiv:2601.00004").withdrawn


@pytest.mark.parametrize(
    ("given", "paper_id"),
    [
        ("2601.00001", "arxiv:2601.00001"),
        ("arXiv:2601.00001v3", "arxiv:2601.00001"),
        ("math.GT/0309136", "arxiv:math/0309136"),
        ("acl-2024.1", "other:acl-2024.1"),
        (17, "other:17"),
        ("openreview:UHPnqSTBPO", "openreview:UHPnqSTBPO"),
        ("other:x", "other:x"),
    ],
)
def test_ids(tmp_path: Path, library: Library, given: Any, paper_id: str) -> None:
    import_metadata(write(tmp_path / "a.jsonl", record(1, id=given)), library)
    assert [paper.paper_id for paper in library.papers()] == [paper_id]


def test_bad_lines_are_refused_with_number_and_reason_and_the_others_kept(tmp_path: Path, library: Library) -> None:
    bad: list[tuple[Any, str]] = [
        (b"{broken", "JSON"),
        (b"\xff\xfe{}", "JSON"),
        (b"[1, 2]", "object"),
        (b'"text"', "object"),
        ({"title": "T", "abstract": "A"}, "id: "),
        ({"id": "2601.1", "title": "", "abstract": "A"}, "title: "),
        ({"id": "2601.1", "title": " \n", "abstract": "A"}, "title: "),
        ({"id": "2601.1", "title": "T"}, "abstract"),
        ({"id": "2601.1", "title": ["T"], "abstract": "A"}, "title: "),
        ({"id": 2601.1, "title": "T", "abstract": "A"}, "id"),
        ({"id": " ", "title": "T", "abstract": "A"}, "id: "),
        (record(1, authors=[1]), "authors"),
        (record(1, published="yesterday"), "published: "),
        (record(1, published=2026), "published: "),
        (b'{"id": "2601.00001", "title": "\\ud800", "abstract": "A"}', "JSON"),
        (b'{"id": "x", "title": "' + b"t" * LONGEST_LINE + b'", "abstract": "A"}', "longer"),
    ]
    file = write(tmp_path / "a.jsonl", record(1), b"", *(line for line, _ in bad), record(2))
    done = import_metadata(file, library)
    assert (done.added, [refused.line for refused in done.refused]) == (2, list(range(3, 3 + len(bad))))
    for refused, (_, why) in zip(done.refused, bad, strict=True):
        assert why in refused.why, refused


def test_a_byte_order_mark_and_windows_lines(tmp_path: Path, library: Library) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(record(1)).encode() + b"\r\n\r\n" + json.dumps(record(2)).encode())
    assert import_metadata(file, library) == Imported(added=2)


@pytest.mark.parametrize("harm", ["truncated", "damaged"])
def test_a_broken_gzip_says_so_and_keeps_what_came_before(tmp_path: Path, library: Library, harm: str) -> None:
    noise = [record(number, note=str(hash((number, "salt"))) * 20) for number in range(1, 3001)]
    file = write(tmp_path / "a.jsonl.gz", *noise)
    data = bytearray(file.read_bytes())
    if harm == "truncated":
        data = data[: len(data) // 2]
    else:
        data[len(data) // 2 : len(data) // 2 + 50] = b"\xff" * 50
    file.write_bytes(data)
    done = import_metadata(file, library)
    assert 500 < done.added < 3000
    assert done.added == library.stats()["papers"]
    last = done.refused[-1]
    assert "gzip" in last.why
    assert last.line > done.added


def test_a_later_record_updates_and_says_only_what_it_knows(tmp_path: Path, library: Library) -> None:
    full = record(1, authors=["Anna Petrova"], published="2026-01-02", comment="9 pages", id="2601.00001v2")
    import_metadata(write(tmp_path / "a.jsonl", full), library)
    poor = write(
        tmp_path / "b.jsonl", record(1, title="A Better Title"), record(1, title="An Old Title", id="2601.00001v1")
    )
    assert import_metadata(poor, library) == Imported(updated=1, unchanged=1)
    paper = library.paper("arxiv:2601.00001")
    assert (paper.title, paper.authors, paper.comment) == ("A Better Title", ("Anna Petrova",), "9 pages")
    assert (paper.version, [v.number for v in paper.versions]) == (2, [1, 2])


@pytest.mark.parametrize("what", ["missing", "folder", "array"])
def test_a_file_that_cannot_be_read(tmp_path: Path, library: Library, what: str) -> None:
    path = tmp_path / "a.jsonl"
    if what == "folder":
        path.mkdir()
    elif what == "array":
        path.write_text(json.dumps([record(1)]))
    with pytest.raises(InputError) as caught:
        import_metadata(path, library)
    assert caught.value.mend


def test_an_empty_file_is_no_error(tmp_path: Path, library: Library) -> None:
    assert import_metadata(write(tmp_path / "a.jsonl"), library) == Imported()


def test_imported_papers_are_found_by_their_words(tmp_path: Path, library: Library) -> None:
    import_metadata(write(tmp_path / "a.jsonl", record(1, abstract="Calibrated thresholds."), record(2)), library)
    ((paper_id, passage, _),) = library.full_text("calibrating a threshold", 5)
    assert (paper_id, passage) == ("arxiv:2601.00001", "abstract")
    assert library.texts([(paper_id, passage)])[paper_id, passage].text == "Calibrated thresholds."
    import_metadata(write(tmp_path / "a.jsonl", record(1, abstract="Sparse attention.")), library)
    assert not library.full_text("threshold", 5)
    assert len(library.full_text("attention", 5)) == 1


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared metadata are not beside the repository")
def test_real_records(tmp_path: Path, library: Library) -> None:
    with gzip.open(SHARED / "arxiv_00.jsonl.gz") as whole:
        lines = [line.strip() for line, _ in zip(whole, range(300), strict=False)]
    assert import_metadata(write(tmp_path / "a.jsonl", *lines), library) == Imported(added=300)
    assert all(paper.title and paper.abstract and paper.authors for paper in library.papers())
