"""The site's settings as administrators choose them: what each is called, what changed when and by whom, and the way back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from sqlalchemy import select

from blueprints.auth.models import User
from core import clock
from core.config import OPTIONS, settings
from core.database import db
from core.errors import Conflict, NotFound
from core.i18n import _, _l
from core.site_settings import IN_BROWSER, KEPT, SiteSettings, keep_settings, newest_settings, settings_at

CHANGES_SHOWN = 20

NAMES = {
    "site_name": _l("网站的名字"),
    "site_description": _l("一句话介绍"),
    "default_language": _l("默认语言"),
    "security_contact": _l("联系方式"),
    "registration": _l("注册"),
    "comments_hold": _l("哪些回复先经人工查看"),
    "comments_per_minute": _l("一分钟最多几条"),
    "comments_per_10_minutes": _l("十分钟最多几条"),
    "comments_flood_per_minute": _l("一分钟来多少条算一拥而来"),
    "removals_public": _l("移除记录"),
}
CHOICES = {
    "default_language": {"zh": "中文", "en": "English"},
    "registration": {"open": _l("开放"), "closed": _l("不开放")},
    "comments_hold": {"suspicious": _l("可疑的"), "first": _l("可疑的，和每个人的第一条"), "all": _l("全部")},
    "removals_public": {"0": _l("不公开"), "1": _l("所有人都能看")},
}


@dataclass(frozen=True)
class Line:
    """One setting of one change, as texts; None is the default."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Change:
    """What somebody changed in one go. `is_undoable`: it is not too old, and what it set still stands."""

    revision: int
    at: datetime
    by: User | None
    lines: tuple[Line, ...]
    is_undoable: bool


def default_text(name: str) -> str:
    """Return the text of a setting's default."""
    return _text(OPTIONS[name].default)


def words_of(name: str, text: str | None) -> str:
    """Return what people read for a setting's text; None is the default."""
    text = default_text(name) if text is None else text
    return str(CHOICES.get(name, {}).get(text, text)) or _("（空）")


def fixed_settings() -> dict[str, str]:
    """Return the settings that are fixed outside the browser, with the words of their values."""
    chosen = settings()
    return {name: words_of(name, _text(getattr(chosen, name))) for name in IN_BROWSER if name in chosen.given}


def shown_texts(kept: SiteSettings) -> dict[str, str]:
    """Return the text of every setting as a form shows it."""
    return {name: kept.values.get(name, default_text(name)) for name in IN_BROWSER}


def change_settings(typed: Mapping[str, str], *, seen: int, by: User) -> bool:
    """Let what was typed count, an empty text as the default, and tell whether that changes anything.

    `seen` is the revision that was looked at: what others changed since stays. Raises Conflict where both changed the same.
    """
    newest = newest_settings()
    before, now = shown_texts(settings_at(seen)), shown_texts(newest)
    wanted = {name: text or default_text(name) for name, text in typed.items()}
    mine = {name: text for name, text in wanted.items() if text != before[name]}
    if any(now[name] not in (before[name], text) for name, text in mine.items()):
        raise Conflict(_("有人刚刚改过同一处，下面的记录里看得到。你填的还在，要用它就再保存一次。"))
    values = {name: text for name, text in (now | mine).items() if text != default_text(name)}
    if values != newest.values:
        keep_settings(values, seen=newest.revision, by=by.id)
    return values != newest.values


def brought_up_to_date(typed: Mapping[str, str], *, seen: int) -> dict[str, str]:
    """Return what was typed, and where that is only what was seen, what counts now."""
    before, now = shown_texts(settings_at(seen)), shown_texts(newest_settings())
    return {name: now[name] if text == before[name] else text for name, text in typed.items()}


def undo_change(revision: int, *, by: User) -> None:
    """Put back what one change replaced. Raises NotFound, Conflict."""
    change = next((one for one in changes() if one.revision == revision), None)
    if change is None:
        raise NotFound(_("没有这一条，也许已经去掉了。"))
    if not change.is_undoable:
        raise Conflict(_("后来又改过，不能撤销。请直接改成想要的。"))
    newest = newest_settings()
    values = dict(newest.values)
    for line in change.lines:
        values.pop(line.name, None)
        if line.before is not None:
            values[line.name] = line.before
    keep_settings(values, seen=newest.revision, by=by.id)


def changes() -> list[Change]:
    """Return the last changes, the newest first, as far as what was there before is kept."""
    kept = select(SiteSettings).order_by(SiteSettings.revision.desc()).limit(CHANGES_SHOWN + 1)
    rows = db.session.scalars(kept).all()
    ids = {row.changed_by for row in rows if row.changed_by is not None}
    people = {user.id: user for user in db.session.scalars(select(User).where(User.id.in_(ids)))} if ids else {}
    found: list[Change] = []
    for row, before in zip_longest(rows, rows[1:]):
        if (before is None and row.revision != 1) or len(found) == CHANGES_SHOWN:
            break
        lines = _lines(before.values if before else {}, row.values)
        still = all(rows[0].values.get(line.name) == line.after for line in lines)
        is_undoable = still and row.created_at > clock.now() - KEPT
        found.append(Change(row.revision, row.created_at, people.get(row.changed_by or 0), lines, is_undoable))
    return found


def _text(value: object) -> str:
    return str(int(value) if isinstance(value, bool) else value)


def _lines(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Line, ...]:
    names = (name for name in IN_BROWSER if before.get(name) != after.get(name))
    return tuple(Line(name, before.get(name), after.get(name)) for name in names)
