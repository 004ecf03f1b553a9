"""The doors to my account: name, address, password, choices, sessions, what is stored about me, leaving."""

import json

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from blueprints.articles.author_queries import stored_about as articles_stored_about
from blueprints.auth.account_forms import (
    ActForm,
    ChangePasswordForm,
    ChoicesForm,
    IntroductionForm,
    NameForm,
    NewEmailForm,
    PresentPasswordForm,
)
from blueprints.auth.address_change import (
    address_change_of,
    ask_address,
    may_ask_address,
    prove_address as prove,
    undo_change,
    undo_of,
)
from blueprints.auth.authentication import check_own_password
from blueprints.auth.choices import choose, introduce
from blueprints.auth.doors import for_authors, for_members
from blueprints.auth.download import stored_about
from blueprints.auth.forms import ConfirmForm
from blueprints.auth.leaving import leave
from blueprints.auth.login import demand_unchanged, is_remembered, origin, session_hash, sign_in, sign_out
from blueprints.auth.passwords import hash_password
from blueprints.auth.queries import log_of, pending_address, sessions_of
from blueprints.auth.recovery import set_password
from blueprints.auth.renaming import count_rename, rename
from blueprints.auth.sessions import end_other_sessions, end_session
from blueprints.comments.bans import Writer, demand_not_banned
from blueprints.comments.ownership import rights_in
from blueprints.comments.queries import adoptable, comments_by, stored_about as replies_stored_about, unseen_texts
from blueprints.comments.screening import demand_fit
from blueprints.comments.thread_queries import Whose
from blueprints.notifications.queries import stored_about as notifications_stored_about
from core.config import settings
from core.database import db, writing
from core.forms import row_id
from core.i18n import COOKIE, COOKIE_SECONDS, _, keep_cookie

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.get("")
@for_members
def show(user):
    """Show my account; nothing of it to anyone else."""
    context = {"user": user, "waiting": pending_address(user), "sessions": sessions_of(user)}
    context["earlier"] = adoptable(user.email_key)
    return render_template("account/show.html", **context, comments=comments_by(Whose(user_id=user.id)).items[:5])


@bp.get("/replies")
@for_members
def replies(user):
    """Show what I wrote, the newest first."""
    before = request.args.get("before", type=int)
    whose = Whose(user_id=user.id)
    comments = comments_by(whose, before)
    context = {"unseen": unseen_texts(comments.items), "rights": rights_in(comments.items, whose)}
    return render_template("account/replies.html", comments=comments, **context)


@bp.route("/name", methods=["GET", "POST"])
@for_members
def name(user):
    """Give the account another name."""
    form = NameForm(data={"username": user.username})
    if form.validate_on_submit():
        with form.showing_errors():
            demand_not_banned(Writer(user_id=user.id))
            demand_fit(form.username.data, field="username")
            count_rename(user, form.username.data)
            with writing():
                rename(user, form.username.data, origin())
                db.session.commit()
            return _saved()
    return form.page("account/name.html")


@bp.route("/introduction", methods=["GET", "POST"])
@for_authors
def introduction(user):
    """Write the line that stands on my author page."""
    form = IntroductionForm(data={"introduction": user.introduction})
    if form.validate_on_submit():
        with form.showing_errors(), writing():
            introduce(user, form.introduction.data)
            db.session.commit()
            return _saved()
    return form.page("account/introduction.html", user=user)


@bp.route("/email", methods=["GET", "POST"])
@for_members
def email(user):
    """Ask for another address; the present one counts until the new one was proved."""
    form = NewEmailForm(present_key=user.email_key)
    if form.validate_on_submit():
        with form.showing_errors():
            checked = check_own_password(user, form.present.data, origin())
            may_write = may_ask_address(user, form.email.address)
            with writing():
                demand_unchanged(user, checked)
                if may_write:
                    ask_address(user, form.email.address)
                db.session.commit()
            flash(_("信已发往新邮箱，点里面的链接确认。新邮箱确认之前，仍用旧邮箱。"))
            return redirect(url_for("account.show"), 303)
    return form.page("account/email.html", user=user, waiting=pending_address(user))


@bp.route("/email/<token>", methods=["GET", "POST"])
def prove_email(token):
    """Show what the link would do; the button makes the new address the account's, on whatever device."""
    change, form = address_change_of(token), ConfirmForm()
    if form.validate_on_submit():
        with form.showing_errors(), writing():
            prove(token, origin())
            db.session.commit()
            flash(_("邮箱已更换。"))
            return redirect(url_for("account.show"), 303)
    return form.page("account/prove_email.html", change=change)


@bp.route("/email/undo/<token>", methods=["GET", "POST"])
def undo_email(token):
    """Show what the link would take back; the button brings the old address back, on whatever device."""
    change, form = undo_of(token), ConfirmForm()
    if form.validate_on_submit():
        with form.showing_errors(), writing():
            undo_change(token, origin())
            db.session.commit()
            flash(_("邮箱已改回来，所有登录都结束了。重新设置密码的信正在路上。"))
            return redirect(url_for("auth.login"), 303)
    return form.page("account/undo_email.html", change=change)


@bp.route("/password", methods=["GET", "POST"])
@for_members
def password(user):
    """Change the password; every other session ends, and this one goes on under a new id."""
    form = ChangePasswordForm(user=user)
    if form.validate_on_submit():
        with form.showing_errors():
            checked = check_own_password(user, form.present.data, origin())
            secret = hash_password(form.password.data)
            with writing():
                demand_unchanged(user, checked)
                set_password(user, secret, origin())
                sign_in(user, remember=is_remembered())
                db.session.commit()
            flash(_("密码已更换，其他设备都退出了登录。"))
            return redirect(url_for("account.show"), 303)
    return form.page("account/password.html")


@bp.route("/choices", methods=["GET", "POST"])
@for_members
def choices(user):
    """Choose the language, and what is told by letter."""
    form = ChoicesForm(data={"language": user.language, "tells_new_devices": user.tells_new_devices})
    if form.validate_on_submit():
        with form.showing_errors(), writing():
            choose(user, form.language.data, tells_new_devices=form.tells_new_devices.data)
            db.session.commit()
            answer = _saved()
            keep_cookie(answer, COOKIE, form.language.data, COOKIE_SECONDS)
            return answer
    return form.page("account/choices.html")


@bp.route("/sessions", methods=["GET", "POST"])
@for_members
def sessions(user):
    """Show where I am logged in and what the log says; end one session, or all others."""
    form = ActForm()
    if form.validate_on_submit():
        with form.showing_errors(), writing():
            if form.which.data == "others":
                end_other_sessions(user, session_hash(), origin())
            else:
                end_session(user, row_id(form.which.data) or 0, origin())
            db.session.commit()
            flash(_("已结束。"))
            return redirect(url_for("account.sessions"), 303)
    context = {"sessions": sessions_of(user), "present": session_hash(), "log": log_of(user)}
    return form.page("account/sessions.html", **context)


@bp.get("/download")
@for_members
def download(user):
    """Say what there is to download."""
    return render_template("account/download.html")


@bp.get("/download.json")
@for_members
def download_json(user):
    """Hand over everything stored about me, for programs."""
    text = json.dumps(_everything(user), ensure_ascii=False, indent=2)
    return _attachment(Response(text + "\n", mimetype="application/json"), "json")


@bp.get("/download.html")
@for_members
def download_html(user):
    """Hand over everything stored about me, to be read."""
    return _attachment(Response(render_template("account/everything.html", **_everything(user))), "html")


def _everything(user):
    written = articles_stored_about(user) | replies_stored_about(Whose(user_id=user.id))
    return {"site": settings().address} | stored_about(user) | written | notifications_stored_about(user)


def _attachment(answer, ending):
    answer.headers["Content-Disposition"] = f'attachment; filename="account.{ending}"'
    return answer


@bp.route("/delete", methods=["GET", "POST"])
@for_members
def delete(user):
    """Delete the account, seven days from now."""
    form = PresentPasswordForm()
    if form.validate_on_submit():
        with form.showing_errors():
            checked = check_own_password(user, form.present.data, origin())
            with writing():
                demand_unchanged(user, checked)
                leave(user, origin())
                sign_out()
                db.session.commit()
            flash(_("账号会在 7 天后删除。7 天内登录就能恢复。"))
            return redirect(url_for("articles.index"), 303)
    return form.page("account/delete.html")


def _saved():
    flash(_("已保存。"))
    return redirect(url_for("account.show"), 303)
