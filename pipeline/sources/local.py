"""PDF files on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.errors import InputError, ReadingError, UnknownPaper
from pipeline.settings import Settings
from pipeline.sources.identity import Target
from store.records import Paper

if TYPE_CHECKING:
    from store.files import Home


def fetch_local(target: Target, settings: Settings, home: Home) -> tuple[Paper, str]:
    """Keep the file's bytes; return what is known of the paper and the SHA-256 of its PDF.

    Title and authors stay empty here: reading finds them. Whether the bytes are a PDF is for reading to say.

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
    return Paper(paper_id=target.paper_id, url=path.as_uri()), home.keep_pdf(data)
