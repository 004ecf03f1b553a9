"""The doors of administrators: people, each with what may be done about them, and the first run."""

from flask import Blueprint, flash, redirect, request, url_for

from blueprints.admin.forms import FirstRunForm, PauseForm, RoleForm, SearchForm
from blueprints.auth.authentication import check_own_password
from blueprints.auth.doors import for_administrators
from blueprints.auth.first_administrator import check_first_run, make_first_administrator
from blueprints.auth.forms import ConfirmForm
from blueprints.auth.login import origin, sign_in
from blueprints.auth.models import Role
from blueprints.auth.passwords import hash_password
from blueprints.auth.people import change_role, end_sessions_of, pause, resume, role_names
from blueprints.auth.queries import log_of, people as people_found, sessions_of, user_by_id
from blueprints.comments.queries import comments_by
from blueprints.comments.thread_queries import Whose
from core.config import settings
from core.database import db, writing
from core.forms import EMAIL_MAX
from core.i18n import _
from core.text import excerpt

bp = Blueprint("admin", __name__)

REPLIES_SHOWN = 5


@bp.get("/admin/people")
@for_administrators
def people(_actor):
    """Show who has an account, the newest first, or those whose name or address begins so."""
    wanted = {"q": excerpt(request.args.get("q", ""), EMAIL_MAX), "role": request.args.get("role", "")}
    found = people_found(wanted["q"], wanted["role"], request.args.get("before", type=int))
    return SearchForm(data=wanted).page("admin/people.html", people=found, wanted=wanted, roles=role_names())


@bp.get("/admin/people/<int:user_id>")
@for_administrators
def person(actor, user_id):
    """Show one person: what is known, where they are logged in, what they wrote, and what may be done."""
    return _page(actor, user_by_id(user_id))


@bp.post("/admin/people/<int:user_id>/role")
@for_administrators
def give_role(actor, user_id):
    """Give somebody another role; that of an administrator only with the actor's own password."""
    user, form = user_by_id(user_id), RoleForm()
    if form.validate():
        with form.showing_errors():
            if form.makes_administrator:
                check_own_password(actor, form.present.data, origin())
            with writing():
                change_role(user, Role(form.role.data), actor=actor, origin=origin())
                db.session.commit()
            return _done(user, _("身份现在是：%(role)s。原来的登录都结束了。", role=role_names()[user.role.value]))
    return _page(actor, user, role_form=form)


@bp.post("/admin/people/<int:user_id>/pause")
@for_administrators
def pause_person(actor, user_id):
    """Keep somebody out for a while."""
    user, form = user_by_id(user_id), PauseForm()
    if form.validate():
        with form.showing_errors(), writing():
            pause(user, form.reason.data, form.until, actor=actor, origin=origin())
            db.session.commit()
            return _done(user, _("已停用，原来的登录都结束了。"))
    return _page(actor, user, pause_form=form)


@bp.post("/admin/people/<int:user_id>/resume")
@for_administrators
def resume_person(actor, user_id):
    """Let somebody in again."""
    user, form = user_by_id(user_id), ConfirmForm()
    if form.validate():
        with form.showing_errors(), writing():
            resume(user, actor=actor, origin=origin())
            db.session.commit()
            return _done(user, _("已恢复使用。"))
    return _page(actor, user, act_form=form)


@bp.post("/admin/people/<int:user_id>/end-sessions")
@for_administrators
def end_sessions(actor, user_id):
    """Log somebody out everywhere."""
    user, form = user_by_id(user_id), ConfirmForm()
    if form.validate():
        with form.showing_errors(), writing():
            end_sessions_of(user, actor=actor, origin=origin())
            db.session.commit()
            return _done(user, _("所有登录都结束了。"))
    return _page(actor, user, act_form=form)


def _done(user, words):
    flash(words)
    return redirect(url_for("admin.person", user_id=user.id), 303)


def _page(actor, user, **sent):
    """Show the person with every form; one that was sent comes with its errors."""
    forms = {
        "role_form": RoleForm(data={"role": user.role.value}),
        "pause_form": PauseForm(),
        "act_form": ConfirmForm(),
    }
    known = {
        "sessions": sessions_of(user),
        "log": log_of(user),
        "comments": comments_by(Whose(user_id=user.id)).items[:REPLIES_SHOWN],
    }
    form = next(iter(sent.values()), forms["act_form"])
    context = forms | sent | known | {"is_oneself": user.id == actor.id, "roles": role_names()}
    return form.page("admin/person.html", user=user, **context)


@bp.route("/first-run/<token>", methods=["GET", "POST"])
def first_run(token):
    """Show the three steps of a new site; the button makes its owner's account and logs in."""
    check_first_run(token)
    form = FirstRunForm()
    if form.validate_on_submit():
        with form.showing_errors():
            secret = hash_password(form.password.data)
            with writing():
                owner = (form.username.data, form.email.address, secret)
                sign_in(make_first_administrator(token, *owner, origin()), remember=False)
                db.session.commit()
            flash(_("可以开始了。你是这个网站的管理员。"))
            return redirect(url_for("account.show"), 303)
    chosen = settings()
    return form.page("admin/first_run.html", mail_server=chosen.mail_server, sender=chosen.sender)
