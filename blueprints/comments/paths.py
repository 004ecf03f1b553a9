"""Addresses of replies, put together by hand: a page holds three hundred of them, and `url_for` takes a third of its time."""

from urllib.parse import urlencode

from blueprints.articles.models import Article
from blueprints.comments.thread_queries import Place


def comment_path(comment_id: int, deed: str = "", place: Place | None = None) -> str:
    """Return the permalink of a reply in the order of `place`, or the address of something done with it."""
    order = f"?{urlencode(place.order)}" if place is not None and place.order else ""
    return f"/comments/{comment_id}{'/' if deed else ''}{deed}{order}"


def answer_path(article: Article, comment_id: int, place: Place, *, cite: bool = False) -> str:
    """Return the address of the article's page at `place` with its form answering this reply, its words quoted (`cite`)."""
    query = {**place.here, "to": comment_id} | ({"cite": 1} if cite else {})
    return f"/articles/{article.slug}?{urlencode(query)}#write"
