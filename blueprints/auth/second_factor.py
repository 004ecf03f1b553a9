"""The second step of logging in: one-time codes from an app (RFC 6238), recovery codes on paper; passkeys are next door."""

import secrets
from base64 import b32encode
from collections.abc import Mapping
from typing import Any

import pyotp
import segno
from sqlalchemy import delete, func, select, update

from blueprints.auth.account_log import Origin, note
from blueprints.auth.models import Deed, Passkey, RecoveryCode, User
from core import clock, throttle
from core.config import settings
from core.database import db
from core.errors import DomainError, NotFound
from core.i18n import _, ngettext
from core.jobs import queue
from core.mail import Letter, site_link, writes
from core.text import normalized
from core.throttle import Limit
from core.tokens import mac, new_token, short_mac

RECOVERY_CODES = 10
RECOVERY_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
CODE_TRIES = (Limit(10, 10 * 60), Limit(30, 24 * 3600))
STEP_SECONDS = 30


class WrongFactor(DomainError):
    field = "code"


def new_seed() -> str:
    """Return what an app's key is made from; the key itself is stored nowhere."""
    return new_token()


def key_of(seed: str) -> str:
    """Return the key an app is given, 160 bits in base32 (RFC 4226, 4)."""
    return b32encode(mac("totp", seed)[:20]).decode()


def address_of(user: User, seed: str) -> str:
    """Return the otpauth address that an app reads from the picture."""
    return pyotp.TOTP(key_of(seed)).provisioning_uri(name=user.username, issuer_name=settings().site_name)


def picture_of_key(address: str) -> tuple[int, str]:
    """Return the side of a QR code in modules, its quiet zone included, and its dark modules as an SVG path."""
    rows = list(segno.make(address, error="m", micro=False).matrix_iter(border=4))
    dark = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, module in enumerate(row) if module)
    return len(rows), "".join(dark)


def count_factor_try(user_id: int) -> None:
    """Count one try at the second step, asked before the write transaction. Raises TooManyRequests."""

    def words(wait: int) -> str:
        return str(
            ngettext("试得太多了，请 %(num)s 分钟后再试。", "试得太多了，请 %(num)s 分钟后再试。", -(-wait // 60))
        )

    throttle.demand(f"factor:{user_id}", CODE_TRIES, words)


def check_code(user: User, code: str, origin: Origin) -> None:
    """Take a one-time code of the app or a recovery code; each is good once. Raises WrongFactor."""
    typed = "".join(normalized("NFKC", code).split()).replace("-", "").lower()
    if typed.isascii() and typed.isdigit() and user.totp_seed and _use_step(user, key_of(user.totp_seed), typed):
        return
    used = update(RecoveryCode).where(RecoveryCode.code_hash == _code_hash(user, typed), RecoveryCode.used_at.is_(None))
    if db.session.execute(used.values(used_at=clock.now()).returning(RecoveryCode.id)).first() is None:
        factor_failed(user, origin)
        raise WrongFactor(_("动态码不对，或者已经用过。"))
    note(Deed.RECOVERY_CODE_USED, user, origin)


def factor_failed(user: User, origin: Origin) -> None:
    """Note a failed second step; ten in a row, behind the right password, are told by letter."""
    note(Deed.LOGIN_FAILED, user, origin)
    if throttle.count(f"factor:{user.id}", CODE_TRIES[0].seconds) == CODE_TRIES[0].count:
        queue("factor_guessed", {"user": user.id})


@writes("factor_guessed")
def factor_guessed_letter(payload: Mapping[str, Any]) -> Letter | None:
    """Tell the owner that somebody has the password and guesses at the second step."""
    user = db.session.get(User, payload["user"])
    if user is None:
        return None
    link = site_link("recovery.forgot_password")
    return Letter(user.email, "factor_guessed", {"username": user.username}, link, user.language)


def _use_step(user: User, key: str, typed: str) -> bool:
    """Tell whether the code is this moment's, or its neighbours', and of a later moment than the last one taken."""
    now = int(clock.timestamp()) // STEP_SECONDS
    app = pyotp.HOTP(key)
    step = next((one for one in (now, now - 1, now + 1) if secrets.compare_digest(app.at(one), typed)), None)
    if step is None:
        return False
    later = update(User).where(User.id == user.id, User.totp_last_step < step).values(totp_last_step=step)
    return db.session.execute(later.returning(User.id)).first() is not None


def add_app(user: User, seed: str, code: str, origin: Origin) -> list[str]:
    """Set the app up once it shows the right code; return the recovery codes when these are the first. Raises WrongFactor."""
    if not code.isascii() or not _use_step(user, key_of(seed), code):
        raise WrongFactor(_("动态码不对。看看手机的时间准不准，再输一次。"))
    user.totp_seed = seed
    return factor_added(user, origin)


def factor_added(user: User, origin: Origin) -> list[str]:
    """Note that a second factor was added, tell the owner by letter, and return new recovery codes when it is the first."""
    is_first = not user.has_second_factor
    user.has_second_factor = True
    note(Deed.FACTOR_ADDED, user, origin)
    queue("factor_changed", {"user": user.id, "added": True})
    return new_recovery_codes(user) if is_first else []


def remove_app(user: User, origin: Origin) -> None:
    """Forget the app's key. Raises NotFound."""
    if user.totp_seed is None:
        raise NotFound(_("没有设置验证器。"))
    user.totp_seed = None
    factor_removed(user, origin)


def remove_factors(user: User) -> None:
    """Take every second factor from an account whose owner has lost them, at the site's owner's word."""
    user.totp_seed = None
    db.session.execute(delete(Passkey).where(Passkey.user_id == user.id))
    factor_removed(user, Origin())


def factor_removed(user: User, origin: Origin) -> None:
    """Note that a factor is gone; with the last one the recovery codes go, too."""
    db.session.flush()
    has_passkey = db.session.scalar(select(Passkey.id).where(Passkey.user_id == user.id).limit(1))
    user.has_second_factor = bool(user.totp_seed or has_passkey)
    if not user.has_second_factor:
        db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    note(Deed.FACTOR_REMOVED, user, origin)
    queue("factor_changed", {"user": user.id, "added": False})


@writes("factor_changed")
def factor_changed_letter(payload: Mapping[str, Any]) -> Letter | None:
    """Tell the owner that a second factor was added or removed."""
    user = db.session.get(User, payload["user"])
    if user is None:
        return None
    values = {"username": user.username, "added": payload["added"]}
    return Letter(user.email, "factor_changed", values, site_link("recovery.forgot_password"), user.language)


def new_recovery_codes(user: User) -> list[str]:
    """Return ten new codes, to be shown once; older ones are dead."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = ["".join(secrets.choice(RECOVERY_ALPHABET) for _letter in range(12)) for _code in range(RECOVERY_CODES)]
    db.session.add_all(RecoveryCode(user_id=user.id, code_hash=_code_hash(user, code)) for code in codes)
    return ["-".join((code[:4], code[4:8], code[8:])) for code in codes]


def recovery_codes_left(user: User) -> int:
    """Return how many recovery codes are not used yet."""
    unused = select(func.count()).select_from(RecoveryCode)
    return db.session.scalar(unused.where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))) or 0


def _code_hash(user: User, code: str) -> str:
    return short_mac("recovery-code", user.id, code)
