"""The doors of the site itself: sheet and script, reading settings, about, privacy, the owner's pages, security.txt, and the page of what went wrong."""

import logging
import secrets
from datetime import timedelta

from flask import Blueprint, Flask, Response, g, make_response, redirect, render_template, request, url_for
from sqlalchemy.exc import DBAPIError, TimeoutError as PoolTimeout
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from blueprints.admin.page_queries import BUILT_IN, written_page
from blueprints.articles.models import Article
from blueprints.articles.place_queries import has_page
from blueprints.articles.queries import newest_articles
from blueprints.site.about import examples
from blueprints.site.maintenance import UnderMaintenance, closed_until
from core import clock
from core.assets import script as joined_script, sheet as joined_sheet
from core.config import settings
from core.database import is_passing
from core.errors import Busy, DomainError, LinkDead, NotFound
from core.health import health
from core.i18n import _, language
from core.mail import site_link
from core.preferences import keep_preferences
from core.security import for_everyone

bp = Blueprint("site", __name__)

log = logging.getLogger("zhishang")

SECRET = {"password", "password_confirm", "present", "code", "captcha"}
KEPT_BY_BROWSERS = "public, max-age=31536000, immutable"  # the address carries the content's hash


@bp.get("/static/<any(site, desk):part>.css")
def sheet(part):
    """Serve a style sheet."""
    return Response(joined_sheet(part), mimetype="text/css", headers={"Cache-Control": KEPT_BY_BROWSERS})


@bp.get("/static/<any(site, desk):part>.js")
def script(part):
    """Serve a script."""
    return Response(joined_script(part), mimetype="text/javascript", headers={"Cache-Control": KEPT_BY_BROWSERS})


@bp.get("/about")
def about():
    """Say what this place is and how replies work, in the owner's words where there are some."""
    written = written_page("about", language())
    if written is not None:
        return for_everyone(make_response(render_template("site/page.html", page=written)))
    return for_everyone(make_response(render_template("site/about.html", examples=examples())))


@bp.get("/privacy")
def privacy():
    """Say what is stored about readers and writers; what the owner wrote stands above it, never instead."""
    chosen, written = settings(), written_page("privacy", language())
    days = {"origin_days": chosen.comments_origin_days, "held_days": chosen.comments_held_days}
    page = render_template("site/privacy.html", written=written, contact=chosen.contact, **days)
    return for_everyone(make_response(page))


@bp.get("/pages/<slug>")
def page(slug):
    """Show a page of the owner's, in this language or else in the one there is."""
    if slug in BUILT_IN:
        return redirect(url_for(f"site.{slug}"), 301)
    written = written_page(slug, language(), any_language=True)
    if written is None:
        raise NotFound(_("没有这个页面。地址可能写错了，也可能已经换了。"))
    return for_everyone(make_response(render_template("site/page.html", page=written)))


@bp.get("/settings/reading")
def reading_settings():
    """Show how pages look in this browser, to be changed without an account."""
    slug = request.args.get("article", "")
    from_article = slug if Article.SLUG.fullmatch(slug) and len(slug) <= Article.SLUG_MAX else None
    page = render_template("site/reading_settings.html", from_article=from_article, done=request.args.get("done"))
    return for_everyone(make_response(page))


@bp.post("/settings/reading")
def save_reading_settings():
    """Keep the choices in this browser, or forget them. Needs no token: there is nothing to gain by a forged one."""
    done = "reset" if "reset" in request.form else "saved"
    back = url_for("site.reading_settings", done=done, article=request.form.get("article") or None)
    response = make_response(redirect(back, 303))
    keep_preferences(response, request.form.items() if done == "saved" else ())
    return response


@bp.get("/.well-known/security.txt")
def security_txt():
    """Say whom to tell of a hole (RFC 9116)."""
    contact = settings().security_contact or settings().sender
    lines = [
        f"Contact: {contact if ':' in contact else 'mailto:' + contact}",
        f"Expires: {(clock.now() + timedelta(days=180)).strftime('%Y-%m-%dT00:00:00Z')}",
        "Preferred-Languages: zh, en",
        f"Canonical: {site_link('site.security_txt')}",
    ]
    return Response("\n".join(lines) + "\n", mimetype="text/plain", headers={"Cache-Control": "public, max-age=86400"})


@bp.get("/healthz")
def healthz():
    """Tell a watchman in plain words whether the site is well: 200, or 503. It tells of nobody and of no version."""
    found = health()
    able = ("" if found.is_readable else "not ") + "readable", ("" if found.is_writable else "not ") + "writable"
    lines = [
        "ok" if found.is_well else "not ok",
        f"database: {able[0]}, {able[1]}",
        f"schema: {'right' if found.is_schema_right else 'not right'}",
        f"letters: the oldest waits {found.oldest_letter_seconds} s",
    ]
    answer = Response("\n".join(lines) + "\n", 200 if found.is_well else 503, mimetype="text/plain")
    answer.headers["Cache-Control"] = "no-store"
    return answer


OPEN_IN_MAINTENANCE = ("site.sheet", "site.script", "site.healthz", "static")


def open_maintenance(app: Flask) -> None:
    """Answer everything but sheet, script, pictures and watchmen with the page of maintenance, while the site is closed."""

    @app.before_request
    def close() -> None:
        if request.endpoint not in OPEN_IN_MAINTENANCE and (until := closed_until()):
            raise UnderMaintenance(until)


def open_error_pages(app: Flask) -> None:
    """Answer every refusal and fault with a page of ours that repeats what was typed."""
    app.log_exception = lambda exc_info: None  # type: ignore[method-assign]  # `_show_fault` logs it once, with its mark
    app.register_error_handler(HTTPException, _show_http_error)
    app.register_error_handler(DomainError, _show_refusal)
    app.register_error_handler(DBAPIError, _show_database_error)
    app.register_error_handler(PoolTimeout, _show_database_error)
    app.register_error_handler(500, _show_fault)


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
        refusal.status,
        refusal.message,
        bare=isinstance(refusal, Busy),
        title=_("链接失效了") if isinstance(refusal, LinkDead) else str(refusal.title),
        again=getattr(refusal, "again", ""),
        author=getattr(refusal, "author", ""),
        closed=isinstance(refusal, UnderMaintenance),
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
        request.url_rule or request.path,  # the rule, not the path: a token may stand in it
        exc_info=getattr(error, "original_exception", None) or error,
    )
    return _error_page(500, _("出了点问题，我们已经记下（编号 %(mark)s）。", mark=mark), bare=True)


def _error_page(
    status: int, words: str, *, bare: bool, title: str = "", again: str = "", author: str = "", closed: bool = False
) -> Response:
    """Answer with a page that repeats what was typed; a bare one asks the database nothing, a closed one leads nowhere."""
    if bare:
        g._login_user = None
    newest = newest_articles().items[:3] if status == 404 and not bare else None
    context = {
        "title": title or _title(status),
        "words": words,
        "typed": _typed(),
        "sendable": _sendable() if status in (500, 503) and not closed else None,
        "bare": bare,
        "newest": newest,
        "again": again,
        "author": author if author and has_page(author) else "",
        "closed": closed,
    }
    response = make_response(render_template("error.html", **context), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _title(status: int) -> str:
    titles = {
        404: _("没有这个页面"),
        410: _("已经撤下"),
        429: _("请等一等"),
        500: _("出了点问题"),
        503: _("请等一等"),
    }
    return str(titles.get(status, _("没有执行")))


def _typed() -> list[tuple[str, str, str]]:
    """Return what people wrote into the form: name, label and text, without passwords and tokens."""
    names = {"nickname": _("昵称"), "email": _("邮箱"), "username": _("用户名"), "name": _("名字")}
    names |= {"title": _("标题"), "summary": _("提要"), "tags": _("标签"), "words": _("词语")}
    names |= {"alt": _("说明"), "caption": _("图注"), "slug": _("地址")}
    names |= {"site_name": _("网站的名字"), "site_description": _("一句话介绍"), "security_contact": _("联系方式")}
    form = _posted()
    names |= {"body": _("正文") if "title" in form else _("回复内容")}
    names |= {"note": _("想补充的")} if "note" in form else {"reason": _("理由")}  # beside a note it is one of a few
    texts = [(name, text) for name in names if name in form for text in form.getlist(name)]
    return [(name, names[name], text) for name, text in texts if text]


def _sendable() -> list[tuple[str, str]] | None:
    """Return the other fields of a form that can be sent again as it is, None where there is none or it held a secret."""
    form, shown = _posted(), {name for name, _label, _text in _typed()}
    if "body" not in shown or SECRET & set(form):
        return None
    return [(name, text) for name, text in form.items() if name not in shown]


def _posted() -> MultiDict[str, str]:
    try:
        return request.form if request.method == "POST" else MultiDict()
    except HTTPException:
        return MultiDict()
