"""The paper as a whole: pages of lines become a `Document`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Set
from dataclasses import dataclass, field

from pipeline.reading.columns import body_size, leading, order_lines
from pipeline.reading.floats import Float, find_floats
from pipeline.reading.front import RUN_IN_ABSTRACT, read_front
from pipeline.reading.furniture import remove_furniture
from pipeline.reading.lines import Line, join_lines, union, words_of
from pipeline.reading.links import links_of
from pipeline.reading.pages import Pdf
from pipeline.reading.paragraphs import Type, breaks, column_edges, cut_in_two, is_formula, is_prose, is_sentence
from pipeline.reading.references import split_references, unheaded
from pipeline.reading.remarks import language_of, warnings_of
from pipeline.reading.sections import ABSTRACT, APPENDIX, REFERENCES, Heading, Headings, find_headings
from store.records import Box, Document, Figure, Passage, Section, Table

SMALL = 0.7
ACKNOWLEDGEMENTS = re.compile(r"^(acknowledge?ments?|благодарности)\b[.:]?\s*", re.IGNORECASE)
NOT_ABSTRACT = re.compile(
    r"^(key ?words|index terms|ccs concepts|correspond|equal contrib|code|project page|published|ключевые слова)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Draft:
    """A passage in the making; `text` is set where rows are not simply joined (tables)."""

    rows: list[Line]
    section: str
    caption: bool = False
    text: str = ""


@dataclass(slots=True)
class Flow:
    """The running text while it is put together: an open paragraph of body type, one of small type, and the section."""

    kind: Type
    done: list[Draft] = field(default_factory=list)
    main: Draft | None = None
    small: Draft | None = None
    section: str = ""
    left_out: int = 0

    def add(self, row: Line) -> None:
        noted = self.small is not None and self.small.rows[-1].note and self.small.rows[-1].block == row.block
        if row.size < self.kind.body - SMALL or row.note or noted:
            if self.small is None or self._breaks_small(self.small.rows[-1], row):
                self.small = self._start(row)
            else:
                self.small.rows.append(row)
        elif self.main is None or breaks(self.main.rows[-1], row, self.kind):
            self.main = self._start(row)
        else:
            self.main.rows.append(row)

    def formula(self, row: Line) -> None:
        """A displayed formula ends the paragraph above it; crumbs of a figure elsewhere end nothing."""
        self.left_out += 1
        if self.main:
            above = self.main.rows[-1]
            near = 0 < row.baseline - above.baseline < 6 * self.kind.step
            if near and (above.page, above.column) == (row.page, row.column):
                self.close()

    def close(self) -> None:
        self.main = self.small = None

    def _start(self, row: Line) -> Draft:
        self.done.append(Draft([row], self.section))
        return self.done[-1]

    def _breaks_small(self, above: Line, below: Line) -> bool:
        if (above.page, above.column) != (below.page, below.column) or abs(above.size - below.size) > 0.6:
            return True
        step = below.baseline - above.baseline
        return step <= 0 or step > 1.7 * below.size or breaks(above, below, self.kind)


def read_document(pdf: Pdf, paper_id: str) -> Document:
    """Put a PDF's pages together into one document. Reads nothing but `pdf`."""
    remove_furniture(pdf.pages)
    order_lines(pdf.pages)
    rows = [line for page in pdf.pages for line in page.lines]
    kind = Type(body=(body := body_size(pdf.pages)), step=leading(rows, body), edges=column_edges(rows, body))
    headings = find_headings(rows, pdf.outline, body, kind.step)
    front = read_front(rows, headings, pdf.title, body)
    headings = {i: heading for i, heading in headings.items() if i not in front.rows}
    floats = find_floats(rows, pdf.pages, headings, body)
    words = words_of(rows)
    cited = reference_rows(rows, headings) or unheaded(rows)
    cited -= {i for one in floats for i in one.caption + one.body}
    drafts, left_out = run_through(rows, headings, floats, front.rows | cited, kind)
    references = split_references([rows[i] for i in sorted(cited)], words)
    abstract = mark_abstract(drafts, headings, words)
    passages = to_passages(drafts, words)
    return Document(
        paper_id=paper_id,
        title=front.title,
        authors=front.authors,
        abstract=abstract,
        pages=len(pdf.pages),
        language=language_of(rows),
        sections=to_sections(headings, rows),
        passages=passages,
        figures=tuple(_figure(one, rows, words) for one in floats if one.kind == "figure"),
        tables=tuple(_table(one, rows, words) for one in floats if one.kind == "table"),
        references=references,
        links=links_of(pdf.pages, _boxes(rows, cited)),
        acknowledgements=_acknowledgements(passages),
        hidden_text=tuple(pdf.hidden),
        whole=pdf.whole,
        warnings=(*pdf.warnings, *front.warnings, *warnings_of(pdf, passages, references, left_out)),
    )


def reference_rows(rows: list[Line], headings: Headings) -> set[int]:
    """Rows from the heading `References` to the next section after it (an appendix, acknowledgements)."""
    starts = [i for i, heading in headings.items() if REFERENCES.match(heading.title)]
    if not starts:
        return set()
    start = starts[-1]
    after = [i for i, h in headings.items() if i > start and (not h.number or h.number[0].isalpha() or i - start > 200)]
    return set(range(start + headings[start].rows, min(after, default=len(rows))))


def run_through(
    rows: list[Line], headings: Headings, floats: list[Float], skipped: Set[int], kind: Type
) -> tuple[list[Draft], int]:
    """Paragraphs, captions and tables in reading order, and how many fragments were left out."""
    flow = Flow(kind)
    captions = {one.caption[0]: one for one in floats}
    skipped = set(skipped) | {i for one in floats for i in one.caption + one.body}
    path: list[Heading] = []
    covered = 0
    for index, row in enumerate(rows):
        if index in headings:
            flow.close()
            heading = headings[index]
            path = [above for above in path if above.level < heading.level] + [heading]
            flow.section = _path(path)
            covered = index + heading.rows
        if index in captions:
            flow.done.extend(_float_drafts(captions[index], rows, flow.section, kind))
        if index in skipped or index < covered:
            continue
        if is_formula(row, kind):
            flow.formula(row)
        else:
            flow.add(row)
    kept = [draft for draft in flow.done if draft.caption or draft.text or is_prose(draft.rows, kind)]
    kept = rejoin(kept) or flow.done  # slides and posters have no running text: then every fragment counts
    return kept, flow.left_out + len(flow.done) - len(kept)


def rejoin(drafts: list[Draft]) -> list[Draft]:
    """Mend a paragraph that a figure's label cut in two: no sentence's end before the gap, a small letter after it."""
    whole: list[Draft] = []
    for draft in drafts:
        running = [d for d in whole[-9:] if d.section == draft.section and not d.caption and not d.text]
        before = next((d for d in reversed(running) if abs(d.rows[-1].size - draft.rows[0].size) < 0.7), None)
        if before and not draft.caption and not draft.text and cut_in_two(before.rows[-1], draft.rows[0]):
            before.rows.extend(draft.rows)
        else:
            whole.append(draft)
    return whole


def _path(path: list[Heading]) -> str:
    labels = [heading.label for heading in path]
    if path[0].number[:1].isalpha() and len(path[0].number) == 1 and not APPENDIX.match(path[0].title):
        labels.insert(0, "Appendix")
    return " / ".join(labels)


def _figure_prose(one: Float, rows: list[Line], section: str, kind: Type) -> list[Draft]:
    """Sentences printed inside a figure (prompts, examples), apart from the running text."""
    inside = Flow(kind, section=section)
    for i in one.body:
        inside.add(rows[i])
    return [draft for draft in inside.done if is_sentence(draft.rows)]


def _float_drafts(one: Float, rows: list[Line], section: str, kind: Type) -> list[Draft]:
    drafts = [Draft([rows[i] for i in one.caption], section, caption=True)]
    if one.kind == "figure":
        return drafts + _figure_prose(one, rows, section, kind)
    if one.body:
        body = [rows[i] for i in one.body]
        text = "\n".join(" | ".join(row.cells) for row in body)
        drafts.append(Draft(body, section, text=text))
    return drafts


def mark_abstract(drafts: list[Draft], headings: Headings, words: Counter[str]) -> str:
    """The abstract's text; its paragraphs get the section `Abstract` also where no heading says so."""
    own = [d for d in drafts if ABSTRACT.match(d.section) and not d.caption and not d.text]
    if not own:
        before = [d for d in drafts if not d.section and not d.caption and not d.text]
        own = [d for d in before if RUN_IN_ABSTRACT.match(d.rows[0].text)]
        own = own or [d for d in before if sum(len(row.text) for row in d.rows) > 300][:1]
        for draft in own:
            draft.section = "Abstract"
    if not own:
        return ""
    size = max(own, key=lambda d: sum(len(row.text) for row in d.rows)).rows[0].size
    texts = [join_lines([row.text for row in d.rows], words) for d in own if abs(d.rows[0].size - size) < 0.4]
    return RUN_IN_ABSTRACT.sub("", " ".join(text for text in texts if not NOT_ABSTRACT.match(text))).strip()


def to_passages(drafts: list[Draft], words: Counter[str]) -> tuple[Passage, ...]:
    """Number the drafts; a passage's page and box are those of its first column."""
    passages = []
    for number, draft in enumerate(drafts, 1):
        first = draft.rows[0]
        box = union(row.box for row in draft.rows if (row.page, row.column) == (first.page, first.column))
        text = draft.text or join_lines([row.text for row in draft.rows], words)
        passages.append(Passage(id=f"p{number}", page=first.page, bbox=box, section=draft.section, text=text))
    return tuple(passages)


def to_sections(headings: Headings, rows: list[Line]) -> tuple[Section, ...]:
    return tuple(
        Section(number=h.number, title=h.title, level=h.level, page=rows[i].page) for i, h in sorted(headings.items())
    )


def _figure(one: Float, rows: list[Line], words: Counter[str]) -> Figure:
    lines = [rows[i] for i in one.caption]
    caption = join_lines([line.text for line in lines], words)
    return Figure(number=one.number, page=lines[0].page, caption=caption, bbox=one.bbox)


def _table(one: Float, rows: list[Line], words: Counter[str]) -> Table:
    lines = [rows[i] for i in one.caption]
    cells = tuple(tuple(rows[i].cells) for i in one.body)
    return Table(
        number=one.number, page=lines[0].page, caption=join_lines([line.text for line in lines], words), rows=cells
    )


def _boxes(rows: list[Line], indices: set[int]) -> dict[int, list[Box]]:
    boxes: dict[int, list[Box]] = {}
    for index in indices:
        boxes.setdefault(rows[index].page, []).append(rows[index].box)
    return boxes


def _acknowledgements(passages: tuple[Passage, ...]) -> str:
    own = [p.text for p in passages if ACKNOWLEDGEMENTS.match(re.sub(r"^[\dA-Z.]+ ", "", p.section.split(" / ")[-1]))]
    own = own or [ACKNOWLEDGEMENTS.sub("", p.text) for p in passages if ACKNOWLEDGEMENTS.match(p.text)]
    return " ".join(own)
