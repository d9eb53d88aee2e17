"""Full text: words to stems in Python, so that every database sees the same ones, and what is SQLite's own.

The index itself (`stems_index`, kept by triggers over the table `stems`) is made in migration 0001. Another database
needs its own index there and its own `find` here; the table of stems and the callers stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, text
from sqlalchemy.orm import Session

from store.tables import StemsRow

_WORD = re.compile(r"\w+")
_CYRILLIC = re.compile(r"[а-я]")

_FIND = text(
    "SELECT stems.paper_id, stems.passage_id, -bm25(stems_index) AS score "
    "FROM stems_index JOIN stems ON stems.id = stems_index.rowid "
    "WHERE stems_index MATCH :words ORDER BY score DESC, stems.id LIMIT :limit"
)


def stems(words: str) -> list[str]:
    """The Snowball stems of a text, in order: Russian for words with a Cyrillic letter, English for the others."""
    from Stemmer import Stemmer

    # A stemmer may not be shared between threads, and costs microseconds to make.
    russian, english = Stemmer("russian"), Stemmer("english")
    folded = unicodedata.normalize("NFKC", words).lower().replace("ё", "е")
    return [(russian if _CYRILLIC.search(word) else english).stemWord(word) for word in _WORD.findall(folded)]


def find(connection: Connection, words: str, limit: int) -> list[tuple[str, str, float]]:
    """`(paper_id, passage_id, BM25 score)` of texts with any of the words, best first; higher is better."""
    wanted = " OR ".join(f'"{stem}"' for stem in dict.fromkeys(stems(words)))
    if not wanted:
        return []
    rows = connection.execute(_FIND, {"words": wanted, "limit": limit})
    return [(row.paper_id, row.passage_id, row.score) for row in rows]


def keep_stems(session: Session, paper_id: str, kind: str, texts: Iterable[tuple[str, str]]) -> None:
    """Keep the stems of a paper's texts, `(passage_id, text)`, in place of its earlier ones of this kind."""
    session.execute(delete(StemsRow).where(StemsRow.paper_id == paper_id, StemsRow.kind == kind))
    rows = [
        {"paper_id": paper_id, "kind": kind, "passage_id": passage_id, "stems": " ".join(stems(words))}
        for passage_id, words in texts
    ]
    if rows:
        session.execute(insert(StemsRow), rows)
