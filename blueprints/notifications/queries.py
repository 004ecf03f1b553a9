"""What can be asked about subscriptions, notifications and what somebody chose."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from blueprints.articles.models import Article
from blueprints.auth.models import User
from blueprints.comments.models import Comment, CommentVersion, GuestAddress, Status
from blueprints.notifications.models import Frequency, Notification, NotificationChoice, Subscription, Why
from core.damage import readable
from core.database import LARGEST_ID, db
from core.errors import NotFound
from core.i18n import _
from core.paging import Page, cut

NOTIFICATIONS_PER_PAGE = 30
UNREAD_MAX = 100
FOLLOWED_MAX = 200
CHOICES = ("answers", "own_articles", "decisions", "waiting")

Reader = User | GuestAddress


def choice_of(user: User) -> NotificationChoice:
    """Return what an account chose; a row that is not stored, with the defaults, where it never chose."""
    return db.session.get(NotificationChoice, user.id) or NotificationChoice(
        own_articles=Frequency.AT_ONCE,
        answers=Frequency.AT_ONCE,
        decisions=Frequency.AT_ONCE,
        waiting=Frequency.AT_ONCE,
    )


def of_reader(table: type[Notification] | type[Subscription], reader: Reader) -> ColumnElement[bool]:
    """The rows of one account or one guest's address."""
    if isinstance(reader, User):
        return table.user_id == reader.id
    return table.guest_address_id == reader.id


def subscriptions_of(reader: Reader) -> Sequence[Subscription]:
    """Return what somebody follows, newest first, with what it is; a guest's that wait for the proof are left out."""
    return _subscriptions(of_reader(Subscription, reader), Subscription.wanted_since.is_not(None))


def waiting_wishes(address: GuestAddress) -> Sequence[Subscription]:
    """Return what somebody wanted to follow with an address, newest first, and its owner has not said yes to."""
    return _subscriptions(of_reader(Subscription, address), Subscription.wanted_since.is_(None))


def _subscriptions(*which: ColumnElement[bool]) -> Sequence[Subscription]:
    whole = select(Subscription).where(*which)
    whole = whole.options(
        joinedload(Subscription.article),
        joinedload(Subscription.root).joinedload(Comment.article),
        joinedload(Subscription.person),
    )
    return db.session.scalars(whole.order_by(Subscription.id.desc()).limit(FOLLOWED_MAX)).all()


def told() -> Select[Notification]:
    """The notifications that may be told still, with their articles and replies."""
    loaded = contains_eager(Notification.comment).joinedload(Comment.user), contains_eager(Notification.article)
    return _visible(select(Notification)).options(*loaded, contains_eager(Notification.text))


def _visible(rows: Select[Any]) -> Select[Any]:
    """What may be told still: what is public, and what was decided about one's own text, while that stands."""
    was_refused = and_(Notification.why == Why.DECISION, Comment.status == Status.REJECTED)
    is_text_decided = or_(
        Notification.version == Comment.version, CommentVersion.status.in_((Status.PUBLISHED, Status.REJECTED))
    )
    is_true = or_(Notification.why != Why.EDIT, is_text_decided)
    with_text = rows.join(Notification.article).outerjoin(Notification.comment).outerjoin(Notification.text)
    return with_text.where(
        Article.withdrawn_at.is_(None),
        Article.published_at.is_not(None),
        or_(Notification.comment_id.is_(None), was_refused, and_(Comment.status == Status.PUBLISHED, is_true)),
    )


def notifications_of(user: User, before: int | None = None) -> Page[Notification]:
    """Return a page of an account's inbox, newest first; those older than the id `before`."""
    mine = told().where(Notification.user_id == user.id)
    if before is not None and 0 < before <= LARGEST_ID:
        mine = mine.where(Notification.id < before)
    newest = mine.order_by(Notification.id.desc()).limit(NOTIFICATIONS_PER_PAGE + 1)
    return cut(readable(newest, Notification.id), NOTIFICATIONS_PER_PAGE, has_earlier=before is not None)


def notification_of(user: User, notification_id: int) -> Notification:
    """Return one line of an account's inbox. Raises NotFound, also for what may not be told any more."""
    mine = told().where(Notification.id == notification_id, Notification.user_id == user.id)
    found = db.session.scalar(mine) if 0 < notification_id <= LARGEST_ID else None
    if found is None:
        raise NotFound(_("这条通知已经不在了，它说的回复可能撤下了。"))
    return found


def unread_count(user: User) -> int:
    """Return how many lines of an account's inbox are unread; from 100 on, 100."""
    unread = _visible(select(Notification.id)).where(Notification.user_id == user.id, Notification.read_at.is_(None))
    return db.session.scalar(select(func.count()).select_from(unread.limit(UNREAD_MAX).subquery())) or 0


def stored_about(reader: Reader) -> dict[str, Any]:
    """Return everything this room stores about somebody, as plain values, oldest first."""
    follows = select(Subscription).where(of_reader(Subscription, reader)).order_by(Subscription.id)
    notes = select(Notification).where(of_reader(Notification, reader)).options(joinedload(Notification.article))
    stored: dict[str, Any] = {
        "follows": [_followed(one) for one in db.session.scalars(follows).all()],
        "notifications": [_noted(one) for one in db.session.scalars(notes.order_by(Notification.id)).all()],
    }
    return stored | ({"letters": _chosen(choice_of(reader))} if isinstance(reader, User) else {})


def _chosen(choice: NotificationChoice) -> dict[str, str]:
    return {name: getattr(choice, name).value for name in CHOICES}


def _followed(one: Subscription) -> dict[str, Any]:
    return {
        "article": one.article.slug if one.article else None,
        "thread": one.root_id,
        "person": one.person.username if one.person else None,
        "letters": one.frequency.value,
        "since": one.wanted_since.isoformat() if one.wanted_since else None,
    }


def _noted(one: Notification) -> dict[str, Any]:
    return {
        "why": one.why.value,
        "article": one.article.slug,
        "comment": one.comment_id,
        "text": one.version,
        "at": one.created_at.isoformat(),
        "letter_at": one.mailed_at.isoformat() if one.mailed_at else None,
        "read_at": one.read_at.isoformat() if one.read_at else None,
    }
