"""Progress as plain lines, where stderr is no terminal, and as one live line, where it is."""

from __future__ import annotations

import os
import pty
import select
import sys

import pytest

from pipeline.digest import Stage
from pipeline.models.progress import ModelProgress
from ui.commands.progress import Bar, Progress

DONE = ModelProgress("writer", "brief", "done", 5000, 5000, 310, 62.0, 29.1)


def play(progress: Progress) -> None:
    progress.stage(Stage("brief", "begin"))
    progress.model(ModelProgress("writer", "brief", "reading", 5000, 2500, 0, 30.0, 82.0))
    progress.model(DONE)
    progress.stage(Stage("brief", "end", 62.5))
    progress.stage(Stage("write_section", "end", 0.0))  # finished by an earlier try


def test_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress() as progress:
        play(progress)
    assert capsys.readouterr().err.splitlines() == [
        "    writer, brief: 5,000 tokens of prompt, 310 written, 29.1 tokens/s, 62.0 s",
        "  brief            62.5 s",
        "  write_section     0.0 s",
    ]


def test_a_bar_without_a_terminal_speaks_each_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    with Bar("model").shown() as bar:
        for done in range(0, 101, 2):
            bar.at(done, 100)
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "model: 0 %"
    assert lines[-1] == "model: 100 %"
    assert len(lines) == 11


def read_until(terminal: int, end: str) -> str:
    """What a terminal shows, up to `end`: the kernel hands it over in parts."""
    shown = b""
    while end.encode() not in shown:
        ready, _, _ = select.select([terminal], [], [], 10)
        assert ready, f"the terminal fell silent after {shown!r}"
        shown += os.read(terminal, 65536)
    return shown.decode()


@pytest.mark.skipif(os.name == "nt", reason="a pseudo-terminal is POSIX")
def test_a_live_line_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    inner, outer = pty.openpty()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "200")  # a fresh pseudo-terminal has no width of its own
    with os.fdopen(outer, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        with Progress() as progress:
            progress.stage(Stage("brief", "begin"))
            progress.model(ModelProgress("writer", "brief", "reading", 5000, 2500, 0, 30.0, 82.0))
        shown = read_until(inner, "\x1b[?25h")  # to where the cursor is back
    os.close(inner)
    assert "reading the prompt, 50% of 5,000 tokens, 82 tokens/s" in shown
