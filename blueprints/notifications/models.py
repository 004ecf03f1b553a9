"""The tables of notifications."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, and_
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from blueprints.articles.models import Article
from blueprints.auth.models import User
from blueprints.comments.models import Comment, CommentVersion, GuestAddress
from core.database import Base, Timestamped, choice


class Frequency(enum.Enum):
    """How often somebody wants letters: for each, in one a day, in one a week, none."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


class Why(enum.Enum):
    """Why somebody is told of a reply or an article."""

    ANSWER = "answer"
    OWN_ARTICLE = "own_article"
    ARTICLE = "article"
    THREAD = "thread"
    PERSON = "person"
    DECISION = "decision"
    EDIT = "edit"  # what was decided about a changed text of one's own


VERDICTS = (Why.DECISION, Why.EDIT)


class Subscription(Timestamped, Base):
    """One wish to be told: by an account or a guest's address, of one article's replies, one thread (its root) or one person.

    It counts from `wanted_since` on; a guest's waits until the address is proved.
    """

    __tablename__ = "subscription"
    __table_args__ = (
        Index("ux_subscription_article_user", "article_id", "user_id", unique=True),
        Index("ux_subscription_article_guest", "article_id", "guest_address_id", unique=True),
        Index("ux_subscription_root_user", "root_id", "user_id", unique=True),
        Index("ux_subscription_root_guest", "root_id", "guest_address_id", unique=True),
        Index("ux_subscription_person_user", "person_id", "user_id", unique=True),
        Index("ux_subscription_person_guest", "person_id", "guest_address_id", unique=True),
        {"sqlite_autoincrement": True},  # a letter's link names the id: it is never another's
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    guest_address_id: Mapped[int | None] = mapped_column(ForeignKey("guest_address.id", ondelete="CASCADE"), index=True)
    article_id: Mapped[int | None] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    root_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    frequency: Mapped[Frequency] = mapped_column(choice(Frequency), default=Frequency.AT_ONCE)
    wanted_since: Mapped[datetime | None]

    user: Mapped[User | None] = relationship(foreign_keys=[user_id])
    address: Mapped[GuestAddress | None] = relationship()
    article: Mapped[Article | None] = relationship()
    root: Mapped[Comment | None] = relationship()
    person: Mapped[User | None] = relationship(foreign_keys=[person_id])


class Notification(Timestamped, Base):
    """One thing somebody is told: a line of an account's inbox, and of a letter or digest until `mailed_at`.

    `version` is the number of the text of one's own that was decided about; `text` is its row while it is not the reply's present one.
    """

    __tablename__ = "notification"
    __table_args__ = (
        Index("ux_notification_user", "user_id", "comment_id", "why", unique=True),
        Index("ux_notification_guest", "guest_address_id", "comment_id", "why", unique=True),
        Index("ix_notification_inbox", "user_id", "id"),
        Index("ix_notification_unread", "user_id", "read_at"),
        Index("ix_notification_digest", "frequency", "mailed_at", "id"),
        {"sqlite_autoincrement": True},  # a letter that is put off names the id: the next line is another
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    guest_address_id: Mapped[int | None] = mapped_column(ForeignKey("guest_address.id", ondelete="CASCADE"), index=True)
    why: Mapped[Why] = mapped_column(choice(Why))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    version: Mapped[int | None]
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), index=True)
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscription.id", ondelete="SET NULL"), index=True)
    frequency: Mapped[Frequency] = mapped_column(choice(Frequency))
    mailed_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]

    user: Mapped[User | None] = relationship()
    address: Mapped[GuestAddress | None] = relationship()
    comment: Mapped[Comment | None] = relationship()
    text: Mapped[CommentVersion | None] = relationship(
        primaryjoin=lambda: and_(
            CommentVersion.comment_id == foreign(Notification.comment_id),
            CommentVersion.number == foreign(Notification.version),
        ),
        viewonly=True,
    )
    article: Mapped[Article] = relationship()
    subscription: Mapped[Subscription | None] = relationship()


class NotificationChoice(Base):
    """What one account chose beyond single subscriptions; without a row the defaults count.

    `waiting` is for moderators: letters about what waits, the last one at `waiting_told_at`.
    """

    __tablename__ = "notification_choice"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    own_articles: Mapped[Frequency] = mapped_column(choice(Frequency), default=Frequency.AT_ONCE)
    answers: Mapped[Frequency] = mapped_column(choice(Frequency), default=Frequency.AT_ONCE)
    decisions: Mapped[Frequency] = mapped_column(choice(Frequency), default=Frequency.AT_ONCE)
    waiting: Mapped[Frequency] = mapped_column(choice(Frequency), default=Frequency.AT_ONCE)
    waiting_told_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()
