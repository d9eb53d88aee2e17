"""How well the references are read: counts, titles, marks in the text, and the links taken for the paper's own.

`python -m tests.bench references [--papers FOLDER]`. Truth is in `truth/references.json`, counted and written by hand:

- `count`: entries of the list as printed (a number with several works under it is one entry).
- `titles`: for sampled entries, how the entry begins, and its title's first and last words (`""`: it prints none).
- `own`: the addresses of the paper's own code, data and video, all of them.
- Marks: where the PDF carries LaTeX's internal links from a mark to its entry, the link's target is the truth: a mark
  is right when the entry at the target is tied to a passage on the mark's page.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.reading.backmatter.urls import same_place
from pipeline.reading.document import read_document
from pipeline.reading.opening import load_pymupdf, open_pdf
from pipeline.reading.text.sections import fold
from store.records import Document

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "pdf"
TRUTH = Path(__file__).with_name("truth") / "references.json"
TOLERATED = 0.05
KINDS = ("code", "data", "video")


@dataclass(slots=True)
class Score:
    """What was right of what was asked, and what went wrong."""

    right: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def mark(self, what: str, right: bool, told: str = "") -> None:
        self.asked[what] += 1
        self.right[what] += right
        if not right:
            self.wrong.append(f"{what}: {told}")

    def cell(self, what: str) -> str:
        return f"{self.right[what]} / {self.asked[what]}" if self.asked[what] else "–"


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench references")
    parser.add_argument("--papers", type=Path, default=SHARED)
    folder = parser.parse_args(arguments).papers
    total, counted = Score(), []
    print("| paper | references | counted by hand | titles | marks tied | own links |\n|---|---|---|---|---|---|")
    for name, truth in json.loads(TRUTH.read_text(encoding="utf-8")).items():
        path = folder / f"{name}.pdf"
        if not path.is_file():
            continue
        document = read_document(open_pdf(path, 400), "file:0")
        score = measure(path, document, truth)
        counted.append(abs(len(document.references) - truth["count"]) <= TOLERATED * truth["count"])
        cells = (score.cell(what) for what in ("title", "mark", "link"))
        print(f"| {name[:24]} | {len(document.references)} | {truth['count']} | {' | '.join(cells)} |", flush=True)
        total.right += score.right
        total.asked += score.asked
        total.wrong += [f"{name[:24]}: {wrong}" for wrong in score.wrong]
    print(f"| **all** | {sum(counted)} of {len(counted)} within 5 % | | "
          f"{' | '.join(total.cell(what) for what in ('title', 'mark', 'link'))} |")  # fmt: skip
    for wrong in total.wrong:
        print(f"- {wrong}")


def measure(path: Path, document: Document, truth: dict[str, Any]) -> Score:
    """Titles, marks and links of one paper."""
    score = Score()
    for begins, first, last in truth.get("titles", ()):
        _title(score, document, begins, first, last)
    for page, at, y in cite_links(path):
        _mark(score, document, page, at, y)
    wanted = {same_place(url).lower() for url in truth.get("own", ())}
    found = {same_place(link.url).lower() for link in document.links if link.own}
    for place in sorted(wanted | found):
        score.mark("link", place in wanted & found, f"{place} {'missed' if place in wanted else 'is not its own'}")
    return score


def _title(score: Score, document: Document, begins: str, first: str, last: str) -> None:
    entry = next((r for r in document.references if fold(r.text).startswith(fold(begins))), None)
    title = fold(entry.title) if entry else "?"
    right = title.startswith(fold(first)) and title.endswith(fold(last)) if first else not title
    score.mark("title", right, f"{begins} → {entry.title if entry else 'no such entry'}")


def _mark(score: Score, document: Document, page: int, at: int, target: str) -> None:
    """`target`: the text printed where a mark's link on `page` points, on page `at`."""
    places = [(target.find(fold(r.text)[:24]), r) for r in document.references if r.page == at]
    entry = min(((place, r) for place, r in places if place >= 0), key=lambda found: found[0], default=None)
    if entry is None:
        return
    pages = {p.id: {place.page for place in p.places} for p in document.passages}
    tied = any(page in pages[citation.passage] for citation in entry[1].citations)
    score.mark("mark", tied, f"page {page} cites {entry[1].text[:60]}")


def cite_links(path: Path) -> set[tuple[int, int, str]]:
    """From LaTeX's `cite.…` links: page of the mark, page of the entry, and how the entry begins, folded."""
    found = set()
    with load_pymupdf().open(path) as pdf:
        named = pdf.resolve_names()
        for page in pdf:
            for link in page.get_links():
                name = link.get("nameddest") or link.get("name") or ""
                if not str(name).startswith("cite.") or name not in named:
                    continue
                to = named[name]
                sheet = pdf[to["page"]]
                x, y = to["to"][0], sheet.rect.height - to["to"][1]
                clip = (x - 40, y - 3, x + sheet.rect.width * 0.44, y + 30)
                words = sheet.get_text("words", clip=clip, sort=True)
                text = fold(" ".join(word[4] for word in words if (word[1] + word[3]) / 2 > y + 5))
                found.add((page.number + 1, to["page"] + 1, text))
    return found
