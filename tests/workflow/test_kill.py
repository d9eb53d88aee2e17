"""`kill -9` in any station, then the same command: it goes on, repeats at most the call in flight, leaves one post."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from store.library import Library
from tests.models.openai_server import Body, Handler, OpenAIServer, say
from tests.workflow import good
from tests.workflow.conftest import sections_in_place

QUESTIONS = ("brief", "outline", "section", "section", "frame", "judge")
FIELDS = {"problem": "brief", "title": "outline", "sentences": "section", "lead": "frame", "marks": "judge"}


def kind(body: Body) -> str:
    """Which prompt asks, told by the schema of the reply that it wants."""
    wanted = body["response_format"]["json_schema"]["schema"]["properties"]
    return next(name for field, name in FIELDS.items() if field in wanted)


class Model:
    """Answers well over the real protocol, but on the `stop`-th question it only rings and stays silent."""

    def __init__(self, stop: int) -> None:
        self.reached = threading.Event()
        self.asked: list[str] = []
        self._stop = stop
        self._answer = sections_in_place(good.REPLIES)
        self._lock = threading.Lock()

    def __call__(self, handler: Handler, body: Body) -> None:
        name = kind(body)
        with self._lock:
            self.asked.append(name)
            number = len(self.asked)
            reply = self._answer(_Named(name, body["messages"][-1]["content"]), object)
        if number == self._stop:
            self.reached.set()
            handler.server.closing.wait(60)
        else:
            say(json.dumps(reply))(handler, body)


class _Named:
    def __init__(self, name: str, user: str) -> None:
        self.name, self.user = name, user


def razbor(paper: Path, home: Path, server: OpenAIServer) -> subprocess.Popen[bytes]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("RAZBOR_", "OPENAI_"))},
        "RAZBOR_HOME": str(home),
        "RAZBOR_WRITER_BASE_URL": server.url,
        "RAZBOR_WRITER_MODEL": "good",
    }
    command = [sys.executable, "-m", "ui.cli", "digest", str(paper), "--json"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.mark.parametrize("stop", range(1, len(QUESTIONS) + 1), ids=lambda stop: f"{stop}-{QUESTIONS[stop - 1]}")
def test_kill_then_the_same_command(paper: Path, tmp_path: Path, stop: int) -> None:
    first = Model(stop)
    with OpenAIServer(first) as server:
        process = razbor(paper, tmp_path, server)
        assert first.reached.wait(60)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        process.communicate()
    second = Model(stop=0)
    with OpenAIServer(second) as server:
        process = razbor(paper, tmp_path, server)
        output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors.decode()
    result: dict[str, Any] = json.loads(output)
    assert result["outcome"] == "accepted"
    in_flight = 2 if QUESTIONS[stop - 1] == "section" else 1
    assert len(first.asked) + len(second.asked) <= len(QUESTIONS) + in_flight
    finished = set(QUESTIONS[: stop - 1]) - {QUESTIONS[stop - 1]}
    assert not set(second.asked) & finished
    with Library.open(tmp_path / "razbor.sqlite") as library:
        assert [entry.revisions for entry in library.posts()] == [1]
        assert library.usage(library.attempts()[0].digest_id).calls >= len(QUESTIONS)
