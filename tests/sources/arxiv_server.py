"""A real HTTP server on loopback that speaks arXiv's Atom API and serves PDFs, and misbehaves as it is told to.

with ArxivServer(entry("2601.00001", versions=2)) as server:
    server.next(status(429, retry_after="0"))   # only the next request
    server.pdfs["2601.00001v2"] = b"%PDF-…"

It knows ids with and without a version, leaves out what it does not know, answers 400 with an error entry to a
malformed id, sorts and pages lists; `server.asked` keeps the paths.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

ATOM, PDF = "application/atom+xml; charset=utf-8", "application/pdf"
CAPTCHA = (
    b"<!DOCTYPE html><html><title>Access</title><body>Prove that you are no robot.<div class=captcha></div></html>"
)
Behaviour = Callable[["Handler"], None]


@dataclass(frozen=True)
class Entry:
    """A paper on the server; times are days after the first of January 2026."""

    id: str
    versions: int = 1
    title: str = "Counting Labels for a Judge"
    abstract: str = "We count how many labels a judge needs before it can be trusted."
    authors: tuple[str, ...] = ("Anna Petrova", "Ivan Smirnov")
    categories: tuple[str, ...] = ("cs.CL", "cs.LG")
    comment: str = "12 pages"
    submitted: int = 0
    updated: int = 10

    def atom(self, version: int) -> str:
        day = datetime(2026, 1, 1, 10, tzinfo=UTC)
        made = day + timedelta(days=self.submitted + (self.updated if version > 1 else 0))
        name = f"{self.id}v{version}"
        return (
            f"<entry><id>http://arxiv.org/abs/{name}</id><title>{escape(self.title)}</title>"
            f"<published>{day + timedelta(days=self.submitted):%Y-%m-%dT%H:%M:%SZ}</published>"
            f"<updated>{made:%Y-%m-%dT%H:%M:%SZ}</updated><summary>{escape(self.abstract)}</summary>"
            + "".join(f"<author><name>{escape(name)}</name></author>" for name in self.authors)
            + "".join(f'<category term="{term}" scheme="http://arxiv.org/schemas/atom"/>' for term in self.categories)
            + f'<arxiv:primary_category term="{self.categories[0]}"/>'
            + f"<arxiv:comment>{escape(self.comment)}</arxiv:comment>"
            f'<link href="https://arxiv.org/abs/{name}" rel="alternate" type="text/html"/>'
            f'<link href="https://arxiv.org/pdf/{name}" rel="related" type="application/pdf" title="pdf"/></entry>'
        )


def feed(entries: str, total: int, start: int = 0, size: int = 100) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" '
        'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom"><id>https://arxiv.org/api/x</id>'
        f"<title>arXiv Query</title><updated>2026-01-20T00:00:00Z</updated><opensearch:itemsPerPage>{size}"
        f"</opensearch:itemsPerPage><opensearch:totalResults>{total}</opensearch:totalResults>"
        f"<opensearch:startIndex>{start}</opensearch:startIndex>{entries}</feed>"
    ).encode()


def error_feed(words: str) -> bytes:
    where = f"https://arxiv.org/api/errors#{words.replace(' ', '_')}"
    return feed(
        f"<entry><id>{where}</id><title>Error</title><updated>2026-01-20T00:00:00Z</updated>"
        f"<summary>{words}</summary><author><name>arXiv api core</name></author></entry>",
        1,
    )


def answer(body: bytes, kind: str = ATOM, status: int = 200) -> Behaviour:
    return lambda handler: handler.send(status, body, {"Content-Type": kind})


def status(code: int, retry_after: str | None = None) -> Behaviour:
    return busy(b"", "text/plain", code, retry_after)


def busy(body: bytes, kind: str, code: int, retry_after: str | None) -> Behaviour:
    said = {} if retry_after is None else {"Retry-After": retry_after}
    return lambda handler: handler.send(code, body, {"Content-Type": kind} | said)


def half(body: bytes, kind: str = ATOM) -> Behaviour:
    """Promise twice the bytes, then hang up."""
    return lambda handler: handler.send(200, body, {"Content-Type": kind, "Content-Length": str(2 * len(body))})


def unmeasured(body: bytes, kind: str = ATOM) -> Behaviour:
    """Only the end of the connection ends the body."""

    def behave(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def endless(beginning: bytes, kind: str = ATOM) -> Behaviour:
    """A byte now and then until the caller hangs up."""

    def behave(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.end_headers()
        handler.wfile.write(beginning)
        try:
            for _ in range(10_000):
                handler.wfile.write(b" ")
                time.sleep(0.001)
        except OSError:
            pass

    return behave


def redirect(where: str) -> Behaviour:
    return lambda handler: handler.send(302, b"", {"Location": where})


class Handler(BaseHTTPRequestHandler):
    server: _Http

    def do_GET(self) -> None:
        arxiv = self.server.arxiv
        arxiv.asked.append(self.path)
        behave = arxiv.queue.pop(0) if arxiv.queue else arxiv.always
        if behave:
            behave(self)
        elif self.path.startswith("/api/query"):
            query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            arxiv.api(query)(self)
        else:
            body = arxiv.pdfs.get(self.path.removeprefix("/pdf/"))
            (answer(body, PDF) if body else answer(b"<html>No PDF</html>", "text/html", 404))(self)

    def send(self, code: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(code)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


class _Http(ThreadingHTTPServer):
    arxiv: ArxivServer


@dataclass
class ArxivServer:
    """`always` answers every request where it is set; `queue` goes before it."""

    entries: dict[str, Entry] = field(default_factory=dict)
    pdfs: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    queue: list[Behaviour] = field(default_factory=list)
    always: Behaviour | None = None
    largest_page: int = 2000
    url: str = ""

    def add(self, *entries: Entry) -> Self:
        self.entries |= {entry.id: entry for entry in entries}
        return self

    def next(self, *behaviours: Behaviour) -> None:
        self.queue += behaviours

    @property
    def queries(self) -> list[dict[str, str]]:
        """The parameters of the API requests."""
        urls = [urlsplit(path) for path in self.asked]
        return [{k: v[0] for k, v in parse_qs(url.query).items()} for url in urls if url.path == "/api/query"]

    def api(self, query: dict[str, str]) -> Behaviour:
        names = query.get("id_list", "").split(",") if query.get("id_list") else []
        bad = [name for name in names if not re.fullmatch(r"(\d\d(0[1-9]|1[0-2])\.\d{4,5}|[a-z-]+/\d{7})(v\d+)?", name)]
        if bad:
            return answer(error_feed(f"incorrect id format for {bad[0]}"), status=400)
        found = [self._named(name) for name in names] if names else self._listed(query)
        atoms = [entry.atom(version) for entry, version in filter(None, found)]
        start, size = int(query["start"]), min(int(query["max_results"]), self.largest_page)
        return answer(feed("".join(atoms[start : start + size]), len(atoms), start, size))

    def _named(self, name: str) -> tuple[Entry, int] | None:
        bare, _, version = name.partition("v")
        entry = self.entries.get(bare)
        number = int(version) if version else entry.versions if entry else 0
        return (entry, number) if entry and number <= entry.versions else None

    def _listed(self, query: dict[str, str]) -> list[tuple[Entry, int] | None]:
        by = {
            "submittedDate": lambda entry: entry.submitted,
            "lastUpdatedDate": lambda entry: entry.submitted + entry.updated,
        }.get(query["sortBy"], lambda entry: 0)
        backwards = query["sortOrder"] == "descending"
        return [(entry, entry.versions) for entry in sorted(self.entries.values(), key=by, reverse=backwards)]

    def __enter__(self) -> Self:
        self._http = _Http(("127.0.0.1", 0), Handler)
        self._http.arxiv = self
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
