"""What the parts of the library share."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import Session

from store.database import Database
from store.errors import NotFound
from store.records import Record
from store.tables import Base

R = TypeVar("R", bound=Record)
T = TypeVar("T", bound=Base)


class Changes(NamedTuple):
    """What keeping posts did to the library."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0


class Shelf:
    """A part of the library over the common database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def _all(self, kind: type[R], wanted: Select[Any]) -> list[R]:
        with self._database.read() as session:
            return [record(kind, row) for row in session.scalars(wanted)]


def record(kind: type[R], row: Base) -> R:
    """The record of a row that has a column for each of its fields."""
    return kind.model_validate(row, from_attributes=True)


def get(session: Session, kind: type[T], key: str, what: str) -> T:
    """The row with this key.

    Raises:
        NotFound: there is none.
    """
    row = session.get(kind, key)
    if row is None:
        raise missing(what, key)
    return row


def missing(what: str, key: str) -> NotFound:
    """The error for a thing that the library does not hold."""
    return NotFound(f"The library has no {what} {key!r}.", "`razbor list` shows what there is.")
