"""The tables of screening: the owner's words, who is kept out, what moderators taught, floods."""

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blueprints.auth.models import User
from blueprints.comments.models import Comment
from core.database import Base, Timestamped
from core.tokens import short_mac


class WordRule(Timestamped, Base):
    """One word or phrase of the owner's. A reply with it in name, address or text waits, or is refused where the rule `refuses`.

    `key` is what all spellings of the words share.
    """

    __tablename__ = "word_rule"
    __table_args__ = {"sqlite_autoincrement": True}  # the log and open pages name the id: it is never another's

    WORDS_MAX = 100

    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(String(400))
    key: Mapped[str] = mapped_column(String(800), unique=True)
    refuses: Mapped[bool] = mapped_column(default=False)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))

    made_by: Mapped[User | None] = relationship()


class Ban(Timestamped, Base):
    """Somebody kept from replying: an account, or a guest by address, by the cookie of the browser and by network, whichever is set.

    It ends at `until` (None: when it is lifted), and the rows stay for the log until housekeeping drops them.
    """

    __tablename__ = "ban"
    __table_args__ = {"sqlite_autoincrement": True}  # the log and open pages name the id: it is never another's

    id: Mapped[int] = mapped_column(primary_key=True)
    nickname: Mapped[str] = mapped_column(String(200))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    email_key: Mapped[str | None] = mapped_column(String(254), index=True)
    writer_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    address_block: Mapped[str | None] = mapped_column(String(64), index=True)
    reason: Mapped[str] = mapped_column(String(200))
    until: Mapped[datetime | None]
    lifted_at: Mapped[datetime | None]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))

    user: Mapped[User | None] = relationship(foreign_keys=[user_id])
    made_by: Mapped[User | None] = relationship(foreign_keys=[made_by_id])

    @staticmethod
    def mark_of(email_key: str) -> str:
        """Return what stands in `email_key` once the address itself was forgotten: a MAC under the site's key."""
        return "forgotten " + short_mac("paused-address", email_key)

    @classmethod
    def is_of(cls, email_key: str) -> ColumnElement[bool]:
        """The bans of an address, forgotten since or not."""
        return cls.email_key.in_((email_key, cls.mark_of(email_key)))


class Lesson(Timestamped, Base):
    """One text a moderator judged, for the classifier to learn from: wanted here or not."""

    __tablename__ = "lesson"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True)
    is_wanted: Mapped[bool]

    comment: Mapped[Comment] = relationship()


class ClassifierModel(Timestamped, Base):
    """What the classifier learned so far, the newest row counting: how often each gram stood in wanted and unwanted texts."""

    __tablename__ = "classifier_model"

    id: Mapped[int] = mapped_column(primary_key=True)
    wanted_count: Mapped[int]
    unwanted_count: Mapped[int]
    counts: Mapped[bytes] = mapped_column(LargeBinary)


class Flood(Timestamped, Base):
    """One time in which replies came in so fast that the bar was raised; over once `ended_at` is set."""

    __tablename__ = "flood"

    id: Mapped[int] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
