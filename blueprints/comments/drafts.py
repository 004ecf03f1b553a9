"""What somebody sends as a reply, with everything made of it before anything is written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from blueprints.articles.models import Article
from blueprints.auth.models import User
from blueprints.comments.models import Comment
from core.database import db
from core.forms import email_key
from core.markup import render_comment
from core.tokens import hash_of

FLOORS_LINKED = 50
_FLOOR = re.compile(r"(?<![\w#&/])#(?P<english>\d{1,7})(?!\w)|(?<!\d)(?P<chinese>\d{1,7}) ?楼", re.ASCII)


@dataclass(frozen=True)
class Draft:
    """What somebody sends, checked by the form, with its HTML made before anything is written.

    `honeypot` is what stands in the field nobody sees; `age_seconds` how old the form was, where it was made for this person.
    """

    nickname: str
    email: str | None
    body: str
    body_html: str
    parent_id: int | None
    address_block: str
    user_id: int | None = None
    writer_token: str | None = None
    honeypot: str = ""
    quote: str | None = None
    notify: bool = False
    age_seconds: float | None = None

    @property
    def writer(self) -> str:
        """What two sendings by one writer share: the account, else address and nickname."""
        return f"user {self.user_id}" if self.user_id else f"guest {email_key(self.email or '')} {self.nickname}"

    def send_key(self, article: Article) -> str:
        return hash_of(f"{article.id} {self.parent_id or 0} {self.writer}\n{self.body}")


def draft_of(body: str, *, nickname: str, email: str | None, user: User | None, html: str = "", **more: Any) -> Draft:
    """Return a draft with its HTML; an account writes under its own name and gives no address."""
    name, address, user_id = (user.username, None, user.id) if user is not None else (nickname, email, None)
    return Draft(name, address, body, html or render_comment(body), user_id=user_id, **more)


def draft_again(comment: Comment, body: str, body_html: str) -> Draft:
    """Return what a stored reply would be sent as with this text."""
    return Draft(
        nickname=comment.nickname,
        email=comment.email,
        body=body,
        body_html=body_html,
        parent_id=comment.parent_id,
        address_block=comment.address_block or "",
        user_id=comment.user_id,
    )


def html_of(article: Article, body: str) -> str:
    """Return the HTML of a reply under this article; the floors it names become links to what stands there."""
    return render_comment(body, _floors_named(article, body))


def _floors_named(article: Article, body: str) -> Mapping[str, str]:
    named = {
        found[0]: int(found["chinese"] or found["english"]) for found in list(_FLOOR.finditer(body))[:FLOORS_LINKED]
    }
    if not named:
        return {}
    there = select(Comment.floor, Comment.id).where(Comment.article_id == article.id, Comment.floor.in_(named.values()))
    ids = {row.floor: row.id for row in db.session.execute(there)}
    return {words: f"/comments/{ids[floor]}" for words, floor in named.items() if floor in ids}
