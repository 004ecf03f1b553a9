"""Posting a reply: once, however often it is sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from blueprints.articles.models import Article
from blueprints.auth.models import User
from blueprints.auth.names import is_of_the_house
from blueprints.comments.models import Comment, Status
from blueprints.comments.screening import reason_to_hold
from blueprints.comments.visibility import publish
from core import clock, throttle
from core.config import settings
from core.database import db
from core.errors import Conflict, DomainError
from core.forms import email_key
from core.i18n import _, ngettext
from core.jobs import housekeeping
from core.markup import render_comment
from core.throttle import Limit
from core.tokens import hash_of, letter_token

SAME_TEXT = timedelta(hours=24)
COOKIE_AGAIN = timedelta(minutes=10)
ADDRESS_KEPT = timedelta(days=90)


class CommentsClosed(Conflict):
    pass


class NicknameTaken(DomainError):
    field = "nickname"


class ParentGone(DomainError):
    field = "body"


@dataclass(frozen=True)
class Draft:
    """What somebody sends, checked by the form, with its HTML made before anything is written."""

    nickname: str
    email: str | None
    body: str
    body_html: str
    parent_id: int | None
    address_block: str
    user_id: int | None = None
    writer_token: str | None = None
    honeypot: str = ""

    @property
    def writer(self) -> str:
        """What two sendings by one writer share: the account, else address and nickname."""
        return f"user {self.user_id}" if self.user_id else f"guest {email_key(self.email or '')} {self.nickname}"

    def send_key(self, article: Article) -> str:
        return hash_of(f"{article.id} {self.parent_id or 0} {self.writer}\n{self.body}")


@dataclass(frozen=True)
class Posted:
    """The stored reply; `is_new` is False when it was stored before. `writer_token` is for the cookie, None for no cookie."""

    comment: Comment
    is_new: bool
    writer_token: str | None


def draft_of(
    body: str, *, nickname: str, email: str | None, parent_id: int | None, user: User | None, **more: str | None
) -> Draft:
    """Return a draft with its HTML; an account writes under its own name and gives no address."""
    name, address, user_id = (user.username, None, user.id) if user is not None else (nickname, email, None)
    return Draft(name, address, body, render_comment(body), parent_id, user_id=user_id, **more)  # type: ignore[arg-type]


def earlier_copy(article: Article, draft: Draft) -> Posted | None:
    """Return the same text by the same writer to the same parent, stored within a day; it counts against no limit."""
    same = select(Comment).where(
        Comment.send_key == draft.send_key(article), Comment.created_at > clock.now() - SAME_TEXT
    )
    comment = db.session.scalar(same)
    return None if comment is None else Posted(comment, False, _token_again(comment, draft))


def admit(article: Article, draft: Draft) -> None:
    """Refuse what cannot be posted, then count the reply against the limits of the address block and the account.

    Raises what `post_comment` raises, TooManyRequests, Busy.
    """
    _check(article, draft)
    limits = [Limit(settings().comments_per_minute, 60), Limit(settings().comments_per_10_minutes, 600)]
    keys = [f"comments:{draft.address_block}"] + ([f"comments:user {draft.user_id}"] if draft.user_id else [])
    for key in keys:
        throttle.demand(key, limits, _too_fast, mark=draft.send_key(article))


def _too_fast(wait: int) -> str:
    words = ngettext(
        "发得有点快，请 %(num)s 秒后再发。内容已保留。", "发得有点快，请 %(num)s 秒后再发。内容已保留。", wait
    )
    return str(words)


def post_comment(article: Article, draft: Draft) -> Posted:
    """Store a reply, published or pending as the screening decides; a copy that came in meanwhile is returned instead.

    Raises CommentsClosed, ParentGone, NicknameTaken.
    """
    db.session.refresh(article)
    _check(article, draft)
    if copy := earlier_copy(article, draft):
        return copy
    old = update(Comment).where(
        Comment.send_key == draft.send_key(article), Comment.created_at <= clock.now() - SAME_TEXT
    )
    db.session.execute(old.values(send_key=None))
    comment, token = _row(article, draft)
    try:
        with db.session.begin_nested():
            db.session.add(comment)
    except IntegrityError:
        if copy := earlier_copy(article, draft):
            return copy
        raise
    comment.held_reason = reason_to_hold(comment, honeypot=draft.honeypot)
    if comment.held_reason is None:
        publish(comment)
    return Posted(comment, True, token)


def _row(article: Article, draft: Draft) -> tuple[Comment, str | None]:
    """Return the row to store and, for a guest, the token of the writer's cookie."""
    send_key, now = draft.send_key(article), clock.now()
    token = None if draft.user_id else draft.writer_token or _first_token(send_key, now)
    comment = Comment(
        article_id=article.id,
        parent_id=draft.parent_id,
        user_id=draft.user_id,
        nickname=draft.nickname,
        email=draft.email,
        email_key=email_key(draft.email) if draft.email else None,
        body=draft.body,
        body_html=draft.body_html,
        is_by_author=draft.user_id is not None and draft.user_id == article.author_id,
        created_at=now,
        send_key=send_key,
        writer_hash=hash_of(token) if token else None,
        address_block=draft.address_block,
    )
    return comment, token


def place_comment(article: Article, draft: Draft, *, is_by_author: bool, published_at: datetime) -> Comment:
    """Store a reply that was published elsewhere at `published_at`."""
    comment = Comment(
        article_id=article.id,
        parent_id=draft.parent_id,
        nickname=draft.nickname,
        email=draft.email,
        email_key=email_key(draft.email or ""),
        body=draft.body,
        body_html=draft.body_html,
        is_by_author=is_by_author,
        created_at=published_at,
    )
    db.session.add(comment)
    db.session.flush()
    publish(comment)
    comment.published_at = published_at
    return comment


def _check(article: Article, draft: Draft) -> None:
    if not article.comments_open or article.withdrawn_at is not None:
        raise CommentsClosed(_("刚刚关闭了回复。你写的内容在下面，可以复制。"))
    if draft.parent_id is not None:
        parent = db.session.get(Comment, draft.parent_id)
        if parent is None or parent.article_id != article.id or parent.status is not Status.PUBLISHED:
            raise ParentGone(_("你要回复的那一条已经不在了。内容还在，可以直接发表。"))
    if draft.user_id is None and is_of_the_house(draft.nickname):
        raise NicknameTaken(_("“%(name)s”是这里已有的名字，请换一个昵称，或者登录。", name=draft.nickname))


def _first_token(send_key: str, created_at: object) -> str:
    """A browser without a cookie gets one that follows from its first reply, so that a lost answer can be given again."""
    return letter_token("writer", f"{send_key} {created_at!s}")


def _token_again(comment: Comment, draft: Draft) -> str | None:
    """The cookie goes with a repeated answer only soon after, and only to the same address block."""
    if (
        draft.user_id
        or draft.writer_token
        or comment.address_block != draft.address_block
        or clock.now() - comment.created_at > COOKIE_AGAIN
    ):
        return None
    token = _first_token(comment.send_key or "", comment.created_at)
    return token if comment.writer_hash == hash_of(token) else None


@housekeeping
def forget_addresses() -> None:
    """Erase the address blocks of old replies."""
    old = update(Comment).where(Comment.created_at < clock.now() - ADDRESS_KEPT, Comment.address_block.is_not(None))
    db.session.execute(old.values(address_block=None))
