"""The head of the paper: title and authors."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.reading.layout.lines import Line, clean
from pipeline.reading.text.sections import KNOWN, Headings, fold

AFFILIATION = re.compile(
    r"universit|institut|college|school|department|laborator|\blabs?\b|\binc\b|\bltd\b|google|microsoft|research\b|deepmind|"
    r"openai|apple|meta ai|academy|centre|center|corporation|facult|hospital|abstract|conference|workshop|journal|"
    r"proceedings|published|preprint|correspond|equal contrib|contributions?$|bytedance|@|http|www\.|"
    r"\.com|\.edu|, (usa|uk|china|germany|france|canada|russia)\b|университет|институт",
    re.IGNORECASE,
)
NO_TITLE = re.compile(r"draft|submitted|accepted|preprint|published|journal|\b(19|20)\d\d\b", re.IGNORECASE)
NAME = re.compile(r"^[^\W\d_][\w.'’`-]*(?: (?:[^\W\d_][\w.'’`-]*|de|van|von|der|la|di)){1,4}$")
RUN_IN_ABSTRACT = re.compile(r"^(abstract|аннотация)\s*[—–:.-]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Front:
    """`rows` are indices of the rows that hold the title, the authors and their addresses."""

    title: str
    authors: tuple[str, ...]
    rows: frozenset[int]
    warnings: tuple[str, ...] = ()


def read_front(rows: list[Line], headings: Headings, meta_title: str, body: float) -> Front:
    """Title: the largest type on page one; the title in the file's metadata is believed when the page prints it."""
    first = rows[0].page
    page = [i for i, row in enumerate(rows) if row.page == first]
    end = _end_of_front(rows, headings, page)
    title_rows = _printed(rows, page, meta_title) or _largest(rows, [i for i in page if i < end] or page, body)
    if not title_rows:
        title = meta_title or rows[0].text
        return Front(title, (), frozenset(), (f"No title was found in the type of page 1; taken: “{title[:80]}”.",))
    title = clean(" ".join(rows[i].text for i in title_rows))
    between = [i for i in page if title_rows[-1] < i < end]
    return Front(title, _authors(rows, between, body), frozenset({*title_rows, *between, *range(title_rows[0])}))


def _end_of_front(rows: list[Line], headings: Headings, page: list[int]) -> int:
    """The row where the abstract or the first section begins."""
    largest = max(rows[i].top_size for i in page)
    starts = [
        i
        for i, heading in headings.items()
        if i in set(page)
        and (
            KNOWN.match(heading.title) or heading.number in ("1", "I") or (heading.sure and rows[i].top_size < largest)
        )
    ]
    run_in = [i for i in page if RUN_IN_ABSTRACT.match(rows[i].text)]
    long = [
        i
        for i in page[1:]
        if len(rows[i].text) > 60 and not AFFILIATION.search(rows[i].text) and _run(rows, i, 60) >= 3
    ]
    return min([*starts, *run_in, *long[:1], page[-1] + 1])


def _run(rows: list[Line], index: int, least: int) -> int:
    """How many long rows of one size follow each other."""
    count = 0
    for row in rows[index : index + 4]:
        if len(row.text) < least or abs(row.size - rows[index].size) > 0.5 or row.text.count(",") > 2:
            break
        count += 1
    return count


def _printed(rows: list[Line], page: list[int], title: str) -> list[int]:
    """The rows of page one that print the metadata's title."""
    wanted = fold(title)
    if len(wanted) < 12:
        return []
    for start in page[:25]:
        text = ""
        for at in range(start, min(start + 5, page[-1] + 1)):
            text += fold(rows[at].text)
            if text == wanted:
                return list(range(start, at + 1))
            if not wanted.startswith(text):
                break
    return []


def _largest(rows: list[Line], page: list[int], body: float) -> list[int]:
    able = [i for i in page if sum(c.isalpha() for c in rows[i].text) >= 6 and rows[i].top_size > body * 1.1]
    if not able:
        loud = [i for i in page[:12] if (rows[i].bold or rows[i].text.isupper()) and not NO_TITLE.search(rows[i].text)]
        return [i for i in loud if len(rows[i].text) > 12][:1]
    start = max(able, key=lambda i: (_weight(rows[i]), -i))
    size = rows[start].top_size
    found = [start]
    for i in range(start + 1, page[-1] + 1):
        if rows[i].top_size < size - 0.6 or rows[i].baseline - rows[i - 1].baseline > 2 * size:
            break
        found.append(i)
    return found


def _weight(row: Line) -> float:
    """Size of type; a large logo or journal name has one or two words, a title more."""
    return round(row.top_size * (1.0 if len(row.text.split()) > 2 else 0.6))


def _authors(rows: list[Line], between: list[int], body: float) -> tuple[str, ...]:
    """Names between title and abstract: best effort, in printed order."""
    names: list[str] = []
    for i in between:
        if AFFILIATION.search(rows[i].text) or rows[i].size < body - 1.6:
            continue
        for cell in rows[i].cells:
            for part in re.split(r",|;|&|•|·|\band\b|\bи\b", cell):
                name = re.sub(r"[\d*∗†‡§¶♠♣♥♦⋆^]+", "", part).strip(" .")
                if NAME.match(name) and name[0].isupper() and name not in names:
                    names.append(name)
    return tuple(names)
