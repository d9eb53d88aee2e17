"""The root of all errors, and those of the store. Raised here because the store imports nobody."""

from __future__ import annotations


class RazborError(Exception):
    """An error meant for a person: what happened, and in `mend` what to do next.

    `retryable` says whether trying the same again can help. Subclasses with facts of their own keep them as
    keyword-only attributes.
    """

    retryable = False

    def __init__(self, message: str, mend: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.message} {self.mend}".strip()

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.__dict__.copy()))


def _rebuild(kind: type[RazborError], facts: dict[str, object]) -> RazborError:
    error = kind.__new__(kind)
    Exception.__init__(error, facts["message"])
    error.__dict__.update(facts)
    return error


class StoreError(RazborError):
    """The store cannot do its work."""


class DatabaseError(StoreError):
    """The database is locked, damaged, of another version, or absent."""


class DiskFull(StoreError):
    """No room left: nothing half-written stays behind."""


class IndexMismatch(StoreError):
    """The Chroma collection was made with another embedding model."""


class IndexBroken(StoreError):
    """The Chroma folder cannot be read."""


class EmbeddingError(StoreError):
    """The embedding model cannot be loaded."""


class NotFound(StoreError):
    """No such paper, post or revision."""


class Superseded(StoreError):
    """Someone saved a newer revision meanwhile; nothing was stored. `newest` is its number."""

    def __init__(self, message: str, mend: str = "", *, newest: int = 0) -> None:
        super().__init__(message, mend)
        self.newest = newest


class Locked(StoreError):
    """Another process holds this lock. `holder` is its process id, where it is known."""

    retryable = True

    def __init__(self, message: str, mend: str = "", *, holder: int | None = None) -> None:
        super().__init__(message, mend)
        self.holder = holder


class BadQuery(StoreError):
    """The search query is empty, or asks for fewer than one result."""
