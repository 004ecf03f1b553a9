"""The doors to getting back in."""

from flask import Blueprint, flash, redirect, url_for

from blueprints.auth.authentication import forgive
from blueprints.auth.forms import CodeForm, EmailForm, ResetPasswordForm
from blueprints.auth.login import origin, sign_out
from blueprints.auth.mailed_links import count_code_try, link_by_code, may_ask, may_write, renew_token
from blueprints.auth.passwords import hash_password
from blueprints.auth.recovery import request_reset, reset_of, reset_password as reset
from core.database import db, writing
from core.forms import browser_key
from core.i18n import _

bp = Blueprint("recovery", __name__)


@bp.route("/forgot-password", methods=["GET", "POST"])
def forgot_password():
    """Ask for a letter with a link; the answer is the same for every address."""
    form = EmailForm()
    if form.validate_on_submit():
        with form.showing_errors():
            email, block = form.email.address, origin().address_block
            if may_ask("reset", block):
                may = may_write("reset", email)
                with writing():
                    request_reset(email, may=may, browser=browser_key(), address_block=block)
                    db.session.commit()
            return redirect(url_for("recovery.sent"), 303)
    return form.page("auth/forgot_password.html")


@bp.route("/forgot-password/sent", methods=["GET", "POST"])
def sent():
    """Say that a letter is on its way if the address is known, the same for every address; take the digits it carries."""
    form = CodeForm()
    if form.validate_on_submit():
        with form.showing_errors():
            count_code_try("reset", browser_key())
            with writing():
                token = renew_token(link_by_code("reset", form.code.data, browser_key()))
                db.session.commit()
            return redirect(url_for("recovery.reset_password", token=token), 303)
    return form.page("auth/forgot_password_sent.html")


@bp.route("/reset-password/<token>", methods=["GET", "POST"])
def reset_password(token):
    """Set a new password; opening the link changes nothing."""
    form = ResetPasswordForm(user=reset_of(token).user)
    if form.validate_on_submit():
        with form.showing_errors():
            secret = hash_password(form.password.data)
            with writing():
                user = reset(token, secret, origin())
                sign_out()
                db.session.commit()
                forgive(user)
            flash(_("密码已更换，请用新密码登录。"))
            return redirect(url_for("auth.login"), 303)
    return form.page("auth/reset_password.html")
