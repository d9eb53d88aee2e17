"""The author's channel: its posts, the papers they link to, and their full text; papers are found by their PDF."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

# As in 0001: an FTS5 index over a column of stems, kept by triggers, without a copy of the text.
FULL_TEXT = (
    "CREATE VIRTUAL TABLE channel_index USING fts5"
    "(stems, content='channel_posts', content_rowid='id', tokenize=\"ascii tokenchars '_'\")",
    "CREATE TRIGGER channel_inserted AFTER INSERT ON channel_posts BEGIN "
    "INSERT INTO channel_index(rowid, stems) VALUES (new.id, new.stems); END",
    "CREATE TRIGGER channel_deleted AFTER DELETE ON channel_posts BEGIN "
    "INSERT INTO channel_index(channel_index, rowid, stems) VALUES ('delete', old.id, old.stems); END",
    "CREATE TRIGGER channel_updated AFTER UPDATE OF stems ON channel_posts BEGIN "
    "INSERT INTO channel_index(channel_index, rowid, stems) VALUES ('delete', old.id, old.stems); "
    "INSERT INTO channel_index(rowid, stems) VALUES (new.id, new.stems); END",
)


def upgrade() -> None:
    op.create_table(
        "channels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("telegram_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_channels"),
        sa.UniqueConstraint("telegram_id", name="uq_channels_telegram_id"),
    )
    op.create_table(
        "channel_posts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("date", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited", sa.DateTime(timezone=True), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("forwarded_from", sa.Text(), nullable=False),
        sa.Column("reply_to", sa.BigInteger(), nullable=True),
        sa.Column("photos", sa.Text(), nullable=False),
        sa.Column("pieces", sa.Text(), nullable=False),
        sa.Column("papers", sa.Text(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("stems", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name="fk_channel_posts_channel_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_channel_posts"),
        sa.UniqueConstraint("channel_id", "message_id", name="uq_channel_posts_channel_id_message_id"),
    )
    op.create_table(
        "channel_papers",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["channel_posts.id"], name="fk_channel_papers_post_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("post_id", "paper_id", name="pk_channel_papers"),
    )
    op.create_index("ix_channel_papers_paper_id", "channel_papers", ["paper_id"])
    op.create_index("ix_papers_pdf", "papers", ["pdf"])
    if op.get_bind().dialect.name == "sqlite":
        for statement in FULL_TEXT:
            op.execute(statement)


def downgrade() -> None:
    op.drop_index("ix_papers_pdf", "papers")
    op.drop_index("ix_channel_papers_paper_id", "channel_papers")
    for name in ("channel_papers", "channel_posts", "channels"):
        op.drop_table(name)
    op.execute("DROP TABLE IF EXISTS channel_index")
