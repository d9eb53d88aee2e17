from __future__ import annotations

import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event

from store import migrations
from store.errors import DatabaseError, DiskFull
from store.files import Home
from store.library import Library
from store.records import Attempt, Forum, ModelCall, Paper, Passage, PostEntry, Record, Revision, Run, Snapshot
from store.tables import (
    AttemptRow,
    Base,
    CallRow,
    ForumRow,
    PaperRow,
    PassageRow,
    PostRow,
    RevisionRow,
    RunRow,
    SnapshotRow,
)
from tests.store.samples import PAPER, POST, document, paper

# --- schema ------------------------------------------------------------------------------------------------------


def test_migrations_and_tables_agree(home: Home, library: Library) -> None:
    engine = create_engine(f"sqlite:///{home.database}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": migrations.compared})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_head_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(migrations.config()).get_heads() == [migrations.HEAD]


@pytest.mark.parametrize(
    ("record", "row"),
    [
        (Paper, PaperRow),
        (Passage, PassageRow),
        (Forum, ForumRow),
        (Snapshot, SnapshotRow),
        (PostEntry, PostRow),
        (Revision, RevisionRow),
        (ModelCall, CallRow),
        (Attempt, AttemptRow),
        (Run, RunRow),
    ],
)
def test_every_field_of_a_record_has_a_column(record: type[Record], row: type[Base]) -> None:
    counted = {"revisions"} if record is PostEntry else set()
    assert record.model_fields.keys() - counted <= set(row.__table__.columns.keys())


def test_a_current_database_opens_without_alembic(home: Home, library: Library, python) -> None:
    code = """
import sys
from store.library import Library
Library.open(sys.argv[1]).close()
print(sorted({"alembic", "torch", "chromadb", "numpy"} & sys.modules.keys()))
"""
    out, err = python(code, home.database).communicate()
    assert out == "[]\n", err


def test_connections_are_set_up(home: Home, library: Library) -> None:
    library.save_paper(paper())
    with closing(sqlite3.connect(home.database)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


# --- databases that are not ours to open -------------------------------------------------------------------------


def test_database_of_a_newer_razbor_is_refused_untouched(home: Home, library: Library) -> None:
    library.save_paper(paper())
    library.close()
    with closing(sqlite3.connect(home.database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseError, match="newer") as caught:
        Library.open(home.database)
    assert "Upgrade" in caught.value.mend


def test_foreign_database_is_refused_untouched(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE papers (id)")
    with pytest.raises(DatabaseError, match="not Razbor's"):
        Library.open(tmp_path / "other.sqlite")
    with closing(sqlite3.connect(tmp_path / "other.sqlite")) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("papers",)]


def test_no_database_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("this is no database at all, " * 50)
    for where in (
        tmp_path / "text",
        tmp_path / "no folder" / "db",
        tmp_path,
        "postgresql://u:secret@h/db",
        "sqlite://",
    ):
        with pytest.raises(DatabaseError) as caught:
            Library.open(where)
        assert caught.value.mend
        assert "secret" not in str(caught.value)


def test_damaged_database_is_one_clear_error(home: Home, library: Library) -> None:
    library.save_document(document(PAPER, *("word " * 200 for _ in range(200))), pdf="a")
    library.close()
    whole = home.database.read_bytes()
    home.database.write_bytes(whole[:8192] + os.urandom(len(whole) - 8192))
    with pytest.raises(DatabaseError) as caught, Library.open(home.database) as opened:
        opened.document(PAPER)
    assert "backup" in caught.value.mend


# --- full disk, locks, crashes -----------------------------------------------------------------------------------


def test_full_disk_undoes_the_whole_write(home: Home, library: Library) -> None:
    library.save_document(document(PAPER, "Old."), pdf="a")
    library.close()

    def narrow(connection: sqlite3.Connection, _: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 10}")

    event.listen(Engine, "connect", narrow)
    try:
        with Library.open(home.database) as full:
            with pytest.raises(DiskFull) as caught:
                full.save_document(document(PAPER, *("words " * 500 for _ in range(100))), pdf="b")
            assert "space" in caught.value.mend
            assert full.document(PAPER) == document(PAPER, "Old.")
            assert full.pdf_of(PAPER) == "a"
            assert len(full.full_text("old", 5)) == 1
    finally:
        event.remove(Engine, "connect", narrow)


def test_database_locked_for_long_is_one_clear_error(home: Home, library: Library) -> None:
    library.save_paper(paper())
    library.close()

    def hurry(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("PRAGMA busy_timeout = 10")

    event.listen(Engine, "connect", hurry)
    try:
        with (
            closing(sqlite3.connect(home.database, isolation_level=None)) as other,
            Library.open(home.database) as mine,
        ):
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(DatabaseError, match="locked") as caught:
                mine.save_paper(paper("arxiv:2"))
            assert "Another process" in caught.value.mend
            assert mine.paper(PAPER)  # readers never wait
            other.execute("ROLLBACK")
            mine.save_paper(paper("arxiv:2"))
    finally:
        event.remove(Engine, "connect", hurry)


APPEND = """
import sys
from store.library import Library
from tests.store.samples import PAPER, paper, revision
sys.stdin.readline()
with Library.open(sys.argv[1]) as library:
    library.save_paper(paper())
    for step in range(20):
        if library.post_of(PAPER) is None:
            library.set_outcome(revision().post_id, "failed", [], paper_id=PAPER)
        library.append_revision(revision(words=f"{sys.argv[2]} {step}"), "accepted", [])
"""


def test_two_processes_make_the_database_and_write_at_once(home: Home, python) -> None:
    """Both start on nothing: they race for the migration, the post's first row and every number."""
    where = home.database
    writers = [python(APPEND, where, name) for name in "ab"]
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        _, err = writer.communicate()
        assert writer.returncode == 0, err
    with Library.open(where) as library:
        kept = library.revisions(POST)
    assert [made.number for made in kept] == list(range(1, 41))
    words = [made.post.claims[0].text for made in kept]
    assert sorted(words) == sorted(f"{name} {step}" for name in "ab" for step in range(20))


WRITE_FOREVER = """
import itertools, sys
from store.library import Library
from tests.store.samples import PAPER, document
with Library.open(sys.argv[1]) as library:
    for step in itertools.count():
        library.save_document(document(PAPER, *(f"reading {step} " * 50 for _ in range(50))), pdf=str(step))
        print(step, flush=True)
"""


def test_killed_writer_leaves_a_whole_database(home: Home, python) -> None:
    for _ in range(3):
        writer = python(WRITE_FOREVER, home.database)
        seen = [writer.stdout.readline() for _ in range(3)]
        assert seen == ["0\n", "1\n", "2\n"], writer.stderr.read()
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        with Library.open(home.database) as library:
            step, read = library.pdf_of(PAPER), library.document(PAPER)
            assert {passage.text.split()[1] for passage in read.passages} == {step}
            assert len(library.full_text(f"reading {step}", 500)) == len(read.passages) == 50
        with closing(sqlite3.connect(home.database)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            connection.execute("INSERT INTO stems_index(stems_index) VALUES ('integrity-check')")
            connection.rollback()
