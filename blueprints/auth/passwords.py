"""Passwords: Argon2id (RFC 9106, the second choice of OWASP), one at a time in each process, and which ones are refused."""

import re
import threading
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from flask import current_app

from blueprints.auth.models import Role
from core.config import settings
from core.database import db
from core.errors import Busy, DomainError
from core.i18n import _
from core.text import length, name_key

LENGTH_MAX = 256
WAIT_SECONDS = 5
COMMON = Path(__file__).with_name("common_passwords.txt")

_RUNS = (
    "01234567890123456789",
    "98765432109876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)

_turn = threading.BoundedSemaphore(1)


class WeakPassword(DomainError):
    field = "password"


def check_password(password: str, username: str, role: Role = Role.READER) -> None:
    """Refuse a password that others guess first. Raises WeakPassword, with words that say what to change."""
    low = length_min(role)
    if length(password) < low:
        raise WeakPassword(_("密码至少要 %(low)s 个字符，空格和中文都可以。", low=low))
    if len(password) > LENGTH_MAX:
        raise WeakPassword(_("密码最多 %(high)s 个字符。", high=LENGTH_MAX))
    if _is_common(password.casefold()):
        raise WeakPassword(_("这个密码太常见，别人会先猜到它。换几个不相干的词试试。"))
    if any(
        len(name) > 1 and name in name_key(password) for name in (name_key(username), name_key(settings().site_name))
    ):
        raise WeakPassword(_("密码里不要有用户名或网站的名字。"))


def length_min(role: Role) -> int:
    """Return how many characters a password of this role has at least."""
    return settings().moderator_password_length_min if role.may_moderate else settings().password_length_min


def _is_common(password: str) -> bool:
    """Tell whether a list, a keyboard or a calendar leads to it: as a whole, or as two such parts side by side."""
    parts = re.findall(r"[^\W\d_]+|\d+", password)
    return _is_weak(password) or (
        len(parts) == 2 and len("".join(parts)) == len(password) and all(map(_is_weak, parts))
    )


def _is_weak(password: str) -> bool:
    bare = re.sub(r"[\W_]+", "", password)
    return (
        password in _common()
        or bare in _common()
        or len(set(password)) <= 3
        or (bare != "" and any(bare in run for run in _RUNS))
        or (re.fullmatch(r"(.+?)\1+", password) is not None and len(set(password)) < 6)
        or re.fullmatch(r"(?:19|20)\d\d[01]\d[0-3]\d\d{0,4}|\d{0,2}1[3-9]\d{9}", bare) is not None
    )  # fmt: skip


@cache
def _common() -> frozenset[str]:
    lines = COMMON.read_text(encoding="utf-8").split("\n")
    return frozenset(entry for entry in lines if entry and not entry.startswith("#"))


def hash_password(password: str) -> str:
    """Return what is stored of a password. Raises Busy when too many wait for their turn."""
    with OneAtATime():
        return _hasher().hash(password)


def is_password(stored: str | None, password: str) -> bool:
    """Tell whether this is the password; as slow when there is none to compare with. Raises Busy."""
    with OneAtATime():
        try:
            return _hasher().verify(stored or _nobodys(), password) and stored is not None
        except (Argon2Error, InvalidHashError):
            return False


class OneAtATime:
    """Hashing may not starve reading: one hash at a time, the others wait a little, then are told to come back.

    Nobody waits here holding a database connection.
    """

    def __enter__(self) -> None:
        db.session.rollback()
        if not _turn.acquire(timeout=1 if current_app.testing else WAIT_SECONDS):
            raise Busy(_("现在登录和注册的人太多，请过几秒再试。"))

    def __exit__(self, *_exception: object) -> None:
        _turn.release()


def _hasher() -> PasswordHasher:
    cheap = current_app.testing
    return (
        PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        if cheap
        else PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
    )


@cache
def _nobodys() -> str:
    return _hasher().hash("nobody's")
