"""Which paper is meant: an arXiv id or URL, an OpenReview id or URL, or a file."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pipeline.errors import InputError, ReadingError, UnknownPaper

# https://info.arxiv.org/help/arxiv_identifier.html: new style since April 2007, old style before
ARXIV_ID = re.compile(
    r"(?P<id>\d{4}\.\d{4,5}|[a-z]+(?:-[a-z]+)?(?:\.[A-Za-z]{2})?/\d{7})(?:v(?P<version>\d+))?", re.ASCII
)
# arXiv, its mirrors, and pages that show its papers under their ids
ARXIV_URL = re.compile(
    r"(?:https?://)?(?:(?:[\w-]+\.)*(?:arxiv\.org|alphaxiv\.org|ar5iv\.org|xxx\.lanl\.gov)"
    r"/(?:abs|pdf|html|format|ps|src|e-print|overview|versions)|(?:huggingface\.co|hf\.co)/papers"
    r"|www\.semanticscholar\.org/arxiv|(?:dx\.)?doi\.org/10\.48550)/(?:arxiv[.:])?(?P<rest>[^?#]+)(?:[?#].*)?",
    re.IGNORECASE,
)
PREFIX = re.compile(r"(?:(?:doi:\s*)?10\.48550/arxiv\.|arxiv:\s*)", re.IGNORECASE)
STAMP = re.compile(r"\s+\[[\w.-]+\].*", re.DOTALL)  # "arXiv:2407.18370v1 [cs.LG] 25 Jul 2024", as printed on page one
OPENREVIEW_URL = re.compile(
    r"(?:https?://)?(?:www\.)?openreview\.net/(?:forum|pdf|attachment|revisions)\?(?:[^#\s]*&)?id=(?P<id>[\w-]{4,64})(?:[&#].*)?",
    re.ASCII | re.IGNORECASE,
)
FORUM_ID = re.compile(r"(?:openreview:\s*)?(?P<id>[\w-]{4,64})", re.ASCII | re.IGNORECASE)
HASH_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Target:
    """What the user meant. `arxiv_id` carries no version; `version` is None where none was asked for.

    A file has a `path`; it is the paper whose arXiv id is printed on its first page, so its `arxiv_id` may be known.
    """

    paper_id: str
    kind: Literal["arxiv", "openreview", "file"]
    arxiv_id: str = ""
    forum: str = ""
    version: int | None = None
    path: Path | None = None


def identify(target: str) -> Target:
    """Tell what is meant. No network.

    A file's identity depends on its bytes alone: the arXiv id that is stamped on page one, else its hash; so its name
    means nothing, and the PDF of a paper on arXiv is that paper. It need not be a PDF that can be read.

    Raises:
        UnknownPaper: neither an id or URL of arXiv or OpenReview nor a file that exists.
        InputError: a directory, or a file that cannot be read.
    """
    words = target.strip()
    return arxiv_target(words) or _openreview(words) or _file(words)


def forum_id(words: str) -> str | None:
    """The forum that an OpenReview URL, `openreview:ID` or a bare id names; None for anything else."""
    match = OPENREVIEW_URL.fullmatch(words.strip()) or FORUM_ID.fullmatch(words.strip())
    return match["id"] if match else None


def _openreview(words: str) -> Target | None:
    """A bare id is no target here: any word could be one."""
    said = OPENREVIEW_URL.fullmatch(words) or words.lower().startswith("openreview:")
    forum = forum_id(words) if said else None
    return Target(paper_id=f"openreview:{forum}", kind="openreview", forum=forum) if forum else None


def arxiv_target(words: str) -> Target | None:
    """The arXiv paper that an id or a URL names; None for anything else."""
    words = words.strip()
    url = ARXIV_URL.fullmatch(words)
    text = url["rest"].rstrip("/").removesuffix(".pdf") if url else STAMP.sub("", PREFIX.sub("", words, count=1))
    match = ARXIV_ID.fullmatch(text)
    if not match:
        return None
    arxiv_id = canonical(match["id"])
    version = int(match["version"]) if match["version"] else None
    return Target(paper_id=f"arxiv:{arxiv_id}", kind="arxiv", arxiv_id=arxiv_id, version=version)


def canonical(arxiv_id: str) -> str:
    """`math.GT/0309136` is `math/0309136`: the subject class says nothing that the number does not."""
    return re.sub(r"\.[A-Za-z]{2}/", "/", arxiv_id)


def _file(words: str) -> Target:
    path = _existing(words)
    if path is None:
        raise _unknown(words)
    if path.is_dir():
        raise InputError(
            f"{words} is a directory, not a PDF.", f"For a folder of PDFs use: razbor nightly --folder {words}"
        )
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{words} cannot be read: {error.strerror}.", "Check the file and its permissions.") from error
    target = Target(paper_id=f"file:{digest[:HASH_DIGITS]}", kind="file", path=path.absolute())
    arxiv_id, version = _stamp(path.absolute(), digest)
    return replace(target, paper_id=f"arxiv:{arxiv_id}", arxiv_id=arxiv_id, version=version) if arxiv_id else target


@lru_cache(maxsize=4096)
def _stamp(path: Path, digest: str) -> tuple[str, int | None]:
    """The arXiv id and version printed on page one of a file with this hash; empty where no stamp can be read.

    A file that cannot be parsed keeps its hash for a name: reading it will say what is wrong.
    """
    from pipeline.reading.reader import read_stamp

    try:
        stamp = read_stamp(path)
    except (InputError, ReadingError):
        return "", None
    return canonical(stamp.arxiv_id), stamp.version


def _existing(words: str) -> Path | None:
    try:
        path = Path(words).expanduser()
        return path if words and path.exists() else None
    except (OSError, ValueError, RuntimeError):  # too long for a name, a NUL byte, ~nobody: no file is called so
        return None


def _unknown(words: str) -> UnknownPaper:
    if re.match(r"https?://|arxiv:|openreview:", words, re.IGNORECASE):
        return UnknownPaper(
            f"“{words}” is no arXiv paper and no forum of OpenReview.",
            "Give an arXiv id such as 2407.18370, a URL of arXiv or OpenReview, or a PDF file.",
        )
    if words.lower().endswith(".pdf"):
        return UnknownPaper(f"No such file: {words}.", "Check the path.")
    return UnknownPaper(
        f"“{words}” is neither an arXiv id nor a file.", "Give an arXiv id such as 2407.18370, or the path of a PDF."
    )
