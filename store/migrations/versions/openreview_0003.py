"""OpenReview: forums, and what each fetch of one saw."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "forums",
        sa.Column("forum", sa.Text(), nullable=False),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("authors", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.Column("arxiv_id", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("pdf", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paper_id", sa.Text(), nullable=True),
        sa.Column("matched_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.paper_id"], name="fk_forums_paper_id_papers", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("forum", name="pk_forums"),
    )
    op.create_index("ix_forums_venue", "forums", ["venue"])
    op.create_index("ix_forums_paper_id", "forums", ["paper_id"])
    op.create_table(
        "snapshots",
        sa.Column("forum", sa.Text(), nullable=False),
        sa.Column("taken", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("scores", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["forum"], ["forums.forum"], name="fk_snapshots_forum_forums", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("forum", "taken", name="pk_snapshots"),
    )


def downgrade() -> None:
    op.drop_table("snapshots")
    op.drop_index("ix_forums_paper_id", "forums")
    op.drop_index("ix_forums_venue", "forums")
    op.drop_table("forums")
