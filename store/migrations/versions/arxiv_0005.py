"""arXiv: all versions of a paper that are known."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("papers", sa.Column("versions", sa.Text(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("papers", "versions")
