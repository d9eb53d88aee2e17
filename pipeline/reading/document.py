"""The paper as a whole: pages of lines become a `Document`."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Set
from dataclasses import dataclass, field, replace

from pipeline.reading.backmatter.acknowledgements import find_acknowledgements
from pipeline.reading.backmatter.citations import tie
from pipeline.reading.backmatter.links import links_of
from pipeline.reading.backmatter.references import find_entries, to_references
from pipeline.reading.floats.finding import Float, find_floats, to_figures, to_tables
from pipeline.reading.floats.main_figure import find_main_figure
from pipeline.reading.layout.columns import body_size, leading, order_lines
from pipeline.reading.layout.furniture import remove_furniture
from pipeline.reading.layout.lines import Line, join_lines, union, words_of
from pipeline.reading.layout.pages import Pdf
from pipeline.reading.remarks import language_of, warnings_of
from pipeline.reading.text.front import RUN_IN_ABSTRACT, read_front
from pipeline.reading.text.paragraphs import Type, breaks, column_edges, cut_in_two, is_formula, is_prose, is_sentence
from pipeline.reading.text.sections import (
    ABSTRACT,
    APPENDIX,
    NO_SECTION,
    Heading,
    Headings,
    contents_rows,
    find_headings,
)
from store.records import Document, Passage, PassageKind, Place, Section

SMALL = 0.7
FLOATING = ("caption", "table", "figure")
NOT_ABSTRACT = re.compile(
    r"^(key ?words|index terms|ccs concepts|correspond|equal contrib|code|project page|published|ключевые слова)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Draft:
    """A passage in the making; `text` is set where rows are not simply joined (tables)."""

    rows: list[Line]
    section: str
    kind: PassageKind = "text"
    appendix: bool = False
    text: str = ""


@dataclass(slots=True)
class Flow:
    """The running text while it is put together: an open paragraph of body type, one of small type, and the section."""

    kind: Type
    done: list[Draft] = field(default_factory=list)
    main: Draft | None = None
    small: Draft | None = None
    section: str = ""
    appendix: bool = False
    left_out: int = 0

    def add(self, row: Line) -> None:
        noted = self.small is not None and self.small.rows[-1].note and self.small.rows[-1].block == row.block
        if row.size < self.kind.body - SMALL or row.note or noted:
            if self.small is None or self._breaks_small(self.small.rows[-1], row):
                self.small = self._start(row)
                self.small.kind = "footnote" if row.note else "text"
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
        self.done.append(Draft([row], self.section, appendix=self.appendix))
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
    entries = find_entries(rows, headings, {i for one in floats for i in one.caption + one.body})
    cited = {i for entry in entries for i in entry}
    drafts, left_out = run_through(rows, headings, floats, front.rows | cited | contents_rows(rows), kind)
    references = to_references(entries, rows, words)
    abstract = mark_abstract(drafts, words, kind)
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
        figures=(figures := to_figures(floats, rows, words, passages)),
        main_figure=find_main_figure(figures, passages, pdf.pages),
        tables=to_tables(floats, rows, words, passages),
        references=tie(passages, references),
        links=links_of(rows, pdf.pages, cited, front.title),
        acknowledgements=find_acknowledgements(passages),
        hidden_text=tuple(pdf.hidden),
        whole=pdf.whole,
        ocr=pdf.ocr,
        warnings=(*pdf.warnings, *front.warnings, *warnings_of(pdf, passages, references, left_out)),
    )


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
            flow.section, flow.appendix = _path(path), heading.appendix
            covered = index + heading.rows
        if index in captions:
            flow.done.extend(_float_drafts(captions[index], rows, flow))
        if index in skipped or index < covered:
            continue
        if is_formula(row, kind):
            flow.formula(row)
        else:
            flow.add(row)
    kept = [draft for draft in flow.done if draft.kind in FLOATING or is_prose(draft.rows, kind)]
    kept = rejoin(kept) or flow.done  # slides and posters have no running text: then every fragment counts
    return kept, flow.left_out + len(flow.done) - len(kept)


def rejoin(drafts: list[Draft]) -> list[Draft]:
    """Mend a paragraph that a figure's label cut in two: no sentence's end before the gap, a small letter after it."""
    whole: list[Draft] = []
    for draft in drafts:
        running = [d for d in whole[-9:] if d.section == draft.section and d.kind == draft.kind]
        before = next((d for d in reversed(running) if abs(d.rows[-1].size - draft.rows[0].size) < 0.7), None)
        if before and draft.kind not in FLOATING and cut_in_two(before.rows[-1], draft.rows[0]):
            before.rows.extend(draft.rows)
        else:
            whole.append(draft)
    return whole


def _path(path: list[Heading]) -> str:
    labels = [heading.label for heading in path]
    if path[0].appendix and not APPENDIX.match(path[0].title):
        labels.insert(0, "Appendix")
    return " / ".join(labels)


def _float_drafts(one: Float, rows: list[Line], flow: Flow) -> list[Draft]:
    """A float's caption, then a table's rows or the sentences printed inside a figure (prompts, examples)."""
    drafts = [Draft([rows[i] for i in one.caption], flow.section, "caption", flow.appendix)]
    body = [rows[i] for i in one.body]
    if one.kind == "figure":
        inside = Flow(flow.kind, section=flow.section, appendix=flow.appendix)
        for row in body:
            inside.add(row)
        return drafts + [replace(draft, kind="figure") for draft in inside.done if is_sentence(draft.rows)]
    if body:
        text = "\n".join(" | ".join(cells) for cells in one.cells or [row.cells for row in body])
        drafts.append(Draft(body, flow.section, "table", flow.appendix, text))
    return drafts


def mark_abstract(drafts: list[Draft], words: Counter[str], kind: Type) -> str:
    """The abstract's text; its paragraphs get the section `Abstract` also where no heading says so."""
    own = [d for d in drafts if ABSTRACT.match(d.section) and d.kind == "text"]
    if not own:
        own = _unheaded_abstract([d for d in drafts if not d.section and d.kind == "text"], kind)
        for draft in own:
            draft.section = "Abstract"
    if not own:
        return ""
    size = max(own, key=lambda d: sum(len(row.text) for row in d.rows)).rows[0].size
    texts = [join_lines([row.text for row in d.rows], words) for d in own if abs(d.rows[0].size - size) < 0.4]
    texts = list(itertools.takewhile(lambda text: not NOT_ABSTRACT.match(text), texts))
    return RUN_IN_ABSTRACT.sub("", " ".join(texts)).strip()


def _unheaded_abstract(before: list[Draft], kind: Type) -> list[Draft]:
    """Of the text before the first heading: what begins with `Abstract.` or else is long, while its type goes on."""
    labelled = [i for i, d in enumerate(before) if RUN_IN_ABSTRACT.match(d.rows[0].text)]
    long = [i for i, d in enumerate(before) if sum(len(row.text) for row in d.rows) > 300]
    start = (labelled or long or [len(before)])[0]
    own = before[start : start + 1]
    for draft in before[start + 1 :]:
        above, below = own[-1].rows[-1], draft.rows[0]
        same = (above.page, above.column) == (below.page, below.column) and abs(above.size - below.size) < 0.3
        near = 0 < below.baseline - above.baseline < 1.4 * kind.step
        if not (same and near) or NOT_ABSTRACT.match(below.text):
            break
        own.append(draft)
    return own


def to_passages(drafts: list[Draft], words: Counter[str]) -> tuple[Passage, ...]:
    """Number the drafts; `page` and `bbox` are those of the first of their places."""
    passages = []
    for number, draft in enumerate(drafts, 1):
        parts = itertools.groupby(draft.rows, key=lambda row: (row.page, row.column))
        places = tuple(Place(page=key[0], bbox=union(row.box for row in part)) for key, part in parts)
        passages.append(
            Passage(
                id=f"p{number}",
                page=places[0].page,
                bbox=places[0].bbox,
                section=draft.section,
                text=draft.text or join_lines([row.text for row in draft.rows], words),
                kind=draft.kind,
                appendix=draft.appendix,
                places=places,
            )
        )
    return tuple(passages)


def to_sections(headings: Headings, rows: list[Line]) -> tuple[Section, ...]:
    """The headings as records, without those of the title page's lists (keywords)."""
    return tuple(
        Section(number=h.number, title=h.title, level=h.level, page=rows[i].page, appendix=h.appendix)
        for i, h in sorted(headings.items())
        if not NO_SECTION.match(h.title)
    )
