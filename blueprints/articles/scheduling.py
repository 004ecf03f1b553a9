"""Putting up what an editor holds: now, or at a time, then by the worker; and taking it down, bringing it back, deleting it."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select

from blueprints.articles.events import article_published, article_saved
from blueprints.articles.front_matter import ArticleFile
from blueprints.articles.models import Article, WorkingCopy
from blueprints.articles.placing import name_series
from blueprints.articles.publishing import publish_article
from blueprints.articles.working_copies import EditedElsewhere, copy_of, mark_of
from blueprints.auth.models import Role, User
from core import clock
from core.config import settings
from core.database import db
from core.deeds import does
from core.errors import Conflict, DomainError, NotAllowed
from core.i18n import _
from core.jobs import housekeeping, queue

DELETED_KEPT = timedelta(days=30)
AHEAD_MAX = timedelta(days=5 * 366)
LATE = timedelta(minutes=2)
ROUND = 20


_NARROW = str.maketrans("０１２３４５６７８９：－／．\u3000", "0123456789:-/. ")
_TIME = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?(?:(?:\s+|(?<=日)|T)(\d{1,2})\s*[:点时]\s*(\d{1,2})分?)?",
    re.ASCII,
)


class WrongTime(DomainError):
    """A time that is none, is over, or lies too far ahead."""

    field = "at"


class NotNow(Conflict):
    """What an article is by now does not allow that."""


def moment_of(typed: str) -> datetime:
    """Return the moment ahead that was typed, in the site's time zone. Raises WrongTime."""
    found = _TIME.fullmatch(typed.translate(_NARROW).strip())
    try:
        year, month, day, hour, minute = [int(one) for one in found.groups("0")] if found else []
        moment = datetime(year, month, day, hour, minute, tzinfo=settings().timezone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise WrongTime(_("请写日期和时间，例如 2026-12-01 08:30。")) from None
    if moment <= clock.now():
        raise WrongTime(_("这个时间已经过了。"))
    if moment > clock.now() + AHEAD_MAX:
        raise WrongTime(_("最多提前五年。"))
    return moment


def next_morning() -> str:
    """Return eight o'clock of the next day in the site's time zone, as `moment_of` reads it."""
    return f"{clock.now().astimezone(settings().timezone) + timedelta(days=1):%Y-%m-%d} 08:00"


def time_typed(moment: datetime) -> str:
    """Return a moment as `moment_of` reads it."""
    return f"{moment.astimezone(settings().timezone):%Y-%m-%d %H:%M}"


def put_up(article: Article, file: ArticleFile, html: str, mark: str) -> Article:
    """Put on the site what the editor holds, or keep it ready where the file says draft; then nothing is being written any more.

    `mark` tells what was seen before; the same press again changes nothing. Raises EditedElsewhere, NotNow, SlugTaken,
    WrongTag, NoOriginal.
    """
    db.session.refresh(article, with_for_update=True)
    if article.published_at is not None and article.withdrawn_at is None and _was_put_up(article, mark):
        return article
    if mark != mark_of(article, copy_of(article)):
        raise EditedElsewhere(_("刚才又保存过别的内容，请看过再发布。"))
    if article.published_at is None and article.withdrawn_at is not None:
        raise NotNow(_("这份草稿已经删除了，先恢复再发布。"))
    if article.taken_down:
        raise NotNow(_("编辑撤下了这篇文章，编辑恢复以后才能发布。"))
    author_id = article.author_id
    db.session.execute(delete(WorkingCopy).where(WorkingCopy.article_id == article.id))
    publish_article(file, html, article)
    article.author_id = author_id or article.author_id  # whoever was renamed keeps what is theirs
    article.scheduled_at = None
    return article


def _was_put_up(article: Article, mark: str) -> bool:
    """Tell whether a text that was begun where this one was is what stands there now, and nothing is being written."""
    begun_from = mark.partition("-")[0]
    return copy_of(article) is None and begun_from == str(article.revision - 1)


def schedule(article: Article, file: ArticleFile, html: str, mark: str, at: datetime) -> None:
    """Keep a draft ready, and have the worker publish it at that moment. Raises what `put_up` raises; NotNow where it is public."""
    if article.published_at is not None:
        raise NotNow(_("这篇文章已经发表了。"))
    db.session.refresh(article, with_for_update=True)
    if article.scheduled_at == at and _was_put_up(article, mark):
        return
    put_up(article, file, html, mark)
    article.scheduled_at = at
    queue("publish_at", {"article": article.id}, about=f"article:{article.id}", run_after=at)


def unschedule(article: Article) -> None:
    """Let a scheduled article be a draft again. Raises NotNow."""
    if article.scheduled_at is None:
        raise NotNow(_("这篇文章没有定时，或者刚才已经发表了。"))
    article.scheduled_at = None


@does("publish_at")
def publish_at(payload: Mapping[str, Any]) -> None:
    """Publish the article whose time has come; nothing where it was put off, withdrawn or published meanwhile."""
    article = db.session.scalar(select(Article).where(Article.id == payload["article"], *_due()))
    if article is not None:
        _publish(article, article.scheduled_at)


def _due() -> tuple[ColumnElement[bool], ...]:
    is_waiting = Article.published_at.is_(None), Article.withdrawn_at.is_(None)
    return *is_waiting, Article.scheduled_at <= clock.now(), ~_is_held()


def _is_held() -> ColumnElement[bool]:
    """Its author may publish nothing now: their account is paused, is leaving, or is a reader's."""
    is_paused = and_(User.paused_at.is_not(None), or_(User.paused_until.is_(None), User.paused_until > clock.now()))
    may_not = or_(is_paused, User.leaves_at.is_not(None), User.role == Role.READER)
    return exists().where(User.id == Article.author_id, may_not)


def delays(articles: Sequence[Article]) -> dict[int, str]:
    """Return why scheduled articles are not public, or will not be at their time, in words, by their ids."""
    ids = [one.id for one in articles if one.scheduled_at]
    held = set(db.session.scalars(select(Article.id).where(Article.id.in_(ids), _is_held()))) if ids else set()
    late = {one.id for one in articles if one.scheduled_at and one.scheduled_at < clock.now() - LATE}
    words = dict.fromkeys(late, str(_("到时间了，还没有发表出去，会一直再试。")))
    return words | dict.fromkeys(held, str(_("作者的账号现在不能发表文章，到时间也不会发表。")))


def _publish(article: Article, at: datetime | None) -> None:
    article.published_at, article.scheduled_at = at, None
    name_series(article)
    db.session.flush()
    article_saved.send(article)
    article_published.send(article)


@housekeeping
def publish_overdue() -> bool:
    """Publish what is due and has no job any more, as after a restore or a pause; twenty at a time, dated now."""
    overdue = select(Article).where(*_due(), Article.scheduled_at <= clock.now() - LATE)
    found = db.session.scalars(overdue.limit(ROUND)).all()
    for article in found:
        _publish(article, clock.now())
    return len(found) == ROUND


def withdraw(article: Article, user: User) -> None:
    """Take a public article down, or delete a draft; both can be undone, what is another's by moderators only. Raises NotNow."""
    if article.withdrawn_at is not None:
        raise NotNow(_("已经撤下或删除了。"))
    article.withdrawn_at, article.scheduled_at = clock.now(), None
    article.taken_down = article.author_id != user.id
    article_saved.send(article)


def bring_back(article: Article, user: User) -> None:
    """Bring back what was withdrawn or deleted, with its replies and at its address. Raises NotNow, NotAllowed."""
    if article.withdrawn_at is None:
        raise NotNow(_("它没有撤下，也没有删除。"))
    if article.taken_down and not user.role.may_moderate:
        raise NotAllowed(_("这是编辑撤下的，只有编辑能恢复。"))
    article.withdrawn_at, article.taken_down = None, False
    article_saved.send(article)


def gone_at(article: Article, copy: WorkingCopy | None) -> datetime | None:
    """Return when a deleted draft disappears: thirty days after it was deleted, or written at since. None for what stays."""
    if article.withdrawn_at is None or article.published_at is not None:
        return None
    return max(article.withdrawn_at, copy.saved_at if copy else article.withdrawn_at) + DELETED_KEPT


@housekeeping
def forget_deleted() -> bool:
    """Drop drafts that were deleted thirty days ago, not written at since, and never public; twenty at a time."""
    then = clock.now() - DELETED_KEPT
    written_since = exists().where(WorkingCopy.article_id == Article.id, WorkingCopy.saved_at >= then)
    gone = select(Article.id).where(Article.published_at.is_(None), Article.withdrawn_at < then, ~written_since)
    ids = db.session.scalars(gone.limit(ROUND)).all()
    db.session.execute(delete(Article).where(Article.id.in_(ids)))
    return len(ids) == ROUND
