"""The doors of accounts."""

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for

from blueprints.auth.forms import (
    ConfirmForm,
    ForgotPasswordForm,
    LoginForm,
    LogoutForm,
    RegistrationForm,
    ResetPasswordForm,
)
from blueprints.auth.login import authenticate, sign_in, sign_out, visitor
from blueprints.auth.passwords import hash_password
from blueprints.auth.recovery import may_reset, request_reset, reset_of, reset_password as reset
from blueprints.auth.registration import (
    confirm as confirm_registration,
    may_write_to,
    register as hold_registration,
    registration_of,
)
from blueprints.captcha import challenges
from blueprints.comments.queries import comments_by
from core.config import settings
from core.database import db, writing
from core.forms import browser_key
from core.i18n import _

bp = Blueprint("auth", __name__)


@bp.get("/register")
def register():
    """Show the form, or say that registration is closed."""
    if settings().registration == "closed":
        return render_template("auth/registration_closed.html")
    return _with_new_picture(RegistrationForm())


@bp.post("/register")
def create():
    """Hold the name and queue the letter, or show the form again with a new picture; each try uses its picture up."""
    form = RegistrationForm()
    if settings().registration == "closed" or form.refresh.data:
        return register()
    answer = (form.captcha_id.data or "", "register", browser_key(), form.captcha.data or "")
    goes = form.validate() and challenges.is_right(*answer)
    with form.showing_errors():
        secret = hash_password(form.password.data) if goes else ""
        may_write = goes and may_write_to(form.email.address, proof=form.captcha_id.data)
        with writing():
            with form.showing_errors():
                if form.captcha.data:
                    challenges.redeem(*answer)
                if goes and may_write:
                    hold_registration(form.username.data, form.email.address, secret)
            db.session.commit()
    return _with_new_picture(form) if form.problems else redirect(url_for("auth.register_sent"), 303)


def _with_new_picture(form):
    form.captcha_id.data = challenges.issue("register", browser_key())
    form.captcha.data = ""
    return form.page("auth/register.html")


@bp.get("/register/sent")
def register_sent():
    """Say that a letter is on its way, the same for every address."""
    return render_template("auth/register_sent.html")


@bp.route("/confirm/<token>", methods=["GET", "POST"])
def confirm(token):
    """Show what the link would do; the button makes the account."""
    registration = registration_of(token)
    form = ConfirmForm()
    if form.validate_on_submit():
        with form.showing_errors(), writing():
            confirm_registration(token)
            db.session.commit()
            flash(_("邮箱已确认，请登录。"))
            return redirect(url_for("auth.login"), 303)
    return form.page("auth/confirm.html", username=registration.username)


@bp.route("/login", methods=["GET", "POST"])
def login():
    """Log in, or say in one sentence that name or password is wrong."""
    form = LoginForm()
    if form.validate_on_submit():
        with form.showing_errors():
            user = authenticate(form.username.data, form.password.data, visitor().address_block)
            with writing():
                sign_in(user, remember=form.remember.data)
                db.session.commit()
            return redirect(_own_path(form.next.data), 303)
    form.next.data = form.next.data or request.args.get("next", "")
    return form.page("auth/login.html")


def _own_path(address):
    """Return the path to go to after logging in: one of ours, however a browser might read it (WHATWG URL), else the front page."""
    path = address or ""
    readable = (
        path.isprintable()
        and path.isascii()
        and "\\" not in path
        and not path.startswith("//")
        and path.startswith("/")
    )
    parts = urlsplit(path) if readable else None
    return path if parts and not parts.scheme and not parts.netloc else url_for("articles.index")


@bp.post("/logout")
def logout():
    """End this browser's session."""
    form = LogoutForm()
    if not form.validate():
        return form.page("auth/logout.html")
    with writing():
        sign_out()
        db.session.commit()
    return redirect(url_for("articles.index"), 303)


@bp.route("/forgot-password", methods=["GET", "POST"])
def forgot_password():
    """Ask for a letter with a link; the answer is the same for every address."""
    form = ForgotPasswordForm()
    if form.validate_on_submit():
        with form.showing_errors():
            email = form.email.address
            if may_reset(email, visitor().address_block):
                with writing():
                    request_reset(email)
                    db.session.commit()
            return redirect(url_for("auth.forgot_password_sent"), 303)
    return form.page("auth/forgot_password.html")


@bp.get("/forgot-password/sent")
def forgot_password_sent():
    """Say that a letter is on its way if the address is known, the same for every address."""
    return render_template("auth/forgot_password_sent.html")


@bp.route("/reset-password/<token>", methods=["GET", "POST"])
def reset_password(token):
    """Set a new password; opening the link changes nothing."""
    form = ResetPasswordForm(user=reset_of(token).user)
    if form.validate_on_submit():
        with form.showing_errors():
            secret = hash_password(form.password.data)
            with writing():
                reset(token, secret)
                sign_out()
                db.session.commit()
            flash(_("密码已更换，请用新密码登录。"))
            return redirect(url_for("auth.login"), 303)
    return form.page("auth/reset_password.html")


@bp.get("/account")
def account():
    """Show my account; nothing of it to anyone else."""
    user = visitor().user
    if user is None:
        return redirect(url_for("auth.login", next=url_for("auth.account")), 303)
    return render_template("auth/account.html", user=user, comments=comments_by(user))
