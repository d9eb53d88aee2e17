"""Full text: words to stems in Python, so that every database sees the same ones, and what is SQLite's own.

The indexes themselves (`stems_index`, `channel_index`, kept by triggers over the columns of stems) are made in
migrations 0001 and 0004. Another database needs its own there and its own `find` here; the stems and the callers stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, delete, insert, text
from sqlalchemy.orm import Session

from store.records import ABSTRACT
from store.tables import StemsRow

_WORD = re.compile(r"\w+")
_CYRILLIC = re.compile(r"[а-я]")

_FIND = text(
    "SELECT stems.paper_id, stems.passage_id, -bm25(stems_index) AS score "
    "FROM stems_index JOIN stems ON stems.id = stems_index.rowid "
    "WHERE stems_index MATCH :words ORDER BY score DESC, stems.id LIMIT :limit"
)

_FIND_IN_CHANNEL = text(
    "SELECT rowid AS id, -bm25(channel_index) AS score FROM channel_index "
    "WHERE channel_index MATCH :words ORDER BY score DESC, rowid DESC LIMIT :limit"
)


def stems(words: str) -> list[str]:
    """The Snowball stems of a text, in order: Russian for words with a Cyrillic letter, English for the others."""
    from Stemmer import Stemmer

    # A stemmer may not be shared between threads, and costs microseconds to make.
    russian, english = Stemmer("russian"), Stemmer("english")
    folded = unicodedata.normalize("NFKC", words).lower().replace("ё", "е")
    if not _CYRILLIC.search(folded):
        found: list[str] = english.stemWords(_WORD.findall(folded))
        return found
    return [(russian if _CYRILLIC.search(word) else english).stemWord(word) for word in _WORD.findall(folded)]


def find(connection: Connection, words: str, limit: int) -> list[tuple[str, str, float]]:
    """`(paper_id, passage_id, BM25 score)` of texts with any of the words, best first; higher is better."""
    wanted = _any_of(words)
    rows = connection.execute(_FIND, {"words": wanted, "limit": limit}) if wanted else ()
    return [(row.paper_id, row.passage_id, row.score) for row in rows]


def find_in_channel(connection: Connection, words: str, limit: int) -> list[tuple[int, float]]:
    """`(row id, BM25 score)` of channel posts with any of the words, best first, the newer first of equals."""
    wanted = _any_of(words)
    rows = connection.execute(_FIND_IN_CHANNEL, {"words": wanted, "limit": limit}) if wanted else ()
    return [(row.id, row.score) for row in rows]


def _any_of(words: str) -> str:
    return " OR ".join(f'"{stem}"' for stem in dict.fromkeys(stems(words)))


def keep_stems(session: Session, paper_id: str, kind: str, texts: Iterable[tuple[str, str]]) -> None:
    """Keep the stems of a paper's texts, `(passage_id, text)`, in place of its earlier ones of this kind."""
    session.execute(delete(StemsRow).where(StemsRow.paper_id == paper_id, StemsRow.kind == kind))
    rows = [
        {"paper_id": paper_id, "kind": kind, "passage_id": passage_id, "stems": " ".join(stems(words))}
        for passage_id, words in texts
    ]
    if rows:
        session.execute(insert(StemsRow), rows)


def keep_abstracts(session: Session, texts: Mapping[str, str]) -> None:
    """Keep the stems of papers of which only the metadata is known, by paper id, in place of their earlier ones."""
    drop_abstracts(session, texts)
    rows = [
        {"paper_id": paper_id, "kind": ABSTRACT, "passage_id": ABSTRACT, "stems": " ".join(stems(words))}
        for paper_id, words in texts.items()
    ]
    if rows:
        session.execute(insert(StemsRow), rows)


def drop_abstracts(session: Session, paper_ids: Iterable[str]) -> None:
    """Forget the stems of abstracts: once a paper is read, its passages speak for it."""
    session.execute(delete(StemsRow).where(StemsRow.paper_id.in_(list(paper_ids)), StemsRow.kind == ABSTRACT))
