"""Passkeys (W3C WebAuthn, level 2) as the second step of logging in. They need a name for the site; an IP address is none."""

import hashlib
import json
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from blueprints.auth.account_log import Origin
from blueprints.auth.models import Passkey, User
from blueprints.auth.second_factor import WrongFactor, factor_added, factor_failed, factor_removed
from core import clock
from core.config import settings
from core.database import db
from core.errors import NotFound
from core.i18n import _
from core.tokens import new_token, read_signed, sign

CEREMONY_SECONDS = 10 * 60
PASSKEYS_MAX = 20


def are_possible(origin: str) -> bool:
    """Tell whether browsers take passkeys for this address of the site."""
    name = urlsplit(origin).hostname or ""
    try:
        ip_address(name)
    except ValueError:
        return name == "localhost" or origin.startswith("https://")
    return False


def begin_ceremony(purpose: str, whose: str) -> str:
    """Return a signed, dated text the browser's answer is bound to; the challenge follows from it."""
    return sign(f"passkey-{purpose}", [new_token(), whose])


def creation_options(user: User, ceremony: str, origin: str) -> str:
    """Return what a browser needs to make a passkey, as JSON."""
    webauthn = _webauthn()
    options = webauthn.generate_registration_options(
        rp_id=_name(origin),
        rp_name=settings().site_name,
        user_name=user.username,
        user_id=hashlib.sha256(f"{user.id}".encode()).digest(),
        challenge=_challenge(ceremony),
        exclude_credentials=_descriptors(user),
    )
    return str(webauthn.options_to_json(options))


def request_options(user: User, ceremony: str, origin: str) -> str:
    """Return what a browser needs to use one of the account's passkeys, as JSON."""
    webauthn = _webauthn()
    options = webauthn.generate_authentication_options(
        rp_id=_name(origin), challenge=_challenge(ceremony), allow_credentials=_descriptors(user)
    )
    return str(webauthn.options_to_json(options))


def add_passkey(
    user: User, answer: str, ceremony: str, whose: str, *, site: str, name: str, origin: Origin
) -> list[str]:
    """Store the passkey a browser made; return the recovery codes when it is the first factor. Raises WrongFactor."""
    _demand_ceremony("create", ceremony, whose)
    verify = _webauthn().verify_registration_response
    made = _verified(verify, answer, ceremony, site)
    webauthn = _webauthn()
    row = Passkey(
        user_id=user.id,
        credential_id=webauthn.helpers.bytes_to_base64url(made.credential_id),
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=name,
    )
    if len(passkeys_of(user)) >= PASSKEYS_MAX:
        raise WrongFactor(_("通行密钥最多 %(high)s 个，先移除一个。", high=PASSKEYS_MAX), field="passkey")
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        raise WrongFactor(_("这个通行密钥已经在用了。"), field="passkey") from None
    return factor_added(user, origin)


def check_passkey(user: User, answer: str, ceremony: str, whose: str, *, site: str, origin: Origin) -> None:
    """Take a browser's answer made with one of the account's passkeys. Raises WrongFactor."""
    try:
        _demand_ceremony("use", ceremony, whose)
        row = db.session.scalar(
            select(Passkey).where(Passkey.user_id == user.id, Passkey.credential_id == _credential_id(answer))
        )
        if row is None:
            raise WrongFactor(_("没有用成通行密钥。再试一次，或者用动态码。"), field="passkey")
        known = {"credential_public_key": row.public_key, "credential_current_sign_count": row.sign_count}
        used = _verified(_webauthn().verify_authentication_response, answer, ceremony, site, **known)
    except WrongFactor:
        factor_failed(user, origin)
        raise
    row.sign_count, row.used_at = used.new_sign_count, clock.now()


def remove_passkey(user: User, passkey_id: int, origin: Origin) -> None:
    """Forget one of the account's passkeys. Raises NotFound."""
    row = db.session.scalar(select(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == user.id))
    if row is None:
        raise NotFound(_("没有这个通行密钥。"))
    db.session.delete(row)
    factor_removed(user, origin)


def passkeys_of(user: User) -> list[Passkey]:
    """Return the account's passkeys, oldest first."""
    return list(db.session.scalars(select(Passkey).where(Passkey.user_id == user.id).order_by(Passkey.id)))


def _verified(verify: Any, answer: str, ceremony: str, site: str, **known: Any) -> Any:
    """Return what the package made of a browser's answer; whatever it stumbles over in a stranger's bytes is a refusal."""
    try:
        return verify(
            credential=answer,
            expected_challenge=_challenge(ceremony),
            expected_rp_id=_name(site),
            expected_origin=site,
            **known,
        )
    except Exception as problem:
        raise WrongFactor(_("没有用成通行密钥。再试一次，或者用动态码。"), field="passkey") from problem


def _demand_ceremony(purpose: str, ceremony: str, whose: str) -> None:
    signed = read_signed(f"passkey-{purpose}", ceremony, CEREMONY_SECONDS)
    if not isinstance(signed, list) or signed[-1] != whose:
        raise WrongFactor(_("页面放得太久了，请再试一次。"), field="passkey")


def _credential_id(answer: str) -> str:
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        return ""
    known = str(found.get("id", "")) if isinstance(found, dict) else ""
    return known if known.isascii() and known.isprintable() else ""


def _descriptors(user: User) -> list[Any]:
    helpers = _webauthn().helpers
    kind = helpers.structs.PublicKeyCredentialDescriptor
    return [kind(id=helpers.base64url_to_bytes(row.credential_id)) for row in passkeys_of(user)]


def _challenge(ceremony: str) -> bytes:
    return hashlib.sha256(ceremony.encode("utf-8", "surrogatepass")).digest()


def _name(origin: str) -> str:
    return urlsplit(origin).hostname or ""


def _webauthn() -> Any:
    """The package brings a library of cryptography: it is imported with the first passkey."""
    import webauthn

    return webauthn
