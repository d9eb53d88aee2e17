"""Which papers a text links to: arXiv and OpenReview links, pages that show arXiv papers, and ids such as
`arXiv:2407.18370`. A bare number without the word arXiv is no id: dates and versions look the same."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.sources.identity import canonical
from store.records import Piece

_PAGES = "abs|pdf|html|format|ps|src|e-print|overview|versions"
_MENTION = re.compile(
    rf"""(?<![\w-])(?:
        (?i:(?:(?:arxiv|alphaxiv|ar5iv)\.org|xxx\.lanl\.gov)/(?:{_PAGES})/|(?:huggingface|hf)\.co/papers/
           |semanticscholar\.org/arxiv/|10\.48550/arxiv\.|arxiv(?:\s*:\s*|\s+))
        (?P<arxiv>\d\d(?:0[1-9]|1[0-2])\.\d{{4,5}}|[a-z]+(?:-[a-z]+)?(?:\.[A-Z]{{2}})?/\d{{7}})(?!\d)
      |(?i:openreview\.net/(?:forum|pdf|attachment|revisions)\?(?:[^\s\#]*&)?id=)(?P<openreview>[\w-]{{4,}})
    )""",
    re.VERBOSE | re.ASCII,
)


def papers_in(text: str) -> tuple[str, ...]:
    """The ids of the papers that a text names (`arxiv:…` without a version, `openreview:…`), each once, in order."""
    found = (
        f"arxiv:{canonical(match['arxiv'])}" if match["arxiv"] else f"openreview:{match['openreview']}"
        for match in _MENTION.finditer(text)
    )
    return tuple(dict.fromkeys(found))


def papers_of(pieces: Iterable[Piece]) -> tuple[str, ...]:
    """The papers that a channel post names in its words or links to."""
    return papers_in("".join(f"{piece.text} {piece.target} " if piece.target else piece.text for piece in pieces))
