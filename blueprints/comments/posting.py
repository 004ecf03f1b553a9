"""Posting a reply: once, however often it is sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from blueprints.articles.models import Article
from blueprints.comments.bans import Writer, demand_not_banned
from blueprints.comments.drafts import Draft
from blueprints.comments.events import comment_held
from blueprints.comments.floods import join_family
from blueprints.comments.guests import ask_for_letters, ask_for_proof, may_prove
from blueprints.comments.models import Comment, Status
from blueprints.comments.ownership import demand_free
from blueprints.comments.screening import ProofWanted, Seen, Verdict, examine, judge
from blueprints.comments.thread_queries import NOBODY, Whose
from blueprints.comments.visibility import publish
from core import clock, throttle
from core.config import settings
from core.database import db
from core.errors import Conflict, DomainError, Gone
from core.forms import email_key
from core.i18n import _, _l, ngettext
from core.throttle import Limit
from core.tokens import hash_of, letter_token

SAME_TEXT = timedelta(hours=24)
COOKIE_AGAIN = timedelta(minutes=10)


CLOSED = _l("刚刚关闭了回复。你写的内容在下面，可以复制。")
WITHDRAWN = _l("这篇文章刚刚撤下了。你写的内容在下面，可以复制。")


class CommentsClosed(Conflict):
    pass


class ParentGone(DomainError):
    field = "body"


@dataclass(frozen=True)
class Posted:
    """The stored reply; `is_new` is False when it was stored before. `writer_token` is for the cookie, None for no cookie."""

    comment: Comment
    is_new: bool
    writer_token: str | None


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


def post_comment(
    article: Article, draft: Draft, whose: Whose = NOBODY, *, proof: str | None = None, seen: Seen | None = None
) -> Posted:
    """Store a reply, published or pending as the screening decides; a copy that came in meanwhile is returned instead.

    `proof` is what shows that a person writes: "captcha", or "mail" for a letter whose link will publish the reply; `seen` what
    `examine` saw before the transaction began.
    Raises CommentsClosed, ParentGone, NicknameTaken, Banned, WordRefused, ProofWanted.
    """
    db.session.refresh(article)
    _check(article, draft)
    if copy := earlier_copy(article, draft):
        return copy
    comment, token = _row(article, draft)
    seen = seen or examine(article, draft, whose)
    verdict, by_mail = _weighed(seen, draft, whose, proof)
    verdict.mark(comment)
    old = update(Comment).where(
        Comment.send_key == draft.send_key(article), Comment.created_at <= clock.now() - SAME_TEXT
    )
    db.session.execute(old.values(send_key=None))
    try:
        with db.session.begin_nested():
            db.session.add(comment)
    except IntegrityError:
        if copy := earlier_copy(article, draft):
            return copy
        raise
    join_family(comment, verdict.company)
    _settle(comment, draft, whose, by_mail=by_mail)
    return Posted(comment, True, token)


def _weighed(seen: Seen, draft: Draft, whose: Whose, proof: str | None) -> tuple[Verdict, bool]:
    """Return the verdict, and whether a letter's link is to publish the reply.

    Where this browser opened such a link of the address before, no other is needed; where no letter may go, none is a proof.
    """
    is_shown = draft.email is not None and whose.email_key == email_key(draft.email)
    by_mail = proof == "mail" and not is_shown
    is_promised = by_mail and may_prove(draft.email or "")
    is_person = is_promised or (proof is not None and not by_mail)
    try:
        return judge(seen, is_guest=draft.user_id is None, is_person=is_person), is_promised
    except ProofWanted:
        if not by_mail:
            raise
        raise ProofWanted(_("现在不能再给这个邮箱写信，请回答验证码。内容还在。")) from None


def _settle(comment: Comment, draft: Draft, whose: Whose, *, by_mail: bool) -> None:
    """Publish the new row or let it wait, and take up the wish for letters."""
    if draft.user_id is not None and draft.notify:
        comment.notify, comment.notify_since = True, comment.created_at
    elif draft.notify:
        ask_for_letters(comment, is_known=_is_known(comment, whose))
    if comment.held_reason is not None:
        comment_held.send(comment)
    elif by_mail:
        ask_for_proof(comment)
    else:
        publish(comment)


def _is_known(comment: Comment, whose: Whose) -> bool:
    """Tell whether this browser was shown to belong to the address: by the link of a letter, now or under an earlier reply."""
    if whose.email_key == comment.email_key:
        return True
    earlier = select(Comment.id).where(
        Comment.writer_hash == comment.writer_hash,
        Comment.email_key == comment.email_key,
        Comment.notify_since.is_not(None),
    )
    return db.session.scalar(earlier.limit(1)) is not None


def _row(article: Article, draft: Draft) -> tuple[Comment, str | None]:
    """Return the row to store and, for a guest, the token of the writer's cookie."""
    send_key, now = draft.send_key(article), clock.now()
    token = None if draft.user_id else draft.writer_token or _first_token(send_key, now)
    comment = _comment(article, draft, created_at=now)
    comment.user_id, comment.send_key = draft.user_id, send_key
    comment.is_by_author = draft.user_id is not None and draft.user_id == article.author_id
    comment.writer_hash = hash_of(token) if token else None
    comment.address_block = draft.address_block
    return comment, token


def _comment(article: Article, draft: Draft, *, created_at: datetime) -> Comment:
    return Comment(
        article_id=article.id,
        parent_id=draft.parent_id,
        nickname=draft.nickname,
        email=draft.email,
        email_key=email_key(draft.email) if draft.email else None,
        body=draft.body,
        body_html=draft.body_html,
        quote=draft.quote,
        created_at=created_at,
    )


def place_comment(article: Article, draft: Draft, *, is_by_author: bool, published_at: datetime) -> Comment:
    """Store a reply that was published elsewhere at `published_at`."""
    comment = _comment(article, draft, created_at=published_at)
    comment.is_by_author, comment.published_at = is_by_author, published_at
    db.session.add(comment)
    db.session.flush()
    publish(comment)
    return comment


def _check(article: Article, draft: Draft) -> None:
    if article.withdrawn_at is not None:
        raise Gone(WITHDRAWN)
    if not article.takes_replies:
        raise CommentsClosed(CLOSED)
    if draft.parent_id is not None:
        parent = db.session.get(Comment, draft.parent_id)
        if parent is None or parent.article_id != article.id or parent.status is not Status.PUBLISHED:
            raise ParentGone(_("你要回复的那一条已经不在了。内容还在，可以直接发表。"))
    if draft.user_id is None:
        demand_free(draft.nickname)
    demand_not_banned(_writer(draft))


def _writer(draft: Draft) -> Writer:
    if draft.user_id is not None:
        return Writer(user_id=draft.user_id)
    token = draft.writer_token
    return Writer(None, email_key(draft.email or ""), hash_of(token) if token else None, draft.address_block)


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
