"""Reading: a passage's kind, whether it stands in the appendix, and all its places."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Passages read before are text of the body until their paper is read again."""
    op.add_column("passages", sa.Column("kind", sa.Text(), nullable=False, server_default="text"))
    op.add_column("passages", sa.Column("appendix", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("passages", sa.Column("places", sa.Text(), nullable=False, server_default="[]"))


def downgrade() -> None:
    for name in ("kind", "appendix", "places"):
        op.drop_column("passages", name)
