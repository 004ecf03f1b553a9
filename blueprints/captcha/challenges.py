"""Challenges: signed ids whose answers follow from the site's key, so that opening a form stores nothing.

A challenge may be answered by what its picture shows or by what its sound says. Who answered it beside another mistake gets
a proof: signed like a challenge, under another key, good for one form that is complete.
"""

import secrets
from datetime import timedelta
from string import hexdigits

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from blueprints.captcha.models import CaptchaUse
from blueprints.captcha.speaking import DIGITS
from core import clock, throttle
from core.database import db
from core.errors import DomainError, NotFound
from core.i18n import _
from core.jobs import housekeeping
from core.text import normalized
from core.throttle import Limit
from core.tokens import hash_of, mac, same, short_mac

ALPHABET = "236789ACDEHJKLQRU"  # what is told apart when turned, cut and overlapped
CHARACTERS = 5
DIGITS_SPOKEN = 6
LIFE_SECONDS = 10 * 60
PROOF_SECONDS = 15 * 60
FUTURE_SECONDS = 60  # what another process's clock may be ahead
DRAWINGS_MAX = 5
PICTURES_PER_BLOCK = Limit(30, 60)
SOUNDS_PER_BLOCK = Limit(20, 60)
NUMERALS = str.maketrans("零〇一二三四五六七八九", "00123456789")

_CHALLENGE, _PROOF = "captcha-id", "captcha-proof"


class WrongAnswer(DomainError):
    field = "captcha"


class ChallengeExpired(DomainError):
    """The challenge or proof is too old, was used before, or is not this form's."""

    field = "captcha"


def issue(kind: str, browser: str) -> str:
    """Return the id of a new challenge for one kind of form in one browser."""
    return _signed(_CHALLENGE, kind, browser)


def answer_of(challenge_id: str) -> str:
    """Return the characters the picture shows."""
    return _derived("captcha-answer", challenge_id, ALPHABET, CHARACTERS)


def digits_of(challenge_id: str) -> str:
    """Return the digits the sound says."""
    return _derived("captcha-digits", challenge_id, DIGITS, DIGITS_SPOKEN)


def look_of(challenge_id: str) -> bytes:
    """Return what picture and sound are varied by: asked for again they are the same, so noise does not average out."""
    return mac("captcha-look", challenge_id)


def issued_seconds_ago(challenge_id: str) -> float | None:
    """Return how long ago a challenge says it was issued, None where it does not; whether it is ours is found out when it is used."""
    moment = challenge_id.split(".")[1] if challenge_id.count(".") == 3 else ""
    is_number = 0 < len(moment) < 12 and all(one in hexdigits for one in moment)
    return clock.timestamp() - int(moment, 16) if is_number else None


def is_right(challenge_id: str, kind: str, browser: str, typed: str) -> bool:
    """Tell whether `redeem` would take the answer now, using nothing up: dear work is done for right answers only."""
    if not _is_ours(_CHALLENGE, challenge_id, kind, browser) or not _answers(challenge_id, typed):
        return False
    return not is_used(challenge_id)


def redeem(challenge_id: str, kind: str, browser: str, typed: str) -> None:
    """Use the challenge up, whatever was typed. Raises WrongAnswer, ChallengeExpired; the caller commits in each case."""
    if not _is_ours(_CHALLENGE, challenge_id, kind, browser) or not use_once(challenge_id):
        raise ChallengeExpired(_("验证码过期了，换了一张新的，请再输一次。"))
    if not _answers(challenge_id, typed):
        raise WrongAnswer(_("验证码不对，请看着新图片再输一次。"))


def issue_proof(kind: str, browser: str) -> str:
    """Return a proof that this browser answered a challenge of this kind of form; it stands for one answer."""
    return _signed(_PROOF, kind, browser)


def is_proof(proof: str, kind: str, browser: str) -> bool:
    """Tell whether `spend_proof` would take the proof now, using nothing up."""
    return _is_ours(_PROOF, proof, kind, browser) and not is_used(proof)


def spend_proof(proof: str, kind: str, browser: str) -> None:
    """Use the proof up. Raises ChallengeExpired; the caller commits in each case."""
    if not _is_ours(_PROOF, proof, kind, browser) or not use_once(proof):
        raise ChallengeExpired(_("刚才的验证过期了，请看着新图片再输一次。"))


def may_draw(challenge_id: str, browser: str, address_block: str) -> None:
    """Count a picture. Raises NotFound for an id that is not this browser's or was drawn too often; TooManyRequests."""
    _count("captcha", challenge_id, browser, (f"captcha-block:{address_block}", PICTURES_PER_BLOCK))


def may_speak(challenge_id: str, language: str, browser: str, address_block: str) -> None:
    """Count a sound. Raises NotFound for an id that is not this browser's or was said too often; TooManyRequests."""
    _count(f"captcha-{language}", challenge_id, browser, (f"captcha-sounds:{address_block}", SOUNDS_PER_BLOCK))


def use_once(text: str) -> bool:
    """Note that a challenge, a proof or a solution was used and tell whether it was the first time.

    The primary key decides between two at the same moment.
    """
    if is_used(text):
        return False
    try:
        with db.session.begin_nested():
            db.session.add(CaptchaUse(challenge_id=hash_of(text)))
    except IntegrityError:
        return False
    return True


def is_used(text: str) -> bool:
    """Tell whether `use_once` was told of it before."""
    return db.session.get(CaptchaUse, hash_of(text)) is not None


def _signed(purpose: str, kind: str, browser: str) -> str:
    parts = (secrets.token_hex(16), f"{int(clock.timestamp()):x}", kind)
    return ".".join((*parts, short_mac(purpose, *parts, hash_of(browser))))


def _is_ours(purpose: str, text: str, kind: str, browser: str) -> bool:
    """Tell whether it was signed for this purpose, kind of form and browser, and not too long ago."""
    parts = text.split(".")
    if len(text) > 120 or len(parts) != 4 or parts[2] != kind:
        return False
    if not same(parts[3], short_mac(purpose, *parts[:3], hash_of(browser))):
        return False
    age = clock.timestamp() - int(parts[1], 16)
    return -FUTURE_SECONDS <= age <= (PROOF_SECONDS if purpose == _PROOF else LIFE_SECONDS)


def _derived(purpose: str, challenge_id: str, alphabet: str, length: int) -> str:
    number = int.from_bytes(mac(purpose, challenge_id))
    characters = []
    for _position in range(length):
        number, place = divmod(number, len(alphabet))
        characters.append(alphabet[place])
    return "".join(characters)


def _answers(challenge_id: str, typed: str) -> bool:
    """Compare with picture and sound, both at once: how long it takes tells nothing."""
    plain = "".join(normalized("NFKC", typed[:100]).upper().split())
    return same(plain, answer_of(challenge_id)) | same(plain.translate(NUMERALS), digits_of(challenge_id))


def _count(sense: str, challenge_id: str, browser: str, block: tuple[str, Limit]) -> None:
    """Count for the block first: one that must wait costs nobody a drawing of the challenge."""
    kind = challenge_id.split(".")[2] if challenge_id.count(".") == 3 else ""
    key, drawings = f"{sense}:{challenge_id}", [Limit(DRAWINGS_MAX, LIFE_SECONDS)]
    if not _is_ours(_CHALLENGE, challenge_id, kind, browser) or throttle.wait_seconds(key, drawings):
        raise NotFound(_("没有这个验证码，或者它已经用完了。"))
    throttle.demand(block[0], [block[1]], lambda _wait: _("验证码要得太勤了，请过一会儿再试。"))
    if throttle.take(key, drawings):
        raise NotFound(_("没有这个验证码，或者它已经用完了。"))


@housekeeping
def forget_old_uses() -> None:
    """Drop uses of what has expired anyway: nothing lives longer than 20 minutes."""
    db.session.execute(delete(CaptchaUse).where(CaptchaUse.used_at < clock.now() - timedelta(seconds=2 * LIFE_SECONDS)))
