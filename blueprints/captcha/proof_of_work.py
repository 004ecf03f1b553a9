"""Proof of work: a puzzle that a script solves unseen while somebody fills a form in. It is extra, never a condition.

The puzzle is the altcha package's (version 2 of its format): find a counter whose key, derived with PBKDF2, begins with
zeros. It is signed with a key of its form kind and browser, so nothing is stored until a solution is used.
"""

import json
from functools import cache
from types import ModuleType
from typing import Any

from blueprints.captcha.challenges import is_used, use_once
from core import clock
from core.tokens import hash_of, mac

ITERATIONS = 1000  # of one derivation, and the server does one
PREFIX = "00"  # found after 256 derivations on average, and the browser does them
LIFE_SECONDS = 10 * 60
PAYLOAD_MAX = 2000


def puzzle(kind: str, browser: str) -> str:
    """Return a new puzzle for one kind of form in one browser, as JSON."""
    made = _altcha().create_challenge(
        "PBKDF2/SHA-256",
        ITERATIONS,
        key_prefix=PREFIX,
        expires_at=int(clock.timestamp()) + LIFE_SECONDS,
        hmac_secret=_key(kind, browser),
    )
    return json.dumps(made.to_dict(), separators=(",", ":"))


def is_solved(payload: str, kind: str, browser: str) -> bool:
    """Tell whether `spend_solution` would take the solution now, using nothing up."""
    solved = _solved(payload, kind, browser)
    return solved is not None and not is_used(solved)


def spend_solution(payload: str, kind: str, browser: str) -> bool:
    """Use the solution up and tell whether it was good; called inside `writing()`, the caller commits."""
    solved = _solved(payload, kind, browser)
    return solved is not None and use_once(solved)


def _solved(payload: str, kind: str, browser: str) -> str | None:
    """Return the name of the solved puzzle, None for what solves none of ours; however it is encoded, the name is one."""
    read = _read(payload)
    if read is None or not _altcha().verify_solution(read, _key(kind, browser)).verified:
        return None
    if read.challenge.parameters.expires_at <= clock.timestamp():
        return None
    return f"proof-of-work:{read.challenge.signature}"


def _read(payload: str) -> Any | None:
    if not isinstance(payload, str) or len(payload) > PAYLOAD_MAX:
        return None
    try:
        return _altcha().Payload.from_base64(payload)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _key(kind: str, browser: str) -> bytes:
    return mac("proof-of-work", kind, hash_of(browser))


@cache
def _altcha() -> ModuleType:
    """The package is imported with the first puzzle: few pages carry one."""
    import altcha

    return altcha
