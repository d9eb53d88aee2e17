"""PDF files on this machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import InputError, ReadingError, UnknownPaper
from pipeline.settings import Settings
from pipeline.sources.identity import Target
from store.records import Paper

if TYPE_CHECKING:
    from store.files import Home
    from store.library import Library


def fetch_local(target: Target, settings: Settings, home: Home) -> tuple[Paper, str]:
    """Keep the file's bytes; return what is known of the paper and the SHA-256 of its PDF.

    Title and authors stay empty here: reading finds them. Whether the bytes are a PDF is for reading to say. A file
    with an arXiv id on page one is that paper in that version.

    Raises:
        UnknownPaper: the file has gone.
        ReadingError: larger than `settings.read_bytes`.
        InputError: it cannot be read.
    """
    path = target.path
    if path is None or not path.is_file():
        raise UnknownPaper(f"No such file: {path}.", "Check the path.")
    try:
        size = path.stat().st_size
        if size > settings.read_bytes * 2**20:
            raise ReadingError(
                f"The PDF has {size / 2**20:.0f} MiB; the limit is {settings.read_bytes}.", "Raise RAZBOR_READ_BYTES."
            )
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", "Check the file and its permissions.") from error
    return _paper(target), home.keep_pdf(data)


def same_work(target: Target, library: Library) -> Target:
    """The target as the paper that the library read in the same PDF: not all that comes from arXiv bears a stamp."""
    if target.path is None or not target.paper_id.startswith("file:"):
        return target
    known = library.paper_with_pdf(target.paper_id.removeprefix("file:"))
    return replace(target, paper_id=known) if known else target


def pdfs_in(folder: Path) -> list[Path]:
    """The PDFs of a folder by name; folders within it are left alone.

    Raises:
        InputError: it cannot be read.
    """
    try:
        return sorted(path for path in folder.iterdir() if path.suffix.lower() == ".pdf" and path.is_file())
    except OSError as error:
        raise InputError(f"{folder} cannot be read: {error.strerror}.", "Check the path.") from error


def _paper(target: Target) -> Paper:
    """What the target tells, and nothing else: `Papers.completed` leaves the rest as the library knows it."""
    paper = Paper(paper_id=target.paper_id)
    if target.arxiv_id:
        version = f"v{target.version}" if target.version else ""
        paper = paper.model_copy(update={"url": f"https://arxiv.org/abs/{target.arxiv_id}{version}"})
    elif target.path and target.paper_id.startswith("file:"):
        paper = paper.model_copy(update={"url": target.path.as_uri()})
    return paper.model_copy(update={"version": target.version}) if target.version else paper
