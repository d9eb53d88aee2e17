"""Measures what the README says: `make bench`, `python -m tests.bench digest FILE …` for papers of your own, or
`python -m tests.bench NAME` for one of `BENCHES`.

Every figure is of a fresh process over a fresh data folder; the embedded model's file is taken from the usual one.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from pipeline.models.endpoints import from_settings
from pipeline.prompts import PromptBook
from pipeline.settings import load
from pipeline.writing.prefix import paper_layer
from store.library import Library
from tests.bench import floats, metadata, mutated, reading, references, reviews, telegram

ROOT = Path(__file__).resolve().parent.parent.parent
RAZBOR = Path(sys.executable).with_name("razbor")
SAMPLE = ROOT / "tests" / "sample" / "paper.pdf"


BENCHES: dict[str, Callable[[list[str]], None]] = {
    "reading": reading.main,
    "floats": floats.main,
    "references": references.main,
    "mutated": mutated.main,
    "metadata": metadata.main,
    "reviews": reviews.main,
    "telegram": telegram.main,
}


def main(arguments: list[str]) -> None:
    """Run the bench that is named first; without a name, or with `digest FILE …`, what a digest takes."""
    name = arguments[0] if arguments else ""
    if name in BENCHES:
        BENCHES[name](arguments[1:])
    elif name in ("", "digest"):
        digests([Path(given) for given in arguments[1:]] or [SAMPLE], commands=not name)
    else:
        sys.exit(f"There is no bench {name!r}; known: digest, {', '.join(BENCHES)}")


def digests(papers: Sequence[Path], *, commands: bool) -> None:
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}"
    )
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "models").symlink_to(load().home / "models")
        print("\n| paper | outcome | wall, s | model, s | uncached / paper tokens | ratio | reply tokens | peak, MB |")
        print("|---|---|---|---|---|---|---|---|")
        for paper in papers:
            print(digest_row(paper, home), flush=True)
        if commands:
            command_lines(home)


def digest_row(paper: Path, home: Path) -> str:
    """One line of the table: a digest in a process of its own."""
    began = time.monotonic()
    said, peak = run(["digest", str(paper), "--json"], home)
    wall = time.monotonic() - began
    result: dict[str, Any] = json.loads(said.stdout)
    if "usage" not in result:
        return f"| {paper.name} | failed: {result.get('error')} | {wall:.0f} | | | | | {peak:.0f} |"
    usage = result["usage"]
    uncached, own = usage["prompt_tokens"] - usage["cached_tokens"], paper_tokens(home, result["paper_id"])
    return (
        f"| {paper.name} | {result['outcome']} | {wall:.0f} | {usage['seconds']:.0f} | {uncached} / {own} | "
        f"{uncached / own:.2f} | {usage['completion_tokens']} | {peak:.0f} |"
    )


def paper_tokens(home: Path, paper_id: str) -> int:
    """The tokens of the paper's own text as the model is given it, counted by the model's tokenizer."""
    with Library.open(home / "razbor.sqlite") as library:
        text = paper_layer(library.document(paper_id), PromptBook().glossary)
    address = from_settings(load(home=home))["writer"].address()
    answer = requests.post(
        address.base_url.removesuffix("/v1") + "/tokenize",
        json={"content": text},
        headers={"Authorization": f"Bearer {address.api_key.get_secret_value()}"},
        timeout=60,
    )
    answer.raise_for_status()
    return len(answer.json()["tokens"])


def command_lines(home: Path) -> None:
    """Start of the command line, best of five; search in a fresh process, best of three."""
    helped = min(seconds(["--help"], home) for _ in range(5))
    searched = min(seconds(["search", "сколько меток нужно судье"], home) for _ in range(3))
    loaded = subprocess.run(
        [sys.executable, "-X", "importtime", str(RAZBOR), "search", "порог"],
        env=environment(home),
        capture_output=True,
        text=True,
        check=True,
    ).stderr
    torch = bool(re.search(r"\|\s+torch$", loaded, re.MULTILINE))
    print(f"\n| command | best, s |\n|---|---|\n| `razbor --help` | {helped:.2f} |")
    print(f"| `razbor search`, cold{' (imports torch!)' if torch else ', no torch'} | {searched:.2f} |")


def seconds(arguments: list[str], home: Path) -> float:
    began = time.monotonic()
    said, _ = run(arguments, home)
    if said.returncode:
        sys.exit(f"razbor {' '.join(arguments)}: {said.stderr}")
    return time.monotonic() - began


def run(arguments: list[str], home: Path) -> tuple[subprocess.CompletedProcess[str], float]:
    """Run razbor in a process of its own; return what it said and its peak resident memory in MB."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen([str(RAZBOR), *arguments], env=environment(home), stdout=output, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        said = subprocess.CompletedProcess(arguments, process.returncode, output.read(), errors.read())
    return said, usage.ru_maxrss / 1000


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "RAZBOR_HOME": str(home), "RAZBOR_LLM": "embedded"}


if __name__ == "__main__":
    main(sys.argv[1:])
