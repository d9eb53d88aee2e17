"""Run by Alembic: it gets an open connection and leaves the transaction to whoever opened it."""

from __future__ import annotations

from alembic import context

from store.migrations import compared
from store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_name=compared,
    render_as_batch=True,
    transactional_ddl=False,
)
context.run_migrations()
