"""Doors: who may enter a view."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import redirect, request, url_for

from blueprints.auth.login import LoggedOut, visitor
from core.errors import NotAllowed
from core.i18n import _, _l

View = Callable[..., Any]


class FactorMissing(NotAllowed):
    """The role gives no rights before a second factor is set."""

    title = _l("先设置两步验证")
    again = "second_factor.show"


def for_members(view: View) -> View:
    """Let in whoever is logged in, and hand the account to the view; others are led to the log-in and back.

    Raises LoggedOut where they sent a form.
    """

    @wraps(view)
    def guarded(*args: Any, **values: Any) -> Any:
        user = visitor().user
        return view(user, *args, **values) if user is not None else _to_login()

    return guarded


def for_authors(view: View) -> View:
    """Let in whoever publishes, and hand the account to the view. Raises NotAllowed, FactorMissing, LoggedOut."""
    return _for_staff(view, "may_publish", _l("版主和管理员要先设置两步验证，才能进这里。"), _l("这里只有作者能进。"))


def for_moderators(view: View) -> View:
    """Let in whoever decides about replies, and hand the account to the view. Raises NotAllowed, FactorMissing, LoggedOut."""
    return _for_staff(view, "may_moderate", _l("版主要先设置两步验证，才能进这里。"), _l("这里只有版主和管理员能进。"))


def for_administrators(view: View) -> View:
    """Let in administrators only, and hand the account to the view. Raises NotAllowed, FactorMissing, LoggedOut."""
    return _for_staff(view, "may_configure", _l("管理员要先设置两步验证，才能进这里。"), _l("这里只有管理员能进。"))


def _for_staff(view: View, right: str, lacks_factor: object, not_allowed: object) -> View:
    """`right` names what both a role and a visitor may or may not do."""

    @wraps(view)
    def guarded(*args: Any, **values: Any) -> Any:
        who = visitor()
        if who.user is None:
            return _to_login()
        if getattr(who.user.role, right) and who.lacks_factor:
            raise FactorMissing(str(lacks_factor))
        if not getattr(who, right):
            raise NotAllowed(str(not_allowed))
        return view(who.user, *args, **values)

    return guarded


def _to_login() -> Any:
    if request.method not in ("GET", "HEAD"):
        raise LoggedOut(_("登录过期了，没有保存。请登录后再试。"))
    return redirect(url_for("auth.login", next=request.full_path.rstrip("?")), 303)
