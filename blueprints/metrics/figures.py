"""The figures: each a few sentences, a drawing of whole weeks, and the table it is drawn from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from blueprints.metrics.drawing import Drawing, draw
from blueprints.metrics.models import (
    FALSE_ALARMS,
    HELD,
    LETTERS_FAILED,
    LETTERS_SENT,
    OPENS,
    REPLIES,
    SPAM,
    WAIT,
    WAIT_WEEK,
)
from blueprints.metrics.queries import WEEKS, kept_counts, today
from blueprints.metrics.tallying import Counts, tally, untallied
from blueprints.metrics.words import change, duration, number, words_of
from core.i18n import _, pgettext


@dataclass(frozen=True)
class Week:
    """Seven days that follow one another, the first first, and what they come to; None where there is nothing to count."""

    days: Sequence[date]
    counts: Sequence[int | None]
    total: int | None


@dataclass(frozen=True)
class Series:
    """One thing that is counted, by weeks, the oldest first."""

    name: str
    weeks: Sequence[Week]
    written: Callable[[int | None], str]


@dataclass(frozen=True)
class Figure:
    """What one thing about the site comes to; without `series` there is too little to tell, without `drawing` to draw."""

    key: str
    title: str
    sentences: Sequence[str]
    series: Sequence[Series]
    drawing: Drawing | None


def figures() -> list[Figure]:
    """Return the figures of the last eight weeks, up to yesterday."""
    counts = kept_counts() | tally([*untallied(), today()])
    titles = {
        "opens": (pgettext("figure", "阅读"), {OPENS: pgettext("figure", "打开")}),
        "replies": (pgettext("figure", "回复"), {REPLIES: pgettext("figure", "收到")}),
        "screening": (
            pgettext("figure", "筛查"),
            {
                HELD: pgettext("figure", "先等人看"),
                SPAM: pgettext("figure", "垃圾"),
                FALSE_ALARMS: pgettext("figure", "后来通过"),
            },
        ),
        "waiting": (pgettext("figure", "等待"), {WAIT: pgettext("figure", "等待")}),
        "letters": (
            pgettext("figure", "信"),
            {LETTERS_SENT: pgettext("figure", "寄出"), LETTERS_FAILED: pgettext("figure", "没寄到")},
        ),
    }
    return [_figure(key, title, counts, names) for key, (title, names) in titles.items()]


def _figure(key: str, title: str, counts: Counts, names: dict[str, str]) -> Figure:
    series = [
        Series(words, _weeks(counts, name), duration if name == WAIT else number) for name, words in names.items()
    ]
    if not series[0].weeks:
        return Figure(key, title, [_("数据太少，满 7 天后显示。")], [], None)
    totals = [one.weeks[-1].total for one in series]
    sentences = [
        words_of(key, *totals),
        *_compared(key, series[0]),
        *_of_today(key, counts.get((next(iter(names)), today()))),
    ]
    return Figure(key, title, sentences, series, _drawn(series))


def _weeks(counts: Counts, name: str) -> list[Week]:
    """Return the whole weeks that end yesterday, a week ago and so on, since this was counted first."""
    known = REPLIES if name == WAIT else name
    since = min((day for one, day in counts if one == known), default=today())
    weeks = []
    for number_of_week in range(WEEKS, 0, -1):
        days = [today() - timedelta(days=7 * number_of_week - ahead) for ahead in range(7)]
        if days[0] >= since:
            found = [counts.get((name, day), None if name == WAIT else 0) for day in days]
            total = counts.get((WAIT_WEEK, days[-1])) if name == WAIT else sum(one or 0 for one in found)
            weeks.append(Week(days, found, total))
    return weeks


def _compared(key: str, series: Series) -> list[str]:
    now, before = series.weeks[-1].total, series.weeks[-2].total if len(series.weeks) > 1 else None
    return [change(now, before)] if key != "waiting" and now is not None and before else []


def _of_today(key: str, count: int | None) -> list[str]:
    return [] if key == "waiting" else [_("今天到现在 %(count)s。", count=number(count or 0))]


def _drawn(series: Sequence[Series]) -> Drawing | None:
    totals: list[list[Any]] = [[week.total for week in one.weeks] for one in series]
    return draw(totals) if len(totals[0]) > 1 and totals[0][-1] is not None else None
