"""What administrators do with other people's accounts: roles, pauses, ending sessions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from blueprints.auth.account_log import Origin, note
from blueprints.auth.models import Deed, LoginSession, Role, User
from blueprints.auth.recovery import request_reset
from core import clock
from core.config import settings
from core.database import db
from core.errors import Conflict, NotAllowed
from core.i18n import _, pgettext
from core.jobs import queue
from core.mail import Letter, site_link, writes

REASON_MAX = 200


def role_names() -> dict[str, str]:
    """Return what each role is called, the one with the fewest rights first."""
    names = (_("读者"), pgettext("role", "作者"), _("版主"), _("管理员"))
    return dict(zip((role.value for role in Role), names, strict=True))


def change_role(user: User, role: Role, *, actor: User, origin: Origin) -> None:
    """Give the account another role. Its sessions end, so that every right begins with a new log-in.

    Whoever comes to decide or configure sets a new password by letter, for nobody knows how long the present one is.
    Raises NotAllowed, Conflict when it is the role already.
    """
    _demand_right(actor, user)
    if role is user.role:
        raise Conflict(_("身份本来就是这个，什么也没有变。"), field="role")
    before, user.role = user.role, role
    _end_sessions(user)
    needs_password = role.may_moderate and not before.may_moderate
    if needs_password:
        user.password_hash = None
        request_reset(user.email)
    queue("role_changed", {"user": user.id, "role": role.value, "needs_password": needs_password})
    note(Deed.ROLE_CHANGED, user, origin, actor=actor, detail=f"{before.value} → {role.value}")


def pause(user: User, reason: str, until: datetime | None, *, actor: User, origin: Origin) -> None:
    """Keep somebody out until a moment, or until they are let in again; told with the reason.

    Raises NotAllowed, Conflict when somebody else was first.
    """
    _demand_right(actor, user)
    if user.is_paused:
        raise Conflict(_("这个账号已经停用，理由是：%(reason)s。", reason=user.pause_reason or "—"), field="reason")
    user.paused_at, user.paused_until, user.pause_reason = clock.now(), until, reason
    _end_sessions(user)
    queue("paused", {"user": user.id})
    note(Deed.PAUSED, user, origin, actor=actor, detail=reason)


def resume(user: User, *, actor: User, origin: Origin) -> None:
    """Let somebody in again. Raises NotAllowed."""
    _demand_right(actor, user)
    if user.paused_at is None:
        return
    user.paused_at = user.paused_until = user.pause_reason = None
    note(Deed.RESUMED, user, origin, actor=actor)


def end_sessions_of(user: User, *, actor: User, origin: Origin) -> None:
    """Log somebody out everywhere. Raises NotAllowed."""
    _demand_right(actor, user)
    _end_sessions(user)
    note(Deed.SESSION_ENDED, user, origin, actor=actor)


def _demand_right(actor: User, user: User) -> None:
    """Read both again and hold them: of two administrators who act on each other at one moment, one stays."""
    both = select(User).where(User.id.in_((actor.id, user.id))).order_by(User.id).with_for_update()
    db.session.scalars(both.execution_options(populate_existing=True)).all()
    if user.id == actor.id:
        raise NotAllowed(_("不能对自己的账号这样做，请另一位管理员来。"))
    if actor.is_paused or not actor.role.may_configure:
        raise NotAllowed(_("这里只有管理员能进。"))


def _end_sessions(user: User) -> None:
    db.session.execute(delete(LoginSession).where(LoginSession.user_id == user.id))


@writes("role_changed")
def role_changed_letter(payload: Mapping[str, Any]) -> Letter | None:
    """Tell somebody what they may do now."""
    user = db.session.get(User, payload["user"])
    if user is None:
        return None
    values = {
        "username": user.username,
        "role": payload["role"],
        "needs_password": payload["needs_password"],
        "contact": settings().contact,
    }
    return Letter(user.email, "role_changed", values, site_link("auth.login"), user.language)


@writes("paused")
def paused_letter(payload: Mapping[str, Any]) -> Letter | None:
    """Tell somebody that their account is paused, until when and why."""
    user = db.session.get(User, payload["user"])
    if user is None or not user.is_paused:
        return None
    values = {
        "username": user.username,
        "reason": user.pause_reason or "—",
        "until": user.paused_until,
        "contact": settings().contact,
    }
    return Letter(user.email, "paused", values, language=user.language)
