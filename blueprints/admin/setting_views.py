"""The door to the site's settings."""

from flask import Blueprint, flash, redirect, url_for

from blueprints.admin.setting_forms import SettingsForm, UndoSettingsForm
from blueprints.admin.settings import (
    NAMES,
    change_settings,
    changes,
    fixed_settings,
    shown_texts,
    undo_change,
    words_of,
)
from blueprints.auth.doors import for_administrators
from core.database import db, writing
from core.forms import row_id
from core.i18n import _
from core.site_settings import newest_settings, read_settings_anew

bp = Blueprint("settings", __name__)


@bp.get("/admin/settings")
@for_administrators
def show(_actor):
    """Show the settings, what was changed lately, and the way back."""
    read_settings_anew()
    return _page(_form())


@bp.post("/admin/settings")
@for_administrators
def save(actor):
    """Let the settings of the form count."""
    form = _form()
    if form.validate():
        with form.showing_errors(), writing():
            is_new = change_settings(form.typed, seen=form.seen_revision, by=actor)
            db.session.commit()
            return _done(_("已保存。") if is_new else _("没有改动。"))
        form.bring_up_to_date()
    return _page(form)


@bp.post("/admin/settings/undo")
@for_administrators
def undo(actor):
    """Put back what one change replaced."""
    form = UndoSettingsForm()
    if form.validate():
        with form.showing_errors(), writing():
            undo_change(row_id(form.revision.data) or 0, by=actor)
            db.session.commit()
            return _done(_("已撤销。"))
    return _page(form)


def _done(words):
    read_settings_anew()
    flash(words)
    return redirect(url_for("settings.show"), 303)


def _form():
    newest = newest_settings()
    return SettingsForm(data=shown_texts(newest) | {"seen": newest.revision}).without(fixed_settings())


def _page(form):
    """Show everything; a form that was sent comes with its errors."""
    is_undo = isinstance(form, UndoSettingsForm)
    forms = {"settings_form": _form() if is_undo else form, "undo_form": form if is_undo else UndoSettingsForm()}
    told = {"fixed": fixed_settings(), "changes": changes(), "names": NAMES, "words_of": words_of}
    return form.page("admin/settings.html", **forms, **told)
