"""The index of search; it is filled by the worker once the site runs, or by `search rebuild`."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    words = sa.Text() if is_sqlite else postgresql.TSVECTOR()
    op.create_table(
        "search_entry",
        sa.Column("place", sa.Integer() if is_sqlite else sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("title", words, nullable=False),
        sa.Column("words", words, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_search_entry_article_id_article"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_search_entry_comment_id_comment"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_search_entry")),
        sa.UniqueConstraint("comment_id", name=op.f("uq_search_entry_comment_id")),
    )
    op.create_index(op.f("ix_search_entry_article_id"), "search_entry", ["article_id"], unique=False)
    if is_sqlite:
        op.execute(
            "CREATE VIRTUAL TABLE search_words USING fts5(title, words, content='search_entry', "
            "content_rowid='place', tokenize=\"ascii tokenchars '|'\", prefix='1')"
        )
        op.execute(
            "CREATE TRIGGER search_entry_put AFTER INSERT ON search_entry BEGIN "
            "INSERT INTO search_words (rowid, title, words) VALUES (new.place, new.title, new.words); END"
        )
        op.execute(
            "CREATE TRIGGER search_entry_taken AFTER DELETE ON search_entry BEGIN "
            "INSERT INTO search_words (search_words, rowid, title, words) "
            "VALUES ('delete', old.place, old.title, old.words); END"
        )
    else:
        op.execute("CREATE INDEX search_words ON search_entry USING gin ((title || words))")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_words")
    op.drop_table("search_entry")
