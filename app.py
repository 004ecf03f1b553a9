"""The front door: `create_app()` opens the ground floor and then each room, one line each. It starts nothing."""

import logging
import secrets
from datetime import timedelta

from flask import Flask, Response, g, make_response, render_template, request
from flask_compress import Compress
from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from blueprints.articles import commands as articles_commands, views as articles
from blueprints.articles.queries import newest_articles
from blueprints.auth import commands as auth_commands, views as auth
from blueprints.auth.forms import LogoutForm
from blueprints.auth.login import open_login
from blueprints.captcha import commands as captcha_commands, views as captcha
from blueprints.comments import commands as comments_commands, views as comments
from blueprints.comments.screening import words_for
from blueprints.site import commands as site_commands, views as site
from core import jobs
from core.assets import open_assets
from core.config import Settings, prepare_instance, read_settings, secret_key, settings
from core.database import is_passing, open_database
from core.errors import Busy, DomainError
from core.forms import open_forms
from core.i18n import HTML_LANG, _, open_languages
from core.mail import open_mail
from core.markup import stored
from core.security import BehindProxies, guard
from core.server import serve_on_first_request
from core.text import excerpt

FORM_BYTES_MAX = 2 * 1024 * 1024
LATE_SECONDS = 5 * 60

log = logging.getLogger("zhishang")


class Site(Flask):
    """Flask, but a fault is logged once, with the mark that its page shows."""

    def log_exception(self, exc_info: object) -> None:
        """Leave it to `_show_fault`."""


def create_app(chosen: Settings | None = None, *, testing: bool = False) -> Flask:
    """Return the application for these settings, by default those of the instance folder. Raises WrongSetting."""
    chosen = chosen or read_settings()
    prepare_instance(chosen)
    app = Site(__name__, instance_path=str(chosen.instance))
    _configure(app, chosen, testing=testing)
    open_languages(app)
    open_database(app, chosen)
    open_mail(app, chosen)
    open_assets(app)
    guard(app)
    open_forms(app)
    open_login(app)
    serve_on_first_request(app)
    Compress(app)
    app.wsgi_app = BehindProxies(app.wsgi_app, chosen)  # type: ignore[method-assign]

    _open_rooms(app)
    _dress_templates(app, chosen)
    app.register_error_handler(HTTPException, _show_http_error)
    app.register_error_handler(DomainError, _show_refusal)
    app.register_error_handler(DBAPIError, _show_database_error)
    app.register_error_handler(PoolTimeout, _show_database_error)
    app.register_error_handler(500, _show_fault)
    return app


def _open_rooms(app: Flask) -> None:
    app.register_blueprint(captcha.bp)
    app.register_blueprint(auth.bp)
    app.register_blueprint(articles.bp)
    app.register_blueprint(comments.bp)
    app.register_blueprint(site.bp)

    app.cli.add_command(captcha_commands.group)
    app.cli.add_command(auth_commands.group)
    app.cli.add_command(articles_commands.group)
    app.cli.add_command(comments_commands.group)
    app.cli.add_command(site_commands.jobs)
    app.cli.add_command(site_commands.backup)


def _configure(app: Flask, chosen: Settings, *, testing: bool) -> None:
    app.config.update(
        ZHISHANG=chosen,
        TESTING=testing,
        SECRET_KEY=secret_key(chosen),
        MAX_CONTENT_LENGTH=FORM_BYTES_MAX,
        MAX_FORM_MEMORY_SIZE=FORM_BYTES_MAX,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=chosen.is_https,
        SESSION_COOKIE_NAME="__Host-session" if chosen.is_https else "session",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        COMPRESS_MIMETYPES=["text/html", "text/css", "text/javascript", "text/plain", "image/svg+xml"],
    )


def _dress_templates(app: Flask, chosen: Settings) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(stored=stored, excerpt=excerpt, reason=words_for)
    app.jinja_env.globals.update(
        site_name=chosen.site_name,
        lang_tags=HTML_LANG,
        logout_form=LogoutForm,
        outbox=lambda: settings().outbox,
        letters_are_files=lambda: settings().is_loopback and not settings().mail_server,
        letters_are_late=lambda: jobs.oldest_waiting_seconds() > LATE_SECONDS,
    )


def _show_http_error(error: HTTPException) -> Response:
    words = {
        400: _("这个请求读不懂。请回到上一页再试一次。"),
        403: _("这个请求不是从这个网站的页面发出的，没有执行。请回到页面再试一次。"),
        404: _("没有这个页面。地址可能写错了，也可能已经换了。"),
        405: _("这个地址不能这样用。请回到上一页再试一次。"),
        413: _("发来的内容太大了，最多 2 MB。请删减后再发。"),
        503: _("网站正在更新，请稍后再来。"),
    }
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    answer = _error_page(status, words.get(status, _("这个请求不能执行。")), bare=status in (400, 413, 503))
    if status == 503:
        answer.headers["Retry-After"] = "60"
    if status == 405 and getattr(error, "valid_methods", None):
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))  # type: ignore[attr-defined]
    return answer


def _show_refusal(refusal: DomainError) -> Response:
    answer = _error_page(
        refusal.status, refusal.message, bare=isinstance(refusal, Busy), again=getattr(refusal, "again", "")
    )
    if wait := getattr(refusal, "wait_seconds", None):
        answer.headers["Retry-After"] = str(wait)
    return answer


def _show_database_error(error: Exception) -> Response:
    if isinstance(error, PoolTimeout) or is_passing(error):
        log.warning("the database is away: %s", str(error).split("\n")[0])
        return _show_refusal(Busy(_("网站现在很忙，请过几秒再试。内容已保留。")))
    return _show_fault(error)


def _show_fault(error: Exception) -> Response:
    mark = secrets.token_hex(2).upper()
    log.error(
        "fault %s at %s %s",
        mark,
        request.method,
        request.path,
        exc_info=getattr(error, "original_exception", None) or error,
    )
    return _error_page(500, _("出了点问题，我们已经记下（编号 %(mark)s）。", mark=mark), bare=True)


def _error_page(status: int, words: str, *, bare: bool, again: str = "") -> Response:
    """Answer with a page that repeats what was typed; a bare one asks the database nothing."""
    titles = {
        403: _("没有执行"),
        404: _("没有这个页面"),
        409: _("没有执行"),
        410: _("已经撤下"),
        429: _("请等一等"),
        500: _("出了点问题"),
        503: _("请等一等"),
    }
    if bare:
        g._login_user = None
    newest = newest_articles().items[:3] if status == 404 and not bare else []
    page = render_template(
        "error.html",
        title=_("链接失效了") if again else titles.get(status, _("没有执行")),
        words=words,
        typed=_typed(),
        bare=bare,
        newest=newest,
        again=again,
    )
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _typed() -> list[tuple[str, str]]:
    """Return what people wrote into the form, without passwords and tokens."""
    names = {"nickname": _("昵称"), "email": _("邮箱"), "username": _("用户名"), "body": _("回复内容")}
    try:
        form = request.form if request.method == "POST" else {}
    except HTTPException:
        return []
    return [(names[name], form[name]) for name in names if form.get(name)]
