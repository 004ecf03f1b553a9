"""Replies to the last state: versions, guests' addresses, reports, visits; drafts and versions of articles."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guest_address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_count", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest_address")),
        sa.UniqueConstraint("email_key", name=op.f("uq_guest_address_email_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("guest_address", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guest_address_asked_at"), ["asked_at"], unique=False)

    op.create_table(
        "guest_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("guest_address_id", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["guest_address_id"],
            ["guest_address.id"],
            name=op.f("fk_guest_session_guest_address_id_guest_address"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_guest_session")),
    )
    with op.batch_alter_table("guest_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guest_session_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_guest_session_guest_address_id"), ["guest_address_id"], unique=False)

    op.create_table(
        "article_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_article_version_article_id_article"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_version")),
    )
    with op.batch_alter_table("article_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_article_version_article_id"), ["article_id"], unique=False)

    op.create_table(
        "last_visit",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=False),
        sa.Column("next_floor", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_last_visit_article_id_article"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_last_visit_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "article_id", name=op.f("pk_last_visit")),
    )
    with op.batch_alter_table("last_visit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_last_visit_seen_at"), ["seen_at"], unique=False)

    op.create_table(
        "comment_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("body_html", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("pending", "published", "rejected", "spam", "deleted", name="status", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("held_reason", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_comment_version_comment_id_comment"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_version")),
    )
    with op.batch_alter_table("comment_version", schema=None) as batch_op:
        batch_op.create_index("ix_comment_version_status", ["status", "id"], unique=False)
        batch_op.create_index("ux_comment_version_number", ["comment_id", "number"], unique=True)

    op.create_table(
        "flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("flagger_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "advertising",
                "abuse",
                "unlawful",
                "off_topic",
                "other",
                name="flagreason",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_flag_comment_id_comment"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_flag_user_id_user"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
    )
    with op.batch_alter_table("flag", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_flag_user_id"), ["user_id"], unique=False)
        batch_op.create_index("ux_flag_comment_flagger", ["comment_id", "flagger_hash"], unique=True)

    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.add_column(sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("quoted", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.alter_column("published_at", existing_type=sa.DateTime(timezone=True), nullable=True)

    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("removed_reason", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("quote", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("notify", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("notify_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_comment_quote", ["article_id", "quote", "floor"], unique=False)
        batch_op.create_index(batch_op.f("ix_comment_withdrawn_at"), ["withdrawn_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_comment_withdrawn_at"))
        batch_op.drop_index("ix_comment_quote")
        batch_op.drop_column("notify_since")
        batch_op.drop_column("notify")
        batch_op.drop_column("quote")
        batch_op.drop_column("withdrawn_at")
        batch_op.drop_column("edited_at")
        batch_op.drop_column("version")
        batch_op.drop_column("removed_reason")

    op.execute(
        "UPDATE article SET published_at = created_at, withdrawn_at = created_at WHERE published_at IS NULL"
    )  # a draft must not become public by going back
    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.alter_column("published_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.drop_column("quoted")
        batch_op.drop_column("updated_at")

    with op.batch_alter_table("flag", schema=None) as batch_op:
        batch_op.drop_index("ux_flag_comment_flagger")
        batch_op.drop_index(batch_op.f("ix_flag_user_id"))

    op.drop_table("flag")
    with op.batch_alter_table("comment_version", schema=None) as batch_op:
        batch_op.drop_index("ux_comment_version_number")
        batch_op.drop_index("ix_comment_version_status")

    op.drop_table("comment_version")
    with op.batch_alter_table("last_visit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_last_visit_seen_at"))

    op.drop_table("last_visit")
    with op.batch_alter_table("article_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_article_version_article_id"))

    op.drop_table("article_version")
    with op.batch_alter_table("guest_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_guest_session_guest_address_id"))
        batch_op.drop_index(batch_op.f("ix_guest_session_expires_at"))

    op.drop_table("guest_session")
    with op.batch_alter_table("guest_address", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_guest_address_asked_at"))

    op.drop_table("guest_address")
