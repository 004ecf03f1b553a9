"""Everything this room stores about an account, for its owner: plain values, no hash, key or token among them."""

from datetime import datetime
from typing import Any

from blueprints.auth.models import User
from blueprints.auth.passkeys import passkeys_of
from blueprints.auth.queries import log_of, pending_address, sessions_of
from blueprints.auth.second_factor import recovery_codes_left

ENTRIES_MAX = 10_000


def stored_about(user: User) -> dict[str, Any]:
    """Return the account, its sessions and its log."""
    return {"account": _account(user), "sessions": _sessions(user), "log": _log(user)}


def _account(user: User) -> dict[str, Any]:
    waiting = pending_address(user)
    return {
        "username": user.username,
        "introduction": user.introduction,
        "email": user.email,
        "new_email": waiting.email if waiting else None,
        "role": user.role.value,
        "language": user.language,
        "tells_new_devices": user.tells_new_devices,
        "registered_at": _moment(user.created_at),
        "has_password": user.password_hash is not None,
        "paused_until": _moment(user.paused_until),
        "pause_reason": user.pause_reason,
        "has_authenticator_app": user.totp_seed is not None,
        "passkeys": [{"name": key.name, "added_at": _moment(key.created_at)} for key in passkeys_of(user)],
        "recovery_codes_left": recovery_codes_left(user),
    }


def _sessions(user: User) -> list[dict[str, Any]]:
    return [
        {
            "device": one.device,
            "address_block": one.address_block,
            "began_at": _moment(one.created_at),
            "seen_at": _moment(one.seen_at),
            "ends_at": _moment(one.expires_at),
        }
        for one in sessions_of(user)
    ]


def _log(user: User) -> list[dict[str, Any]]:
    return [
        {
            "at": _moment(entry.created_at),
            "deed": entry.deed.value,
            "address_block": entry.address_block,
            "device": entry.device,
            "detail": entry.detail,
        }
        for entry in log_of(user, limit=ENTRIES_MAX)
    ]


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
