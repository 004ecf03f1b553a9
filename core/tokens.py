"""Keys, signatures and random values. One site key; every purpose has a key of its own, so one kind of token is never another."""

import hashlib
import hmac
import secrets
from typing import Any

from flask import current_app
from itsdangerous import BadSignature, TimestampSigner, URLSafeTimedSerializer

from core import clock

TOKEN_BYTES = 32


def new_token() -> str:
    """Return 256 random bits, URL-safe."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(token: str) -> str:
    """Return what is stored of a token: its SHA-256 in hexadecimal."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def mac(purpose: str, *parts: object) -> bytes:
    """Return HMAC-SHA256 of the parts under the key of this purpose."""
    key = hmac.digest(str(current_app.secret_key).encode(), purpose.encode(), "sha256")
    return hmac.digest(key, "\x1f".join(str(part) for part in parts).encode("utf-8", "surrogatepass"), "sha256")


def short_mac(purpose: str, *parts: object) -> str:
    """Return the first 128 bits of `mac` in hexadecimal."""
    return mac(purpose, *parts)[:16].hex()


def same(left: str, right: str) -> bool:
    """Compare two tokens in constant time."""
    return hmac.compare_digest(left.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass"))


def letter_token(purpose: str, seed: str) -> str:
    """Return the token a letter carries, made from a stored random seed and the site key.

    The database holds the seed and the token's hash; without the site key neither gives the token.
    """
    return mac("letter:" + purpose, seed).hex()


def sign(purpose: str, value: Any) -> str:
    """Return `value` signed and dated for `purpose`."""
    return _serializer(purpose).dumps(value)


def read_signed(purpose: str, text: str, age_seconds_max: int) -> Any | None:
    """Return the value signed for `purpose`, None when the text is not ours or too old."""
    try:
        return _serializer(purpose).loads(text, max_age=age_seconds_max)
    except (BadSignature, ValueError):
        return None


def signed_seconds_ago(purpose: str, text: str) -> float | None:
    """Return how long ago something was signed for `purpose`, None when the text is not ours."""
    try:
        signed_at = _serializer(purpose).loads(text, return_timestamp=True)[1]
    except (BadSignature, ValueError):
        return None
    return float((clock.now() - signed_at).total_seconds())


class _Signer(TimestampSigner):
    """Dates what it signs by our clock."""

    def get_timestamp(self) -> int:
        return int(clock.timestamp())


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        str(current_app.secret_key),
        salt="zhishang:" + purpose,
        signer=_Signer,
        signer_kwargs={"digest_method": hashlib.sha256},
    )
