"""Marks in the running text tied to the references they point at: `[3, 5–7]`, `word^7`, `Jung et al. (2024)`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.reading.backmatter.entry import without_label, year_of
from pipeline.reading.backmatter.names import PARTICLES, UPPER, read_authors
from pipeline.reading.text.sections import fold
from store.records import Citation, Passage, Reference

RANGE = r"\d{1,3}(?:\s?[–—-]\s?\d{1,3})?"
NUMBERS = rf"{RANGE}(?:\s?[,;]\s?{RANGE})*"
BRACKETS = re.compile(rf"\[(?:(?:see|e\.g\.|cf\.|Ref\.|Refs\.)[,\s]*)?({NUMBERS})(?:,\s[^\[\]\d][^\[\]]{{0,40}})?\]")
RAISED = re.compile(rf"(?<=[^\W\d_.,;)\]”\"])[.,;]?\^({NUMBERS})(?![\w^])")
ROUND = re.compile(rf"(?<!Eq\. )(?<!Eqs\. )(?<!equation )(?<!Fig\. )(?<!Table )(?<!step )\(({NUMBERS})\)")
NAMED = re.compile(r"\[([^\[\]]{2,80})\]")
YEAR = r"(?:19|20)\d\d[a-z]?"
YEARS = rf"{YEAR}(?:\s?[,–&-]\s?(?:{YEAR}|[a-z]\b))*"
LETTERS = r"[^\W\d_]"
NAME = rf"(?:(?:{PARTICLES}\s){{0,3}}[{UPPER}]{LETTERS}{{0,30}}(?:[’'‐˘¸˙˝-]{LETTERS}{{1,30}}){{0,4}})"
SEVERAL = rf"(?:,\s{NAME}){{0,3}},?\s(?:and|&|и)\s{NAME}(?:\s{NAME}){{0,2}}"
NAMES = rf"{NAME}(?:\s{NAME}){{0,3}}(?:{SEVERAL}|,?\s(?:et\sal\b\.?|и др\.))?"
IN_TEXT = re.compile(rf"({NAMES})(?:[’']s?)?,?\s?[(\[]({YEARS})(?=[)\],;])[^()\[\]]{{0,60}}[)\]]")
GROUP = re.compile(rf"[(\[]([^()\[\]]*?\b{YEAR}(?:[^()\[\]]|\({YEARS}\))*)[)\]]")
PART = re.compile(rf"({NAMES}),?\s\(?({YEARS})")


@dataclass(frozen=True, slots=True)
class Work:
    """What a mark must name: the place in the list, the folded authors, the first one's family name, the year.

    `many` says that there are three authors or more.
    """

    at: int
    label: str
    authors: str
    words: frozenset[str]
    first: str
    title: str
    year: str
    letter: str
    many: bool


def tie(passages: Sequence[Passage], references: Sequence[Reference]) -> tuple[Reference, ...]:
    """The references, each with the marks that cite it and the passages where they stand, in reading order."""
    works = [_work(at, reference) for at, reference in enumerate(references)]
    found: defaultdict[int, dict[tuple[str, str], Citation]] = defaultdict(dict)
    for marker, at, passage in (*_by_label(passages, works), *_by_name(passages, works)):
        found[at].setdefault((marker, passage), Citation(marker=marker, passage=passage))
    order = {passage.id: number for number, passage in enumerate(passages)}
    return tuple(
        reference.model_copy(update={"citations": tuple(sorted(found[at].values(), key=lambda c: order[c.passage]))})
        for at, reference in enumerate(references)
    )


def _work(at: int, reference: Reference) -> Work:
    body = without_label(reference.text) if reference.label else reference.text
    authors = read_authors(body)
    year, letter = year_of(body)
    text = re.split(r"\bet al\b|и др\.", authors.text)[0]
    names = [name for name in re.split(r"[,;&]|\sand\s|\sи\s", text) if re.search(rf"{LETTERS}{{2}}", name)]
    first = names[0] if names else ""
    first = re.sub(
        rf"(?:\s[{UPPER}]{{1,3}}|\s(?:[{UPPER}]\.\s?-?)+)$" if authors.form.startswith("family") else r"$^", "", first
    )
    return Work(
        at=at,
        label=re.sub(r"\W", "", reference.label) if re.fullmatch(r"\W*\d+\W*", reference.label) else reference.label,
        authors=fold(authors.text),
        words=frozenset(fold(word) for word in re.split(r"[\s,;]+", text)),
        first=fold(first.split()[-1]) if first.split() else "",
        title=fold(reference.title) or str(at),
        year=str(year or ""),
        letter=letter,
        many=len(names) > 2 or text != authors.text,
    )


def _by_label(passages: Sequence[Passage], works: Sequence[Work]) -> Iterator[tuple[str, int, str]]:
    """Marks that print labels; where lists repeat their labels, the appendix cites the last of them."""
    labels: defaultdict[str, list[int]] = defaultdict(list)
    for work in works:
        labels[work.label].append(work.at)
    labels.pop("", None)
    if not labels:
        return
    forms = [BRACKETS, RAISED]
    if all(label.isdigit() for label in labels) and not any(BRACKETS.search(p.text) for p in passages):
        forms.append(ROUND)
    for passage in passages:
        for form in forms:
            for match in form.finditer(passage.text):
                numbers = _numbers(match[1])
                if (
                    numbers
                    and all(number in labels for number in numbers)
                    and not _interval(passage.text, match.start())
                ):
                    yield from ((match[0].lstrip(".,;"), labels[n][-passage.appendix], passage.id) for n in numbers)
        for match in NAMED.finditer(passage.text):
            marks = [f"[{mark.strip()}]" for mark in re.split(r"[,;]", match[1])]
            yield from ((match[0], labels[mark][-passage.appendix], passage.id) for mark in marks if mark in labels)


def _numbers(text: str) -> list[str]:
    """`3, 5–7` → 3, 5, 6, 7; empty where it does not count up."""
    numbers: list[str] = []
    for part in re.split(r"[,;]", text):
        first, *last = (int(number) for number in re.findall(r"\d+", part))
        if last and not first < last[0] < first + 60:
            return []
        numbers.extend(str(n) for n in range(first, (last or [first])[0] + 1))
    return numbers


def _interval(text: str, at: int) -> bool:
    return bool(
        re.search(
            r"(?:∈|\bin the (?:range|interval)|\brange|\bbetween|\binterval|[=×∈]|\bt|\bx)\s?$",
            text[max(0, at - 25) : at],
        )
    )


def _by_name(passages: Sequence[Passage], works: Sequence[Work]) -> Iterator[tuple[str, int, str]]:
    """Marks that print names and a year."""
    dated: defaultdict[str, list[Work]] = defaultdict(list)
    for work in works:
        dated[work.year].append(work)
    for passage in passages:
        for match in IN_TEXT.finditer(passage.text):
            yield from ((match[0], at, passage.id) for at in _named(match[1], match[2], dated))
        for group in GROUP.finditer(passage.text):
            names = ""
            for piece in re.split(r";", group[1]):
                if part := re.search(PART, piece):
                    names = part[1]
                    yield from ((part[0], at, passage.id) for at in _named(part[1], piece[part.start(2) :], dated))
                elif names and re.match(rf"\s*{YEARS}", piece):
                    yield from ((f"{names}, {piece.strip()}", at, passage.id) for at in _named(names, piece, dated))


def _named(names: str, years: str, dated: dict[str, list[Work]]) -> Iterator[int]:
    """The works of these authors in these years (`2023a,b`, `2019, 2020`); none where several would do."""
    parts = re.split(r",|\sand\s|\s&\s|\sи\s|\bet\sal\b\.?|и др\.", names)
    listed = [part.split() for part in parts if part.strip()]
    many = bool(re.search(r"\bet\sal\b|и др", names))
    year = ""
    for token in re.findall(rf"{YEAR}|(?<=[,–&-])[a-z]\b", re.sub(r"\s", "", years)):
        year, letter = (token[:4], token[4:]) if token[:1].isdigit() else (year, token)
        # `First, Jung and Choi (2024)`: what stands before the names may look like one
        tails = (listed[start:] for start in range(len(listed)))
        fitting = next(filter(None, ([w for w in dated.get(year, ()) if _fits(w, tail)] for tail in tails)), [])
        exact = [work for work in fitting if work.letter == letter] or ([] if letter and len(fitting) > 1 else fitting)
        if len({work.title for work in exact}) > 1:
            exact = [work for work in exact if work.many == many]
        if len({work.title for work in exact}) == 1:
            yield from (work.at for work in exact)


def _fits(work: Work, listed: Sequence[list[str]]) -> bool:
    """Whether the mark's first name is the work's, and its second one, where there is one, is among the authors."""
    if not work.first:
        return False
    whole = fold("".join(listed[0]))  # an institution: `Mosaic ML Team`, printed with more words in the list
    known = {fold(word) for word in listed[0]} <= work.words and len(listed[0]) > 1 and not work.many
    first = fold(listed[0][-1]) == work.first or whole == work.authors or known
    return first and all(fold(name[-1]) in work.words for name in listed[1:2])
