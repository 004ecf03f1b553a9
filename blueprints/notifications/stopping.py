"""How letters end: each that is no answer to an act carries a link for it, which works for ever, for whoever holds the letter.

Links about one reply or one address belong to the room of replies; those of subscriptions and of an account's kinds of letters are made here.
"""

import enum
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select, update

from blueprints.auth.models import User
from blueprints.comments.models import GuestAddress
from blueprints.comments.wishes import Stop, end as end_wish, end_answers_to, stop_letters_to, stop_of
from blueprints.notifications.choosing import choose
from blueprints.notifications.models import Frequency, Notification, Subscription, Why
from blueprints.notifications.queries import CHOICES, choice_of
from core.database import LARGEST_ID, db
from core.errors import LinkDead
from core.i18n import _
from core.tokens import same, short_mac


class Kind(enum.Enum):
    """One kind of an account's letters, as a link that ends it names it."""

    OWN_ARTICLES = "own_articles"
    DECISIONS = "decisions"
    WAITING = "waiting"
    DIGEST = "digest"


KIND_OF = {Why.OWN_ARTICLE: Kind.OWN_ARTICLES, Why.DECISION: Kind.DECISIONS, Why.EDIT: Kind.DECISIONS}
CHOICE_OF = {Why.ANSWER: "answers", Why.OWN_ARTICLE: "own_articles", Why.DECISION: "decisions", Why.EDIT: "decisions"}
AT_ONCE, DIGESTS = Frequency.AT_ONCE, (Frequency.DAILY, Frequency.WEEKLY)


@dataclass(frozen=True)
class Ending:
    """What a link ends: letters about one reply or to one address (`wish`), of one subscription, or of one kind of an account's.

    `user` or `address` is whose letters they are; `is_over` tells that they have ended already.
    """

    wish: Stop | None = None
    subscription: Subscription | None = None
    kind: Kind | None = None
    user: User | None = None
    address: GuestAddress | None = None
    is_over: bool = False


def subscription_token(subscription: Subscription) -> str:
    """Return what stands in a letter for ending letters of this subscription."""
    return _signed(f"s{subscription.id}")


def account_token(user: User, kind: Kind) -> str:
    """Return what stands in a letter for ending an account's letters of this kind."""
    return _signed(f"u{user.id}-{kind.value}")


def _signed(name: str) -> str:
    return f"{name}.{short_mac('stop-letters', name)}"


def ending_of(token: str) -> Ending:
    """Return what a token ends. Raises LinkDead."""
    if token[:1] not in ("s", "u"):
        return _of_wish(stop_of(token))
    name = token.partition(".")[0]
    number, _dash, word = name[1:].partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 11 and same(token, _signed(name))):
        raise LinkDead(_("这个链接已经失效，或者不完整。"), again="guests.show")
    found = int(number) if int(number) <= LARGEST_ID else 0
    return _of_account(found, Kind(word)) if word else _of_subscription(found)


def _of_wish(wish: Stop) -> Ending:
    if wish.comment is not None:
        return Ending(wish, user=wish.comment.user, is_over=not wish.comment.notify)
    return Ending(wish, address=wish.address, is_over=wish.address is not None and wish.address.stopped_at is not None)


def _of_subscription(number: int) -> Ending:
    found = db.session.get(Subscription, number)
    if found is None:  # it was ended on a page
        return Ending(is_over=True)
    is_over = found.frequency is Frequency.NEVER
    return Ending(subscription=found, user=found.user, address=found.address, is_over=is_over)


def _of_account(number: int, kind: Kind) -> Ending:
    user = db.session.get(User, number)
    return Ending(kind=kind, user=user, is_over=user is None or _has_ended(user, kind))


def _has_ended(user: User, kind: Kind) -> bool:
    choice = choice_of(user)
    if kind is not Kind.DIGEST:
        return bool(getattr(choice, kind.value) is Frequency.NEVER)
    is_followed = db.session.scalar(select(Subscription.id).where(_in_digests_of(user)).limit(1)) is not None
    return not is_followed and not _kinds_in_digests_of(user)


def _kinds_in_digests_of(user: User) -> list[str]:
    """Return the kinds of letters that come in digests, and those whose letters came in one because there were too many at once."""
    choice = choice_of(user)
    lines = db.session.scalars(select(Notification.why).where(*_lines_in_digests_of(user)).distinct()).all()
    overflowed = {CHOICE_OF[why] for why in lines if why in CHOICE_OF}
    often = {name: getattr(choice, name) for name in CHOICES}
    return [name for name in CHOICES if often[name] in DIGESTS or (often[name] is AT_ONCE and name in overflowed)]


def _in_digests_of(user: User) -> ColumnElement[bool]:
    """The subscriptions whose letters come in digests, and those whose letters came in one because there were too many at once."""
    overflowed = select(Notification.subscription_id).where(*_lines_in_digests_of(user))
    is_told = or_(
        Subscription.frequency.in_(DIGESTS), and_(Subscription.frequency == AT_ONCE, Subscription.id.in_(overflowed))
    )
    return and_(Subscription.user_id == user.id, is_told)


def _lines_in_digests_of(user: User) -> tuple[ColumnElement[bool], ...]:
    return Notification.user_id == user.id, Notification.frequency.in_(DIGESTS), Notification.mailed_at.is_not(None)


def end(ending: Ending, *, everything: bool) -> None:
    """End the letters a link stands for, or all letters to the same person; again is the same as once."""
    if everything and ending.user is not None:
        _end_all_of(ending.user)
    elif everything and ending.address is not None:
        stop_letters_to(ending.address)
    elif ending.wish is not None:
        end_wish(ending.wish, everything=everything)
    elif ending.subscription is not None:
        ending.subscription.frequency = Frequency.NEVER
    elif ending.user is not None and ending.kind is Kind.DIGEST:
        _end_digests_of(ending.user)
    elif ending.user is not None and ending.kind is not None:
        choose(ending.user, **{ending.kind.value: Frequency.NEVER})


def _end_all_of(user: User) -> None:
    end_answers_to(user)
    choose(user, own_articles=Frequency.NEVER, decisions=Frequency.NEVER, waiting=Frequency.NEVER)
    theirs = update(Subscription).where(Subscription.user_id == user.id)
    db.session.execute(theirs.values(frequency=Frequency.NEVER))


def _end_digests_of(user: User) -> None:
    choose(user, **dict.fromkeys(_kinds_in_digests_of(user), Frequency.NEVER))
    db.session.execute(update(Subscription).where(_in_digests_of(user)).values(frequency=Frequency.NEVER))
