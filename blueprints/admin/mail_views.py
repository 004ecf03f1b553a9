"""The doors to the letters: what waits, what left, what did not, and what may be done about it."""

from flask import Blueprint, flash, redirect, request, url_for

from blueprints.admin.forms import LiftForm
from blueprints.admin.letters import about_test, ask_test_letter, kind_of, why_not_yet
from blueprints.admin.queries import (
    latest_trial,
    letters,
    sent_by_day,
    sent_lately,
    unsent_letters,
    waiting_letters,
)
from blueprints.auth.doors import for_administrators
from blueprints.auth.forms import ConfirmForm
from core import jobs
from core.bounces import lift, paused_addresses
from core.config import settings
from core.database import db, writing
from core.errors import NotFound
from core.forms import EMAIL_MAX, row_id
from core.health import health, mail_server_away
from core.i18n import _, ngettext
from core.text import excerpt

bp = Blueprint("mail", __name__)


@bp.get("/admin/mail")
@for_administrators
def show(actor):
    """Show how letters leave, those that wait or did not arrive, and the addresses nothing is written to."""
    return _page(actor, ConfirmForm())


@bp.post("/admin/mail/test")
@for_administrators
def send_test(actor):
    """Queue a letter to the administrator's own address."""
    form = ConfirmForm()
    if form.validate():
        with writing():
            ask_test_letter(actor)
            db.session.commit()
        return _done(_("测试邮件在路上了。过一会儿再看这一页，这里会写着寄出了没有。"))
    return _page(actor, form)


@bp.post("/admin/mail/again")
@for_administrators
def send_all_again(actor):
    """Give what did not arrive a fresh try, a thousand letters at most."""
    form = ConfirmForm()
    if form.validate():
        with writing():
            count = jobs.send_again()
            db.session.commit()
        return _done(ngettext("%(num)s 封信会再寄一次。", "%(num)s 封信会再寄一次。", count), "failed")
    return _page(actor, form)


@bp.post("/admin/mail/<int:job_id>/again")
@for_administrators
def send_again(actor, job_id):
    """Give one letter a fresh try."""
    form, number = ConfirmForm(), row_id(str(job_id))
    if form.validate():
        with writing():
            if number is None or not jobs.send_again(job_id=number):
                raise NotFound(_("没有这封信，或者它已经在寄了。"))
            db.session.commit()
        return _done(_("这封信会再寄一次。"), "failed")
    return _page(actor, form)


@bp.post("/admin/mail/lift")
@for_administrators
def lift_pause(actor):
    """Write to an address again."""
    form = LiftForm()
    if form.validate():
        with writing():
            was_paused = lift(excerpt(form.email.data or "", EMAIL_MAX))
            db.session.commit()
        return _done(_("又会给这个邮箱写信了。") if was_paused else _("这个邮箱没有暂停。"))
    return _page(actor, form)


def _done(words, which=None):
    flash(words)
    return redirect(url_for("mail.show", which=which), 303)


def _page(actor, form):
    which = "failed" if request.args.get("which") == "failed" else "waiting"
    mark = row_id(request.args.get("before"))
    told = {"health": health(), "kind_of": kind_of, "why_not_yet": why_not_yet, "chosen": settings()}
    found = {
        "which": which,
        "letters": letters(which, mark),
        "waiting": waiting_letters(),
        "unsent": unsent_letters(),
        "sent": sent_lately(),
        "by_day": sent_by_day(),
        "paused": paused_addresses(excerpt(request.args.get("from", ""), EMAIL_MAX)),
        "trial": latest_trial(about_test(actor)),
        "away": mail_server_away(),
    }
    lift_form = form if isinstance(form, LiftForm) else LiftForm()
    return form.page("admin/mail.html", lift_form=lift_form, actor=actor, **told, **found)
