"""What a person wants from arXiv: papers by their ids, or a search in arXiv's own query language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pipeline.errors import InputError, UnknownPaper
from pipeline.sources.identity import Target, arxiv_target, identify

Sort = Literal["relevance", "submitted", "updated"]
Order = Literal["ascending", "descending"]
# https://info.arxiv.org/help/api/user-manual.html#query_details
FIELDS = r"ti|au|abs|co|jr|cat|rn|id|all|submittedDate|lastUpdatedDate"
RAW = re.compile(rf"(?:^|[\s(])(?:{FIELDS}):\S|(?:^|\s)(?:AND|OR|ANDNOT)\s")
WORD = re.compile(r'"([^"]+)"|(\S+)')
NAMED = re.compile(r"https?://|(?:arxiv|openreview):|\d{4}\.\d+(?:v\d+)?$", re.IGNORECASE)
FIRST, LAST = date(1991, 8, 1), date(2999, 12, 31)


@dataclass(frozen=True)
class Query:
    """A search. `words` may be raw arXiv syntax (`ti:judge AND cat:cs.CL`); all parts must hold.

    Several categories mean any of them, several authors all of them; the dates are of the first submission, both
    included. Without a `sort`, words are sorted by relevance and anything else by submission.
    """

    words: str = ""
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    sort: Sort | None = None
    order: Order = "descending"
    limit: int = 10

    @property
    def sorted_by(self) -> Sort:
        return self.sort or ("relevance" if self.words else "submitted")

    @property
    def filtered(self) -> bool:
        return bool(self.categories or self.authors or self.since or self.until)

    def expression(self) -> str:
        """The query in arXiv's language.

        Raises:
            InputError: nothing to search for, or a window that ends before it begins.
        """
        if self.since and self.until and self.since > self.until:
            raise InputError("The window ends before it begins.", "Give --since a date before --until.")
        parts = [_words(self.words), _any("cat", self.categories), *(_field("au", name) for name in self.authors)]
        if self.since or self.until:
            parts.append(f"submittedDate:[{self.since or FIRST:%Y%m%d}0000 TO {self.until or LAST:%Y%m%d}2359]")
        wanted = " AND ".join(filter(None, parts))
        if not wanted:
            raise InputError("Nothing to search for.", "Give words, --category, --author or a date.")
        return wanted


def meant(words: Sequence[str], query: Query) -> list[Target] | Query:
    """The papers that the words name by id or URL, or else the query with the words in it.

    Raises:
        UnknownPaper: a URL or an id that is none of arXiv's.
        InputError: a file, or ids mixed with words or filters.
    """
    whole = arxiv_target(" ".join(words))  # a stamp copied from page one has spaces
    pieces = [piece for word in words for piece in (re.split(r"[,\s]+", word.strip()) if _ids(word) else [word])]
    targets = [whole] if whole else [target for piece in pieces if (target := arxiv_target(piece))]
    others = [] if whole else [piece for piece in pieces if not arxiv_target(piece)]
    for other in others:
        _refuse_named(other)
    if not targets:
        return Query(**{**query.__dict__, "words": " ".join(filter(None, map(str.strip, others)))})
    if others or query.filtered:
        mixed = f"“{others[0]}” is no arXiv id." if others else "Ids cannot be filtered."
        raise InputError(mixed, "Give either ids and URLs, or words with --category, --author, --since and --until.")
    return targets


def _ids(word: str) -> bool:
    return all(arxiv_target(piece) for piece in re.split(r"[,\s]+", word.strip()))


def _refuse_named(word: str) -> None:
    """What looks like an id, a URL or a file is no word to search for."""
    if NAMED.match(word):
        target = identify(word)
        raise UnknownPaper(f"{target.paper_id} is no arXiv paper.", "Give an arXiv id or URL.")
    if ("/" in word or word.lower().endswith(".pdf")) and "\0" not in word and Path(word).expanduser().is_file():
        raise InputError(f"{word} is a file.", "Give an arXiv id, URL or words; a file is for `razbor read`.")


def _words(words: str) -> str:
    if not words or RAW.search(words):
        return f"({words})" if words else ""
    return " AND ".join(filter(None, (_field("all", phrase or word) for phrase, word in WORD.findall(words))))


def _any(field: str, values: Sequence[str]) -> str:
    found = " OR ".join(f"{field}:{re.sub(r'[^A-Za-z0-9.*-]', '', value)}" for value in values)
    return f"({found})" if len(values) > 1 else found


def _field(field: str, value: str) -> str:
    """One term; what is more than letters and digits goes in quotes, where no sign has a meaning."""
    plain = " ".join(re.sub(r'["\\()\[\]]', " ", value).split())
    if not plain:
        return ""
    return f"{field}:{plain}" if plain.isalnum() else f'{field}:"{plain}"'
