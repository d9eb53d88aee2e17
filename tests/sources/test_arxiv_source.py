"""Papers from arXiv by id and by query, over a real server on loopback."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from pipeline.errors import InputError, UnknownPaper, Withdrawn
from pipeline.sources.arxiv.source import fetch_arxiv, is_withdrawn, ordered
from pipeline.sources.identity import identify
from tests.sources.arxiv_desk import Desk
from tests.sources.arxiv_server import ArxivServer, Entry, answer, error_feed, feed

RECORDED = Path(__file__).parents[2].parent / "shared" / "data" / "arxiv_api" / "arxiv.py"
recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason="recorded answers of arXiv are not beside the repository")


def test_metadata_and_pdf(server: ArxivServer, desk: Desk) -> None:
    server.add(Entry("2601.00002", title="A Paper\n  About Judges", abstract="We study\n judges.", versions=3))
    server.pdfs["2601.00002v3"] = b"%PDF-1.7 the paper"
    paper, sha = fetch_arxiv(identify("2601.00002"), desk.settings, desk.home, desk.pace())
    assert (paper.paper_id, paper.version) == ("arxiv:2601.00002", 3)
    assert paper.title == "A Paper About Judges"
    assert paper.authors == ("Anna Petrova", "Ivan Smirnov")
    assert paper.abstract == "We study judges."
    assert paper.categories == ("cs.CL", "cs.LG")
    assert paper.published is not None
    assert paper.published.isoformat() == "2026-01-01T10:00:00+00:00"
    assert not paper.withdrawn
    assert desk.home.pdf(sha).read_bytes() == b"%PDF-1.7 the paper"
    assert server.queries[0]["id_list"] == "2601.00002"
    assert server.asked[1] == "/pdf/2601.00002v3"


def test_all_versions_are_known_whichever_is_asked_for(desk: Desk) -> None:
    ((newest,), _) = desk.look_up("2601.00001")
    ((first,), _) = desk.look_up("2601.00001v1")
    assert (newest.version, first.version) == (2, 1)
    assert first.versions == newest.versions
    assert [v.number for v in newest.versions] == [1, 2]
    assert [v.created.isoformat()[:10] for v in newest.versions if v.created] == ["2026-01-01", "2026-01-11"]


def test_many_ids_at_once_each_paper_once_and_what_is_missing_is_named(server: ArxivServer, desk: Desk) -> None:
    server.add(Entry("astro-ph/0601001"), Entry("math/0309136"))
    papers, missing = desk.look_up(
        *("math.GT/0309136", "2601.00001v1", "2601.00001", "2601.99999", "astro-ph/0601001", "2601.00001v7"),
    )
    assert [(p.paper_id, p.version) for p in papers] == [
        ("arxiv:math/0309136", 1),
        ("arxiv:2601.00001", 2),
        ("arxiv:astro-ph/0601001", 1),
    ]
    assert missing == ["2601.99999", "2601.00001v7"]
    assert len(server.asked) == 1, "one request for all"


def test_a_malformed_id_does_not_spoil_the_others(server: ArxivServer, desk: Desk) -> None:
    server.add(*(Entry(f"2601.0000{n}") for n in range(2, 6)))
    papers, missing = desk.look_up("2601.00002", "2613.00001", "2601.00003", "2601.00004")
    assert [p.paper_id[-1] for p in papers] == ["2", "3", "4"]
    assert missing == ["2613.00001"]
    assert len(server.asked) == 2
    server.next(answer(error_feed("something is wrong with the list"), status=400))
    papers, missing = desk.look_up("2601.00002", "2613.00001", "2601.00003", "2601.00004")
    assert ([p.paper_id[-1] for p in papers], missing) == (["2", "3", "4"], ["2613.00001"])


def test_hundreds_of_ids_are_asked_for_in_batches(server: ArxivServer, desk: Desk) -> None:
    ids = [f"2601.{n:05}" for n in range(1, 251)]
    server.add(*map(Entry, ids))
    papers, missing = desk.look_up(*ids)
    assert [p.paper_id for p in papers] == [f"arxiv:{name}" for name in ids]
    assert not missing
    assert [len(query["id_list"].split(",")) for query in server.queries] == [100, 100, 50]


def test_an_unknown_paper(desk: Desk) -> None:
    with desk.open() as source, pytest.raises(UnknownPaper, match="knows no paper"):
        source.one(identify("2601.99999"))


@pytest.mark.parametrize(
    ("sort", "order", "first"),
    [
        ("submitted", "descending", "3"),
        ("submitted", "ascending", "1"),
        ("updated", "descending", "2"),
        ("updated", "ascending", "3"),
    ],
)
def test_a_query_is_sorted_by_arxiv_both_ways(
    server: ArxivServer, desk: Desk, sort: str, order: str, first: str
) -> None:
    server.entries.clear()
    server.add(
        *(Entry(f"2601.0000{n}", submitted=n, updated=u, versions=2) for n, u in ((1, 10), (2, 30), (3, 1))),
    )
    found = desk.search(words="judge", sort=sort, order=order, limit=2)
    assert len(found) == 2
    assert found[0].paper_id.endswith(first)
    asked = server.queries[0]
    assert (asked["sortBy"], asked["sortOrder"], asked["max_results"]) == (
        {"submitted": "submittedDate", "updated": "lastUpdatedDate"}[sort],
        order,
        "2",
    )


def test_ids_can_be_sorted_too(server: ArxivServer, desk: Desk) -> None:
    server.add(Entry("2601.00009", submitted=9))
    papers, _ = desk.look_up("2601.00001", "2601.00009")
    assert [p.paper_id[-1] for p in ordered(papers, None, "descending")] == ["1", "9"]
    assert [p.paper_id[-1] for p in ordered(papers, "submitted", "descending")] == ["9", "1"]
    assert [p.paper_id[-1] for p in ordered(papers, "submitted", "ascending")] == ["1", "9"]


def test_long_lists_come_in_pages_and_short_pages_are_no_error(server: ArxivServer, desk: Desk) -> None:
    server.add(*(Entry(f"2601.{n:05}") for n in range(1, 301)))
    server.largest_page = 70  # less than what is asked for
    found = desk.search(words="judge", limit=250)
    assert len({p.paper_id for p in found}) == 250
    assert [query["start"] for query in server.queries] == ["0", "70", "140", "210"]


def test_a_listing_that_ends_early_is_no_error(server: ArxivServer, desk: Desk) -> None:
    server.add(*(Entry(f"2601.{n:05}") for n in range(1, 151)))
    empty = answer(feed("", 150))
    whole = server.api(
        {"search_query": "x", "sortBy": "relevance", "sortOrder": "", "start": "0", "max_results": "100"}
    )
    server.next(whole, empty, empty)
    assert len(desk.search(words="judge", limit=150)) == 100
    server.next(empty)
    assert desk.search(words="judge") == []


def test_the_same_paper_in_two_versions_of_a_listing_is_one(server: ArxivServer, desk: Desk) -> None:
    entry = server.entries["2601.00001"]
    server.next(answer(feed(entry.atom(1) + entry.atom(2), 2)))
    assert [p.version for p in desk.search(words="judge")] == [2]


def test_a_query_that_arxiv_does_not_understand(server: ArxivServer, desk: Desk) -> None:
    server.next(answer(error_feed("query is malformed"), status=400))
    with pytest.raises(InputError, match=r"query is malformed.*ti:\(") as caught:
        desk.search(words="ti:(")
    assert not isinstance(caught.value, UnknownPaper)
    server.next(answer(error_feed("query is malformed")))
    with pytest.raises(InputError, match="query is malformed"):
        desk.search(words="ti:(")


@pytest.mark.parametrize(
    ("comment", "abstract", "withdrawn"),
    [
        ("This paper has been withdrawn by the author", "", True),
        ("Withdrawn due to an error in Lemma 2", "", True),
        ("withdrawn", "", True),
        ("Paper withdrawn: the main theorem is false", "", True),
        ("This submission has been withdrawn by arXiv administrators", "", True),
        ("5 pages, 2 figures; this paper was temporarily withdrawn", "", True),
        ("The authors have withdrawn this paper", "", True),
        ("Withdrawn from arXiv: a co-author disagrees", "", True),
        ("", "This paper has been withdrawn by the author due to a sign error.", True),
        ("Withdrawn in favour of a longer paper", "", True),
        ("12 pages, 3 figures", "", False),
        ("This paper was withdrawn from ICLR 2026", "", False),
        ("", "Withdrawn drugs are a burden.", False),
        ("Withdrawn from ICLR 2026, in revision", "", False),
        ("Replaces the withdrawn submission on the same subject", "", False),
        ("", "We study bids that are withdrawn by authors of orders.", False),
        ("", "Deposits withdrawn from banks in a panic follow a law.", False),
    ],
)
def test_withdrawn(comment: str, abstract: str, withdrawn: bool) -> None:
    assert is_withdrawn(comment, abstract) is withdrawn


def test_the_pdf_of_a_withdrawn_version_is_said_to_be_withdrawn(server: ArxivServer, desk: Desk) -> None:
    server.add(Entry("2601.00002", versions=2, comment="This paper has been withdrawn by the authors"))
    ((paper,), _) = desk.look_up("2601.00002")
    assert paper.withdrawn
    with pytest.raises(Withdrawn, match="was withdrawn") as caught:
        desk.pdf("2601.00002")
    assert "2601.00002v1" in caught.value.mend


def test_a_paper_without_a_pdf(server: ArxivServer, desk: Desk) -> None:
    del server.pdfs["2601.00001v2"]
    with pytest.raises(UnknownPaper, match="no PDF of"):
        desk.pdf("2601.00001")


def test_a_pdf_is_fetched_once_for_each_version(server: ArxivServer, desk: Desk) -> None:
    assert desk.pdf("2601.00001").read_bytes() == b"%PDF-1.7 second %%EOF"
    assert desk.pdf("2601.00001v2") == desk.pdf("2601.00001")
    assert desk.pdf("2601.00001v1").read_bytes() == b"%PDF-1.7 first %%EOF"
    asked = [path for path in server.asked if path.startswith("/pdf/")]
    assert asked == ["/pdf/2601.00001v2", "/pdf/2601.00001v1"]
    desk.pdf("2601.00001v1").unlink()
    assert desk.pdf("2601.00001v1").exists(), "what was deleted is fetched anew"
    assert len([path for path in server.asked if path.startswith("/pdf/")]) == 3


def recording(name: str) -> dict[str, str]:
    (path,) = RECORDED.glob(f"{name}*.json")
    told: dict[str, str] = json.loads(path.read_text())
    return told


@recorded
@pytest.mark.parametrize(
    ("name", "words", "found", "missing"),
    [
        ("id_0000.0000_", ["0000.0000"], [], ["0000.0000"]),
        ("id_1605.08386_", ["1605.08386"], ["arxiv:1605.08386"], []),
        ("id_astro-ph_0601001_", ["astro-ph/0601001"], ["arxiv:astro-ph/0601001"], []),
        ("id_quant-ph_0201082v1_", ["quant-ph/0201082v1"], ["arxiv:quant-ph/0201082"], []),
        ("id_0808.05394_1707.08567_", ["0808.05394", "1707.08567"], ["arxiv:1707.08567"], ["0808.05394"]),
    ],
)
def test_recorded_answers_to_ids(desk: Desk, name: str, words: list[str], found: list[str], missing: list[str]) -> None:
    told = recording(name)
    desk.server.always = answer(told["body"].encode(), status=int(told["status_code"]))
    papers, lost = desk.look_up(*words)
    assert ([p.paper_id for p in papers], lost) == (found, missing)
    assert all(p.title and p.authors and p.abstract and p.published and p.version for p in papers)


@recorded
def test_recorded_refusal_of_a_malformed_id(server: ArxivServer, desk: Desk) -> None:
    told = recording("id_abc_")
    server.always = answer(told["body"].encode(), status=int(told["status_code"]))
    assert desk.look_up("9999.99999") == ([], ["9999.99999"])


@recorded
def test_recorded_pages_of_a_listing(server: ArxivServer, desk: Desk) -> None:
    pages = {parse_qs(urlsplit(told["url"]).query)["start"][0]: told["body"] for told in _pages()}
    assert list(pages) == ["0", "10", "20", "30", "40"]
    server.next(*(answer(body.encode()) for body in pages.values()))
    found = desk.search(words="testing", limit=50)
    assert len({p.paper_id for p in found}) == 50
    assert desk.clock.slept == [3.0] * 4


def _pages() -> list[dict[str, str]]:
    pages = [json.loads(path.read_text()) for path in RECORDED.glob("q_testing_s?0_m10_*.json")]
    pages += [json.loads(path.read_text()) for path in RECORDED.glob("q_testing_s0_m10_*.json")]
    return sorted(pages, key=lambda told: int(parse_qs(urlsplit(told["url"]).query)["start"][0]))
