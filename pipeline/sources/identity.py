"""Which paper is meant: an arXiv id, an arXiv URL, or a file."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.errors import InputError, UnknownPaper

# https://info.arxiv.org/help/arxiv_identifier.html: new style since April 2007, old style before
ARXIV_ID = re.compile(
    r"(?P<id>\d{4}\.\d{4,5}|[a-z]+(?:-[a-z]+)?(?:\.[A-Za-z]{2})?/\d{7})(?:v(?P<version>\d+))?", re.ASCII
)
ARXIV_URL = re.compile(
    r"(?:https?://)?(?:[\w-]+\.)*arxiv\.org/(?:abs|pdf|html|format|src|e-print)/(?P<rest>[^?#]+)(?:[?#].*)?",
    re.IGNORECASE,
)
HASH_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Target:
    """What the user meant. `arxiv_id` carries no version; `version` is None where none was asked for."""

    paper_id: str
    kind: Literal["arxiv", "file"]
    arxiv_id: str = ""
    version: int | None = None
    path: Path | None = None


def identify(target: str) -> Target:
    """Tell an arXiv paper from a file. No network; a file is read once, for its hash, and need not be a PDF yet.

    Raises:
        UnknownPaper: neither an arXiv id or URL nor a file that exists.
        InputError: a directory, or a file that cannot be read.
    """
    words = target.strip()
    return _arxiv(words) or _file(words)


def _arxiv(words: str) -> Target | None:
    url = ARXIV_URL.fullmatch(words)
    text = (
        url["rest"].rstrip("/").removesuffix(".pdf") if url else re.sub(r"^arxiv:\s*", "", words, flags=re.IGNORECASE)
    )
    match = ARXIV_ID.fullmatch(text)
    if not match:
        return None
    version = int(match["version"]) if match["version"] else None
    return Target(paper_id=f"arxiv:{match['id']}", kind="arxiv", arxiv_id=match["id"], version=version)


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
    return Target(paper_id=f"file:{digest[:HASH_DIGITS]}", kind="file", path=path.absolute())


def _existing(words: str) -> Path | None:
    try:
        path = Path(words).expanduser()
        return path if words and path.exists() else None
    except (OSError, ValueError, RuntimeError):  # too long for a name, a NUL byte, ~nobody: no file is called so
        return None


def _unknown(words: str) -> UnknownPaper:
    if re.match(r"https?://|arxiv:", words, re.IGNORECASE):
        return UnknownPaper(
            f"“{words}” is no arXiv paper.", "Give an arXiv id such as 2407.18370, its arXiv URL, or a PDF file."
        )
    if words.lower().endswith(".pdf"):
        return UnknownPaper(f"No such file: {words}.", "Check the path.")
    return UnknownPaper(
        f"“{words}” is neither an arXiv id nor a file.", "Give an arXiv id such as 2407.18370, or the path of a PDF."
    )
