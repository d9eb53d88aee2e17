"""How long a dump of metadata takes to import, how much memory, and what a search then costs.

`python -m tests.bench metadata [FILES]`: each file is imported twice by the command line in processes of their own;
without files, 20,000 records are made.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

RECORDS = 20_000


def main(arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = [Path(file) for file in arguments] or [made(folder / "made.jsonl.gz")]
        print("| import | seconds | peak, MB | said |\n|---|---|---|---|")
        for again in ("", ", again"):
            rows = [row(f"{file.name}{again}", ["import", "metadata", str(file)], folder / "home") for file in files]
            print(f"| all{again} | {sum(rows):.1f} | | |", flush=True)
        row("search", ["search", "calibrated thresholds for a judge", "--limit", "1"], folder / "home")
        size = sum(path.stat().st_size for path in (folder / "home").glob("razbor.sqlite*")) / 2**20
        print(f"\nThe library has {size:.0f} MiB.")


def made(path: Path) -> Path:
    """Records with abstracts of the usual length, over a vocabulary with the usual law of frequencies."""
    dice = random.Random(7)
    words = ["".join(dice.choices("aeioubcdfglmnprst", k=dice.randint(2, 11))) for _ in range(30_000)]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    with gzip.open(path, "wt", encoding="utf-8") as file:
        for number in range(RECORDS):
            text = dice.choices(words, weights, k=180)
            record: dict[str, Any] = {
                **{"id": f"26{1 + number // 5000:02}.{number % 5000:05}", "title": " ".join(text[:10])},
                **{"abstract": " ".join(text[10:]), "authors": text[:4], "categories": ["cs.CL"]},
            }
            file.write(json.dumps(record) + "\n")
    return path


def row(what: str, arguments: list[str], home: Path) -> float:
    """Print one line of the table; the seconds."""
    from tests.bench.__main__ import run

    began = time.monotonic()
    said, peak = run(arguments, home)
    seconds = time.monotonic() - began
    if said.returncode:
        sys.exit(said.stderr)
    print(f"| {what} | {seconds:.1f} | {peak:.0f} | {said.stdout.strip().splitlines()[0][:80]} |", flush=True)
    return seconds
