"""The doors to logging in and out: by password, by mail, and the second step."""

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, request, url_for

from blueprints.articles.around_queries import around
from blueprints.articles.queries import article_at, standing
from blueprints.auth.authentication import accept, forgive, refuse_paused, try_password
from blueprints.auth.forms import CodeForm, EmailForm, LoginForm, LogoutForm, MailedLoginForm, SecondStepForm
from blueprints.auth.login import awaiting, begin_login, origin, sign_in, sign_out, visitor
from blueprints.auth.login_by_mail import login_of, request_login
from blueprints.auth.mailed_links import count_code_try, link_by_code, may_ask, may_write, use_link
from blueprints.auth.passkeys import are_possible, begin_ceremony, check_passkey, passkeys_of, request_options
from blueprints.auth.second_factor import check_code, count_factor_try
from blueprints.comments.forms import comment_form
from blueprints.comments.reading import place_in, read_thread
from core.database import db, writing
from core.errors import NotAllowed
from core.forms import browser_key
from core.i18n import _
from core.security import own_origin

bp = Blueprint("auth", __name__)


@bp.get("/login")
def login():
    """Show the form."""
    form = LoginForm()
    form.next.data = request.args.get("next", "")
    return form.page("auth/login.html")


@bp.post("/login")
def enter():
    """Log in, or say in one sentence that name or password is wrong; a reply brought along stays in the form."""
    form = LoginForm()
    if form.is_brought_along or not form.validate():
        return form.page("auth/login.html")
    with form.showing_errors():
        attempt = try_password(form.username.data, form.password.data, origin())
        with writing():
            with form.showing_errors():
                is_in = begin_login(accept(attempt), remember=form.remember.data)
            db.session.commit()
    return form.page("auth/login.html") if form.problems else _next_after(form, is_in=is_in)


def _next_after(form, *, is_in):
    """Go on after a right password: to the second step, back to the reply that was brought along, or where the visitor was."""
    if not is_in:
        return _second_step_page(form) if form.carry.data else _to_second_step(form.next.data)
    if form.carry.data:
        return _article_with_reply(form)
    return redirect(_own_path(form.next.data), 303)


def _to_second_step(next_path=""):
    return redirect(url_for("auth.second_step", next=next_path or None), 303)


def _article_with_reply(brought):
    """Show the article with the reply that was written before logging in, ready to be sent."""
    article = standing(article_at(brought.carry.data))
    form = comment_form(article, visitor())
    form.body.data, form.parent.data, form.quote.data = brought.body.data, brought.parent.data, brought.quote.data
    thread = read_thread(article, place_in({}), visitor(), form.parent_id, form.quote.data or "")
    return form.page("articles/show.html", article=article, around=around(article), thread=thread)


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


@bp.get("/login/second-step")
def second_step():
    """Ask for the second factor of an account whose password was right."""
    return _second_step_page(None)


@bp.post("/login/second-step")
def finish():
    """Log in with a one-time code, a recovery code or a passkey. Back to the start when the ten minutes are over."""
    form, begun = SecondStepForm(), awaiting()
    if begun is None:
        return _start_again(form)
    if form.validate():
        with form.showing_errors():
            count_factor_try(begun.user_id)
            with writing():
                with form.showing_errors():
                    _finish(awaiting(), form)
                db.session.commit()
            if not form.problems:
                return _next_after(form, is_in=True)
    return _second_step_page(form)


def _finish(begun, form):
    """Check the factor and log in; the row is read again, for of two sendings the first has ended it."""
    if begun is None:
        raise NotAllowed(_("放得太久了，请再登录一次。"))
    if form.passkey.data:
        answer = (form.passkey.data, form.ceremony.data or "", str(begun.user_id))
        check_passkey(begun.user, *answer, site=own_origin(), origin=origin())
    else:
        check_code(begun.user, form.code.data, origin())
    sign_in(begun.user, remember=begun.is_remembered)


def _second_step_page(asked):
    """Show the second step; what was brought along stays in its form."""
    begun = awaiting()
    if begun is None:
        return _start_again(asked)
    form = asked if isinstance(asked, SecondStepForm) else SecondStepForm()
    if asked is None:
        form.next.data = request.args.get("next", "")
    form.passkey.data, form.ceremony.data = "", begin_ceremony("use", str(begun.user_id))
    has_passkey = are_possible(own_origin()) and bool(passkeys_of(begun.user))
    options = request_options(begun.user, form.ceremony.data, own_origin()) if has_passkey else None
    return form.page("auth/second_step.html", options=options)


def _start_again(brought):
    """The right password was too long ago: begin anew, with what was brought along."""
    form = LoginForm()
    flash(_("放得太久了，请再登录一次。"))
    if brought is None or not brought.carry.data:
        return redirect(url_for("auth.login"), 303)
    return form.page("auth/login.html")


@bp.route("/login/by-mail", methods=["GET", "POST"])
def login_by_mail():
    """Ask for a letter that logs in; the answer is the same for every address."""
    form = EmailForm()
    if form.validate_on_submit():
        with form.showing_errors():
            email, block = form.email.address, origin().address_block
            if may_ask("login", block):
                may = may_write("login", email)
                with writing():
                    request_login(email, may=may, browser=browser_key(), address_block=block)
                    db.session.commit()
            return redirect(url_for("auth.login_sent"), 303)
    return form.page("auth/login_by_mail.html")


@bp.route("/login/by-mail/sent", methods=["GET", "POST"])
def login_sent():
    """Say that a letter is on its way if the address is known; take the digits it carries."""
    form = CodeForm()
    if form.validate_on_submit():
        with form.showing_errors():
            count_code_try("login", browser_key())
            with writing():
                link = link_by_code("login", form.code.data, browser_key())
                return _log_in_by(link, remember=False)
    return form.page("auth/login_sent.html")


@bp.route("/login/by-mail/<token>", methods=["GET", "POST"])
def mailed_login(token):
    """Show what the link would do; the button logs in, in the browser that asked."""
    link = login_of(token, browser_key())
    form = MailedLoginForm()
    if form.validate_on_submit():
        with form.showing_errors(), writing():
            return _log_in_by(login_of(token, browser_key()), remember=form.remember.data)
    return form.page("auth/mailed_login.html", username=link.user.username)


def _log_in_by(link, *, remember):
    """Use a link up and log in; called inside the write transaction, which it commits."""
    refuse_paused(link.user)
    use_link(link)
    is_in = begin_login(link.user, remember=remember)
    db.session.commit()
    forgive(link.user)
    return redirect(url_for("articles.index"), 303) if is_in else _to_second_step()


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
