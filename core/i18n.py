"""Languages and the way moments are written. Chinese is the source language, English a catalogue."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, g, has_request_context, request
from flask_babel import (
    Babel,
    force_locale,
    get_locale,
    get_translations,
    gettext,
    lazy_gettext,
    ngettext,
    pgettext,
)

from core import clock
from core.config import settings

__all__ = ["LANGUAGES", "force_locale", "gettext", "ngettext", "pgettext"]

_ = gettext
_l = lazy_gettext

LANGUAGES = {"zh": "zh_Hans", "en": "en"}
HTML_LANG = {"zh": "zh-Hans", "en": "en"}
COOKIE = "lang"
COOKIE_SECONDS = 365 * 24 * 3600


def language() -> str:
    """Return the page's language, `zh` or `en`."""
    if has_request_context():
        if "language" not in g:
            g.language = _chosen() or _cookie() or _accepted()
        return str(g.language)
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "zh"


def _chosen() -> str | None:
    return request.args["lang"] if request.args.get("lang") in LANGUAGES else None


def _cookie() -> str | None:
    return request.cookies[cookie_name(COOKIE)] if request.cookies.get(cookie_name(COOKIE)) in LANGUAGES else None


def _accepted() -> str:
    for wanted, _quality in request.accept_languages:
        if wanted.lower().split("-")[0] in LANGUAGES:
            return wanted.lower().split("-")[0]
    return settings().default_language


def cookie_name(name: str) -> str:
    """Return the cookie's name as sent: with the prefix __Host- when the site is served over https."""
    return "__Host-" + name if settings().is_https else name


def moment(value: datetime) -> str:
    """Write a moment in the site's time zone, with the year unless it is this one's."""
    local = _local(value)
    clause = {"zh": "{date} {time}", "en": "{date}, {time}"}[language()]
    return clause.format(date=_date(local, with_year=not _is_this_year(local)), time=f"{local:%H:%M}")


def day(value: datetime) -> str:
    """Write a moment's day in the site's time zone, always with the year."""
    return _date(_local(value), with_year=True)


def short_day(value: datetime) -> str:
    """Write a moment's day in the site's time zone, with the year unless it is this one's."""
    local = _local(value)
    return _date(local, with_year=not _is_this_year(local))


def time_of_day(value: datetime) -> str:
    """Write the hour and minute of a moment in the site's time zone."""
    return f"{_local(value):%H:%M}"


def _date(local: datetime, *, with_year: bool) -> str:
    """Write a date as CLDR has it, by hand: Babel takes fifty times as long, and a page has a hundred."""
    if language() == "zh":
        return f"{local.year}年{local.month}月{local.day}日" if with_year else f"{local.month}月{local.day}日"
    return f"{local.day} {_MONTHS[local.month - 1]}{f' {local.year}' if with_year else ''}"


_MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905


def _local(value: datetime) -> datetime:
    return value.astimezone(settings().timezone)


def _is_this_year(local: datetime) -> bool:
    return local.year == _local(clock.now()).year


_NUMBERS = {
    "zh": ("一", "两", "三", "四", "五", "六", "七", "八", "九", "十"),
    "en": ("One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"),
}


def number_word(number: int) -> str:
    """Write a small count as people say it before a measure word: 两处, Two things."""
    return _NUMBERS[language()][number - 1] if 0 < number <= len(_NUMBERS["zh"]) else str(number)


def language_link(path: str, wanted: str) -> str:
    """Return the address of this page in another language, its place kept."""
    kept = {
        name: request.args[name]
        for name in (
            "sort",
            "from",
            "before",
            "to",
            "quote",
            "cite",
            "change",
            "about",
            "paragraphs",
            "article",
            "next",
            "q",
            "role",
            "which",
            "block",
            "age",
            "person",
            "act",
            "kind",
            "author",
            "tag",
            "since",
            "until",
        )
        if request.args.get(name)
    }
    return f"{path}?{urlencode(kept | {'lang': wanted})}"


def open_languages(app: Flask) -> None:
    """Choose the language of each request and remember a choice made by `?lang=`."""
    Babel(
        app,
        locale_selector=lambda: LANGUAGES[language()] if has_request_context() else "zh_Hans",
        timezone_selector=lambda: str(settings().timezone),
    )
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext=lambda words: _catalogue().ugettext(words),
        ngettext=lambda one, many, count: _catalogue().ungettext(one, many, count),
        pgettext=lambda context, words: _catalogue().upgettext(context, words),
        newstyle=True,
    )
    app.jinja_env.globals.update(
        language=language, language_link=language_link, html_lang=lambda: HTML_LANG[language()]
    )
    app.jinja_env.filters.update(
        number_word=number_word,
        moment=moment,
        day=day,
        short_day=short_day,
        iso=lambda value: value.isoformat(timespec="seconds"),
    )

    @app.after_request
    def remember_choice(response: Response) -> Response:
        if _chosen() and response.mimetype == "text/html":
            keep_cookie(response, COOKIE, language(), COOKIE_SECONDS)
        return response


def _catalogue() -> Any:
    """Return the translations; within a request they are looked for once, for a page holds hundreds of words."""
    if not has_request_context():
        return get_translations()
    if "translations" not in g:
        g.translations = get_translations()
    return g.translations


def keep_cookie(response: Response, name: str, value: str, max_age: int | None) -> None:
    """Set a cookie the way all of ours are set: HttpOnly, Lax, Secure exactly when the site is https."""
    response.set_cookie(
        cookie_name(name), value, max_age=max_age, httponly=True, samesite="Lax", secure=settings().is_https, path="/"
    )
