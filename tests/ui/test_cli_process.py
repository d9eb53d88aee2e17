"""What only a process of its own can show: imports, streams, time, Ctrl-C, the dashboard's start."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from store.files import Home
from store.library import Library
from tests.models.openai_server import Body, Handler, OpenAIServer
from tests.pdfs import make_paper
from tests.ui.conftest import DRAFT

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {
    *("torch", "pydantic", "openai", "langgraph", "langchain_core", "sqlalchemy", "chromadb", "numpy", "rich"),
    *("streamlit", "pymupdf", "jinja2", "requests", "yaml"),
}


def environment(home: Path, **variables: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("RAZBOR_", "OPENAI_"))}
    return {**clean, "RAZBOR_HOME": str(home), **variables}


def razbor(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ui.cli", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment(home, **variables), capture_output=True, text=True, check=False
    )


def modules(*arguments: str, home: Path) -> set[str]:
    """The packages that a command has imported when it ends."""
    code = (
        "import sys, json\nfrom ui.cli import app\n"
        f"try:\n    app({list(arguments)!r})\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "finally:\n    json.dump(sorted({name.split('.')[0] for name in sys.modules}), sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(home), capture_output=True, text=True, check=False
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


def test_help_loads_only_typer(tmp_path: Path) -> None:
    loaded = modules("--help", home=tmp_path)
    assert "typer" in loaded
    assert not loaded & HEAVY


def test_a_search_loads_no_torch_and_no_model_client(seeded: Path) -> None:
    loaded = modules("search", "судья", "--json", home=seeded)
    assert "chromadb" in loaded
    assert not loaded & {"torch", "sentence_transformers", "openai", "langgraph", "streamlit", "pymupdf"}


def test_help_is_quick(tmp_path: Path) -> None:
    def seconds() -> float:
        begun = time.perf_counter()
        assert razbor(tmp_path, "--help").returncode == 0
        return time.perf_counter() - begun

    assert min(seconds() for _ in range(3)) < 0.4


def test_json_and_words_keep_to_their_streams(seeded: Path) -> None:
    done = razbor(seeded, "show", DRAFT, "--json", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stderr == ""
    assert json.loads(done.stdout)["post"]["text"].startswith("Сколько меток")
    missing = razbor(seeded, "show", "nothing")
    assert (missing.returncode, missing.stdout) == (2, "")
    assert len(missing.stderr.splitlines()) == 1
    wrong = razbor(seeded, "list", RAZBOR_MAX_ROUNDS="many")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert len(wrong.stderr.splitlines()) == 1


def test_a_reader_that_hangs_up_is_no_error(seeded: Path) -> None:
    command = f"{sys.executable} -m ui.cli show {DRAFT} | head -1"
    done = subprocess.run(
        ["sh", "-c", command], cwd=ROOT, env=environment(seeded), capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("Сколько меток")
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_at_once_with_the_command_that_continues(tmp_path: Path) -> None:
    paper = make_paper(tmp_path / "a paper.pdf")
    waiting = threading.Event()

    def silent(handler: Handler, body: Body) -> None:
        waiting.set()
        handler.server.closing.wait(60)

    with OpenAIServer(silent) as server:
        process = subprocess.Popen(
            [sys.executable, "-m", "ui.cli", "digest", str(paper)],
            cwd=ROOT,
            env=environment(tmp_path / "home", RAZBOR_WRITER_BASE_URL=server.url),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert waiting.wait(60)
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert time.monotonic() - begun < 5
    assert process.returncode == 130
    assert out == ""
    assert err.splitlines()[-1] == f"Stopped. Continue with: razbor digest '{paper}'"
    with Library.open(Home(tmp_path / "home").database) as library:
        assert [attempt.outcome for attempt in library.attempts()] == [None]
    listed = json.loads(razbor(tmp_path / "home", "list", "--json").stdout)
    assert len(listed["unfinished"]) == 1


def test_ui_starts_the_dashboard_on_loopback(seeded: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", "ui", "--port", str(port)],
        cwd=ROOT,
        env=environment(seeded),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        assert f"http://127.0.0.1:{port}" in process.stderr.readline()
        assert _healthy(f"http://127.0.0.1:{port}/_stcore/health", seconds=30)
        busy = razbor(seeded, "ui", "--port", str(port))
        assert busy.returncode == 2
        assert "is in use" in busy.stderr
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _healthy(url: str, seconds: float) -> bool:
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                return bool(answer.read() == b"ok")
        except OSError:
            time.sleep(0.1)
    return False


@pytest.mark.parametrize("command", ["digest", "nightly", "show", "models", "prompts", "doctor"])
def test_every_help_speaks(tmp_path: Path, command: str) -> None:
    assert razbor(tmp_path, command, "--help").stdout.startswith("Usage: razbor")
