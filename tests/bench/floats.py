"""How well captions are tied to their figures and tables, and tables read as rows, beside PyMuPDF's `to_chunks` and
`find_tables` (both with the layout models) in the same run.

`python -m tests.bench floats [--papers FOLDER]`. Truth is `truth/floats.json`, written by hand from the rendered pages:
every caption's page, a rough box around its figure or table, and of most tables the number of rows under the header, of
columns, and some rows in full. What counts:

- *Tied*: a caption with that number on that page, whose region shares half of the area covered by it and by the box.
- *As rows*: a region as above (whatever its caption, which `find_tables` does not know), the number of columns, the
  number of rows give or take one (three more where the header's height is not told), and each row written down in full,
  cell by cell, by letters and digits alone. Where two numbers of columns are given, labels are printed sideways beside
  the first column; where several numbers of rows are given, cells hold several lines. *text* are boxes of running text
  that are called tables.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.reading.document import read_document
from pipeline.reading.opening import open_pdf
from store.records import Box

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "pdf"
TRUTH = Path(__file__).with_name("truth") / "floats.json"
CAPTION = re.compile(r"^\W*(?:fig(?:ure|\.)?|tab(?:le|\.)?)[\s_*]*([A-Z]?\.?\d+|[A-Z])\b", re.IGNORECASE)
MARKUP = re.compile(r"<[^>]*>|[*_~`]")
SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Found:
    """A figure or a table as someone read it; `rows` under the header, `spare` of them may be the header's."""

    number: str
    page: int
    box: Box
    rows: list[list[str]] = field(default_factory=list)
    spare: int = 0


@dataclass(slots=True)
class Count:
    """Right ones of all, summed over papers by name."""

    right: dict[str, int] = field(default_factory=dict)
    wanted: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, right: bool) -> None:
        self.right[name] = self.right.get(name, 0) + right
        self.wanted[name] = self.wanted.get(name, 0) + 1

    def cell(self, name: str) -> str:
        return f"{self.right[name]}/{self.wanted[name]}" if name in self.wanted else "–"

    def share(self, name: str) -> str:
        return f"{self.cell(name)} = {self.right[name] / self.wanted[name]:.2f}" if name in self.wanted else "–"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench floats")
    parser.add_argument("--papers", type=Path, default=SHARED, help="folder of PDFs")
    folder = parser.parse_args(arguments).papers
    truth = {
        name: one for name, one in json.loads(TRUTH.read_text("utf-8")).items() if (folder / f"{name}.pdf").exists()
    }
    if not truth:
        sys.exit(f"None of the papers is in {folder}.")
    paths = [folder / f"{name}.pdf" for name in truth]
    theirs = _chunks(paths, truth.values())
    readers = ("Razbor", "to_chunks", "find_tables")
    names = [(kind, reader) for kind in ("figures", "tables") for reader in readers[:2]]
    names += [(kind, reader) for kind in ("booktabs", "grid", "text") for reader in readers]
    print("| paper | " + " | ".join(f"{kind}: {reader}" for kind, reader in names) + " |")
    print("|---" * (len(names) + 1) + "|")
    total, seconds, pages, extra = Count(), 0.0, 0, 0
    for path, other, wanted in zip(paths, theirs, truth.values(), strict=True):
        began = time.perf_counter()
        figures, tables, count = _razbor(path)
        seconds, pages = seconds + time.perf_counter() - began, pages + count
        mine = Count()
        found = {"Razbor": (figures, tables), "to_chunks": _captioned(other)}
        for score in (mine, total):
            for reader, (own_figures, own_tables) in found.items():
                _tie(score, reader, wanted, {"figures": own_figures, "tables": own_tables})
                _rows(score, reader, wanted, own_tables)
            _rows(
                score,
                "find_tables",
                wanted,
                [Found("", t["page"], t["box"], _cells(t["rows"]), 3) for t in other["found"]],
            )
        extra += len({f.number for f in figures} - set(wanted["figures"]))
        extra += len({t.number for t in tables} - set(wanted["tables"]))
        print(f"| {path.stem[:24]} | " + " | ".join(mine.cell(f"{kind} {reader}") for kind, reader in names) + " |")
    print("| **all** | " + " | ".join(total.share(f"{kind} {reader}") for kind, reader in names) + " |")
    print(f"\nCaptions that Razbor found and nobody printed: {extra}.")
    print(f"Razbor reads the whole paper in {1000 * seconds / pages:.0f} ms a page, ", end="")
    print(f"to_chunks in {1000 * sum(other['seconds'] for other in theirs) / pages:.0f} ms.")


def _chunks(paths: Sequence[Path], truths: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    jobs = []
    for path, truth in zip(paths, truths, strict=True):
        pages = sorted({table["page"] for table in truth["tables"].values() if "cells" in table})
        jobs.append(f"{path}:{','.join(map(str, pages))}")
    command = [sys.executable, "-m", "tests.bench.float_chunks", *jobs]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in said.stdout.splitlines()]


def _razbor(path: Path) -> tuple[list[Found], list[Found], int]:
    document = read_document(open_pdf(path, 1000), "file:0")
    figures = [Found(f.number, f.page, f.bbox) for f in document.figures]
    tables = [Found(t.number, t.page, t.bbox or (0, 0, 0, 0), _cells(t.rows[t.header :])) for t in document.tables]
    return figures, tables, document.pages


def _captioned(other: dict[str, Any]) -> tuple[list[Found], list[Found]]:
    """What `to_chunks` found, by the number in its caption."""
    made: list[list[Found]] = []
    for kind in ("figures", "tables"):
        made.append([])
        for one in other[kind]:
            match = CAPTION.match(MARKUP.sub("", one["caption"]))
            rows = [re.split(r"(?<!\\)\|", line.strip().strip("|")) for line in one.get("markdown", "").splitlines()]
            rows = [row for row in rows if row != [""] and not all(re.fullmatch(r"\s*:?-+:?\s*", cell) for cell in row)]
            made[-1].append(Found(match[1] if match else "", one["page"], one["box"], _cells(rows), 3))
    return made[0], made[1]


def _cells(rows: Iterable[Iterable[str | None]]) -> list[list[str]]:
    return [["".join(c for c in MARKUP.sub("", cell or "").lower() if c.isalnum()) for cell in row] for row in rows]


def _tie(score: Count, reader: str, wanted: dict[str, Any], found: dict[str, list[Found]]) -> None:
    for kind, own in found.items():
        for number, truth in wanted[kind].items():
            score.add(f"{kind} {reader}", any(one.number == number and _same(one, truth) for one in own))


def _rows(score: Count, reader: str, wanted: dict[str, Any], found: list[Found]) -> None:
    for truth in wanted["tables"].values():
        if "cells" in truth:
            score.add(f"{truth['kind']} {reader}", any(_same(one, truth) and _reads(one, truth) for one in found))


def _same(one: Found, truth: dict[str, Any]) -> bool:
    return one.page == truth["page"] and _shared(one.box, truth["box"]) >= SHARE


def _reads(one: Found, truth: dict[str, Any]) -> bool:
    count = any(wanted - 1 <= len(one.rows) <= wanted + 1 + one.spare for wanted in truth["rows"])
    width = {len(row) for row in one.rows} <= set(truth["columns"])
    full = _cells(truth["cells"])
    return count and width and all(any(row[-len(cells) :] == cells for row in one.rows) for cells in full)


def _shared(one: Sequence[float], two: Sequence[float]) -> float:
    """The part of the area covered by two boxes that both cover."""
    width, height = min(one[2], two[2]) - max(one[0], two[0]), min(one[3], two[3]) - max(one[1], two[1])
    both = max(0.0, width) * max(0.0, height)
    sizes = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, two))
    return both / (sizes - both) if both else 0.0
