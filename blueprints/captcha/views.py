"""The door to the pictures."""

from flask import Blueprint, Response, request

from blueprints.captcha.challenges import answer_of, may_draw
from blueprints.captcha.drawing import picture_of
from core.forms import browser_key
from core.security import address_block

bp = Blueprint("captcha", __name__, cli_group=None)


@bp.get("/captcha/<challenge_id>.png")
def show(challenge_id):
    """Show the picture of a challenge to the browser it was made for."""
    may_draw(challenge_id, browser_key(), address_block(request.remote_addr or ""))
    return Response(picture_of(answer_of(challenge_id)), mimetype="image/png", headers={"Cache-Control": "no-store"})
