"""What can be asked about figures."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from blueprints.articles.models import Article
from blueprints.metrics.models import OPENS, REPLIES, DailyCount
from core import clock
from core.config import settings
from core.database import db

WEEKS = 8
DAYS = 7 * WEEKS


def today() -> date:
    """Return this day in the site's time zone."""
    return clock.now().astimezone(settings().timezone).date()


def days_before(day: date, count: int) -> list[date]:
    """Return the days before this one, the first first."""
    return [day - timedelta(days=number) for number in range(count, 0, -1)]


def last_tallied() -> date | None:
    """Return the last day whose counts are kept."""
    return db.session.scalar(select(func.max(DailyCount.day)).where(DailyCount.name == REPLIES))


def kept_counts() -> dict[tuple[str, date], int]:
    """Return what is kept of the last eight weeks for the site as a whole, by name and day."""
    kept = select(DailyCount.name, DailyCount.day, DailyCount.count).where(
        DailyCount.day >= today() - timedelta(days=DAYS), DailyCount.article_id == 0
    )
    return {(name, day): count for name, day, count in db.session.execute(kept)}


def most_opened(limit: int) -> Sequence[Any]:
    """Return slug, title, language and openings of the articles opened most in the last seven full days and today."""
    times = func.sum(DailyCount.count)
    opened = select(Article.slug, Article.title, Article.lang, times).join(
        DailyCount, DailyCount.article_id == Article.id
    )
    lately = opened.where(DailyCount.name == OPENS, DailyCount.day >= today() - timedelta(days=7))
    public = lately.where(Article.withdrawn_at.is_(None)).group_by(Article.id)
    return db.session.execute(public.order_by(times.desc(), Article.id.desc()).limit(limit)).all()
