"""What both forms of a Telegram export have in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import groupby
from pathlib import Path

from pipeline.errors import InputError
from pipeline.sources.imported import Refused
from store.records import ChannelPost, Piece

_BREAKS = re.compile(r"\r\n?|[\u2028\u2029\x85]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
LARGEST = 2**63
"""Ids stay below: what a database keeps."""


Item = ChannelPost | Refused | None


@dataclass(frozen=True)
class Export:
    """One chat of an export. `kind` is `channel`, or Telegram's word for another chat.

    `items` reads the messages anew at each call: a post each, None where there is nothing to keep. The line of a
    refused one counts the messages from 1.
    """

    name: str
    kind: str
    telegram_id: int | None
    total: int
    items: Callable[[], Iterator[Item]]


@dataclass
class Clock:
    """Times without a zone are those of `zone`, else of this machine; `guessed` counts them."""

    zone: tzinfo | None = None
    guessed: int = 0

    def utc(self, told: datetime) -> datetime:
        if told.tzinfo is None:
            self.guessed += 1
            told = told.replace(tzinfo=self.zone) if self.zone else told.astimezone()
        return told.astimezone(UTC)


def cleaned(text: str) -> str:
    """Text that a database and a terminal can carry: one kind of line break, no control characters, no half letters."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return _CONTROL.sub("", _BREAKS.sub("\n", whole))


def joined(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces without empty ones, neighbours of one style made one."""
    runs = groupby((piece for piece in pieces if piece.text), lambda piece: (piece.kind, piece.target))
    return [Piece(kind=kind, text="".join(piece.text for piece in run), target=target) for (kind, target), run in runs]


def refused(line: int, which: str, error: Exception) -> Refused:
    """A message that is left out, with the reason, which may quote it: so both are cut and cleaned."""
    return Refused(line=line, why=" ".join(cleaned(f"{which[:40]}: {str(error)[:160]}").split()))


def unreadable(path: Path, error: OSError) -> InputError:
    return InputError(f"{path} cannot be read: {error.strerror}.", "Check the path and its permissions.")
