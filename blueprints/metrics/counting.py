"""Counting how often articles are opened: in the memory of each process, written at most once a minute, about nobody.

What is counted is the slug and the day, and nothing about who opened it.
"""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Date, Executable, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from werkzeug.datastructures import Headers

from blueprints.articles.models import Article
from blueprints.metrics.models import OPENS, DailyCount
from core import clock
from core.config import settings
from core.database import db

WRITE_EVERY_SECONDS = 60
USER_AGENT_READ = 400
_ROBOTS = (  # noqa: SIM905
    "bot crawl spider slurp preview prerender fetch scan monitor headless lighthouse validator archiv feed rss http www. "
    "curl wget python java/ ruby axios facebookexternalhit whatsapp"
).split()

Openings = Mapping[tuple[date, str], int]


class Opens:
    """The openings of this process that are not written yet, by day and slug."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[date, str]] = Counter()
        self._written_at = 0.0

    def note(self, slug: str) -> Openings:
        """Count one opening, and return everything that is to be written now: nothing within a minute of the last time."""
        now = clock.now()
        with self._lock:
            self._counts[now.astimezone(settings().timezone).date(), slug] += 1
            if now.timestamp() - self._written_at < WRITE_EVERY_SECONDS:
                return {}
            self._written_at = now.timestamp()
            taken, self._counts = self._counts, Counter()
        return taken


def is_reader(headers: Headers, path: str) -> bool:
    """Tell whether a request looks like somebody opening the page: no robot, no prefetch, no step within the page itself."""
    agent = headers.get("User-Agent", "")[:USER_AGENT_READ].lower().replace("cubot", "")  # a maker of telephones
    ahead = headers.get("Sec-Purpose") or headers.get("Purpose") or headers.get("X-Moz") or ""
    from_here = headers.get("Referer", "").partition("?")[0].partition("#")[0].endswith(path)
    return bool(agent) and not from_here and "prefetch" not in ahead and not any(word in agent for word in _ROBOTS)


def writing_of(openings: Openings) -> Iterator[Executable]:
    """Yield what writes openings down: for each article, then for the site as a whole. What is no public article is left out."""
    for whose in (Article.id, literal(0)):
        for (day, slug), count in sorted(openings.items()):
            row = select(literal(OPENS), literal(day, Date), whose, literal(count))
            public = row.where(Article.slug == slug, Article.published_at.is_not(None))
            insert = insert_counts().from_select(["name", "day", "article_id", "count"], public)
            more = {"count": DailyCount.count + insert.excluded.count}
            yield insert.on_conflict_do_update(index_elements=["name", "day", "article_id"], set_=more)


def insert_counts() -> Any:
    """Return an insertion that can be told what to do where there is a count already; each database has its own."""
    return sqlite.insert(DailyCount) if db.engine.dialect.name == "sqlite" else postgresql.insert(DailyCount)
