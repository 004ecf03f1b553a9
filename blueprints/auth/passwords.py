"""Passwords: Argon2id (RFC 9106, the second choice of OWASP), one at a time in each process, and which ones are refused."""

import os
import re
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TypeVar

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

Hashed = TypeVar("Hashed")


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
    hasher = _hasher()
    return in_turn(lambda: hasher.hash(password))


def is_password(stored: str | None, password: str) -> bool:
    """Tell whether this is the password; as slow when there is none to compare with. Raises Busy."""
    hasher = _hasher()
    try:
        return in_turn(lambda: hasher.verify(stored or _nobodys(hasher), password)) and stored is not None
    except (Argon2Error, InvalidHashError):
        return False


def in_turn(hashing: Callable[[], Hashed]) -> Hashed:
    """Hash in the one thread that does it. Hashing may not starve reading: a few wait a little, the others come back.

    Nobody waits here holding a database connection. Raises Busy.
    """
    db.session.rollback()
    busy = Busy(_("现在登录和注册的人太多，请过几秒再试。"))
    places = _places(settings().threads)
    if not places.acquire(blocking=False):
        raise busy
    try:
        turn = _hashing_thread().submit(hashing)
        return turn.result(timeout=WAIT_SECONDS)
    except TimeoutError:
        turn.cancel()
        raise busy from None
    finally:
        places.release()


@cache
def _places(thread_count: int) -> threading.BoundedSemaphore:
    """A quarter of the threads may wait here; the others serve pages."""
    return threading.BoundedSemaphore(max(1, thread_count // 4))


@cache
def _hashing_thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="hashing", initializer=_give_way)


def _give_way() -> None:
    """Let whoever waits for a page go first: on Linux a thread has a priority of its own."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), os.getpriority(os.PRIO_PROCESS, 0) + 10)


def _hasher() -> PasswordHasher:
    return _hasher_for(cheap=current_app.testing)


@cache
def _hasher_for(*, cheap: bool) -> PasswordHasher:
    if cheap:
        return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


@cache
def _nobodys(hasher: PasswordHasher) -> str:
    return hasher.hash("nobody's")
