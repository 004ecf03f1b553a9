"""Screening, the moderation desk and letters: word rules, bans, lessons, decisions, subscriptions, figures."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "classifier_model",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("wanted_count", sa.Integer(), nullable=False),
        sa.Column("unwanted_count", sa.Integer(), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_classifier_model")),
    )
    op.create_table(
        "daily_count",
        sa.Column("name", sa.String(length=24), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", "day", "article_id", name=op.f("pk_daily_count")),
    )
    with op.batch_alter_table("daily_count", schema=None) as batch_op:
        batch_op.create_index("ix_daily_count_day", ["day"], unique=False)

    op.create_table(
        "flood",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flood")),
    )
    with op.batch_alter_table("flood", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_flood_ended_at"), ["ended_at"], unique=False)

    op.create_table(
        "paused_address",
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("email_key", name=op.f("pk_paused_address")),
    )
    op.create_table(
        "ban",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("nickname", sa.String(length=200), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("email_key", sa.String(length=254), nullable=True),
        sa.Column("writer_hash", sa.String(length=64), nullable=True),
        sa.Column("address_block", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["user.id"], name=op.f("fk_ban_made_by_id_user"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_ban_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ban")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("ban", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ban_address_block"), ["address_block"], unique=False)
        batch_op.create_index(batch_op.f("ix_ban_email_key"), ["email_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_ban_user_id"), ["user_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ban_writer_hash"), ["writer_hash"], unique=False)

    op.create_table(
        "notification_choice",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "own_articles",
            sa.Enum("at_once", "daily", "weekly", "never", name="frequency", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column(
            "answers",
            sa.Enum("at_once", "daily", "weekly", "never", name="frequency", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column(
            "decisions",
            sa.Enum("at_once", "daily", "weekly", "never", name="frequency", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column(
            "waiting",
            sa.Enum("at_once", "daily", "weekly", "never", name="frequency", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("waiting_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_notification_choice_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_notification_choice")),
    )
    op.create_table(
        "word_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=400), nullable=False),
        sa.Column("key", sa.String(length=800), nullable=False),
        sa.Column("refuses", sa.Boolean(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["user.id"], name=op.f("fk_word_rule_made_by_id_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_word_rule")),
        sa.UniqueConstraint("key", name=op.f("uq_word_rule_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "appeal",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_appeal_comment_id_comment"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_appeal")),
    )
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.create_index("ix_appeal_settled_at", ["settled_at", "comment_id"], unique=False)

    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column(
            "act",
            sa.Enum(
                "approve",
                "reject",
                "spam",
                "remove",
                "restore",
                "keep",
                "ban",
                "lift_ban",
                "add_words",
                "drop_words",
                "undo",
                name="act",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=400), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("batch", sa.String(length=32), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_decision_actor_id_user"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_decision_comment_id_comment"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["user.id"], name=op.f("fk_decision_undone_by_id_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decision_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index("ix_decision_batch", ["batch"], unique=False)
        batch_op.create_index("ix_decision_comment_id", ["comment_id", "id"], unique=False)
        batch_op.create_index("ix_decision_created_at", ["created_at"], unique=False)

    op.create_table(
        "lesson",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("is_wanted", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_lesson_comment_id_comment"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_lesson")),
    )
    op.create_table(
        "mailed_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_mailed_case_comment_id_comment"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_mailed_case_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_case")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_mailed_case_token_hash")),
    )
    with op.batch_alter_table("mailed_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mailed_case_comment_id"), ["comment_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mailed_case_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_mailed_case_user_id"), ["user_id"], unique=False)

    op.create_table(
        "subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("guest_address_id", sa.Integer(), nullable=True),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.Column("root_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column(
            "frequency",
            sa.Enum("at_once", "daily", "weekly", "never", name="frequency", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("wanted_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_subscription_article_id_article"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["guest_address_id"],
            ["guest_address.id"],
            name=op.f("fk_subscription_guest_address_id_guest_address"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["user.id"], name=op.f("fk_subscription_person_id_user"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["root_id"], ["comment.id"], name=op.f("fk_subscription_root_id_comment"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_subscription_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_subscription_guest_address_id"), ["guest_address_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_subscription_user_id"), ["user_id"], unique=False)
        batch_op.create_index("ux_subscription_article_guest", ["article_id", "guest_address_id"], unique=True)
        batch_op.create_index("ux_subscription_article_user", ["article_id", "user_id"], unique=True)
        batch_op.create_index("ux_subscription_person_guest", ["person_id", "guest_address_id"], unique=True)
        batch_op.create_index("ux_subscription_person_user", ["person_id", "user_id"], unique=True)
        batch_op.create_index("ux_subscription_root_guest", ["root_id", "guest_address_id"], unique=True)
        batch_op.create_index("ux_subscription_root_user", ["root_id", "user_id"], unique=True)

    op.create_table(
        "notification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("guest_address_id", sa.Integer(), nullable=True),
        sa.Column(
            "why",
            sa.Enum(
                "answer",
                "own_article",
                "article",
                "thread",
                "person",
                "decision",
                "edit",
                name="why",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("article_id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=True),
        sa.Column(
            "frequency",
            sa.Enum("at_once", "daily", "weekly", "never", name="frequency", native_enum=False, length=16),
            nullable=False,
        ),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_notification_article_id_article"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_notification_comment_id_comment"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["guest_address_id"],
            ["guest_address.id"],
            name=op.f("fk_notification_guest_address_id_guest_address"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscription.id"],
            name=op.f("fk_notification_subscription_id_subscription"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_notification_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notification_article_id"), ["article_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notification_comment_id"), ["comment_id"], unique=False)
        batch_op.create_index("ix_notification_digest", ["frequency", "mailed_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notification_guest_address_id"), ["guest_address_id"], unique=False)
        batch_op.create_index("ix_notification_inbox", ["user_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notification_subscription_id"), ["subscription_id"], unique=False)
        batch_op.create_index("ix_notification_unread", ["user_id", "read_at"], unique=False)
        batch_op.create_index("ux_notification_guest", ["guest_address_id", "comment_id", "why"], unique=True)
        batch_op.create_index("ux_notification_user", ["user_id", "comment_id", "why"], unique=True)

    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("findings", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("simhash", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("family", sa.BigInteger(), nullable=True))
        batch_op.create_index("ix_comment_address_block", ["address_block", "created_at"], unique=False)
        batch_op.create_index("ix_comment_created_at", ["created_at"], unique=False)
        batch_op.create_index("ix_comment_family", ["family", "status", "id"], unique=False)

    with op.batch_alter_table("comment_version", schema=None) as batch_op:
        batch_op.add_column(sa.Column("findings", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("removed_reason", sa.String(length=200), nullable=True))

    with op.batch_alter_table("flag", schema=None) as batch_op:
        batch_op.add_column(sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_flag_settled_at", ["settled_at", "comment_id"], unique=False)

    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("recipient", sa.String(length=254), nullable=True))
        batch_op.create_index("ix_job_outcome", ["outcome", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index("ix_job_outcome")
        batch_op.drop_column("recipient")

    with op.batch_alter_table("flag", schema=None) as batch_op:
        batch_op.drop_index("ix_flag_settled_at")
        batch_op.drop_column("settled_at")

    with op.batch_alter_table("comment_version", schema=None) as batch_op:
        batch_op.drop_column("removed_reason")
        batch_op.drop_column("findings")

    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.drop_index("ix_comment_family")
        batch_op.drop_index("ix_comment_created_at")
        batch_op.drop_index("ix_comment_address_block")
        batch_op.drop_column("family")
        batch_op.drop_column("simhash")
        batch_op.drop_column("findings")

    with op.batch_alter_table("notification", schema=None) as batch_op:
        batch_op.drop_index("ux_notification_user")
        batch_op.drop_index("ux_notification_guest")
        batch_op.drop_index("ix_notification_unread")
        batch_op.drop_index(batch_op.f("ix_notification_subscription_id"))
        batch_op.drop_index("ix_notification_inbox")
        batch_op.drop_index(batch_op.f("ix_notification_guest_address_id"))
        batch_op.drop_index("ix_notification_digest")
        batch_op.drop_index(batch_op.f("ix_notification_comment_id"))
        batch_op.drop_index(batch_op.f("ix_notification_article_id"))

    op.drop_table("notification")
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.drop_index("ux_subscription_root_user")
        batch_op.drop_index("ux_subscription_root_guest")
        batch_op.drop_index("ux_subscription_person_user")
        batch_op.drop_index("ux_subscription_person_guest")
        batch_op.drop_index("ux_subscription_article_user")
        batch_op.drop_index("ux_subscription_article_guest")
        batch_op.drop_index(batch_op.f("ix_subscription_user_id"))
        batch_op.drop_index(batch_op.f("ix_subscription_guest_address_id"))

    op.drop_table("subscription")
    with op.batch_alter_table("mailed_case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mailed_case_user_id"))
        batch_op.drop_index(batch_op.f("ix_mailed_case_expires_at"))
        batch_op.drop_index(batch_op.f("ix_mailed_case_comment_id"))

    op.drop_table("mailed_case")
    op.drop_table("lesson")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index("ix_decision_created_at")
        batch_op.drop_index("ix_decision_comment_id")
        batch_op.drop_index("ix_decision_batch")
        batch_op.drop_index(batch_op.f("ix_decision_actor_id"))

    op.drop_table("decision")
    with op.batch_alter_table("appeal", schema=None) as batch_op:
        batch_op.drop_index("ix_appeal_settled_at")

    op.drop_table("appeal")
    op.drop_table("word_rule")
    op.drop_table("notification_choice")
    with op.batch_alter_table("ban", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ban_writer_hash"))
        batch_op.drop_index(batch_op.f("ix_ban_user_id"))
        batch_op.drop_index(batch_op.f("ix_ban_email_key"))
        batch_op.drop_index(batch_op.f("ix_ban_address_block"))

    op.drop_table("ban")
    op.drop_table("paused_address")
    with op.batch_alter_table("flood", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_flood_ended_at"))

    op.drop_table("flood")
    with op.batch_alter_table("daily_count", schema=None) as batch_op:
        batch_op.drop_index("ix_daily_count_day")

    op.drop_table("daily_count")
    op.drop_table("classifier_model")
