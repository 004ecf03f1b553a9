"""Keeping somebody from replying, for a time or for good: an account, or a guest by address, browser and network.

Whoever is banned reads on as before, and an account stays logged in. A network is kept out for seven days at the most, and
only its guests: many people share one. What a guest typed never hits an account, and why somebody is kept out is told to nobody
who only typed their address.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, false, or_, select, update

from blueprints.auth.models import User
from blueprints.comments.models import Comment
from blueprints.comments.screening_models import Ban
from core import clock
from core.config import settings
from core.database import db
from core.errors import Conflict, NotAllowed
from core.i18n import _, _l, moment
from core.jobs import housekeeping

NETWORK_MAX = timedelta(days=7)
KEPT = timedelta(days=365)
FAR = datetime.max.replace(tzinfo=UTC)


class Banned(NotAllowed):
    """Whoever writes is kept from replying."""

    title = _l("暂时不能回复")


class NobodyToPause(Conflict):
    """A pause that would keep nobody out who is not kept out already."""


@dataclass(frozen=True)
class Writer:
    """Whoever writes: an account, or what is known of a guest."""

    user_id: int | None = None
    email_key: str | None = None
    writer_hash: str | None = None
    address_block: str | None = None

    def is_named_by(self, ban: Ban) -> bool:
        """Tell whether a ban means this very writer and not only the network they write from."""
        is_address = self.email_key is not None and ban.email_key in (self.email_key, Ban.mark_of(self.email_key))
        return is_address or self.is_shown_to_be(ban)

    def is_shown_to_be(self, ban: Ban) -> bool:
        """Tell whether the account or the cookie says that a ban means this writer, and not only an address they typed."""
        shown = ((self.user_id, ban.user_id), (self.writer_hash, ban.writer_hash))
        return any(mine is not None and mine == banned for mine, banned in shown)


def writer_of(comment: Comment) -> Writer:
    """Return what is known of whoever wrote a reply."""
    if comment.user_id is not None:
        return Writer(user_id=comment.user_id)
    return Writer(None, comment.email_key, comment.writer_hash, comment.address_block)


def ban(comment: Comment, *, until: datetime | None, reason: str, with_network: bool, by: User | None) -> Ban:
    """Keep the writer of a reply from replying, until a moment or (None) until it is lifted.

    Raises NotAllowed where it is somebody of the house, NobodyToPause where all that is known of them is kept out already, or
    nothing is known.
    """
    if comment.is_by_author or (comment.user is not None and comment.user.role.may_publish):
        raise NotAllowed(_("这是本站的人写的，不能在这里暂停。"))
    marks = _marks_of(comment, with_network=with_network)
    if not marks:
        raise NobodyToPause(_("已经不知道这条是谁写的，没有人可以暂停。"))
    if all(_is_kept_out(Writer(**{name: mark})) for name, mark in marks.items()):
        raise NobodyToPause(_("这个人已经暂停了。要改多久，请先解除。"))
    made = Ban(
        nickname=comment.nickname if comment.user is None else comment.user.username,
        **marks,
        reason=reason,
        until=until,
        made_by_id=by.id if by is not None else None,
    )
    db.session.add(made)
    db.session.flush()
    return made


def _marks_of(comment: Comment, *, with_network: bool) -> dict[str, Any]:
    """Return what the writer of a reply can be known again by."""
    known: dict[str, Any] = {"email_key": comment.email_key, "writer_hash": comment.writer_hash}
    if comment.user_id is not None:
        known = {"user_id": comment.user_id}
    if with_network:
        known["address_block"] = comment.address_block
    return {name: mark for name, mark in known.items() if mark is not None}


def _is_kept_out(writer: Writer) -> bool:
    return db.session.scalar(select(Ban.id).where(_hits(writer), _holds()).limit(1)) is not None


def lift(ban: Ban) -> None:
    """Let somebody reply again; lifting twice is lifting once."""
    ban.lifted_at = ban.lifted_at or clock.now()


def open_bans() -> Sequence[Ban]:
    """Return what keeps somebody out now, the newest first."""
    return db.session.scalars(select(Ban).where(_holds()).order_by(Ban.id.desc())).all()


def demand_not_banned(writer: Writer) -> None:
    """Let a writer go on whom no ban hits. Raises Banned, which tells reason and end to whoever it is about."""
    found = db.session.scalars(select(Ban).where(_hits(writer), _holds())).all()
    if own := [one for one in found if writer.is_named_by(one)]:
        known = [one for one in own if writer.is_shown_to_be(one)]
        raise Banned(_words(known) if known else _("用这个邮箱暂时不能回复。内容还在，可以复制。"))
    if found:
        until = max(min(one.created_at + NETWORK_MAX, one.until or FAR) for one in found)
        said = _("从你所在的网络发来的访客回复暂停到 %(until)s。登录后可以回复。内容还在。", until=moment(until))
        raise Banned(said)


def _hits(writer: Writer) -> ColumnElement[bool]:
    if writer.user_id is not None:
        return Ban.user_id == writer.user_id
    near = and_(Ban.address_block == writer.address_block, Ban.created_at > clock.now() - NETWORK_MAX)
    ways = (
        (writer.email_key, Ban.is_of(writer.email_key or "")),
        (writer.address_block, near),
        (writer.writer_hash, Ban.writer_hash == writer.writer_hash),
    )
    return or_(false(), *(condition for known, condition in ways if known is not None))


def _holds() -> ColumnElement[bool]:
    return and_(Ban.lifted_at.is_(None), or_(Ban.until.is_(None), Ban.until > clock.now()))


def _words(bans: Sequence[Ban]) -> str:
    """Tell of the ban that ends last."""
    last = max(bans, key=lambda one: one.until or FAR)
    if last.until is None:
        said = _("你在这里不能再回复了。内容还在，可以复制。")
    else:
        said = _("你在 %(until)s 之前不能回复。内容还在，可以复制。", until=moment(last.until))
    return str(said + (_("理由：%(reason)s。", reason=last.reason) if last.reason else ""))


def forget_address(email_key: str) -> None:
    """Keep the owner of an address from replying on, whose name and address are forgotten otherwise."""
    theirs = update(Ban).where(Ban.email_key == email_key)
    db.session.execute(theirs.values(email_key=Ban.mark_of(email_key), nickname=""))


@housekeeping
def forget_bans() -> None:
    """Drop bans a year after they ended. Of the others, forget the network once it counts no more, and the browser as a reply does."""
    now = clock.now()
    old, origin = now - KEPT, now - timedelta(days=settings().comments_origin_days)
    db.session.execute(delete(Ban).where(or_(Ban.lifted_at < old, Ban.until < old)))
    near = update(Ban).where(Ban.address_block.is_not(None), Ban.created_at < now - NETWORK_MAX)
    db.session.execute(near.values(address_block=None))
    marked = update(Ban).where(Ban.writer_hash.is_not(None), Ban.created_at < origin)
    db.session.execute(marked.values(writer_hash=None))
