"""The doors to the pictures and sounds."""

from flask import Blueprint, Response, request

from blueprints.captcha.challenges import answer_of, digits_of, look_of, may_draw, may_speak
from blueprints.captcha.drawing import picture_of
from blueprints.captcha.speaking import sound_of
from core.forms import browser_key
from core.security import address_block

bp = Blueprint("captcha", __name__, cli_group=None)


@bp.get("/captcha/<challenge_id>.png")
def show(challenge_id):
    """Show the picture of a challenge to the browser it was made for."""
    may_draw(challenge_id, browser_key(), address_block(request.remote_addr or ""))
    picture = picture_of(answer_of(challenge_id), look_of(challenge_id))
    return Response(picture, mimetype="image/png", headers={"Cache-Control": "no-store"})


@bp.get("/captcha/<challenge_id>.<any(zh, en):language>.wav")
def speak(challenge_id, language):
    """Say the digits of a challenge to the browser it was made for; players that ask for parts (RFC 9110, 14) get parts."""
    may_speak(challenge_id, language, browser_key(), address_block(request.remote_addr or ""))
    sound = sound_of(digits_of(challenge_id), language, look_of(challenge_id))
    answer = Response(sound, mimetype="audio/wav", headers={"Cache-Control": "no-store"})
    return answer.make_conditional(request, accept_ranges=True, complete_length=len(sound))
