"""The tables of accounts."""

import enum
from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core import clock
from core.database import Base, Timestamped, choice


class Role(enum.Enum):
    """What somebody may do: answer, publish, decide, configure; each includes the ones before."""

    READER = "reader"
    AUTHOR = "author"
    MODERATOR = "moderator"
    ADMINISTRATOR = "administrator"

    @property
    def may_publish(self) -> bool:
        return self is not Role.READER

    @property
    def may_moderate(self) -> bool:
        return self in (Role.MODERATOR, Role.ADMINISTRATOR)


class User(UserMixin, Timestamped, Base):  # type: ignore[misc]
    """One account whose address was proved. `session_token` is set on the row of whoever asks, for this request only."""

    __tablename__ = "user"
    __allow_unmapped__ = True  # for session_token, which is no column

    USERNAME_MIN, USERNAME_MAX = 2, 30

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(160))
    username_key: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(choice(Role), default=Role.READER)
    is_disabled: Mapped[bool] = mapped_column(default=False)

    session_token: str | None = None

    def get_id(self) -> str | None:
        """Return what Flask-Login keeps in the cookie: this log-in's random token, not the account's id."""
        return self.session_token


class Byline(Base):
    """One name that articles are signed with, under the key that look-alikes share."""

    __tablename__ = "byline"

    name_key: Mapped[str] = mapped_column(primary_key=True)


class LoginSession(Timestamped, Base):
    """One browser that is logged in. Deleting the row ends it at once, whoever holds a copy of the cookie."""

    __tablename__ = "login_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    seen_at: Mapped[datetime] = mapped_column(default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class Registration(Timestamped, Base):
    """One registration whose address is not proved yet; it holds its user name. Once used its keys are empty."""

    __tablename__ = "registration"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(160))
    username_key: Mapped[str | None] = mapped_column(unique=True)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class PasswordReset(Timestamped, Base):
    """One link that sets a new password, made when its letter leaves."""

    __tablename__ = "password_reset"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()
