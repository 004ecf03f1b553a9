"""Telling of a new reply or article: the worker finds out who is to be told, so that posting costs the same with a thousand followers.

Each of them is told once of one reply, for the strongest reason. It is safe to do twice: who has a line already gets no other.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from blueprints.articles.models import Article
from blueprints.auth.models import User
from blueprints.comments.models import Comment, GuestAddress, Status
from blueprints.notifications.models import VERDICTS, Frequency, Notification, Subscription, Why
from blueprints.notifications.queries import choice_of
from blueprints.notifications.recipients import asked_for_letters, here, reach
from core import clock
from core.database import db
from core.deeds import does
from core.jobs import queue

CHUNK = 200  # a write transaction of them takes half a second at most
NEWS = timedelta(days=1)  # what was published elsewhere before is put here, and no news


@dataclass(frozen=True)
class News:
    """What there is to tell: a reply under an article, or the article itself (`comment` is None)."""

    article: Article
    comment: Comment | None = None

    @property
    def published_at(self) -> datetime | None:
        return self.comment.published_at if self.comment is not None else self.article.published_at

    @property
    def writer_id(self) -> int | None:
        return self.comment.user_id if self.comment is not None else self.article.author_id


@dataclass(frozen=True)
class Wish:
    """Somebody who is to be told, and how; `email_key` is what an account and a guest's address of one person share."""

    email_key: str
    frequency: Frequency
    user_id: int | None = None
    guest_address_id: int | None = None
    subscription_id: int | None = None


def tell_of_comment(comment: Comment) -> None:
    """Have the worker tell whoever wants to know of a reply that has just become public."""
    queue("tell", {"comment": comment.id, "at": clock.timestamp()})


def tell_of_article(article: Article) -> None:
    """Have the worker tell whoever follows its author of an article that has just become public; only an account can be followed."""
    if article.author_id is not None:
        queue("tell", {"article": article.id, "at": clock.timestamp()})


@does("tell")
def tell(payload: Mapping[str, Any]) -> None:
    """Write a line for everyone who is to be told, the strongest reasons first; after a chunk of them another job goes on."""
    news = _news(payload)
    if news is None:
        return
    step, after = payload.get("step", 0), payload.get("after", 0)
    for number, (why, wishes_for) in list(enumerate(_STEPS))[step:]:
        wishes = wishes_for(news, after)
        _note(news, why, wishes)
        if len(wishes) == CHUNK:
            queue("tell", {**payload, "step": number, "after": wishes[-1].subscription_id})
            return
        after = 0


@does("reply_notice")
def reply_notice(payload: Mapping[str, Any]) -> None:
    """Tell of an answer that was queued before there were followers; an upgrade loses no letter."""
    comment = db.session.get(Comment, payload["comment"])
    if comment is not None and comment.published_at is not None:
        tell({**payload, "at": comment.published_at.timestamp()})


def _news(payload: Mapping[str, Any]) -> News | None:
    """Return what is to be told, None when it is not public any more or is no news."""
    comment = db.session.get(Comment, payload["comment"]) if "comment" in payload else None
    article = comment.article if comment is not None else db.session.get(Article, payload.get("article", 0))
    if article is None or article.published_at is None or article.withdrawn_at is not None:
        return None
    if comment is not None and comment.status is not Status.PUBLISHED:
        return None
    news = News(article, comment)
    is_old = news.published_at is None or news.published_at < clock.at(payload["at"]) - NEWS
    return None if is_old else news


def _answered(news: News, _after: int) -> Sequence[Wish]:
    """Whose reply was answered: an account has it in its inbox anyway, a letter goes to whoever asked for one."""
    asked = news.comment.parent if news.comment is not None else None
    if asked is None:
        return []
    if asked.user is not None:
        chosen = choice_of(asked.user).answers if asked.notify else Frequency.NEVER
        return _account(asked.user, chosen)
    address = db.session.scalar(select(GuestAddress).where(GuestAddress.email_key == asked.email_key))
    if address is None or not asked_for_letters(asked) or reach(None, address) is None:
        return []
    return [Wish(address.email_key, Frequency.AT_ONCE, guest_address_id=address.id)]


def _author(news: News, _after: int) -> Sequence[Wish]:
    author = db.session.get(User, news.article.author_id) if news.comment and news.article.author_id else None
    return _account(author, choice_of(author).own_articles) if author is not None else []


def _account(user: User, frequency: Frequency) -> Sequence[Wish]:
    return [Wish(user.email_key, frequency, user_id=user.id)] if reach(user, None) else []


def _of_thread(news: News, after: int) -> Sequence[Wish]:
    if news.comment is None or news.comment.parent_id is None:
        return []
    root = select(Comment.id).where(Comment.article_id == news.article.id, Comment.floor == news.comment.root_floor)
    return _followers(news, Subscription.root_id == root.scalar_subquery(), after)


def _of_article(news: News, after: int) -> Sequence[Wish]:
    return _followers(news, Subscription.article_id == news.article.id, after) if news.comment is not None else []


def _of_person(news: News, after: int) -> Sequence[Wish]:
    return _followers(news, Subscription.person_id == news.writer_id, after) if news.writer_id is not None else []


def _followers(news: News, followed: ColumnElement[bool], after: int) -> Sequence[Wish]:
    """Return the next who followed already when it became public and can be told, by the order of their subscriptions."""
    key = func.coalesce(User.email_key, GuestAddress.email_key)
    wished = (
        select(key, Subscription.frequency, Subscription.user_id, Subscription.guest_address_id, Subscription.id)
        .outerjoin(User, User.id == Subscription.user_id)
        .outerjoin(GuestAddress, GuestAddress.id == Subscription.guest_address_id)
    )
    is_proved = GuestAddress.proved_at.is_not(None) & GuestAddress.stopped_at.is_(None)
    letters = Subscription.frequency != Frequency.NEVER  # without letters there is nothing for a guest
    told = or_(Subscription.user_id.is_not(None) & here(), is_proved & letters)
    counting = wished.where(followed, Subscription.id > after, Subscription.wanted_since <= news.published_at, told)
    rows = db.session.execute(counting.order_by(Subscription.id).limit(CHUNK)).all()
    return [Wish(*row) for row in rows]


_STEPS: Sequence[tuple[Why, Callable[[News, int], Sequence[Wish]]]] = (
    (Why.ANSWER, _answered),
    (Why.THREAD, _of_thread),
    (Why.OWN_ARTICLE, _author),
    (Why.ARTICLE, _of_article),
    (Why.PERSON, _of_person),
)


def _note(news: News, why: Why, wishes: Sequence[Wish]) -> None:
    """Write a line for each who has none yet, and queue the letters that are wanted at once. Nobody is told of their own words."""
    passed, has_guests_line = _passed_over(news, {wish.email_key for wish in wishes})
    new = [wish for wish in wishes if wish.email_key not in passed]
    rows = [_row(news, why, wish) for wish in _one_letter_each(new, has_guests_line)]
    db.session.add_all(rows)
    db.session.flush()
    for row in rows:
        if row.frequency is Frequency.AT_ONCE:
            queue("notice", {"notification": row.id})


def _one_letter_each(wishes: Sequence[Wish], has_guests_line: Collection[str]) -> list[Wish]:
    """Return wishes that bring each person one letter: an account has its line in any case, without a letter where its owner gets one as a guest."""
    accounts = {wish.email_key: wish for wish in wishes if wish.user_id is not None}
    guests = {wish.email_key: wish for wish in wishes if wish.user_id is None and wish.email_key not in has_guests_line}
    for key, guest in list(guests.items()):
        if key in accounts and _LOUDEST_FIRST.index(accounts[key].frequency) <= _LOUDEST_FIRST.index(guest.frequency):
            del guests[key]
    silent = {*guests, *has_guests_line}
    theirs = [replace(one, frequency=Frequency.NEVER) if key in silent else one for key, one in accounts.items()]
    return [*theirs, *guests.values()]


_LOUDEST_FIRST = list(Frequency)


def _row(news: News, why: Why, wish: Wish) -> Notification:
    return Notification(
        user_id=wish.user_id,
        guest_address_id=wish.guest_address_id,
        why=why,
        comment_id=news.comment.id if news.comment is not None else None,
        article_id=news.article.id,
        subscription_id=wish.subscription_id,
        frequency=wish.frequency,
    )


def _passed_over(news: News, keys: Collection[str]) -> tuple[set[str], set[str]]:
    """Return whom of these there is nothing to tell: who wrote it, and whose account was told already; and who was as a guest only."""
    if not keys:
        return set(), set()
    key = func.coalesce(User.email_key, GuestAddress.email_key)
    lines = (
        select(key, Notification.user_id)
        .select_from(Notification)
        .outerjoin(Notification.user)
        .outerjoin(Notification.address)
    )
    comment_id = news.comment.id if news.comment is not None else None
    same = lines.where(Notification.article_id == news.article.id, Notification.comment_id == comment_id)
    rows = db.session.execute(same.where(Notification.why.not_in(VERDICTS), key.in_(keys))).all()
    told, own = {row[0] for row in rows if row[1] is not None}, _written_by(news)
    return told | ({own} if own else set()), {row[0] for row in rows} - told


def _written_by(news: News) -> str | None:
    """Return the key of the writer's address where it is known whose it is: an address that was only typed keeps nobody from being told."""
    if news.writer_id is not None:
        writer = db.session.get(User, news.writer_id)
        return writer.email_key if writer is not None else None
    comment = news.comment
    if comment is None or comment.email_key is None:
        return None
    known = select(Comment.id).where(
        Comment.email_key == comment.email_key,
        Comment.notify_since.is_not(None),
        or_(Comment.id == comment.id, Comment.writer_hash == comment.writer_hash),
    )
    return comment.email_key if db.session.scalar(known.limit(1)) is not None else None
