"""What can be asked about the archive: its years and months, in the site's time zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import func, select

from blueprints.articles.models import Article
from blueprints.articles.place_queries import listed, there
from blueprints.articles.queries import NO_SUCH_PAGE, PUBLIC, page_of
from core import clock
from core.config import settings
from core.database import db
from core.errors import NotFound
from core.i18n import _, _l
from core.paging import Page

_MONTHS = [
    _l("1月"),
    _l("2月"),
    _l("3月"),
    _l("4月"),
    _l("5月"),
    _l("6月"),
    _l("7月"),
    _l("8月"),
    _l("9月"),
    _l("10月"),
    _l("11月"),
    _l("12月"),
]


@dataclass(frozen=True)
class Month:
    """A month of the site's time zone and how many public articles were published in it."""

    year: int
    month: int
    count: int

    @property
    def name(self) -> str:
        return str(_MONTHS[self.month - 1])

    @property
    def title(self) -> str:
        return str(_("%(year)s年%(month)s", year=self.year, month=self.name))


@dataclass(frozen=True)
class Year:
    """A year and its months that have articles, newest first."""

    year: int
    months: Sequence[Month]

    @property
    def title(self) -> str:
        return str(_("%(year)s年", year=self.year))

    @property
    def count(self) -> int:
        return sum(month.count for month in self.months)


def archive() -> list[Year]:
    """Return the years and months in which something public was published, newest first."""
    return _years()


def year_at(year: int) -> Year:
    """Return a year of the archive. Raises NotFound, also where nothing public was published in it."""
    found = _years(*_between(year, 1, 12))
    return there(found[0] if found else None)


def _years(*within: Any) -> list[Year]:
    moments = db.session.scalars(
        select(Article.published_at).where(*PUBLIC, *within).order_by(Article.published_at.desc())
    )
    zone = settings().timezone
    written = [moment.astimezone(zone) for moment in moments if moment is not None]
    months = groupby(written, lambda local: (local.year, local.month))
    counted = [Month(year, month, sum(1 for _one in ones)) for (year, month), ones in months]
    return [Year(year, list(ones)) for year, ones in groupby(counted, lambda month: month.year)]


def month_at(year: int, month: int) -> Month:
    """Return a month of the archive. Raises NotFound, also where nothing public was published in it."""
    within = select(func.count()).select_from(Article).where(*PUBLIC, *_between(year, month, month))
    count = db.session.scalar(within) or 0
    return there(Month(year, month, count) if count else None)


def in_month(year: int, month: int, before: str | None = None) -> Page[Article]:
    """Return the articles of a month of the site's time zone, newest first, or those older than the one at `before`. Raises NotFound."""
    return page_of(listed().where(*_between(year, month, month)), before)


def _between(year: int, first: int, last: int) -> tuple[Any, ...]:
    """Only years that can have been are asked for: from 2, for the first begins before its zone's own."""
    zone = settings().timezone
    if not (2 <= year <= clock.now().astimezone(zone).year and 1 <= first <= last <= 12):
        raise NotFound(NO_SUCH_PAGE)
    begin, end = datetime(year, first, 1, tzinfo=zone), datetime(year + last // 12, last % 12 + 1, 1, tzinfo=zone)
    return Article.published_at >= begin, Article.published_at < end
