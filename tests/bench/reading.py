"""How well and how fast papers are read, beside PyMuPDF's own `to_chunks` in the same run.

`python -m tests.bench reading [--papers FOLDER]`. Both are asked of a copy of each PDF whose outline was taken out.

Truth of headings: the PDF's own outline, else `truth/reading.yaml`, written by hand; papers with neither are left out.
What counts, for both alike:

- An outline's entry that is printed nowhere on its page or the next is no heading (REVTeX prints no `References`).
- A root that all other entries stand under (the paper's title, in many physics papers) is no heading, and levels count
  from the entries below it.
- Titles are compared by their letters and digits, numbers apart, in order; nine tenths alike is the same (formulas).
- Of headings that the outline leaves out though they are printed, the customary ones without a number (abstract,
  keywords, acknowledgements, references, contents, appendix), the paper's title, and those under `also_printed` are
  neither hits nor false alarms. The column *strict* counts them as false alarms.
- `to_chunks` may count levels from any base: the base that suits it best is taken, paper by paper.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from pipeline.reading.document import read_document
from pipeline.reading.opening import load_pymupdf, open_pdf
from pipeline.reading.reader import read_pdf
from store.records import Document
from tests.bench.order import mixed_passages
from tests.bench.titles import MARKUP, align, bare, fold, same

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "pdf"
TRUTH = Path(__file__).with_name("truth") / "reading.yaml"
PAPERS = 100
CUSTOMARY = re.compile(
    r"^(abstract|key ?words|index terms|ccs concepts|acknowledge?ments?|references|bibliography|(table of )?contents|"
    r"appendi(x|ces))$",
    re.IGNORECASE,
)
Entry = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Truth:
    """`headings` are titles with levels; None where nobody knows them."""

    headings: list[Entry] | None
    abstract: tuple[str, str] | None
    also_printed: frozenset[str]


@dataclass(slots=True)
class Score:
    """Counts of one paper; pooled by adding."""

    hits: int = 0
    wanted: int = 0
    found: int = 0
    strict: int = 0
    levels: int = 0
    misses: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)

    def __add__(self, other: Score) -> Score:
        names = ("hits", "wanted", "found", "strict", "levels", "misses", "alarms")
        return Score(*(getattr(self, name) + getattr(other, name) for name in names))

    @property
    def row(self) -> str:
        parts = ((self.hits, self.wanted), (self.hits, self.found), (self.hits, self.strict), (self.levels, self.hits))
        return " | ".join(f"{part / whole:.3f}" if whole else "–" for part, whole in parts)


def main(arguments: Sequence[str]) -> None:
    options = _options(arguments)
    paths = sorted(options.papers.glob("*.pdf"))
    if not paths:
        sys.exit(f"No PDFs in {options.papers}.")
    with tempfile.TemporaryDirectory() as folder:
        copies = [_without_outline(path, Path(folder)) for path in paths]
        child, peak = _in_children(copies)
        documents, seconds = _in_process(copies)
        theirs = _chunks(copies)
        truths = [truth_of(path, document) for path, document in zip(paths, documents, strict=True)]
        _print_headings(paths, documents, theirs, truths)
        _print_rest(copies, documents, truths)
        _print_speed(documents, seconds, child, peak, theirs)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench reading")
    parser.add_argument("--papers", type=Path, default=SHARED, help="folder of PDFs")
    return parser.parse_args(arguments)


def _without_outline(path: Path, folder: Path) -> Path:
    with contextlib.closing(load_pymupdf().open(path)) as document:
        document.set_toc([])
        document.save(folder / path.name, garbage=1)
    return folder / path.name


def _in_children(paths: Sequence[Path]) -> tuple[float, float]:
    """Seconds a page through `read_pdf`, and the peak memory in MB of its children, over a hundred papers."""
    pages, began = 0, time.perf_counter()
    for number in range(PAPERS):
        pages += read_pdf(paths[number % len(paths)], "file:0").pages
    seconds = (time.perf_counter() - began) / pages
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000


def _in_process(paths: Sequence[Path]) -> tuple[list[Document], float]:
    documents, began = [], time.perf_counter()
    for path in paths:
        documents.append(read_document(open_pdf(path, 1000), "file:0"))
    return documents, (time.perf_counter() - began) / sum(document.pages for document in documents)


def _chunks(paths: Sequence[Path]) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.bench.chunks", *map(str, paths)]
    said = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in said.stdout.splitlines()]


def truth_of(path: Path, document: Document) -> Truth:
    by_hand = yaml.safe_load(TRUTH.read_text("utf-8")).get(path.stem, {})
    written = [(f"{number} {title}", level) for number, title, level in by_hand.get("headings", ())]
    headings = written if "headings" in by_hand else _outline(path) or None
    abstract = by_hand.get("abstract")
    also = {fold(title) for title in (*by_hand.get("also_printed", ()), document.title)}
    return Truth(headings, tuple(abstract) if abstract else None, frozenset(also))


def _outline(path: Path) -> list[Entry]:
    """The PDF's own outline by the rules above."""
    with contextlib.closing(load_pymupdf().open(path)) as document:
        entries = [(level, title, page) for level, title, page, *_ in document.get_toc() if fold(title)]
        if len(entries) > 2 and all(level > entries[0][0] for level, *_ in entries[1:]):
            entries = [(level - 1, title, page) for level, title, page in entries[1:]]
        lines = {number + 1: list(_raw_lines(document[number])) for number in range(document.page_count)}
    return [
        (title, level)
        for level, title, page in entries
        if any(_prints(lines.get(at, []), title) for at in (page, page + 1))
    ]


def _raw_lines(page: Any) -> Iterator[str]:
    """Printed rows: pieces on one baseline belong together (`3.1   Data`)."""
    words = sorted(page.get_text("words"), key=lambda word: (word[5], word[6]))
    last, row = None, ""
    for _, _, _, bottom, text, block, *_ in words:
        if last is not None and ((block != last[1] and abs(bottom - last[0]) > 2) or abs(bottom - last[0]) > 4):
            yield row
            row = ""
        row, last = f"{row} {text}".strip(), (bottom, block)
    yield row


def _prints(lines: list[str], title: str) -> bool:
    wanted = bare(title)
    for start in range(len(lines)):
        for count in (1, 2, 3):
            if same(bare(" ".join(lines[start : start + count])), wanted):
                return True
    return False


def score(found: Sequence[Entry], truth: Truth, *, any_base: bool = False) -> Score:
    """Headings found against those wanted: the longest run of pairs that keeps the order of both."""
    wanted = truth.headings or []
    ours, theirs = [bare(title) for title, _ in found], [bare(title) for title, _ in wanted]
    pairs = align(ours, theirs)
    matched = {i for i, _ in pairs}
    spurious = [i for i in range(len(found)) if i not in matched]
    alarms = [i for i in spurious if not _allowed(found[i][0], truth)]
    bases = range(-2, 3) if any_base else (0,)
    levels = max(sum(found[i][1] + base == wanted[j][1] for i, j in pairs) for base in bases)
    missed = {j for _, j in pairs}
    return Score(
        hits=len(pairs),
        wanted=len(wanted),
        found=len(pairs) + len(alarms),
        strict=len(pairs) + len([i for i in spurious if not CUSTOMARY.match(found[i][0].strip())]),
        levels=levels,
        misses=[title for j, (title, _) in enumerate(wanted) if j not in missed],
        alarms=[found[i][0] for i in alarms],
    )


def _allowed(title: str, truth: Truth) -> bool:
    plain = MARKUP.sub("", title).strip(" .:")
    name = fold(plain)
    return bool(CUSTOMARY.match(plain)) or any(
        name == also or (len(name) > 15 and name in also) for also in truth.also_printed
    )


def abstract_right(document: Document, truth: Truth) -> bool:
    first, last = truth.abstract or ("", "")
    text = fold(document.abstract)
    return bool(text) and text.startswith(fold(first)) and text.endswith(fold(last))


def _print_headings(
    paths: Sequence[Path], documents: Sequence[Document], theirs: Sequence[dict[str, Any]], truths: Sequence[Truth]
) -> None:
    print("Section headings, with the outline taken out: recall, precision (strict: see the rules), levels right\n")
    print(
        "| paper | headings | recall | precision | strict | levels | to_chunks: recall | precision | strict | levels |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    sums = Score(), Score()
    for path, document, chunked, truth in zip(paths, documents, theirs, truths, strict=True):
        if truth.headings is None:
            continue
        own = score([(f"{s.number} {s.title}".strip(), s.level) for s in document.sections], truth)
        other = score([(title, level) for level, title in chunked["sections"]], truth, any_base=True)
        sums = sums[0] + own, sums[1] + other
        print(f"| {path.stem[:24]} | {own.wanted} | {own.row} | {other.row} |")
        for what, titles in (("missed", own.misses), ("false", own.alarms)):
            for title in titles:
                print(f"  {path.stem[:24]}: {what}: {title}", file=sys.stderr)
    print(f"| **all** | {sums[0].wanted} | {sums[0].row} | {sums[1].row} |\n")


def _print_rest(paths: Sequence[Path], documents: Sequence[Document], truths: Sequence[Truth]) -> None:
    known = [
        (path, document, truth)
        for path, document, truth in zip(paths, documents, truths, strict=True)
        if truth.abstract
    ]
    wrong = [path.stem for path, document, truth in known if not abstract_right(document, truth)]
    passages = mixed = 0
    for path, document in zip(paths, documents, strict=True):
        looked, found = mixed_passages(path, document)
        passages, mixed = passages + looked, mixed + len(found)
        for passage in found:
            print(f"  {path.stem[:24]}: mixes columns: {passage.id} {passage.text[:90]}", file=sys.stderr)
    print("| what | right | of |\n|---|---|---|")
    names = f" (wrong: {', '.join(wrong)})" if wrong else ""
    print(f"| abstract{names} | {len(known) - len(wrong)} | {len(known)} |")
    print(f"| passages that keep to the order of the columns | {passages - mixed} | {passages} |\n")


def _print_speed(
    documents: Sequence[Document], seconds: float, child: float, peak: float, theirs: Sequence[dict[str, Any]]
) -> None:
    pages = sum(document.pages for document in documents)
    other = sum(chunked["seconds"] for chunked in theirs) / pages
    print("| reading | ms a page | times faster |\n|---|---|---|")
    for name, own in (
        ("Razbor, in the process", seconds),
        ("Razbor, in its child process", child),
        ("to_chunks", other),
    ):
        print(f"| {name} | {1000 * own:.1f} | {other / own:.1f} |")
    print(f"\nPeak memory of the reading processes over {PAPERS} papers: {peak:.0f} MB.")
