"""Changes of the SQL tables, with Alembic. `HEAD` names the newest, so a current database opens without Alembic."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

HEAD = "0005"


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without an alembic.ini."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def known(revision: str) -> bool:
    """Whether this Razbor has that migration; if not, a newer Razbor made the database."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(config())
    return revision in {script.revision for script in scripts.walk_revisions()}


def upgrade(connection: Connection) -> None:
    """Bring the tables to `HEAD` within the connection's transaction."""
    from alembic import command

    command.upgrade(config(connection), "head")


def compared(name: str | None, kind: str, _parents: object) -> bool:
    """Keep the full-text indexes and their shadow tables, which only SQLite has, out of comparisons with the tables."""
    return not (kind == "table" and (name or "").startswith(("stems_index", "channel_index")))
