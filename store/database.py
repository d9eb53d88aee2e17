"""One SQL database: opening, migrating, transactions, and the database's errors made ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import Session

from store import migrations
from store.errors import DatabaseError, DiskFull, StoreError

_BUSY_SECONDS = 30
_MENDS = {
    sqlite3.SQLITE_BUSY: "Another process writes for very long; run the same again when it has finished.",
    sqlite3.SQLITE_CORRUPT: "Restore the file from a backup, or move it away and digest again.",
    sqlite3.SQLITE_NOTADB: "Set RAZBOR_HOME to Razbor's data folder, or move this file away.",
    sqlite3.SQLITE_CANTOPEN: "Check that its folder exists and can be written, or set RAZBOR_HOME to another one.",
    sqlite3.SQLITE_READONLY: "Make the file and its folder writable, or set RAZBOR_HOME to another one.",
    sqlite3.SQLITE_IOERR: "Check the disk, its quota and its free space, then run the same again.",
}


class Database:
    """An open database at the newest schema. Threads may share it; each transaction has its own connection.

    Raises:
        DatabaseError: it cannot be opened, is damaged, is locked for long, or was made by a newer Razbor.
        DiskFull: no room is left; the transaction is undone.
    """

    def __init__(self, where: str | Path) -> None:
        self._url = _url(where)
        self._engine = _engine(self._url)
        # A write locks at its start: a read that turns into a write in WAL mode fails at once, whatever the time-out.
        self._writer = self._engine.execution_options(begin="BEGIN IMMEDIATE")
        try:
            self._migrate()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that sees one state of the database."""
        with self._typed_errors(), Session(self._engine) as session, session.begin():
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that excludes other writers: all of it is kept, or nothing."""
        with self._typed_errors(), Session(self._writer, autoflush=False) as session, session.begin():
            yield session

    def close(self) -> None:
        self._engine.dispose()

    def _migrate(self) -> None:
        with self._typed_errors():
            with self._engine.begin() as connection:
                if self._version(connection) == migrations.HEAD:
                    return
            with self._writer.begin() as connection:
                if self._version(connection) != migrations.HEAD:
                    migrations.upgrade(connection)

    def _version(self, connection: Connection) -> str | None:
        """The schema's version, None for an empty database."""
        tables = inspect(connection).get_table_names()
        if not tables:
            return None
        if "alembic_version" not in tables:
            raise DatabaseError(f"{self._name} is not Razbor's database.", _MENDS[sqlite3.SQLITE_NOTADB])
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        if version != migrations.HEAD and not migrations.known(version):
            raise DatabaseError(f"{self._name} was made by a newer Razbor (schema {version}).", "Upgrade Razbor.")
        return str(version)

    @property
    def _name(self) -> str:
        return self._url.database or str(self._url)

    @contextmanager
    def _typed_errors(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError as error:
            raise StoreError(f"The database refuses this record: {error.orig}.", "Report this as a bug.") from error
        except DBAPIError as error:
            raise _database_error(error.orig, self._name) from error
        except (StatementError, UnicodeEncodeError) as error:
            reason = error.orig if isinstance(error, StatementError) else error
            raise StoreError(f"This record cannot be stored: {reason}.", "Mend the record.") from error
        except ValidationError as error:
            raise DatabaseError(f"A row of {self._name} cannot be read: {error}", "Restore a backup.") from error


def _database_error(error: BaseException | None, name: str) -> StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
    if code == sqlite3.SQLITE_FULL:
        return DiskFull(
            f"No room left to write {name}; nothing was changed.", "Free some space, then run the same again."
        )
    return DatabaseError(f"The database {name} fails: {error}.", _MENDS.get(code, "Run `razbor doctor`."))


def _url(where: str | Path) -> URL:
    try:
        url = (
            make_url(where) if isinstance(where, str) and "://" in where else URL.create("sqlite", database=str(where))
        )
    except ArgumentError as error:
        raise DatabaseError(f"The database URL cannot be read: {error}", "Mend RAZBOR_DATABASE_URL.") from error
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        raise DatabaseError(
            f"Only SQLite in a file is supported, not {url.render_as_string()}.", "Unset RAZBOR_DATABASE_URL."
        )
    return url


def _engine(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    # sqlite3 starts no transaction before a SELECT or a CREATE; so it gets no say, and `_begin` starts each one.
    # https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#sqlite-transactions
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))
