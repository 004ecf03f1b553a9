"""The door to share pictures."""

from flask import Blueprint, Response

from blueprints.articles.queries import article_by_slug
from blueprints.auth.login import origin
from blueprints.feeds.share_pictures import card_of, share_picture
from core.security import for_everyone

bp = Blueprint("share", __name__)


@bp.get("/articles/<slug>/share.png")
def picture(slug):
    """Show what stands beside a shared link to an article; other sites may show it."""
    drawn = Response(share_picture(card_of(article_by_slug(slug)), origin().address_block), mimetype="image/png")
    drawn.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return for_everyone(drawn)
