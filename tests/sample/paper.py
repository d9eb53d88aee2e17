"""Make paper.pdf from results.json: check every claim of the prose, fill in the numbers, draw, set in two columns.

The text is paper.html, a Jinja template without numbers of its own. facts.py holds what the prose says in words; when
a new run of the experiment contradicts it, no paper is made.
"""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymupdf
from jinja2 import Environment, StrictUndefined

from tests.sample.facts import Facts, check
from tests.sample.floats import (
    BOTTOM,
    COLUMN,
    GAP,
    GUTTER,
    MARGIN,
    PAGE,
    TOP,
    WIDTH,
    figure_one,
    figure_two,
    stack,
    story,
    style,
    table_one,
    table_two,
)

HERE = Path(__file__).parent
RESULTS, TEMPLATE, PAPER = HERE / "results.json", HERE / "paper.html", HERE / "paper.pdf"
TITLE = "How Many Labels Does a Promise Cost? Fixed-Sequence Testing for Abstaining LLM Judges"
AUTHOR = "The Razbor developers"


def prose(f: Facts) -> dict[str, str]:
    """The sections of paper.html by id, numbers filled in."""
    environment = Environment(undefined=StrictUndefined, autoescape=False)  # our own text, no foreign input
    environment.filters.update(
        pct=lambda value, digits=0: f"{100 * value:.{digits}f}%",
        points=lambda value, digits=0: f"{100 * value:.{digits}f}",
        num=lambda value: f"{round(value):,}",
        share=lambda value: f"{value:.2f}",
    )
    html = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(f.names())
    return {
        part.split('"', 1)[0]: f'<div id="{part}'.replace("</section>", "</div>")
        for part in html.split('<section id="')[1:]
    }


def bands(f: Facts) -> dict[int, list[tuple[float, pymupdf.Document]]]:
    """Tables and figures at the top of pages: page index → (left edge, piece)."""
    return {
        2: [(MARGIN, stack(table_one(f), figure_one(f), gap=GAP))],
        3: [(MARGIN, figure_two(f)), (MARGIN + COLUMN + GUTTER, table_two(f))],
    }


def columns(top: float) -> Iterator[pymupdf.Rect]:
    yield pymupdf.Rect(MARGIN, top, MARGIN + COLUMN, BOTTOM)
    yield pymupdf.Rect(MARGIN + COLUMN + GUTTER, top, MARGIN + WIDTH, BOTTOM)


def set_text(parts: dict[str, str], tops: dict[int, float]) -> tuple[pymupdf.Document, list[list]]:
    """The running text in two columns below the bands, and the outline of its headings."""
    buffer, outline = io.BytesIO(), []
    writer = pymupdf.DocumentWriter(buffer)

    def note(position: Any) -> None:
        if position.heading == 2 and position.text and position.open_close & 1:
            outline.append([1, position.text, position.page])

    def place(html: pymupdf.Story, box: pymupdf.Rect, page: int) -> tuple[bool, float]:
        more, filled = html.place(box)
        html.element_positions(note, {"page": page})
        html.draw(device)
        return bool(more), filled[3]

    body, more, index = story(parts["body"] + parts["references"]), True, 0
    while more:
        device, top = writer.begin_page(PAGE), tops.get(index, TOP)
        if index == 0:
            for part, inset in (("front", 0), ("abstract", 30)):
                _, top = place(story(parts[part]), pymupdf.Rect(MARGIN + inset, top, MARGIN + WIDTH - inset, BOTTOM), 1)
            top += GAP
        for box in columns(top):
            if more:
                more, _ = place(body, box, index + 1)
        number = pymupdf.Rect(MARGIN, BOTTOM + 12, MARGIN + WIDTH, BOTTOM + 30)
        place(story(f'<p class="number">{index + 1}</p>'), number, index + 1)
        writer.end_page()
        index += 1
    writer.close()
    return pymupdf.open(stream=buffer.getvalue(), filetype="pdf"), outline


def build(results: dict) -> bytes:
    """The paper as PDF bytes, the same for the same results and versions. Raises ClaimBroken."""
    facts = Facts(results)
    check(facts)
    style()
    floats = bands(facts)
    tops = {index: TOP + max(piece[0].rect.height for _, piece in band) + GAP for index, band in floats.items()}
    document, outline = set_text(prose(facts), tops)
    for index, band in floats.items():
        for left, piece in reversed(band):  # behind and before the text, so that the page reads in order
            box = piece[0].rect + pymupdf.Rect(left, TOP, left, TOP)
            document[index].show_pdf_page(box, piece, overlay=False)
    document.set_toc(outline)
    document.set_metadata({"title": TITLE, "author": AUTHOR, "subject": "Sample paper of the Razbor project"})
    document.subset_fonts()
    return document.tobytes(garbage=4, deflate=True, deflate_fonts=True, use_objstms=1, no_new_id=True)


if __name__ == "__main__":
    PAPER.write_bytes(build(json.loads(RESULTS.read_text(encoding="utf-8"))))
