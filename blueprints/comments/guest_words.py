"""What the owner of an address does with everything written under it: sign it otherwise, erase it, take it into an account."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, delete, update

from blueprints.auth.login import Visitor
from blueprints.auth.models import User
from blueprints.comments.bans import Writer, demand_not_banned, forget_address
from blueprints.comments.guests import publish_proved
from blueprints.comments.models import Comment, GuestAddress, GuestSession
from blueprints.comments.ownership import demand_free
from blueprints.comments.screening import demand_fit
from blueprints.comments.wishes import forget_but_stop
from blueprints.comments.withdrawing import ERASED, erase_texts
from core import throttle
from core.config import settings
from core.database import db
from core.errors import NotAllowed
from core.i18n import _
from core.throttle import Limit
from core.tokens import hash_of

RENAMES, RENAMES_PER_BLOCK = Limit(3, 24 * 3600), Limit(10, 24 * 3600)


def admit_name(address: GuestAddress, nickname: str, who: Visitor) -> None:
    """Refuse a nickname nobody would look at before everyone sees it, then count the change.

    Raises NotAllowed where every text is looked at first, Banned, WordRefused, TooManyRequests.
    """
    if settings().comments_hold == "all":
        raise NotAllowed(_("这里的内容先经人工查看，昵称要请管理员改：%(contact)s。", contact=settings().contact))
    demand_not_banned(_writer(address, who))
    demand_fit(nickname, field="nickname")
    words = _("一天最多改 3 次，请明天再改。")
    throttle.demand(f"guest-names:{address.email_key}", [RENAMES], lambda _wait: words)
    throttle.demand(f"guest-names-block:{who.address_block}", [RENAMES_PER_BLOCK], lambda _wait: words)


def sign_otherwise(address: GuestAddress, nickname: str) -> None:
    """Put another nickname over everything written under an address. Raises NicknameTaken."""
    demand_free(nickname)
    db.session.execute(update(Comment).where(*_under(address.email_key)).values(nickname=nickname))


def _writer(address: GuestAddress, who: Visitor) -> Writer:
    token = who.writer_token
    return Writer(None, address.email_key, hash_of(token) if token else None, who.address_block)


def erase(address: GuestAddress, *, texts_too: bool) -> None:
    """Erase name and address from everything written under it, and the texts themselves where that is wanted.

    What stays is signed with no name, for ever; the address itself is forgotten, and its sessions, subscriptions and lines end.
    That it wanted no letters, and that it was paused, stays known without it.
    """
    erase_written(address.email_key, texts_too=texts_too)
    forget_address(address.email_key)
    db.session.execute(delete(GuestSession).where(GuestSession.guest_address_id == address.id))
    forget_but_stop(address)


def erase_written(email_key: str, *, texts_too: bool) -> None:
    """Erase name and address from everything a guest wrote under an address, and the texts themselves where that is wanted."""
    if texts_too:
        erase_texts(*_under(email_key))
    else:
        kept = {name: value for name, value in ERASED.items() if name not in ("body", "body_html")}
        db.session.execute(update(Comment).where(*_under(email_key)).values(kept))


def admit_adoption(user: User) -> None:
    """Refuse a name nobody would look at before it goes over what is public already. Raises Banned, WordRefused."""
    demand_not_banned(Writer(user_id=user.id))
    demand_fit(user.username, field="chosen")


def adopt(user: User, ids: Collection[int]) -> int:
    """Make these replies, written under the account's own address before, the account's; return how many they were.

    Those that waited for the address to be proved wait no longer: it is.
    """
    theirs = update(Comment).where(*_under(user.email_key), Comment.id.in_(ids))
    values = {"user_id": user.id, "nickname": user.username, "email": None, "email_key": None, "writer_hash": None}
    adopted = db.session.scalars(theirs.values(values).returning(Comment.id)).all()
    publish_proved(Comment.id.in_(adopted))
    return len(adopted)


def _under(email_key: str) -> tuple[ColumnElement[bool], ...]:
    return Comment.email_key == email_key, Comment.user_id.is_(None)
