"""The table of replies."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blueprints.articles.models import Article
from blueprints.auth.models import User
from core.database import Base, Timestamped, choice


class Status(enum.Enum):
    """The five states of a reply; deleted ones keep their floor as a tombstone."""

    PENDING = "pending"
    PUBLISHED = "published"
    REJECTED = "rejected"
    SPAM = "spam"
    DELETED = "deleted"


class Comment(Timestamped, Base):
    """One answer to an article or to another answer. It has a floor from its first publication on, for ever.

    `root_floor` is the floor of the first reply of its thread: the reading order is (article, root_floor, floor).
    `send_key` is what two sendings of one text share, for a day; `writer_hash` belongs to the cookie of a guest.
    """

    __tablename__ = "comment"
    __table_args__ = (
        Index("ux_comment_article_floor", "article_id", "floor", unique=True),
        Index("ix_comment_thread", "article_id", "root_floor", "floor"),
        Index("ix_comment_by_author", "article_id", "is_by_author", "floor"),
        Index("ix_comment_status", "status", "id"),
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
