"""Whose name is whose: names that look alike are one name."""

from sqlalchemy import select

from blueprints.auth.models import Byline, FormerName, Registration, User
from core import clock
from core.database import db
from core.errors import DomainError
from core.i18n import _
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


class NameTaken(DomainError):
    """A name that cannot be had: the site keeps it for itself, or somebody has it."""

    field = "username"

    def __init__(self, name: str) -> None:
        reserved = _("“%(name)s”这个名字留给网站自己用，请换一个。", name=name)
        taken = _("“%(name)s”已有人用，请换一个用户名。", name=name)
        super().__init__(reserved if name_key(name) in RESERVED else taken)


def user_named(name: str) -> User | None:
    """Return the account with this name or one that looks like it."""
    return db.session.scalar(select(User).where(User.username_key == name_key(name)))


def reserve(name: str) -> None:
    """Keep a name that articles are signed with from being taken by readers, for ever."""
    if db.session.get(Byline, name_key(name)) is None:
        db.session.add(Byline(name_key=name_key(name)))


def is_of_the_house(name: str) -> bool:
    """Tell whether a guest may not call themselves so: reserved, an account's present or former one, or a name articles are signed with."""
    former = select(FormerName.user_id).where(
        FormerName.name_key == name_key(name), FormerName.held_until > clock.now()
    )
    return _is_taken(name) or db.session.scalar(former) is not None


def _is_taken(name: str) -> bool:
    key = name_key(name)
    return not key or key in RESERVED or db.session.get(Byline, key) is not None or user_named(name) is not None


def is_free(name: str, email_key: str, *, may_sign: bool = False, owner_id: int | None = None) -> bool:
    """Tell whether a name may be taken: not of the house, not held by another address's registration, nobody's former name.

    Whoever `may_sign` articles may have the name they are signed with; `owner_id` is the account that had it before.
    """
    key = name_key(name)
    former = select(FormerName.user_id).where(FormerName.name_key == key, FormerName.held_until > clock.now())
    if db.session.scalar(former) not in (None, owner_id):
        return False
    if may_sign and key and key not in RESERVED:
        return user_named(name) is None
    if _is_taken(name):
        return False
    holder = select(Registration.id).where(
        Registration.username_key == key, Registration.expires_at > clock.now(), Registration.email_key != email_key
    )
    return db.session.scalar(holder) is None
