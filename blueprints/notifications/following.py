"""Following an article's replies, a thread or a person: an account at once, a guest once the address is proved."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.exc import IntegrityError

from blueprints.articles.models import Article
from blueprints.auth.models import User
from blueprints.comments.guests import forget_silent, invite, lift_stop
from blueprints.comments.models import Comment, GuestAddress
from blueprints.notifications.models import Frequency, Subscription
from blueprints.notifications.queries import FOLLOWED_MAX, Reader, of_reader
from core import clock
from core.database import db
from core.deeds import does
from core.errors import Conflict
from core.i18n import _
from core.jobs import housekeeping, queue

CONSENT = timedelta(days=30)  # as long as the link in the letter is good


class TooMany(Conflict):
    pass


@dataclass(frozen=True)
class Target:
    """What can be followed: `column` names the subscription's foreign key, `row_id` the row; `article` is where it was asked for."""

    column: str
    row_id: int
    article: Article

    @property
    def name(self) -> str:
        """What a link calls a wish to follow it."""
        return f"{self.column}-{self.row_id}"


def targets_of_article(article: Article, reader: Reader | None) -> list[Target]:
    """Return what can be followed at an article: its replies, and its author where that is an account."""
    return [Target("article_id", article.id, article), *_person(article.author_id, article, reader)]


def targets_of_comment(comment: Comment, reader: Reader | None) -> list[Target]:
    """Return what can be followed at a reply: its thread, and its writer where that is an account."""
    root = select(Comment.id).where(Comment.article_id == comment.article_id, Comment.floor == comment.root_floor)
    thread = Target("root_id", db.session.scalars(root).one(), comment.article)
    return [thread, *_person(comment.user_id, comment.article, reader)]


def _person(user_id: int | None, article: Article, reader: Reader | None) -> list[Target]:
    is_self = isinstance(reader, User) and reader.id == user_id
    return [Target("person_id", user_id, article)] if user_id is not None and not is_self else []


def subscription_to(target: Target, reader: Reader) -> Subscription | None:
    """Return what somebody's following of this is stored as, None when they do not follow it."""
    mine = select(Subscription).where(
        of_reader(Subscription, reader), getattr(Subscription, target.column) == target.row_id
    )
    return db.session.scalar(mine)


def follow(target: Target, reader: Reader, frequency: Frequency) -> None:
    """Follow from now on, or get its letters at another pace. Letters to a guest who had stopped them come again.

    Raises TooMany.
    """
    found = _wish(target, reader, frequency)
    found.frequency, found.wanted_since = frequency, found.wanted_since or clock.now()
    if isinstance(reader, GuestAddress):
        lift_stop(reader)


def _wish(target: Target, reader: Reader, frequency: Frequency) -> Subscription:
    """Return the row, made as one that does not count yet; of several who make it at once the database lets one."""
    if (found := subscription_to(target, reader)) is not None:
        return found
    if (_count(reader) or 0) >= FOLLOWED_MAX:
        raise TooMany(_("最多关注 %(high)s 个，先放下几个再来。", high=FOLLOWED_MAX))
    owner = {"user_id": reader.id} if isinstance(reader, User) else {"guest_address_id": reader.id}
    made = Subscription(frequency=frequency, **owner, **{target.column: target.row_id})
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError:
        found = subscription_to(target, reader)
        if found is None:
            raise
        return found
    return made


def _count(reader: Reader) -> int | None:
    return db.session.scalar(select(func.count(Subscription.id)).where(of_reader(Subscription, reader)))


def ask_to_follow(target: Target, email: str, frequency: Frequency, *, may: bool) -> None:
    """Queue somebody's wish to follow under an address they typed; the row is the same for every address."""
    wish = {"column": target.column, "row": target.row_id, "article": target.article.id, "frequency": frequency.value}
    queue("follow_wish", wish | {"email": email, "may": may})


@does("follow_wish")
def follow_wish(payload: Mapping[str, Any]) -> None:
    """Keep the wish until the address is proved, and ask its owner by letter; a wish that counts already stays as it is, one that waits is renewed."""
    article = db.session.get(Article, payload["article"])
    if not payload["may"] or article is None:
        return
    target = Target(payload["column"], payload["row"], article)
    address, frequency = invite(payload["email"], article, follows=target.name), Frequency(payload["frequency"])
    found = subscription_to(target, address)
    if found is not None and found.wanted_since is None:
        found.frequency, found.created_at = frequency, clock.now()
    elif found is None and (_count(address) or 0) < FOLLOWED_MAX:
        _wish(target, address, frequency)


def is_named(wish: Subscription, name: str) -> bool:
    """Tell whether a wish is the one that a link calls so."""
    columns = ("article_id", "root_id", "person_id")
    return name in [f"{column}-{getattr(wish, column)}" for column in columns if getattr(wish, column) is not None]


def let_wishes_count(address: GuestAddress, *, follows: Collection[int]) -> None:
    """Let what its owner ticked count: the address was proved. The other wishes that waited may be a stranger's and are dropped."""
    waiting = Subscription.guest_address_id == address.id, Subscription.wanted_since.is_(None)
    chosen = update(Subscription).where(*waiting, Subscription.id.in_(follows))
    db.session.execute(chosen.values(wanted_since=clock.now()))
    db.session.execute(delete(Subscription).where(*waiting))


def set_frequencies(reader: Reader, wanted: Mapping[int, Frequency | None]) -> None:
    """Set how often letters come for some of somebody's own subscriptions, by their ids; None ends one."""
    for number, frequency in wanted.items():
        mine = Subscription.id == number, of_reader(Subscription, reader)
        if frequency is None:
            db.session.execute(delete(Subscription).where(*mine))
        else:
            db.session.execute(update(Subscription).where(*mine).values(frequency=frequency))


@housekeeping
def forget_unproved() -> None:
    """Drop wishes whose address was not proved in time, and addresses that neither wrote nor follow anything for a year."""
    waiting = Subscription.wanted_since.is_(None), Subscription.created_at < clock.now() - CONSENT
    db.session.execute(delete(Subscription).where(*waiting))
    forget_silent(but=exists().where(Subscription.guest_address_id == GuestAddress.id))
