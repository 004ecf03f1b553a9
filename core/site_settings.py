"""What administrators choose in the browser, laid over the settings of the file and the environment.

A setting that the file or the environment names is theirs; of the others the newest row counts.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Flask, current_app
from sqlalchemy import JSON, Connection, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, aliased, mapped_column

from core import clock
from core.config import OPTIONS, Settings
from core.copies import Copy
from core.database import LARGEST_ID, Base, Timestamped, db
from core.errors import Conflict
from core.i18n import _
from core.jobs import housekeeping

IN_BROWSER = (
    "site_name",
    "site_description",
    "default_language",
    "security_contact",
    "registration",
    "comments_hold",
    "comments_per_minute",
    "comments_per_10_minutes",
    "comments_flood_per_minute",
    "removals_public",
)
KEPT = timedelta(days=30)

log = logging.getLogger("zhishang.settings")


class SiteSettings(Timestamped, Base):
    """All that was chosen in the browser as of one change; the newest row counts.

    `values` are texts by the setting's name, as they would stand in the environment; what is not among them has its default.
    `changed_by` is the id of an account, None for nobody.
    """

    __tablename__ = "site_settings"

    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    values: Mapped[dict[str, str]] = mapped_column(JSON)
    changed_by: Mapped[int | None]


def open_site_settings(app: Flask) -> None:
    """Have `settings()` tell what was chosen in the browser, too."""
    app.extensions["site_settings"] = _laid_over


def _laid_over(chosen: Settings) -> Settings:
    values = _chosen.now()
    before = current_app.extensions.get("site_settings_laid")
    if before is None or before[0] is not chosen or before[1] != values:
        before = (chosen, values, replace(chosen, **_read_values(values, but=chosen.given)))
        current_app.extensions["site_settings_laid"] = before
    laid: Settings = before[2]
    return laid


def _read_values(values: Mapping[str, str], but: frozenset[str]) -> dict[str, Any]:
    """Return what the texts mean; one that means nothing here is left out and named in the log."""
    found = {}
    for name, text in values.items():
        try:
            if name not in but:
                found[name] = read_text(name, text)
        except (ValueError, KeyError):
            log.warning("the site's own setting %s is not understood and does not count", str(name)[:40])
    return found


def read_text(name: str, text: str) -> Any:
    """Return what a setting's text means. Raises ValueError, and KeyError for what cannot be set in the browser."""
    if name not in IN_BROWSER:
        raise KeyError(name)
    if not isinstance(text, str):
        raise ValueError("a text")
    return OPTIONS[name].metadata["read"](text)


def _read(connection: Connection) -> Mapping[str, str]:
    newest = select(SiteSettings.values).order_by(SiteSettings.revision.desc()).limit(1)
    values = connection.scalar(newest)
    return values if isinstance(values, dict) else {}


_chosen: Copy[Mapping[str, str]] = Copy("the site's own settings", _read, {})


def read_settings_anew() -> None:
    """Have this process know at once what was just changed; the others know within a second."""
    _chosen.read_anew()


def newest_settings() -> SiteSettings:
    """Return what counts now, read in this transaction; revision 0 with no values before the first change."""
    newest = db.session.scalar(select(SiteSettings).order_by(SiteSettings.revision.desc()).limit(1))
    return newest or SiteSettings(revision=0, values={}, changed_by=None)


def settings_at(revision: int) -> SiteSettings:
    """Return what counted as of one change; no values where that is not known any more."""
    known = db.session.get(SiteSettings, revision) if 0 < revision <= LARGEST_ID else None
    return known or SiteSettings(revision=0, values={}, changed_by=None)


def keep_settings(values: Mapping[str, str], *, seen: int, by: int | None) -> None:
    """Let these values count from now on. Raises Conflict where somebody was first to follow the revision `seen`."""
    changed = SiteSettings(revision=seen + 1, values=dict(values), changed_by=by)
    try:
        with db.session.begin_nested():
            db.session.add(changed)
    except IntegrityError:
        raise Conflict(_("有人刚刚改过设置。请再按一次。")) from None


@housekeeping
def forget_old_settings() -> None:
    """Drop what was replaced more than 30 days ago."""
    later = aliased(SiteSettings)
    replaced_at = select(func.min(later.created_at)).where(later.revision > SiteSettings.revision).scalar_subquery()
    db.session.execute(delete(SiteSettings).where(replaced_at < clock.now() - KEPT))
