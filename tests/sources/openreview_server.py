"""A real HTTP server on loopback that speaks OpenReview's API 2 and API 1 for openreview-py, and misbehaves as told.

with OpenReviewServer(submission("aaaa1111", …), review(…)) as server:
    OpenReview(load(openreview_url=server.url))

It keeps raw notes of either API in one list and answers `/notes` (by id, forum, invitation or venue, with replies and
paging), `/notes/search`, `/notes/edits`, `/references`, `/pdf` and `/login`. `server.next(…)` queues behaviours that
come before the right answer; `server.asked` keeps what was asked. All text in it is the tests' own.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Raw = dict[str, Any]
Behaviour = Callable[["Handler"], None]
DAY = 86_400_000
START = 1_700_000_000_000
VENUE = "TEST.cc/2024/Conference"
USER, PASSWORD = "reader@example.org", "open sesame"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: OpenReviewServer

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        asked = {name: values[0] for name, values in query.items()}
        self.server.asked.append((path, asked, {name.lower(): value for name, value in self.headers.items()}))
        behaviour = self.server.take()
        if behaviour:
            return behaviour(self)
        if self.server.needs_login and self.headers.get("Authorization") != "Bearer token-of-the-reader":
            return self.refuse(403, self.server.needs_login)
        if path == "/pdf":
            return self.send(200, self.server.pdf, "application/pdf")
        return self.json(200, self.server.answer(path, asked))

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.logins.append(said)
        behaviour = self.server.take()
        if behaviour:
            behaviour(self)
        elif (said["id"], said["password"]) == (USER, PASSWORD):
            self.json(200, {"token": "token-of-the-reader", "user": {"profile": {"id": "~Reader1"}}})
        else:
            self.refuse(400, "Error")

    def json(self, code: int, value: Any) -> None:
        self.send(code, json.dumps(value).encode(), "application/json; charset=utf-8")

    def refuse(self, code: int, name: str) -> None:
        self.json(code, {"name": name, "message": f"{PASSWORD} is not shown", "status": code})

    def send(self, code: int, body: bytes, kind: str, length: int | None = None, **headers: str) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        if length is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        pass


class OpenReviewServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *notes: Raw, page: int = 1000, needs_login: str = "", pdf: bytes = b"") -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.notes, self.page, self.needs_login, self.pdf = list(notes), page, needs_login, pdf
        self.edits: dict[str, list[Raw]] = {}
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []
        self.logins: list[Raw] = []
        self._behaviours: list[Behaviour] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _, _ in self.asked]

    def next(self, *behaviours: Behaviour) -> None:
        """Behave so, once each, before the right answers."""
        self._behaviours += behaviours

    def take(self) -> Behaviour | None:
        return self._behaviours.pop(0) if self._behaviours else None

    def __enter__(self) -> OpenReviewServer:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def answer(self, path: str, asked: dict[str, str]) -> Raw:
        if path == "/notes/edits":
            return {"edits": self.edits.get(asked["note.id"], [])}
        if path == "/references":
            return {"references": self.edits.get(asked["referent"], [])}
        if path == "/notes/search":
            words = set(asked["term"].lower().split())
            return {"notes": [note for note in self._forums() if words & set(_title(note).lower().split())]}
        found = [note for note in self.notes if _fits(note, asked)]
        if "after" in asked:
            found = [note for note in sorted(found, key=lambda note: note["id"]) if note["id"] > asked["after"]]
        page = sorted(found, key=lambda note: note["id"])[: min(self.page, int(asked.get("limit", 1000)))]
        if asked.get("details") == "replies":
            page = [{**note, "details": {"replies": self._replies(note["id"])}} for note in page]
        return {"notes": page, "count": len(found)}

    def _forums(self) -> list[Raw]:
        return [note for note in self.notes if note["forum"] == note["id"]]

    def _replies(self, forum: str) -> list[Raw]:
        return [note for note in self.notes if note["forum"] == forum and note["id"] != forum]


def _fits(note: Raw, asked: dict[str, str]) -> bool:
    named = note.get("invitations") or [note.get("invitation")]
    venue = note["content"].get("venueid", {}) if isinstance(note["content"].get("venueid"), dict) else {}
    return (
        asked.get("id", note["id"]) == note["id"]
        and asked.get("forum", note["forum"]) == note["forum"]
        and ("invitation" not in asked or asked["invitation"] in named)
        and asked.get("content.venueid", venue.get("value")) == venue.get("value")
    )


def _title(note: Raw) -> str:
    title = note["content"].get("title", "")
    return str(title["value"] if isinstance(title, dict) else title)


# --- misbehaviour ------------------------------------------------------------------------------------------------


def status(code: int, name: str = "Error", **headers: str) -> Behaviour:
    body = json.dumps({"name": name, "message": "no", "status": code}).encode()
    return lambda handler: handler.send(code, body, "application/json", **headers)


def body(text: str, kind: str = "application/json", length: int | None = None) -> Behaviour:
    return lambda handler: handler.send(200, text.encode(), kind, length)


def elsewhere(url: str) -> Behaviour:
    return lambda handler: handler.send(307, b"", "text/plain", Location=url)


# --- notes of API 2 and API 1 --------------------------------------------------------------------------------------


def submission(forum: str, title: str, *, api: int = 2, venue: str = VENUE, **content: Any) -> Raw:
    """The first note of a forum."""
    name = "Submission" if api == 2 else "Blind_Submission"
    ids = {"id": forum, "forum": forum}
    return _raw(ids, f"{venue}/-/{name}", f"{venue}/Submission7/Authors", 0, api, {"title": title, **content})


def reply(
    forum: str,
    note: str,
    name: str,
    who: str,
    day: float,
    *,
    to: str = "",
    api: int = 2,
    venue: str = VENUE,
    **content: Any,
) -> Raw:
    """Any reply: `name` of its invitation, `who` signs it, `day` when it came."""
    paper = f"{venue}/Submission7" if api == 2 else f"{venue}/Paper7"
    invitation = f"{paper}/-/{name}" if api == 2 else f"{venue}/-/Paper7/{name}"
    ids = {"id": note, "forum": forum, "replyto": to or forum}
    return _raw(ids, invitation, f"{paper}/{who}", day, api, content)


def edit(rating: Any, day: float, api: int = 2) -> Raw:
    """One edit of a review: what became of its rating that day."""
    at = int(START + day * DAY)
    if api == 1:
        return {"id": f"e{day}", "content": {"rating": rating}, "tcdate": at}
    return {"id": f"e{day}", "tcdate": at, "note": {"id": "x", "content": {"rating": {"value": rating}}}}


def _raw(ids: Raw, invitation: str, who: str, day: float, api: int, content: dict[str, Any]) -> Raw:  # noqa: PLR0917
    at = int(START + day * DAY)
    modified = int(START + content.pop("changed", day) * DAY)
    shared = {**ids, "signatures": [who], "cdate": at, "tcdate": at, "mdate": modified}
    if api == 1:
        return {**shared, "invitation": invitation, "content": content}
    return {
        **shared,
        "invitations": [invitation, f"{VENUE}/-/Edit"],
        "domain": VENUE,
        "content": {name: {"value": value} for name, value in content.items()},
    }
