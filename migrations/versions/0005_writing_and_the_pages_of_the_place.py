"""Writing and the pages of the place: tags, series, former addresses, working copies, pictures."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user", sa.Column("introduction", sa.String(length=1000), nullable=False, server_default=""))
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint("slug", name=op.f("uq_series_slug")),
    )
    op.create_table(
        "tag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("key", name=op.f("uq_tag_key")),
    )
    op.create_table(
        "picture",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("widths", sa.JSON(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["user.id"], name=op.f("fk_picture_uploaded_by_id_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture")),
        sa.UniqueConstraint("name", name=op.f("uq_picture_name")),
    )
    with op.batch_alter_table("picture", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_picture_uploaded_by_id"), ["uploaded_by_id"], unique=False)

    op.create_table(
        "article_tag",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_article_tag_article_id_article"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_article_tag_tag_id_tag"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("article_id", "tag_id", name=op.f("pk_article_tag")),
    )
    with op.batch_alter_table("article_tag", schema=None) as batch_op:
        batch_op.create_index("ix_article_tag_newest", ["tag_id", "article_id"], unique=False)

    op.create_table(
        "former_slug",
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_former_slug_article_id_article"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("slug", name=op.f("pk_former_slug")),
    )
    with op.batch_alter_table("former_slug", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_former_slug_article_id"), ["article_id"], unique=False)

    op.create_table(
        "working_copy",
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("saved_by_id", sa.Integer(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_working_copy_article_id_article"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["saved_by_id"], ["user.id"], name=op.f("fk_working_copy_saved_by_id_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_working_copy")),
    )
    with op.batch_alter_table("working_copy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_working_copy_saved_by_id"), ["saved_by_id"], unique=False)

    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.add_column(sa.Column("taken_down", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("scheduled_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("pinned_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("canonical", sa.String(length=500), nullable=True))
        batch_op.add_column(sa.Column("translation_of_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("series_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("series_place", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("series_title", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("comments_close_days", sa.Integer(), nullable=True))
        batch_op.drop_index("ix_article_newest")
        batch_op.create_index("ix_article_newest", ["published_at", "id", "withdrawn_at"], unique=False)
        batch_op.create_index("ix_article_author", ["author", "published_at", "id", "withdrawn_at"], unique=False)
        batch_op.create_index(
            "ix_article_withdrawn",
            ["withdrawn_at"],
            unique=False,
            sqlite_where=sa.text("withdrawn_at IS NOT NULL"),
            postgresql_where=sa.text("withdrawn_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_article_pinned",
            ["withdrawn_at", "pinned_at", "id"],
            unique=False,
            sqlite_where=sa.text("pinned_at IS NOT NULL"),
            postgresql_where=sa.text("pinned_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_article_scheduled_at"), ["scheduled_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_article_series_id"), ["series_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_article_translation_of_id"), ["translation_of_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_article_translation_of_id_article"),
            "article",
            ["translation_of_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_article_series_id_series"), "series", ["series_id"], ["id"], ondelete="SET NULL"
        )

    with op.batch_alter_table("article_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("values", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("was_public", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("saved_by_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_article_version_saved_by_id"), ["saved_by_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_article_version_saved_by_id_user"), "user", ["saved_by_id"], ["id"], ondelete="SET NULL"
        )


def downgrade() -> None:
    with op.batch_alter_table("article_version", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_article_version_saved_by_id_user"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_article_version_saved_by_id"))
        batch_op.drop_column("saved_by_id")
        batch_op.drop_column("was_public")
        batch_op.drop_column("values")

    with op.batch_alter_table("article", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_article_series_id_series"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_article_translation_of_id_article"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_article_translation_of_id"))
        batch_op.drop_index(batch_op.f("ix_article_series_id"))
        batch_op.drop_index(batch_op.f("ix_article_scheduled_at"))
        batch_op.drop_index("ix_article_pinned")
        batch_op.drop_index("ix_article_withdrawn")
        batch_op.drop_index("ix_article_author")
        batch_op.drop_index("ix_article_newest")
        batch_op.create_index("ix_article_newest", ["withdrawn_at", "published_at", "id"], unique=False)
        batch_op.drop_column("comments_close_days")
        batch_op.drop_column("revision")
        batch_op.drop_column("series_title")
        batch_op.drop_column("series_place")
        batch_op.drop_column("series_id")
        batch_op.drop_column("translation_of_id")
        batch_op.drop_column("canonical")
        batch_op.drop_column("pinned_at")
        batch_op.drop_column("scheduled_at")
        batch_op.drop_column("taken_down")

    with op.batch_alter_table("working_copy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_working_copy_saved_by_id"))

    op.drop_table("working_copy")
    with op.batch_alter_table("former_slug", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_former_slug_article_id"))

    op.drop_table("former_slug")
    with op.batch_alter_table("article_tag", schema=None) as batch_op:
        batch_op.drop_index("ix_article_tag_newest")

    op.drop_table("article_tag")
    with op.batch_alter_table("picture", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_picture_uploaded_by_id"))

    op.drop_table("picture")
    op.drop_table("tag")
    op.drop_table("series")
    op.drop_column("user", "introduction")
