"""Another name for an account. The old one is kept for its owner for a while."""

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from blueprints.auth.account_log import Origin, note
from blueprints.auth.models import Deed, FormerName, User
from blueprints.auth.names import NameTaken, is_free
from core import clock, throttle
from core.database import db
from core.i18n import ngettext
from core.jobs import housekeeping
from core.text import name_key
from core.throttle import Limit

HELD = timedelta(days=90)
DAY_SECONDS = 24 * 3600
RENAMES = Limit(3, 30 * DAY_SECONDS)


def count_rename(user: User, username: str) -> None:
    """Count another name that may be had, asked before the write transaction. Raises NameTaken, TooManyRequests."""

    def words(wait: int) -> str:
        days = -(-wait // DAY_SECONDS)
        return str(
            ngettext(
                "30 天里最多换三次名字，请 %(num)s 天后再换。", "30 天里最多换三次名字，请 %(num)s 天后再换。", days
            )
        )

    if name_key(username) != user.username_key:
        _refuse_taken(user, username)
        throttle.demand(f"rename:{user.id}", [RENAMES], words, mark=name_key(username))


def rename(user: User, username: str, origin: Origin) -> None:
    """Give the account another name; every reply of it is signed with the new one. The old name is kept for its owner.

    Raises NameTaken.
    """
    if username == user.username:
        return
    key, old_key, old_name = name_key(username), user.username_key, user.username
    if key != old_key:
        _refuse_taken(user, username)
    try:
        with db.session.begin_nested():
            user.username, user.username_key = username, key
            db.session.execute(delete(FormerName).where(FormerName.name_key.in_((key, old_key))))
            if key != old_key:
                held = FormerName(name_key=old_key, user_id=user.id, held_until=clock.now() + HELD)
                db.session.add(held)
    except IntegrityError:
        raise NameTaken(username) from None
    note(Deed.NAME_CHANGED, user, origin, detail=f"{old_name} → {username}")


def _refuse_taken(user: User, username: str) -> None:
    if not is_free(username, user.email_key, may_sign=user.role.may_publish, owner_id=user.id):
        raise NameTaken(username)


@housekeeping
def forget_old_names() -> None:
    """Let go of held names whose time is over."""
    db.session.execute(delete(FormerName).where(FormerName.held_until < clock.now()))
