"""The lists of references: where they stand, and how they fall into entries."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Sequence, Set
from statistics import median

from pipeline.reading.backmatter.entry import ADDRESS, ARXIV, YEAR, parse_reference
from pipeline.reading.backmatter.names import UPPER, WORD, read_authors
from pipeline.reading.backmatter.urls import goes_on
from pipeline.reading.layout.lines import Line, join_two
from pipeline.reading.text.sections import Headings
from store.records import Reference

TITLE = re.compile(
    r"^(?:[\dIVX]{1,4}[.)]?\s+)?(?:(?:supplementary|supplemental|additional|appendix|selected|further|cited)\s)?"
    r"(?:r\s?eferences?|b\s?ibliography|l\s?iterature|works cited|références|referencias|literatur(?:verzeichnis)?|"
    r"литература|источники|библиография|библиографический список|использованн(?:ые|ая) (?:источники|литература)|"
    r"(?:библиографический )?список (?:использованн(?:ых|ой) )?(?:литературы|источников)(?: и литературы)?)"
    r"(?: (?:cited|and notes|list|for .{3,40}))?\s?[.:]?$",
    re.IGNORECASE,
)
MARKS = (  # `[7]` · `7.` · `(7)` · `7 Jung`
    re.compile(r"\[(\d{1,3})\]"),
    re.compile(r"(\d{1,3})[.)](?=\s|[^\W\d])"),
    re.compile(r"\((\d{1,3})\)"),
    re.compile(rf"(\d{{1,3}})\s+(?=[{UPPER}“\"])"),
)
NAMED = re.compile(r"\[[^\W\d_][\w+*.,’'& -]{1,34}\]")
FULL_NAMES = re.compile(rf"{WORD}(?:\s(?:{WORD}|[{UPPER}]\.)){{1,3}}(?:,|\sand\b|\.\s)")
AFTER = re.compile(
    r"^(?:received|revised|accepted|published online|final manuscript|manuscript received|publisher[’']s note|"
    r"open access|©|copyright|поступила|статья поступила)\b",
    re.IGNORECASE,
)
ENDED = re.compile(r"[.)\]?!”\"]$|\d$|\S[/_]\S*$")
LEAST_UNHEADED = 4
RESTART = 3

Entries = list[list[int]]


def find_entries(rows: list[Line], headings: Headings, skipped: Set[int]) -> Entries:
    """The entries of every list, each as the indices of its rows; rows in `skipped` (floats) are in none."""
    heads = _running_heads(rows)
    entries: Entries = []
    for start, end in _lists(rows, headings):
        own = [i for i in range(start, end) if i not in skipped and i not in heads]
        entries.extend(split_entries(rows, _without_notes(rows, own)))
    return entries or _unheaded(rows, [i for i in range(len(rows)) if i not in skipped and i not in heads])


def to_references(entries: Entries, rows: list[Line], words: Counter[str]) -> tuple[Reference, ...]:
    """The entries as records; a printed mark is their label where most of them bear one."""
    texts = [entry_text([rows[i].text for i in entry], words) for entry in entries]
    marks = [next((m[0] for mark in (*MARKS[:3], NAMED) if (m := mark.match(text))), "") for text in texts]
    bare = [m[1] if (m := MARKS[3].match(text)) else "" for text in texts]
    labels = max((marks, bare), key=lambda found: sum(map(bool, found)))
    if sum(map(bool, labels)) < 0.6 * len(texts):
        labels = [""] * len(texts)
    return tuple(
        parse_reference(text, label, rows[entry[0]].page)
        for text, label, entry in zip(texts, labels, entries, strict=True)
    )


def entry_text(texts: Sequence[str], words: Counter[str]) -> str:
    """The rows of one entry as one text, broken words and broken addresses mended."""
    joined = ""
    for text in texts:
        joined = text if not joined else joined + text if goes_on(joined, text) else join_two(joined, text, words)
    return joined


def _lists(rows: list[Line], headings: Headings) -> list[tuple[int, int]]:
    """First row and end of every list: from its title to the next heading that is no entry."""
    titled = {i: i + h.rows for i, h in headings.items() if TITLE.match(h.title)}
    titled |= {i: i + 1 for i, row in enumerate(rows) if i not in titled and TITLE.match(row.text) and _opens(rows, i)}
    stops = sorted(i for i, h in headings.items() if i in titled or not (YEAR.search(h.title) or len(h.title) > 110))
    found: list[tuple[int, int]] = []
    for start in sorted(titled):
        if found and start < found[-1][1]:
            continue  # a running head
        found.append((titled[start], next((i for i in stops if i >= titled[start]), len(rows))))
    return found


def _opens(rows: list[Line], title: int) -> bool:
    """Whether entries follow a lone word `References`: not so in a table of contents."""
    return sum(1 for row in rows[title + 1 : title + 9] if _dated(row.text)) >= 2


def _dated(text: str) -> bool:
    return bool(YEAR.search(text) or ARXIV.search(text) or ADDRESS.search(text))


def _running_heads(rows: list[Line]) -> set[int]:
    """Rows whose text, digits aside, stands at the top or bottom of three pages."""
    pages: defaultdict[str, set[int]] = defaultdict(set)
    edge = [i for i in range(len(rows)) if _outermost(rows, i)]
    for i in edge:
        pages[re.sub(r"\d+", "#", rows[i].text)].add(rows[i].page)
    return {i for i in edge if len(pages[re.sub(r"\d+", "#", rows[i].text)]) >= RESTART}


def _without_notes(rows: list[Line], own: list[int]) -> list[int]:
    """A list's rows without the footnotes and the page's heads between them: type of another size."""
    if not own:
        return []
    usual = Counter(round(rows[i].size) for i in own).most_common(1)[0][0]
    blocks = {(rows[i].page, rows[i].block) for i in own if rows[i].note and rows[i].size < usual - 0.3}
    return [
        i
        for i in own
        if (rows[i].page, rows[i].block) not in blocks and not (abs(rows[i].size - usual) > 0.8 and _outermost(rows, i))
    ]


def _outermost(rows: list[Line], index: int) -> bool:
    """The first or last row of its page."""
    beside = [rows[i].page for i in (index - 1, index + 1) if 0 <= i < len(rows)]
    return len(beside) < 2 or any(page != rows[index].page for page in beside)


def split_entries(rows: list[Line], own: list[int]) -> Entries:
    """Entries by their marks (`[7]`, `7.`, `[ABC+17]`), else as indents, gaps and sense tell them apart."""
    if not own:
        return []
    lines = [rows[i] for i in own]
    starts = marked(lines)
    if not starts:
        shapes = ((_hanging(lines), 0.2), (_indented(lines), 0.1), (_spaced(lines), 0.1), (_by_sense(lines), 0.0))
        starts = max(shapes, key=lambda shape: _fit(lines, shape[0]) + shape[1])[0]
    entries: Entries = []
    for at, index in enumerate(own):
        if at in starts or not entries:
            entries.append([])
        entries[-1].append(index)
    return _without_tail(rows, [entry for entry in entries if len(" ".join(rows[i].text for i in entry)) > 15])


def marked(lines: Sequence[Line]) -> set[int]:
    """Rows that begin with the marks of a list; empty where there are none."""
    edges = _left_edges(lines)
    at_edge = [line.box[0] < edges[line.page, line.column] + 14 for line in lines]
    best: set[int] = set()
    for mark in MARKS:
        numbers = {i: int(m[1]) for i, line in enumerate(lines) if at_edge[i] and (m := mark.match(line.text))}
        chain = _chain(numbers)
        if len(chain) > len(best) and min(chain) < 2:
            best = chain
    named = {i for i, line in enumerate(lines) if at_edge[i] and NAMED.match(line.text)}
    if len(named) > len(best) and 0 in named and len(named) >= max(2, len(lines) / 12):
        return named
    return best if len(best) > 1 or (best and len(lines) < 8 and lines[0].text[0] == "[") else set()


def _chain(numbers: dict[int, int]) -> set[int]:
    """Marks that count up by one (a lost one is forgiven), from the first one on or anew from 1."""
    chain: set[int] = set()
    last = None
    for index, number in numbers.items():
        if last is None or 0 < number - last <= 2 or (number == 1 and last >= RESTART):
            chain.add(index)
            last = number
    return chain


def _left_edges(lines: Sequence[Line]) -> dict[tuple[int, int], float]:
    """Where the first rows of entries begin, by page and column; a column without any is taken for its neighbours."""
    left: dict[tuple[int, int], float] = {}
    for line in lines:
        key = (line.page, line.column)
        left[key] = min(left.get(key, line.box[0]), line.box[0])
    filled = Counter((line.page, line.column) for line in lines)
    for key, own in list(left.items()):
        usual = min((x for (_, column), x in left.items() if column == key[1] and abs(x - own) < 30), default=own)
        if filled[key] < 6:
            left[key] = usual
    return left


def _hanging(lines: Sequence[Line]) -> set[int]:
    """First rows stand further left than the rest."""
    left = _left_edges(lines)
    return {i for i, line in enumerate(lines) if line.box[0] < left[line.page, line.column] + 3}


def _indented(lines: Sequence[Line]) -> set[int]:
    """First rows stand further right than the rest."""
    left = _left_edges(lines)
    return {i for i, line in enumerate(lines) if 5 < line.box[0] - left[line.page, line.column] < 40} | {0}


def _spaced(lines: Sequence[Line]) -> set[int]:
    """A wider gap, or the top of a column after a finished entry, begins an entry."""
    steps = [b.baseline - a.baseline for a, b in itertools.pairwise(lines) if b.baseline > a.baseline]
    usual = sorted(steps)[len(steps) // 3] if steps else 0.0
    starts = {0}
    for i in range(1, len(lines)):
        step = lines[i].baseline - lines[i - 1].baseline
        if step > 1.15 * usual or (step < 0 and _may_start(lines, i)):
            starts.add(i)
    return starts


def _by_sense(lines: Sequence[Line]) -> set[int]:
    """Names of authors after a finished, dated entry begin the next; full names, after a short row only."""
    starts, since = {0}, 0
    right = max(line.box[2] for line in lines)
    for i in range(1, len(lines)):
        if not (_may_start(lines, i) and any(_dated(line.text) for line in lines[since:i])):
            continue
        short = lines[i - 1].box[2] < right - 10 and FULL_NAMES.match(lines[i].text)
        if short or read_authors(lines[i].text).form:
            starts.add(i)
            since = i
    return starts


def _may_start(lines: Sequence[Line], i: int) -> bool:
    first = lines[i].text[0]
    return bool(ENDED.search(lines[i - 1].text)) and (first.isupper() or not first.isalpha())


def _fit(lines: Sequence[Line], starts: set[int]) -> float:
    """How far entries that begin at `starts` read like entries: the mean of good beginnings and of dated entries."""
    ordered = sorted(starts | {0})
    ends = [*ordered[1:], len(lines)]
    good = 0.0
    for start, end in zip(ordered, ends, strict=True):
        text = " ".join(line.text for line in lines[start:end])
        begins = start == 0 or _may_start(lines, start)
        good += begins * (0.5 + 0.5 * _dated(text)) * (len(text) > 20) * (end - start < 30)
        good -= max(0, len(YEAR.findall(text)) - 4) * 0.15
    return good / len(ordered) + 0.02 * min(1.0, len(ordered) / max(1, len(lines) / 4))


def _without_tail(rows: list[Line], entries: Entries) -> Entries:
    """Without what follows a list unheaded: dates of receipt, notices, text in other type or far below."""
    sizes = [rows[i].size for entry in entries for i in entry]
    usual = median(sizes) if sizes else 0.0
    kept: Entries = []
    for number, entry in enumerate(entries):
        if AFTER.match(rows[entry[0]].text) and number > 1:
            break
        cut = _cut(rows, entry, usual) if number >= len(entries) - 2 else len(entry)
        kept.append(entry[:cut])
        if cut < len(entry):
            break
    return kept


def _cut(rows: list[Line], entry: list[int], usual: float) -> int:
    """How many rows of an entry belong to it, where nothing but the page's end stops it."""
    for at in range(1, len(entry)):
        above, row = rows[entry[at - 1]], rows[entry[at]]
        below = row.baseline - above.baseline
        far = row.page == above.page and row.column == above.column and below > 2.4 * row.size
        other = abs(row.size - usual) > 0.8 or (row.page != above.page and ENDED.search(above.text) and at > 12)
        if (far or other or AFTER.match(row.text)) and ENDED.search(above.text):
            return at
    return len(entry)


def _unheaded(rows: list[Line], own: list[int]) -> Entries:
    """A list `[1] … [2] … [3] …` in the second half that no heading announces (the habit of physics journals)."""
    for start in reversed(
        [at for at, i in enumerate(own) if i > len(rows) * 0.4 and re.match(r"\[1\]|1\.\s", rows[i].text)]
    ):
        entries = split_entries(rows, _without_notes(rows, own[start:]))
        texts = [" ".join(rows[i].text for i in entry) for entry in entries]
        dated = sum(1 for text in texts if _dated(text))
        same = sum(1 for text in texts if any(mark.match(text) for mark in MARKS[:2]))
        if len(entries) >= LEAST_UNHEADED and dated >= 0.6 * len(entries) and same >= 0.9 * len(entries):
            return entries
    return []
