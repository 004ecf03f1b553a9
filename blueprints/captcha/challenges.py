"""Challenges: signed ids whose answers follow from the site's key, so that opening a form stores nothing."""

import secrets
import unicodedata
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from blueprints.captcha.models import CaptchaUse
from core import clock, throttle
from core.database import db
from core.errors import DomainError, NotFound
from core.i18n import _
from core.jobs import housekeeping
from core.throttle import Limit
from core.tokens import hash_of, mac, same, short_mac

ALPHABET = "2346789ACDEFGHJKLMNPQRTUVWXY"
CHARACTERS = 5
LIFE_SECONDS = 10 * 60
DRAWINGS_MAX = 5
PICTURES_PER_BLOCK = Limit(30, 60)


class WrongAnswer(DomainError):
    field = "captcha"


class ChallengeExpired(DomainError):
    """The challenge is too old, was used before, or is not this form's."""

    field = "captcha"


def issue(kind: str, browser: str) -> str:
    """Return the id of a new challenge for one kind of form in one browser."""
    parts = (secrets.token_hex(16), f"{int(clock.timestamp()):x}", kind)
    return ".".join((*parts, _signature(*parts, browser)))


def answer_of(challenge_id: str) -> str:
    """Return the characters the picture shows."""
    number = int.from_bytes(mac("captcha-answer", challenge_id))
    letters = []
    for _position in range(CHARACTERS):
        number, letter = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[letter])
    return "".join(letters)


def is_right(challenge_id: str, kind: str, browser: str, typed: str) -> bool:
    """Tell whether `redeem` would take the answer now, using nothing up: dear work is done for right answers only."""
    if (
        not _is_ours(challenge_id, browser)
        or challenge_id.split(".")[2] != kind
        or not same(_plain(typed), answer_of(challenge_id))
    ):
        return False
    return db.session.get(CaptchaUse, hash_of(challenge_id)) is None


def redeem(challenge_id: str, kind: str, browser: str, typed: str) -> None:
    """Use the challenge up, whatever was typed. Raises WrongAnswer, ChallengeExpired; the caller commits in each case."""
    if not _is_ours(challenge_id, browser) or challenge_id.split(".")[2] != kind or not _use(challenge_id):
        raise ChallengeExpired(_("验证码过期了，换了一张新的，请再输一次。"))
    if not same(_plain(typed), answer_of(challenge_id)):
        raise WrongAnswer(_("验证码不对，请看着新图片再输一次。"))


def may_draw(challenge_id: str, browser: str, address_block: str) -> None:
    """Count a picture. Raises NotFound for an id that is not this browser's or was drawn too often; TooManyRequests."""
    if not _is_ours(challenge_id, browser):
        raise NotFound(_("没有这张图片。"))
    if throttle.take(f"captcha:{challenge_id}", [Limit(DRAWINGS_MAX, LIFE_SECONDS)]):
        raise NotFound(_("没有这张图片。"))
    throttle.demand(
        f"captcha-block:{address_block}", [PICTURES_PER_BLOCK], lambda _wait: _("图片换得太勤了，请过一会儿再试。")
    )


def _signature(nonce: str, issued: str, kind: str, browser: str) -> str:
    return short_mac("captcha-id", nonce, issued, kind, hash_of(browser))


def _is_ours(challenge_id: str, browser: str) -> bool:
    parts = challenge_id.split(".")
    if (
        len(parts) != 4
        or len(challenge_id) > 120
        or not same(parts[3], _signature(parts[0], parts[1], parts[2], browser))
    ):
        return False
    return 0 <= clock.timestamp() - int(parts[1], 16) + 60 <= LIFE_SECONDS + 60


def _use(challenge_id: str) -> bool:
    """Tell whether this is the first use; the primary key decides between two at the same moment."""
    used = hash_of(challenge_id)
    if db.session.scalar(select(CaptchaUse.challenge_id).where(CaptchaUse.challenge_id == used)):
        return False
    try:
        with db.session.begin_nested():
            db.session.add(CaptchaUse(challenge_id=used))
    except IntegrityError:
        return False
    return True


def _plain(typed: str) -> str:
    return "".join(unicodedata.normalize("NFKC", typed).upper().split())


@housekeeping
def forget_old_uses() -> None:
    """Drop uses of challenges that have expired anyway."""
    db.session.execute(delete(CaptchaUse).where(CaptchaUse.used_at < clock.now() - timedelta(seconds=2 * LIFE_SECONDS)))
