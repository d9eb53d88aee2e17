"""A real HTTP server on loopback that speaks the OpenAI protocol, and misbehaves as it is told to.

with OpenAIServer(say('{"word": "да"}'), status(429)) as server:
    OpenAI(base_url=server.url, api_key="x")

Each request takes the next behaviour; after the last one, the last one again. `server.requests` keeps what was asked.
A behaviour is a function of the handler and the request's body; `answer` makes one from a function of the body alone.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = dict[str, Any]
Behaviour = Callable[["Handler", Body], None]


@dataclass(frozen=True)
class Asked:
    """One request; header names are in lower case."""

    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Body:
        body: Body = json.loads(self.raw)
        return body


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: OpenAIServer

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        behaviour = self.server.next_behaviour(Asked(self.path, headers, raw))
        behaviour(self, json.loads(raw))

    def send(self, code: int, body: bytes, kind: str, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def begin_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def event(self, data: Body | str) -> None:
        text = f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n".encode()
        self.wfile.write(f"{len(text):x}\r\n".encode() + text + b"\r\n")
        self.wfile.flush()

    def end_stream(self) -> None:
        self.event("[DONE]")
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: Any) -> None:
        pass


class OpenAIServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *behaviours: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[Asked] = []
        self.closing = threading.Event()
        self._behaviours = list(behaviours)
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def next_behaviour(self, asked: Asked) -> Behaviour:
        with self._lock:
            self.requests.append(asked)
            return self._behaviours[min(len(self.requests), len(self._behaviours)) - 1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the tests."""

    def __enter__(self) -> OpenAIServer:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()


def _chunk(delta: Body, finish: str | None = None, **extra: Any) -> Body:
    return {
        "id": "c",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "m",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        **extra,
    }


def _usage(prompt: int, cached: int, completion: int) -> Body:
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached},
    }


def say(
    text: str,
    *,
    finish: str | None = "stop",
    usage: tuple[int, int, int] | None = (100, 40, 10),
    timings: Body | None = None,
    progress: Iterable[Body] = (),
) -> Behaviour:
    """Stream `text` in three pieces. `usage`: prompt, cached, completion tokens; `progress`, `timings`: llama.cpp's."""

    def behave(handler: Handler, body: Body) -> None:
        handler.begin_stream()
        for one in progress:
            handler.event(_chunk({"role": "assistant", "content": None}, prompt_progress=one))
        third = len(text) // 3 + 1
        for piece in (text[:third], text[third : 2 * third], text[2 * third :]):
            handler.event(_chunk({"content": piece}))
        handler.event(_chunk({}, finish))
        if usage:
            extra = {"timings": timings} if timings else {}
            handler.event({**_chunk({}), "choices": [], "usage": _usage(*usage), **extra})
        handler.end_stream()

    return behave


def whole(text: str, *, usage: tuple[int, int, int] = (100, 40, 10)) -> Behaviour:
    """Ignore the wish to stream: one JSON body."""
    body = {
        "id": "c",
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": _usage(*usage),
    }
    return lambda handler, _: handler.send(200, json.dumps(body).encode(), "application/json")


def answer(function: Callable[[Body], str]) -> Behaviour:
    """Stream what `function` makes of the request's body."""
    return lambda handler, body: say(function(body))(handler, body)


def status(
    code: int, *, error: Body | None = None, headers: Mapping[str, str] | None = None, echo: bool = False
) -> Behaviour:
    """An error by status. `echo`: its message quotes the key and the prompt, as bad servers do."""

    def behave(handler: Handler, body: Body) -> None:
        message = f"{handler.headers['Authorization']} {body['messages']}" if echo else "no"
        text = json.dumps({"error": {"message": message, "type": None, "code": None, **(error or {})}})
        handler.send(code, text.encode(), "application/json", headers)

    return behave


def html() -> Behaviour:
    """A login page with status 200."""
    return lambda handler, _: handler.send(200, b"<html>Please log in</html>", "text/html; charset=utf-8")


def error_event(error: Body) -> Behaviour:
    """An error in the middle of the stream."""

    def behave(handler: Handler, body: Body) -> None:
        handler.begin_stream()
        handler.event(_chunk({"content": "{"}))
        handler.event({"error": error})
        handler.end_stream()

    return behave


def cut(text: str = '{"word": ', *, politely: bool = False) -> Behaviour:
    """Close the connection in mid-stream; `politely`: the stream ends well, without a finish reason."""

    def behave(handler: Handler, body: Body) -> None:
        handler.begin_stream()
        handler.event(_chunk({"content": text}))
        if politely:
            handler.end_stream()
        handler.close_connection = True

    return behave


def silent() -> Behaviour:
    """Accept the request and say nothing until the server closes."""

    def behave(handler: Handler, body: Body) -> None:
        handler.server.closing.wait(30)
        handler.close_connection = True

    return behave


def endless() -> Behaviour:
    """Pieces without end, each in time."""

    def behave(handler: Handler, body: Body) -> None:
        handler.begin_stream()
        while not handler.server.closing.wait(0.02):
            handler.event(_chunk({"content": "a"}))

    return behave
