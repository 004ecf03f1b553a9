"""The tables of the moderation desk."""

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blueprints.auth.models import User
from blueprints.comments.models import Comment, Status
from core.database import Base, Timestamped, choice


class Act(enum.Enum):
    """What a moderator did."""

    APPROVE = "approve"
    REJECT = "reject"
    SPAM = "spam"
    REMOVE = "remove"
    RESTORE = "restore"
    KEEP = "keep"  # readers' reports were looked at, and the reply stays
    BAN = "ban"
    LIFT_BAN = "lift_ban"
    ADD_WORDS = "add_words"
    DROP_WORDS = "drop_words"
    UNDO = "undo"


class Decision(Timestamped, Base):
    """One line of the moderation log. What was decided in one go shares its `batch`.

    `version` is the number of the text that was looked at; `before` holds what an undo puts back. `subject` names what the
    deed was about where that is no reply. A line without an actor was written at the command line.
    """

    __tablename__ = "decision"
    __table_args__ = (
        Index("ix_decision_comment_id", "comment_id", "id"),
        Index("ix_decision_batch", "batch"),
        Index("ix_decision_created_at", "created_at"),
    )

    REASON_MAX = 200

    id: Mapped[int] = mapped_column(primary_key=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    act: Mapped[Act] = mapped_column(choice(Act))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="SET NULL"))
    version: Mapped[int | None]
    subject: Mapped[str] = mapped_column(String(400), default="")
    reason: Mapped[str] = mapped_column(String(200), default="")
    batch: Mapped[str] = mapped_column(String(32))
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))

    actor: Mapped[User | None] = relationship(foreign_keys=[actor_id])
    undone_by: Mapped[User | None] = relationship(foreign_keys=[undone_by_id])
    comment: Mapped[Comment | None] = relationship()


class MailedCase(Timestamped, Base):
    """One link of a letter to a moderator: it decides about one text of one reply, once, as that moderator."""

    __tablename__ = "mailed_case"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    version: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()
    comment: Mapped[Comment] = relationship()


@dataclass(frozen=True)
class Seen:
    """What somebody looked at: a text of a reply by its number, in the state it was shown with."""

    comment_id: int
    number: int
    status: Status
