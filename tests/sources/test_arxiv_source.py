"""arXiv as a real server on loopback that says what arXiv says, the bad days included."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from pipeline.errors import BadPdf, RazborError, ReadingError, SourceBusy, SourceError, UnknownPaper
from pipeline.settings import Settings
from pipeline.sources.arxiv_source import ArxivSession, download_pdf, fetch_arxiv, make_client
from pipeline.sources.identity import identify
from store.files import Home
from store.records import Paper

RECORDED = Path(__file__).parents[2].parent / "shared" / "data" / "arxiv_api" / "arxiv.py"
ATOM, PDF = "application/atom+xml; charset=utf-8", "application/pdf"
FEED = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom"
 xmlns="http://www.w3.org/2005/Atom"><id>https://arxiv.org/api/x</id><title>arXiv Query</title>
<updated>2026-04-12T22:09:26Z</updated><opensearch:itemsPerPage>10</opensearch:itemsPerPage>
<opensearch:totalResults>{total}</opensearch:totalResults><opensearch:startIndex>0</opensearch:startIndex>{entry}</feed>"""
ENTRY = """<entry><id>http://arxiv.org/abs/{id}</id><title>A Paper
  About Judges</title><updated>2024-08-01T10:00:00Z</updated><published>2024-07-25T17:00:00Z</published>
<summary>We study
 judges.</summary><category term="cs.CL" scheme="http://arxiv.org/schemas/atom"/>
<category term="cs.LG" scheme="http://arxiv.org/schemas/atom"/>
<arxiv:primary_category term="cs.CL"/><arxiv:comment>{comment}</arxiv:comment>
<link href="https://arxiv.org/abs/{id}" rel="alternate" type="text/html"/>
<link href="https://arxiv.org/pdf/{id}" rel="related" type="application/pdf" title="pdf"/>
<author><name>Anna Petrova</name></author><author><name>Ivan Smirnov</name></author></entry>"""


def feed(arxiv_id: str = "2407.18370v2", comment: str = "12 pages") -> bytes:
    return FEED.format(total=1, entry=ENTRY.format(id=arxiv_id, comment=comment)).encode()


@dataclass
class Answer:
    body: bytes
    kind: str = ATOM
    status: int = 200
    length: int | None = None


@dataclass
class FakeArxiv:
    """What the server will say, and what it was asked."""

    url: str = ""
    api: Answer = field(default_factory=lambda: Answer(feed()))
    pdf: Answer = field(default_factory=lambda: Answer(b"%PDF-1.7 the paper", PDF))
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def arxiv() -> Iterator[FakeArxiv]:
    fake = FakeArxiv()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fake.asked.append(self.path)
            answer = fake.api if self.path.startswith("/api/query") else fake.pdf
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(answer.length or len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        fake.url = f"http://127.0.0.1:{server.server_port}"
        yield fake
        server.shutdown()
        thread.join()


def fetch(fake: FakeArxiv, tmp_path: Path, words: str = "2407.18370", **how: Any) -> tuple[Paper, Path]:
    home = Home(tmp_path / "home")
    settings = Settings(arxiv_api_url=fake.url, arxiv_pdf_url=fake.url, **how)
    client = make_client(fake.url, delay=0)
    with client._session:
        paper, sha = fetch_arxiv(identify(words), settings, home, client)
    return paper, home.pdf(sha)


def test_metadata_and_pdf(arxiv: FakeArxiv, tmp_path: Path) -> None:
    paper, path = fetch(arxiv, tmp_path)
    assert (paper.paper_id, paper.version) == ("arxiv:2407.18370", 2)
    assert paper.title == "A Paper About Judges"
    assert paper.authors == ("Anna Petrova", "Ivan Smirnov")
    assert paper.abstract == "We study judges."
    assert paper.categories == ("cs.CL", "cs.LG")
    assert paper.published is not None
    assert paper.published.isoformat() == "2024-07-25T17:00:00+00:00"
    assert not paper.withdrawn
    assert path.read_bytes() == b"%PDF-1.7 the paper"
    assert parse_qs(urlsplit(arxiv.asked[0]).query)["id_list"] == ["2407.18370"]
    assert arxiv.asked[1] == "/pdf/2407.18370v2"


def test_the_asked_version_is_asked_for(arxiv: FakeArxiv, tmp_path: Path) -> None:
    arxiv.api = Answer(feed("astro-ph/0601001v1"))
    paper, _ = fetch(arxiv, tmp_path, "astro-ph/0601001v1")
    assert (paper.paper_id, paper.version) == ("arxiv:astro-ph/0601001", 1)
    assert parse_qs(urlsplit(arxiv.asked[0]).query)["id_list"] == ["astro-ph/0601001v1"]
    assert arxiv.asked[1] == "/pdf/astro-ph/0601001v1"


@pytest.mark.parametrize(
    ("comment", "withdrawn"),
    [
        ("This paper has been withdrawn by the author", True),
        ("Withdrawn due to an error in Lemma 2", True),
        ("12 pages, 3 figures", False),
    ],
)
def test_withdrawn(arxiv: FakeArxiv, tmp_path: Path, comment: str, withdrawn: bool) -> None:
    arxiv.api = Answer(feed(comment=comment))
    assert fetch(arxiv, tmp_path)[0].withdrawn is withdrawn


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(b"slow down", "text/plain", 429), SourceBusy),
        (Answer(b"", "text/plain", 503), SourceBusy),
        (Answer(b"", "text/plain", 500), SourceBusy),
        (Answer(b"<html>Are you a robot?</html>", "text/html"), SourceBusy),
        (Answer(b"<html>Forbidden</html>", "text/html", 403), SourceError),
        (Answer(b"garbage", "application/xml"), SourceError),
        (Answer(b"bad id", ATOM, 400), UnknownPaper),
        (Answer(FEED.format(total=0, entry="").encode()), UnknownPaper),
    ],
)
def test_bad_days_of_the_api_are_told_apart(
    arxiv: FakeArxiv, tmp_path: Path, answer: Answer, error: type[RazborError]
) -> None:
    arxiv.api = answer
    with pytest.raises(error) as caught:
        fetch(arxiv, tmp_path)
    assert type(caught.value) is error
    assert caught.value.retryable is (error is SourceBusy)
    assert caught.value.mend
    assert len(arxiv.asked) == 1
    assert not list((tmp_path / "home").rglob("*.pdf"))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(b"<html>captcha</html>", "text/html"), SourceBusy),
        (Answer(b"", "text/html", 404), UnknownPaper),
        (Answer(b"", "text/plain", 429), SourceBusy),
        (Answer(b"just text", PDF), BadPdf),
        (Answer(b"%PDF-1.7 half", PDF, length=5000), SourceBusy),
        (Answer(b"%PDF-1.7" + b"0" * 2**21, PDF), ReadingError),
    ],
)
def test_bad_days_of_the_pdf_host_are_told_apart(
    arxiv: FakeArxiv, tmp_path: Path, answer: Answer, error: type[RazborError]
) -> None:
    arxiv.pdf = answer
    with pytest.raises(error) as caught:
        fetch(arxiv, tmp_path, read_bytes=1)
    assert type(caught.value) is error
    assert caught.value.mend
    assert not list((tmp_path / "home").rglob("*.pdf"))


def test_a_download_has_a_time_limit(arxiv: FakeArxiv) -> None:
    with ArxivSession() as session, pytest.raises(SourceBusy, match="took longer"):
        download_pdf(f"{arxiv.url}/pdf/1", session, 1, longest=0)


def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(SourceBusy, match="cannot be reached"):
        fetch(FakeArxiv(url="http://127.0.0.1:9"), tmp_path)


@pytest.mark.skipif(not RECORDED.is_dir(), reason="recorded answers of arXiv are not beside the repository")
@pytest.mark.parametrize(
    ("name", "words", "outcome"),
    [
        ("id_0000.0000_", "0000.0000", UnknownPaper),
        ("id_abc_", "9999.99999", UnknownPaper),
        ("id_1605.08386_", "1605.08386", "Heat-bath random walks with Markov bases"),
        ("id_astro-ph_0601001_", "astro-ph/0601001", None),
        ("id_quant-ph_0201082v1_", "quant-ph/0201082v1", None),
    ],
)
def test_recorded_answers(
    arxiv: FakeArxiv, tmp_path: Path, name: str, words: str, outcome: type[RazborError] | str | None
) -> None:
    (recording,) = RECORDED.glob(f"{name}*.json")
    told = json.loads(recording.read_text())
    arxiv.api = Answer(told["body"].encode(), ATOM, told["status_code"])
    if isinstance(outcome, type):
        with pytest.raises(outcome):
            fetch(arxiv, tmp_path, words)
    else:
        paper, _ = fetch(arxiv, tmp_path, words)
        assert paper.title == (outcome or paper.title)
        assert paper.authors
        assert paper.version
