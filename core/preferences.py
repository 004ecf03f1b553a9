"""How pages look in one browser: what somebody chose in the reading settings, in a cookie from the moment they saved it."""

from collections.abc import Iterable

from flask import Flask, Response, request

from core.config import settings
from core.i18n import cookie_name, keep_cookie

COOKIE = "prefs"
COOKIE_SECONDS = 365 * 24 * 3600
COOKIE_MAX = 200  # characters; ours have at most 79

CHOICES = {
    "theme": ("device", "light", "dark"),
    "face": ("hei", "song"),
    "size": ("normal", "small", "large", "larger"),
    "indent": ("off", "on"),
    "paragraphs": ("off", "on"),
    "shortcuts": ("off", "on"),
}  # the first of each is what pages have when nothing was chosen

Pairs = Iterable[tuple[str, str]]


def preferences() -> dict[str, str]:
    """Return every choice by its name; `?paragraphs=1` and `=0` hold for one page."""
    chosen = dict(_known(_cookie()))
    if request.args.get("paragraphs") in ("0", "1"):
        chosen["paragraphs"] = "on" if request.args["paragraphs"] == "1" else "off"
    return {name: chosen.get(name, words[0]) for name, words in CHOICES.items()}


def root_attributes() -> dict[str, str]:
    """Return what the page's root element carries for the sheet and the script: choices that differ from the usual."""
    return {f"data-{name}": word for name, word in preferences().items() if word != CHOICES[name][0]}


def keep_preferences(response: Response, pairs: Pairs) -> None:
    """Keep what was chosen, unknown words left out, in one spelling: `theme-dark.size-large`. Nothing chosen, no cookie."""
    chosen = dict(_known(pairs))
    written = ".".join(f"{name}-{chosen[name]}" for name in CHOICES if name in chosen)
    if written:
        keep_cookie(response, COOKIE, written, COOKIE_SECONDS)
    else:
        response.delete_cookie(cookie_name(COOKIE), secure=settings().is_https, httponly=True, samesite="Lax")


def _cookie() -> Pairs:
    kept = request.cookies.get(cookie_name(COOKIE), "")
    parts = (part.partition("-") for part in kept[:COOKIE_MAX].split("."))
    return ((name, word) for name, _hyphen, word in parts)


def _known(pairs: Pairs) -> Pairs:
    return ((name, word) for name, word in pairs if word in CHOICES.get(name, ())[1:])


def open_preferences(app: Flask) -> None:
    """Let templates know how this browser wants pages."""
    app.jinja_env.globals.update(preferences=preferences, root_attributes=root_attributes)
