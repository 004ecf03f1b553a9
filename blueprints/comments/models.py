"""The table of replies."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blueprints.articles.models import Article
from blueprints.auth.models import User
from core.database import Base, Timestamped, choice
from core.tokens import new_token


class Status(enum.Enum):
    """The five states of a reply: deleted by its writer, rejected or spam by a moderator. What was public keeps its floor as a tombstone."""

    PENDING = "pending"
    PUBLISHED = "published"
    REJECTED = "rejected"
    SPAM = "spam"
    DELETED = "deleted"


UNSEEN = (Status.PENDING, Status.REJECTED, Status.SPAM)  # what was kept from the public, or waits
BY_MAIL = "mail"  # the reason of a reply that waits for its address to be proved, and not for a moderator


class Comment(Timestamped, Base):
    """One answer to an article or to another answer. It has a floor from its first publication on, for ever.

    `root_floor` is the floor of the first reply of its thread: the reading order is (article, root_floor, floor).
    `send_key` is what two sendings of one text share, for a day; `writer_hash` belongs to the cookie of a guest.
    `body` is what the public reads, or would; `version` is the number of that text. `quote` is the key of the article's paragraph
    it is about. `notify` is the wish for a letter when somebody answers, good from `notify_since` on.
    `findings` is what screening found, for moderators; `family` is the simhash of the first of several texts that are nearly the same.
    A reply that waits and has a floor was public before.
    """

    __tablename__ = "comment"
    __table_args__ = (
        Index("ux_comment_article_floor", "article_id", "floor", unique=True),
        Index("ix_comment_thread", "article_id", "root_floor", "floor"),
        Index("ix_comment_by_author", "article_id", "is_by_author", "floor"),
        Index("ix_comment_quote", "article_id", "quote", "floor"),
        Index("ix_comment_status", "status", "id"),
        Index("ix_comment_created_at", "created_at"),
        Index("ix_comment_address_block", "address_block", "created_at"),
        Index("ix_comment_family", "family", "status", "id"),
    )

    NICKNAME_MAX = 40
    BODY_MIN, BODY_MAX = 2, 20_000
    CODE_POINTS_MAX = 100_000

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    nickname: Mapped[str] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(254), index=True)
    body: Mapped[str]
    body_html: Mapped[str]
    status: Mapped[Status] = mapped_column(choice(Status), default=Status.PENDING)
    held_reason: Mapped[str | None] = mapped_column(String(40))
    removed_reason: Mapped[str | None] = mapped_column(String(200))
    findings: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    simhash: Mapped[int | None] = mapped_column(BigInteger)
    family: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(default=1)
    edited_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None] = mapped_column(index=True)
    quote: Mapped[str | None] = mapped_column(String(16))
    notify: Mapped[bool] = mapped_column(default=False)
    notify_since: Mapped[datetime | None]
    is_by_author: Mapped[bool] = mapped_column(default=False)
    floor: Mapped[int | None]
    root_floor: Mapped[int | None]
    published_at: Mapped[datetime | None]
    send_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    writer_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    address_block: Mapped[str | None] = mapped_column(String(64))

    article: Mapped[Article] = relationship()
    parent: Mapped["Comment | None"] = relationship(remote_side=[id])
    user: Mapped[User | None] = relationship()


class CommentVersion(Timestamped, Base):
    """One text a reply had before (published, or deleted where nobody saw it) or may get (pending), or was not to (rejected, spam), numbered from 1."""

    __tablename__ = "comment_version"
    __table_args__ = (
        Index("ux_comment_version_number", "comment_id", "number", unique=True),
        Index("ix_comment_version_status", "status", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))
    number: Mapped[int]
    body: Mapped[str]
    body_html: Mapped[str]
    status: Mapped[Status] = mapped_column(choice(Status))
    held_reason: Mapped[str | None] = mapped_column(String(40))
    removed_reason: Mapped[str | None] = mapped_column(String(200))
    findings: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)

    comment: Mapped[Comment] = relationship()


class GuestAddress(Timestamped, Base):
    """One address that guests wrote under and asked letters for. Its owner proved it by opening the link of a letter.

    `asked_count` is how many letters went to it since a link was opened last. Once `stopped_at` is set, nothing is written to
    it that it did not ask for itself. `seed` goes into what its links are signed with, so that they die with the row.
    """

    __tablename__ = "guest_address"
    __table_args__ = {"sqlite_autoincrement": True}  # the id of a forgotten address is never another's

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254), unique=True)
    seed: Mapped[str] = mapped_column(String(64), default=new_token)
    language: Mapped[str] = mapped_column(String(8), default="zh")
    proved_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    asked_count: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime | None] = mapped_column(index=True)


class GuestSession(Timestamped, Base):
    """One browser in which the owner of an address opened the link of a letter; deleting the row ends it at once."""

    __tablename__ = "guest_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    guest_address_id: Mapped[int] = mapped_column(ForeignKey("guest_address.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    address: Mapped[GuestAddress] = relationship(lazy="joined", innerjoin=True)


class FlagReason(enum.Enum):
    """Why somebody reports a reply."""

    ADVERTISING = "advertising"
    ABUSE = "abuse"
    UNLAWFUL = "unlawful"
    OFF_TOPIC = "off_topic"
    OTHER = "other"


class Flag(Timestamped, Base):
    """One reader's report of a reply; `flagger_hash` is what two reports by one reader share. Once `settled_at` a moderator saw it."""

    __tablename__ = "flag"
    __table_args__ = (
        Index("ux_flag_comment_flagger", "comment_id", "flagger_hash", unique=True),
        Index("ix_flag_settled_at", "settled_at", "comment_id"),
    )

    NOTE_MAX = 500

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    flagger_hash: Mapped[str] = mapped_column(String(64))
    reason: Mapped[FlagReason] = mapped_column(choice(FlagReason))
    note: Mapped[str] = mapped_column(default="")
    settled_at: Mapped[datetime | None]

    comment: Mapped[Comment] = relationship()


class Appeal(Timestamped, Base):
    """What the writer of a reply answered, once, to the decision against it."""

    __tablename__ = "appeal"
    __table_args__ = (Index("ix_appeal_settled_at", "settled_at", "comment_id"),)

    BODY_MAX = 1000

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True)
    body: Mapped[str]
    settled_at: Mapped[datetime | None]

    comment: Mapped[Comment] = relationship()


class LastVisit(Base):
    """How far an account had read an article's replies: up to `floor` when this visit began, up to `next_floor` by now."""

    __tablename__ = "last_visit"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), primary_key=True)
    floor: Mapped[int] = mapped_column(default=0)
    next_floor: Mapped[int]
    seen_at: Mapped[datetime] = mapped_column(index=True)
