"""Which forum discusses a paper: by the arXiv id that it prints, else by title and authors. Never by a guess.

Titles are compared without case, accents, TeX and punctuation; authors by their surnames. Two forums that fit (a paper
rejected at one venue and accepted at the next) are no match: they are named, and a person picks one.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from store.records import Forum, Paper

LIKE_TITLE = 0.9
"""`difflib` ratio of the folded titles from which two titles are one, when the authors agree too."""
SAME_AUTHORS = 0.5
"""Share of the shorter list's surnames that both lists have."""
TELLING_TITLE = 4
"""Words; a shorter title alone, with hidden authors, proves nothing."""
_ARCHIVES = ("dblp.org", "openreview.net/archive", "openreview.net/public_article", "orcid.org")
"""Where OpenReview keeps copies of bibliographies: nobody reviews there."""


@dataclass(frozen=True)
class Match:
    """The forum that fits, and how that was seen; `candidates` where several fit, and then no forum."""

    forum: Forum | None = None
    matched_by: str = ""
    candidates: tuple[Forum, ...] = ()


def best_match(paper: Paper, forums: Iterable[Forum]) -> Match:
    """The one forum that fits the paper."""
    reviewed = {forum.forum: forum for forum in forums if not forum.venue.lower().startswith(_ARCHIVES)}
    fits = [(forum, how) for forum in reviewed.values() if (how := fit(paper, forum))]
    printed = [(forum, how) for forum, how in fits if how == "arXiv id"]
    fits = printed or fits
    if len(fits) == 1:
        return Match(fits[0][0], fits[0][1])
    return Match(candidates=tuple(forum for forum, _ in fits))


def fit(paper: Paper, forum: Forum) -> str:
    """How the forum fits the paper, in words; empty where it does not."""
    arxiv_id = paper.paper_id.removeprefix("arxiv:") if paper.paper_id.startswith("arxiv:") else ""
    if arxiv_id and forum.arxiv_id:
        return "arXiv id" if arxiv_id == forum.arxiv_id else ""
    ours, theirs = fold_title(paper.title), fold_title(forum.title)
    if not ours or not theirs:
        return ""
    likeness = 1.0 if ours == theirs else difflib.SequenceMatcher(None, ours, theirs, autojunk=False).ratio()
    if not paper.authors or not forum.authors:
        alone = likeness == 1.0 and len(ours.split()) >= TELLING_TITLE
        return "title alone, the authors are hidden" if alone else ""
    shared = shared_authors(paper.authors, forum.authors)
    if likeness < LIKE_TITLE or shared < SAME_AUTHORS:
        return ""
    return "title and authors" if likeness == 1.0 else f"a like title ({likeness:.2f}) and authors"


def fold_title(title: str) -> str:
    """A title as plain words: "$\\alpha$-Rényi: {A} Bound" becomes "alpha renyi a bound"."""
    plain = unicodedata.normalize("NFKD", title).casefold()
    kept = "".join(char for char in plain if not unicodedata.combining(char))
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"\\(?:text|math)\w*", " ", kept)))


def shared_authors(ours: Sequence[str], theirs: Sequence[str]) -> float:
    """The share of the shorter list's surnames that both have, 0 to 1."""
    first, second = ({name for name in map(_surname, people) if name} for people in (ours, theirs))
    return len(first & second) / max(1, min(len(first), len(second)))


def _surname(name: str) -> str:
    """ "Jaehun Jung", "Jung, Jaehun" and "J. Jung" are all "jung"."""
    words = fold_title(name.split(",", maxsplit=1)[0]).split()
    return words[-1] if words else ""
