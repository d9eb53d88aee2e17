"""Bulk import of papers' metadata: JSON lines, plain or gzip, as arXiv's own dump or any other has them."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import count
from pathlib import Path
from typing import IO, Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from pipeline.errors import InputError
from pipeline.sources.arxiv.source import is_withdrawn
from pipeline.sources.identity import arxiv_target
from pipeline.sources.imported import Imported, Refused
from store.library import Library
from store.records import Paper, Version

BATCH = 1000
"""Records of one transaction, and all that is held in memory."""
LONGEST_LINE = 4 * 2**20
GZIP = b"\x1f\x8b"
OURS = re.compile(r"(?:openreview|file|other):\S+")


def import_metadata(
    file: Path, library: Library, progress: Callable[[int, int], None] = lambda done, total: None
) -> Imported:
    """Import a file of records, one JSON object a line; the same file twice changes nothing.

    A line that cannot be taken is refused, with its number and the reason. Where a gzip file breaks off, what came
    before is imported and the break is refused as a line.

    Args:
        progress: hears (bytes read, bytes in all).

    Raises:
        InputError: the file cannot be read, or is one JSON array.
        StoreError: the library cannot be written; batches that were stored before stay.
    """
    imported, batch = Imported(), list[Paper]()
    with _opened(file) as (lines, where):
        total = file.stat().st_size
        for number, line in _lines(lines):
            try:
                batch.append(_paper(line) if isinstance(line, bytes) else _raise(line))
            except ValueError as error:
                imported.refused.append(Refused(number, _why(error)))
            if len(batch) >= BATCH:
                _keep(batch, library, imported)
                progress(min(where(), total), total)
        _keep(batch, library, imported)
        progress(total, total)
    return imported


def _keep(batch: list[Paper], library: Library, imported: Imported) -> None:
    changes = library.save_papers(batch)
    imported.added += changes.added
    imported.updated += changes.updated
    imported.unchanged += changes.unchanged
    batch.clear()


@contextmanager
def _opened(file: Path) -> Iterator[tuple[IO[bytes], Callable[[], int]]]:
    """The file's lines, and how many of its bytes were read."""
    try:
        with file.open("rb") as raw:
            beginning = raw.peek(2)[:2]
            lines: Any = gzip.GzipFile(fileobj=raw) if beginning == GZIP else raw
            yield lines, raw.tell
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror or error}.", "Check the path.") from error


def _lines(lines: IO[bytes]) -> Iterator[tuple[int, bytes | ValueError]]:
    """Numbered lines that are not blank; in place of one that cannot be read, the error that says why."""
    for number in count(1):
        try:
            line = lines.readline(LONGEST_LINE)
            too_long = _skip_rest(lines, line)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            yield number, ValueError(f"the gzip file is broken off or damaged here ({error}); get it again")
            return
        if not line:
            return
        if too_long:
            yield number, ValueError(f"the line is longer than {LONGEST_LINE // 2**20} MiB")
        else:
            yield from _numbered(number, line)


def _skip_rest(lines: IO[bytes], piece: bytes) -> bool:
    """Read a line that is too long to its end; whether it was."""
    too_long = False
    while len(piece) == LONGEST_LINE and not piece.endswith(b"\n"):
        piece, too_long = lines.readline(LONGEST_LINE), True
    return too_long


def _numbered(number: int, line: bytes) -> Iterator[tuple[int, bytes | ValueError]]:
    text = line.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else line.strip()
    if number == 1 and text.startswith(b"["):
        raise InputError("The file is one JSON array.", "Give one JSON object a line: jq -c '.[]' FILE > FILE.jsonl")
    if text:
        yield number, text


def _raise(error: ValueError) -> Paper:
    raise error


def _why(error: ValueError) -> str:
    """The reason in a sentence, without the line's own words."""
    if not isinstance(error, ValidationError):
        return str(error)
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, e['loc'])) or 'line'}: {e['msg']}" for e in found)[:300]


def _text(value: object) -> object:
    return " ".join(value.replace("\0", " ").split()) if isinstance(value, str) else value


def _names(value: object) -> object:
    """Authors: a list of names or of `{"name": …}`, or one string as arXiv's dump has it."""
    if isinstance(value, str):
        return (
            re.split(r"\s*(?:,\s*and\s|,|;|\sand\s)\s*", _without_affiliations(value).strip()) if value.strip() else ()
        )
    if isinstance(value, list):
        return [name.get("name") if isinstance(name, dict) else name for name in value]
    return () if value is None else value


def _without_affiliations(value: str) -> str:
    """Without what stands in parentheses, which has commas of its own."""
    before = None
    while before != value:
        before, value = value, re.sub(r"\s*\([^()]*\)", "", value)
    return value


def _list(value: object) -> object:
    return value.split() if isinstance(value, str) else () if value is None else value


def _date(value: object) -> datetime | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ValueError("a date is wanted, such as 2024-07-25")
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        try:
            found = parsedate_to_datetime(value)
        except ValueError:
            raise ValueError("a date is wanted, such as 2024-07-25") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


Text = Annotated[str, BeforeValidator(_text)]
Date = Annotated[datetime | None, BeforeValidator(_date)]


class _Made(BaseModel):
    version: str = Field(pattern=r"^v\d{1,4}$")
    created: Date = None


class _Line(BaseModel):
    """A line; names of arXiv's dump (`comments`, `versions`, `update_date`) and of its API (`summary`) are known."""

    model_config = ConfigDict(strict=True, extra="ignore")

    id: str | int = Field(union_mode="left_to_right")
    title: Annotated[Text, Field(min_length=1)]
    abstract: Text = Field(validation_alias=AliasChoices("abstract", "summary"))
    authors: Annotated[list[Text] | tuple[()], BeforeValidator(_names)] = ()
    categories: Annotated[list[Text] | tuple[()], BeforeValidator(_list)] = ()
    published: Date = Field(None, validation_alias=AliasChoices("published", "created"))
    updated: Date = Field(None, validation_alias=AliasChoices("updated", "update_date"))
    comment: Annotated[str | None, BeforeValidator(_text)] = Field(
        None, validation_alias=AliasChoices("comment", "comments")
    )
    versions: list[_Made] | None = None


def _paper(line: bytes) -> Paper:
    """The paper of one line.

    Raises:
        ValueError: the line is no JSON object, or a field is missing or of another kind.
    """
    said = _Line.model_validate_json(line)
    paper_id, version = _id(str(said.id))
    versions = {int(made.version[1:]): made.created for made in said.versions or ()}
    newest = max([*versions, version or 0]) or None
    comment, abstract = said.comment or "", said.abstract
    return Paper(
        paper_id=paper_id,
        version=newest,
        versions=tuple(Version(number=n, created=versions.get(n)) for n in range(1, (newest or 0) + 1)),
        title=said.title,
        authors=tuple(filter(None, said.authors)),
        abstract=abstract,
        categories=tuple(filter(None, dict.fromkeys(said.categories))),
        published=said.published or versions.get(1),
        updated=said.updated or (versions.get(newest) if newest else None),
        withdrawn=is_withdrawn(comment, abstract),
        comment=comment,
        url=f"https://arxiv.org/abs/{paper_id[6:]}" if paper_id.startswith("arxiv:") else "",
    )


def _id(words: str) -> tuple[str, int | None]:
    """`(paper_id, version)`: an arXiv id or URL is arXiv's, an id of Razbor's own stays, any other is `other:…`."""
    target = arxiv_target(words)
    if target:
        return target.paper_id, target.version
    words = words.strip()
    if not words:
        raise ValueError("id: it is empty")
    return (words if OURS.fullmatch(words) else f"other:{words}"), None
