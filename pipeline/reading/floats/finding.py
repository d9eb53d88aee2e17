"""What floats beside the running text: figures, tables and algorithms, each tied to its caption."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.reading.floats.captions import lay_out
from pipeline.reading.floats.figures import find_figures
from pipeline.reading.floats.tables import cells_of, find_tables
from pipeline.reading.layout.lines import Line, join_lines
from pipeline.reading.layout.pages import Page
from pipeline.reading.text.sections import Headings
from store.records import Box, Figure, Passage, Table


@dataclass(slots=True)
class Float:
    """`caption` and `body` are indices of rows; `body` is a table's or an algorithm's text, or what is printed inside a
    figure; `bbox` is the region without the caption (the caption's where nothing was found); `cells` are a table's rows
    of equally many cells, `header` of them at the top name the columns."""

    kind: str
    number: str
    caption: list[int]
    body: list[int] = field(default_factory=list)
    bbox: Box = (0.0, 0.0, 0.0, 0.0)
    cells: list[list[str]] = field(default_factory=list)
    header: int = 1


def find_floats(rows: list[Line], pages: list[Page], headings: Headings, body: float) -> list[Float]:
    """Every captioned float; `body` is the size of the running text in points."""
    layout = lay_out(rows, pages, headings, body)
    areas = find_tables(layout)
    regions = find_figures(layout, areas) | areas
    taken = set(layout.taken)
    floats = []
    for at, caption in enumerate(layout.captions):
        one = Float(caption.kind, caption.number, caption.rows, bbox=regions.get(at, caption.box))
        if at in regions:
            one.body = _rows_inside(one.bbox, caption.page, rows, taken)
            taken.update(one.body)
        if at in areas and caption.kind == "table":
            one.cells, one.header = cells_of(areas[at], layout.pages[caption.page], caption.box)
        floats.append(one)
    return floats


def _rows_inside(box: Box, page: int, rows: list[Line], taken: set[int]) -> list[int]:
    return [
        i
        for i, row in enumerate(rows)
        if row.page == page
        and i not in taken
        and box[1] - 2 <= row.middle <= box[3] + 2
        and box[0] - 6 <= (row.box[0] + row.box[2]) / 2 <= box[2] + 6
    ]


def to_figures(
    floats: Iterable[Float], rows: Sequence[Line], words: Counter[str], passages: Sequence[Passage]
) -> tuple[Figure, ...]:
    """The figures as records, each with the passage that holds its caption."""
    return tuple(
        Figure(number=one.number, page=page, caption=caption, bbox=one.bbox, passage=passage)
        for one in floats
        if one.kind == "figure"
        for page, caption, passage in [_caption(one, rows, words, passages)]
    )


def to_tables(
    floats: Iterable[Float], rows: Sequence[Line], words: Counter[str], passages: Sequence[Passage]
) -> tuple[Table, ...]:
    """The tables as records, each with the passage that holds its caption."""
    return tuple(
        Table(
            number=one.number,
            page=page,
            caption=caption,
            rows=tuple(map(tuple, one.cells)),
            header=one.header,
            bbox=one.bbox,
            passage=passage,
        )
        for one in floats
        if one.kind == "table"
        for page, caption, passage in [_caption(one, rows, words, passages)]
    )


def _caption(
    one: Float, rows: Sequence[Line], words: Counter[str], passages: Sequence[Passage]
) -> tuple[int, str, str]:
    page = rows[one.caption[0]].page
    text = join_lines([rows[i].text for i in one.caption], words)
    return page, text, next((p.id for p in passages if p.page == page and p.text == text), "")
