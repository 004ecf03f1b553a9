"""Whose name is whose: names that look alike are one name."""

from sqlalchemy import select

from blueprints.auth.models import Registration, User
from core import clock
from core.database import db
from core.text import name_key

RESERVED = frozenset(
    map(
        name_key,
        (
            "admin",
            "administrator",
            "moderator",
            "root",
            "system",
            "管理员",
            "版主",
            "站长",
            "编辑",
            "系统",
            "匿名",
            "已注销",
        ),
    )
)


def user_named(name: str) -> User | None:
    """Return the account with this name or one that looks like it."""
    return db.session.scalar(select(User).where(User.username_key == name_key(name)))


def is_free(name: str, email_key: str) -> bool:
    """Tell whether a name may be registered: not reserved, nobody's account, not held by another address's registration."""
    key = name_key(name)
    holder = select(Registration.id).where(
        Registration.username_key == key, Registration.expires_at > clock.now(), Registration.email_key != email_key
    )
    return bool(key) and key not in RESERVED and user_named(name) is None and db.session.scalar(holder) is None
