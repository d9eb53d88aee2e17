"""How long an export of a large channel takes to import, how much memory, and how its posts are found.

`python -m tests.bench telegram [MESSAGES]`: the export is made, imported twice by the command line in processes of
their own, and once more in its HTML form.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.sources.exports import BEGIN, bold, link, message, service, write_html, write_json

ROOTS = (
    "модел",
    "судь",
    "порог",
    "метк",
    "данн",
    "обуч",
    "оценк",
    "вывод",
    "внимани",
    "токен",
    "слой",
    "ошибк",
    "риск",
)
ENDINGS = ("ь", "и", "ю", "ам", "ами", "ах", "ов", "ый", "ого", "ому", "ая", "ые")


def main(arguments: list[str]) -> None:
    count = int(arguments[0]) if arguments else 50_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.monotonic()
        maker = get_context("spawn").Process(target=make, args=(folder, count))
        maker.start()  # a process of its own: what it takes would count as its children's peak, too
        maker.join()
        exported, page = folder / "result.json", folder / "pages" / "messages.html"
        size = exported.stat().st_size / 2**20
        print(f"{count:,} messages, {size:.0f} MiB, written in {time.monotonic() - began:.0f} s", flush=True)
        print("\n| import | seconds | peak, MB | said |\n|---|---|---|---|")
        for what, path in (("JSON, first", exported), ("JSON, again", exported), ("HTML of the same", page)):
            print(row(what, path, folder / "home"), flush=True)


def make(folder: Path, count: int) -> None:
    write_json(folder / "result.json", messages(count))
    write_html(folder / "pages", list(messages(count)))


def row(what: str, path: Path, home: Path) -> str:
    from tests.bench.__main__ import run

    began = time.monotonic()
    said, peak = run(["import", "telegram", str(path), "--json"], home)
    if said.returncode:
        sys.exit(said.stderr)
    counts: dict[str, Any] = json.loads(said.stdout)
    told = ", ".join(f"{name} {counts[name]:,}" for name in ("added", "updated", "unchanged"))
    return f"| {what} | {time.monotonic() - began:.1f} | {peak:.0f} | {told} |"


def messages(count: int) -> Iterator[dict[str, Any]]:
    """A channel of many years: long posts on papers, short remarks, forwarded posts, pictures, service messages."""
    dice = random.Random(1)
    for number in range(1, count + 1):
        when, kind = BEGIN - timedelta(hours=count - number), dice.random()
        if kind < 0.02:
            yield service(number)
        elif kind < 0.3:
            paper = f"https://arxiv.org/abs/{dice.randint(1001, 2512):04}.{dice.randint(1, 19999):05}"
            parts = bold(words(dice, 6)), f"\n{words(dice, 150)}\n", {"type": "link", "text": paper}, words(dice, 100)
            yield message(number, *parts, when=when, photo=f"photos/photo_{number}.jpg")
        elif kind < 0.4:
            yield message(number, words(dice, 60), when=when, forwarded_from="Другой канал")
        else:
            yield message(number, words(dice, 40), link("тут", "https://example.org/"), when=when)


def words(dice: random.Random, count: int) -> str:
    return " ".join(dice.choice(ROOTS) + dice.choice(ENDINGS) for _ in range(count)).capitalize() + "."
