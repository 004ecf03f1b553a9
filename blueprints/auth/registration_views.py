"""The doors to registering."""

from flask import Blueprint, flash, redirect, render_template, url_for

from blueprints.auth.forms import ConfirmElsewhereForm, ConfirmForm, RegistrationForm
from blueprints.auth.kept_passwords import PER_BLOCK, drop_password, keep_password, kept_password, may_keep
from blueprints.auth.login import origin, visitor
from blueprints.auth.passwords import hash_password
from blueprints.auth.registration import (
    check_registered_password,
    confirm as confirm_registration,
    is_from,
    is_uneasy,
    may_mail_proof,
    may_register,
    may_write_to,
    register as hold_registration,
    registration_of,
)
from blueprints.captcha import challenges
from blueprints.captcha.proof_of_work import is_solved, puzzle, spend_solution
from blueprints.comments.queries import adoptable, guest_session
from blueprints.comments.screening import demand_fit
from core.config import settings
from core.database import db, writing
from core.errors import TooManyRequests
from core.forms import browser_key
from core.i18n import _
from core.tokens import new_token

bp = Blueprint("registration", __name__)

KIND = "register"


@bp.get("/register")
def register():
    """Show the form, with the address that was proved in this browser; or say that registration is closed."""
    if settings().registration == "closed":
        return render_template("auth/registration_closed.html")
    guest = guest_session(visitor().guest_token)
    return _page(RegistrationForm(data={"email": guest.address.email} if guest is not None else None))


@bp.post("/register")
def create():
    """Hold the name and queue the letter; else show the form again, what was right kept: the password, the captcha."""
    form = RegistrationForm()
    if settings().registration == "closed":
        return register()
    _recall(form)
    goes = form.validate() and not form.asks_for_another and _is_person(form)
    with form.showing_errors():
        secret = _password_hash(form, goes=goes)
        may_write = False
        with form.showing_errors():
            may_write = goes and _may_write(form)
        goes = goes and form.refusal is None
        with writing():
            with form.showing_errors():
                _use_captcha(form, goes=goes)
                if goes and may_write:
                    hold_registration(form.username.data, form.email.address, secret, browser_key())
            _keep_password(form, secret, is_done=goes and not form.problems)
            db.session.commit()
    return redirect(url_for("registration.sent"), 303) if goes and not form.problems else _page(form)


def _recall(form):
    """Take up what was right before: the password kept for this form, the captcha that was proved."""
    form.recall(None if form.retype.data else kept_password(form.kept.data or "", KIND, browser_key()))
    if not challenges.is_proof(form.proof.data or "", KIND, browser_key()):
        form.proof.data = ""


def _is_person(form):
    """Tell whether proof, picture or letter would be taken now, using nothing up: dear work is done for people only."""
    if form.by_mail.data or form.proof.data:
        return True
    return challenges.is_right(form.captcha_id.data or "", KIND, browser_key(), form.captcha.data or "")


def _password_hash(form, *, goes):
    """Return the hash of the password that was typed, or of the one kept; hashing without a right captcha has its limit.

    Raises TooManyRequests where the registration cannot go without the hash, Busy.
    """
    has_captcha = goes and not form.by_mail.data
    if form.typed_password and (has_captcha or may_keep(origin().address_block)):
        return hash_password(form.typed_password)
    if goes and not form.kept_hash:
        raise TooManyRequests(_("试得太多了，请过十分钟再试。"), wait_seconds=PER_BLOCK.seconds)
    return form.kept_hash


def _may_write(form):
    """Look at the name, count the registration, and tell whether its letter may be written; the page never tells which."""
    demand_fit(form.username.data, field="username")
    block, email = origin().address_block, form.email.address
    with_work = is_solved(form.work.data or "", KIND, browser_key())
    proof = new_token() if form.by_mail.data else form.proof.data or form.captcha_id.data or ""
    may_register(block, proof, with_work=with_work)
    if form.by_mail.data and not may_mail_proof(email, block):
        return False
    return may_write_to(email, proof)


def _use_captcha(form, *, goes):
    """Use up what stands for the captcha, and the browser's work; a right answer beside another error stays proved."""
    if goes:
        spend_solution(form.work.data or "", KIND, browser_key())
    if form.by_mail.data or form.asks_for_another:
        return
    if form.proof.data:
        if goes:
            challenges.spend_proof(form.proof.data, KIND, browser_key())
    elif form.captcha.data:
        challenges.redeem(form.captcha_id.data or "", KIND, browser_key(), form.captcha.data)
        form.proof.data = "" if goes else challenges.issue_proof(KIND, browser_key())


def _keep_password(form, secret, *, is_done):
    """Keep a good password while something else is wrong, and forget it once it was used."""
    if is_done or form.retype.data:
        drop_password(form.kept.data or "", KIND, browser_key())
    elif secret and not form.kept_hash:
        form.kept.data = keep_password(secret, KIND, browser_key())
        form.recall(secret)


def _page(form):
    if form.asks_for_another:
        form.forget_errors()
    if form.captcha.errors:
        form.proof.data = ""
    if not form.proof.data:
        form.captcha_id.data = challenges.issue(KIND, browser_key())
    form.captcha.data = ""
    work = puzzle(KIND, browser_key()) if is_uneasy(origin().address_block) else None
    return form.page("auth/register.html", puzzle=work)


@bp.get("/register/sent")
def sent():
    """Say that a letter is on its way, the same for every address."""
    return render_template("auth/register_sent.html")


@bp.route("/confirm/<token>", methods=["GET", "POST"])
def confirm(token):
    """Show what the link would do; the button makes the account."""
    registration = registration_of(token)
    form = ConfirmForm() if is_from(registration, browser_key()) else ConfirmElsewhereForm()
    if form.validate_on_submit():
        with form.showing_errors():
            if form.asks_for_password:
                check_registered_password(registration, form.password.data, origin())
            with writing():
                earlier = adoptable(confirm_registration(token, origin()).email_key)
                db.session.commit()
            flash(_("邮箱已确认，请登录。"))
            if earlier:
                flash(_("注册以前用这个邮箱写的回复，登录后在“我的账号”里可以收进来。"))
            return redirect(url_for("auth.login"), 303)
    return form.page("auth/confirm.html", username=registration.username)
