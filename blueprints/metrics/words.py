"""Figures in the reader's words."""

from datetime import date, datetime, time, timedelta

from flask_babel import format_date, format_decimal, format_percent, format_timedelta

from core.config import settings
from core.i18n import _, ngettext, short_day


def number(count: int | None) -> str:
    """Write a count with its thousands apart, as the reader's language has it; a dash where there is none."""
    return "–" if count is None else str(format_decimal(count))


def duration(seconds: int | None) -> str:
    """Write how long something took, in the largest unit that is worth it; a dash where nothing did."""
    return (
        "–" if seconds is None else str(format_timedelta(timedelta(seconds=seconds), granularity="minute", threshold=2))
    )


def short_date(day: date) -> str:
    """Write a day, with the year unless it is this one's."""
    return short_day(datetime.combine(day, time(12), settings().timezone))


def weekday(day: date) -> str:
    """Write which day of the week it is, in short."""
    return str(format_date(day, "EEE"))


def words_of(key: str, *totals: int | None) -> str:
    """Return what the last seven days came to, in one sentence."""
    first, *others = totals
    if key == "opens":
        words = ngettext(
            "7 天里文章被打开 %(count)s 次。", "7 天里文章被打开 %(count)s 次。", first or 0, count=number(first)
        )
    elif key == "replies":
        words = ngettext(
            "7 天里收到 %(count)s 条回复。", "7 天里收到 %(count)s 条回复。", first or 0, count=number(first)
        )
    elif key == "screening":
        words = _(
            "7 天里有 %(held)s 条回复先等人看；看过之后，%(spam)s 条是垃圾，%(passed)s 条通过了。",
            held=number(first),
            spam=number(others[0]),
            passed=number(others[1]),
        )
    elif key == "waiting":
        words = (
            _("7 天里，一半的决定在 %(time)s内作出。", time=duration(first))
            if first is not None
            else _("7 天里没有要作的决定。")
        )
    else:
        words = _("7 天里寄出 %(sent)s 封信，%(failed)s 封没有寄到。", sent=number(first), failed=number(others[0]))
    return str(words)


def change(now: int, before: int) -> str:
    """Return by how much a week differs from the one before it, which was not nothing."""
    share = format_percent(abs(now - before) / before)
    if now > before:
        words = _("比再往前 7 天多 %(share)s。", share=share)
    elif now < before:
        words = _("比再往前 7 天少 %(share)s。", share=share)
    else:
        words = _("和再往前 7 天一样多。")
    return str(words)
