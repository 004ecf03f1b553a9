"""The tables of accounts."""

import enum
from datetime import datetime, timedelta

from flask_login import UserMixin
from sqlalchemy import BigInteger, ForeignKey, Index, String
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

    @property
    def idle(self) -> timedelta:
        """How long a session of theirs may be idle before it has ended."""
        return timedelta(hours=12) if self.may_moderate else timedelta(days=14)

    @property
    def may_configure(self) -> bool:
        return self is Role.ADMINISTRATOR


class Deed(enum.Enum):
    """What the log of an account tells, to its owner and to administrators."""

    LOGGED_IN = "logged_in"
    LOGIN_FAILED = "login_failed"
    LOGGED_OUT = "logged_out"
    SESSION_ENDED = "session_ended"
    RESET_ASKED = "reset_asked"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  (a word, no secret)
    EMAIL_CHANGED = "email_changed"
    NAME_CHANGED = "name_changed"
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    RECOVERY_CODE_USED = "recovery_code_used"
    ROLE_CHANGED = "role_changed"
    PAUSED = "paused"
    RESUMED = "resumed"
    LEAVING = "leaving"
    RETURNED = "returned"
    REGISTERED = "registered"


class User(UserMixin, Timestamped, Base):  # type: ignore[misc]
    """One account whose address was proved. `session_token` is set on the row of whoever asks, for this request only.

    `introduction` is the line on the author page, of those who publish. Paused from `paused_at` until `paused_until`
    (None: until somebody resumes it); erased at `leaves_at`, unless its owner logs in before. One-time codes (RFC 6238)
    follow from `totp_seed` and the site's key.
    """

    __tablename__ = "user"
    __table_args__ = {"sqlite_autoincrement": True}  # the id of an erased account is never another's
    __allow_unmapped__ = True  # for session_token, which is no column

    USERNAME_MIN, USERNAME_MAX, INTRODUCTION_MAX = 2, 30, 200

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(160))
    username_key: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(choice(Role), default=Role.READER)
    introduction: Mapped[str] = mapped_column(String(1000), default="")
    language: Mapped[str] = mapped_column(String(8), default="zh")
    tells_new_devices: Mapped[bool] = mapped_column(default=True)
    paused_at: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    pause_reason: Mapped[str | None]
    leaves_at: Mapped[datetime | None] = mapped_column(index=True)
    has_second_factor: Mapped[bool] = mapped_column(default=False)
    totp_seed: Mapped[str | None] = mapped_column(String(64))
    totp_last_step: Mapped[int] = mapped_column(default=0)

    session_token: str | None = None

    def get_id(self) -> str | None:
        """Return what Flask-Login keeps in the cookie: this log-in's random token, not the account's id."""
        return self.session_token

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None and (self.paused_until is None or self.paused_until > clock.now())


class Byline(Base):
    """One name that articles are signed with, under the key that look-alikes share."""

    __tablename__ = "byline"

    name_key: Mapped[str] = mapped_column(primary_key=True)


class LoginSession(Timestamped, Base):
    """One browser that is logged in. Deleting the row ends it at once, whoever holds a copy of the cookie.

    While it `awaits_factor` it is a right password only, and nobody is logged in by it.
    """

    __tablename__ = "login_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    device: Mapped[str] = mapped_column(String(80), default="")
    address_block: Mapped[str] = mapped_column(String(64), default="")
    is_remembered: Mapped[bool] = mapped_column(default=False)
    awaits_factor: Mapped[bool] = mapped_column(default=False)
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
    browser_hash: Mapped[str | None] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class KeptPassword(Base):
    """One well-formed password whose form had another error, so that it need not be typed again. Bound to one form in one browser."""

    __tablename__ = "kept_password"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    expires_at: Mapped[datetime] = mapped_column(index=True)


class MailedLink(Timestamped, Base):
    """One link that was mailed to an account's own address: to set a new password (`reset`) or to log in (`login`).

    The same letter carries six digits, which are good in the browser that asked (`browser_hash`) and nowhere else.
    """

    __tablename__ = "mailed_link"
    __table_args__ = (Index("ix_mailed_link_browser_hash", "browser_hash", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    letter_hash: Mapped[str] = mapped_column(String(64), unique=True)  # the token of the letter, which digits replace
    code_hash: Mapped[str | None] = mapped_column(String(64))
    browser_hash: Mapped[str | None] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class AddressChange(Timestamped, Base):
    """One new address an account asked for; the old one counts until the mailed link was used.

    For a week after that the old address holds a link that brings it back.
    """

    __tablename__ = "address_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))
    old_email: Mapped[str | None] = mapped_column(String(254))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    undo_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class FormerName(Base):
    """One name an account had before it was renamed: nobody else may take it for a while."""

    __tablename__ = "former_name"

    name_key: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    held_until: Mapped[datetime] = mapped_column(index=True)


class Passkey(Timestamped, Base):
    """One passkey (WebAuthn credential) that an account's log-in may be finished with."""

    __tablename__ = "passkey"

    NAME_MAX = 40

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    name: Mapped[str] = mapped_column(String(200))
    used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """One code on paper that finishes a log-in once. Stored as a MAC under the site's key, for codes can be guessed."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[datetime | None]


class LogEntry(Timestamped, Base):
    """One line of an account's log. `user_id` is empty for a failed log-in under a name that is nobody's."""

    __tablename__ = "log_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"))
    deed: Mapped[Deed] = mapped_column(choice(Deed, length=24))
    address_block: Mapped[str] = mapped_column(String(64), default="")
    device: Mapped[str] = mapped_column(String(80), default="")
    detail: Mapped[str] = mapped_column(String(400), default="")

    actor: Mapped[User | None] = relationship(foreign_keys=[actor_id])
