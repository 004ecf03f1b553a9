"""Wishes for letters when somebody answers: how they end. The link that ends one works for ever, for whoever holds the letter."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from blueprints.auth.models import User
from blueprints.comments.models import Comment, GuestAddress
from core import clock
from core.database import LARGEST_ID, db
from core.errors import LinkDead
from core.i18n import _
from core.tokens import same, short_mac


@dataclass(frozen=True)
class Stop:
    """What a link of a letter ends: letters about one reply (`comment`), or all letters to one address (`address`)."""

    comment: Comment | None = None
    address: GuestAddress | None = None


def stop_token(row: Comment | GuestAddress) -> str:
    """Return what stands in a letter for ending letters about this reply, or to this address."""
    name = f"{_SHORT[type(row)]}{row.id}"
    return f"{name}.{_signature(name, row)}"


def _signature(name: str, row: Comment | GuestAddress) -> str:
    """The seed keeps the link of a forgotten address from being another's."""
    return short_mac("stop-letters", name, row.seed if isinstance(row, GuestAddress) else "")


def stop_of(token: str) -> Stop:
    """Return what a token ends. Raises LinkDead."""
    name, _dot, signature = token.partition(".")
    number = int(name[1:]) if name[1:].isascii() and name[1:].isdigit() and len(name) < 12 else 0
    number = number if number <= LARGEST_ID else 0
    found = Stop(
        comment=db.session.get(Comment, number) if name[:1] == _SHORT[Comment] else None,
        address=db.session.get(GuestAddress, number) if name[:1] == _SHORT[GuestAddress] else None,
    )
    row = found.comment or found.address
    if row is None or not same(signature, _signature(name, row)):
        raise LinkDead(_("这个链接已经失效，或者不完整。"), again="guests.show")
    return found


_SHORT: dict[type[Comment] | type[GuestAddress], str] = {Comment: "c", GuestAddress: "a"}


def end(stop: Stop, *, everything: bool) -> None:
    """End the letters a link stands for, or all letters to the same person; again is the same as once."""
    if stop.address is not None:
        stop_letters_to(stop.address)
    elif stop.comment is not None and not everything:
        stop.comment.notify = False
    elif stop.comment is not None:
        _end_all_of(stop.comment)


def _end_all_of(comment: Comment) -> None:
    if comment.user is not None:
        end_answers_to(comment.user)
        return
    address = db.session.scalar(select(GuestAddress).where(GuestAddress.email_key == comment.email_key))
    comment.notify = False
    if address is not None:
        stop_letters_to(address)


def end_answers_to(user: User) -> None:
    """Write nothing to this account any more when somebody answers what it wrote so far."""
    db.session.execute(update(Comment).where(Comment.user_id == user.id).values(notify=False))


def stop_letters_to(address: GuestAddress) -> None:
    """Write nothing to this address any more that it does not ask for itself."""
    address.stopped_at = clock.now()
    theirs = update(Comment).where(Comment.email_key == address.email_key, Comment.user_id.is_(None))
    db.session.execute(theirs.values(notify=False))


def forget_but_stop(address: GuestAddress) -> None:
    """Forget an address. Where it wanted no letters, that stays known: as a MAC under the site's key, without the address."""
    stopped_at, key = address.stopped_at, _stopped_key(address.email_key)
    db.session.delete(address)
    db.session.flush()
    if stopped_at is not None and _stop_kept(key) is None:
        db.session.add(GuestAddress(email="", email_key=key, stopped_at=stopped_at))


def stopped_before(email_key: str) -> datetime | None:
    """Return when somebody who was forgotten since had all letters to this address stopped, None when nobody had."""
    kept = _stop_kept(_stopped_key(email_key))
    return kept.stopped_at if kept is not None else None


def _stopped_key(email_key: str) -> str:
    return "stopped " + short_mac("stopped-address", email_key)


def _stop_kept(key: str) -> GuestAddress | None:
    return db.session.scalar(select(GuestAddress).where(GuestAddress.email_key == key))
