"""Letters to moderators about what waits: at most one an hour each, and one about a flood. They tell what waits when they leave."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, or_, select, update

from blueprints.auth.models import Role, User
from blueprints.comments.models import Appeal, Comment, CommentVersion, Flag, Status
from blueprints.comments.queries import awaits_moderator, version_of, waits_beside
from blueprints.comments.reading import signed
from blueprints.comments.screening_models import Flood
from blueprints.moderation.cases import mail_case
from blueprints.moderation.families import readable
from blueprints.moderation.queries import Waiting, waiting as what_waits, waiting_count
from blueprints.moderation.queue_queries import plain, raw_edit, text_of
from blueprints.moderation.reading import damages_of
from blueprints.notifications.choosing import stored_choice
from blueprints.notifications.digests import latest_morning
from blueprints.notifications.models import Frequency, NotificationChoice
from blueprints.notifications.queries import choice_of
from blueprints.notifications.recipients import here, reach
from blueprints.notifications.stopping import Kind, account_token
from core import clock
from core.config import settings
from core.database import db
from core.deeds import does
from core.jobs import Job, housekeeping, queue
from core.mail import Letter, site_link, writes
from core.text import excerpt, without_links
from core.tokens import new_token

PATIENCE = timedelta(minutes=5)
BETWEEN_LETTERS = timedelta(hours=1)
FLOOD_PAUSE = timedelta(minutes=10)
REPLIES_MAX = 5
LOOKED_AT = 20  # rows of each kind, for some may be damaged
FAMILIES_MAX = 3
WORDS = 200


def tell_moderators(_comment: Comment) -> None:
    """Have moderators told that something waits, soon; a round that has not begun yet will do."""
    waits = select(Job.id).where(Job.kind == "waiting", Job.done_at.is_(None), Job.attempts == 0)
    if db.session.scalar(waits.limit(1)) is None:
        queue("waiting", {}, about="waiting", run_after=clock.now() + PATIENCE)


@does("waiting")
def waiting(_payload: Mapping[str, Any]) -> None:
    """Queue a letter for each moderator who wants to know at once, an hour after the last one at the earliest."""
    for user in _moderators():
        _queue_letter(user)


def _queue_letter(user: User) -> None:
    choice, about = choice_of(user), str(user.id)
    waits = select(Job.id).where(Job.kind == "waiting_letter", Job.about == about, Job.done_at.is_(None))
    if choice.waiting is Frequency.AT_ONCE and db.session.scalar(waits.limit(1)) is None:
        again_at = choice.waiting_told_at + BETWEEN_LETTERS if choice.waiting_told_at else clock.now()
        payload = {"user": user.id, "seed": new_token()}
        queue("waiting_letter", payload, about=about, run_after=max(again_at, clock.now()))


@does("after_flood")
def after_flood(_payload: Mapping[str, Any]) -> None:
    """Have moderators told of what came after the letter about a flood, once it is over; while it lasts, look again later."""
    if _is_flooded() and waiting_count():
        _look_after_flood()
        return
    for user in _moderators():
        if _has_come_since(choice_of(user).waiting_told_at or clock.at(0)):
            _queue_letter(user)


def _look_after_flood() -> None:
    queue("after_flood", {}, about="after_flood", run_after=clock.now() + FLOOD_PAUSE)


def _has_come_since(moment: datetime) -> bool:
    """Tell whether anything that waits was written after a moment."""
    came = (
        exists().where(awaits_moderator(), Comment.created_at > moment),
        exists().where(waits_beside(), CommentVersion.created_at > moment),
        exists().where(Flag.settled_at.is_(None), Flag.created_at > moment),
        exists().where(Appeal.settled_at.is_(None), Appeal.created_at > moment),
    )
    return bool(db.session.scalar(select(or_(*came))))


@housekeeping
def tell_daily() -> None:
    """Queue a letter for each moderator who wants to know once a day, at eight in the morning."""
    told_at = NotificationChoice.waiting_told_at
    due = NotificationChoice.waiting.in_((Frequency.DAILY, Frequency.WEEKLY))
    morning = latest_morning(clock.now())
    taken = update(NotificationChoice).where(due, or_(told_at.is_(None), told_at < morning))
    ids = db.session.scalars(taken.values(waiting_told_at=clock.now()).returning(NotificationChoice.user_id)).all()
    for user_id in ids:
        queue("waiting_letter", {"user": user_id, "seed": new_token()}, about=str(user_id))


def _moderators() -> Sequence[User]:
    may = User.role.in_([role for role in Role if role.may_moderate])
    return db.session.scalars(select(User).where(may, here()).order_by(User.id)).all()


def _may_be_told(user: User | None) -> tuple[str, str] | None:
    """Return address and language of a moderator who wants letters about what waits; without a factor that is demanded one has no rights."""
    if user is None or not user.role.may_moderate or choice_of(user).waiting is Frequency.NEVER:
        return None
    lacks_factor = settings().moderators_need_second_factor and not user.has_second_factor
    return None if lacks_factor else reach(user, None)


@writes("waiting_letter")
def waiting_letter(payload: Mapping[str, Any]) -> Letter | None:
    """Write what waits now, the newest replies each with a link that decides about it once; while a flood lasts, later."""
    user = db.session.get(User, payload["user"])
    to = _may_be_told(user)
    waits = what_waits()
    if user is None or to is None or waits.total == 0:
        return None
    if _is_flooded():
        _look_after_flood()
        return None
    stored_choice(user).waiting_told_at = clock.now()
    lines = [_line(user, comment, text.body, payload["seed"]) for comment, text in _newest_waiting()[:REPLIES_MAX]]
    return _letter("waiting", user, to, {"count": waits.total, "lines": lines}, which=_first_list(waits))


def _first_list(waits: Waiting) -> str | None:
    """Return which list of the desk is the first that is not empty, None for the one it opens with."""
    lists = {None: waits.replies, "edits": waits.edits, "reported": waits.reported, "appealed": waits.appeals}
    return next((name for name, count in lists.items() if count), None)


def _is_flooded() -> bool:
    return bool(db.session.scalar(select(exists().where(Flood.ended_at.is_(None)))))


def _newest_waiting() -> list[tuple[Comment, Comment | CommentVersion]]:
    """Return the newest replies that wait, each with the text that does; texts that wait beside a public one come last.

    Damaged rows are left to the desk.
    """
    held = select(Comment.id).where(awaits_moderator()).order_by(Comment.id.desc()).limit(LOOKED_AT)
    replies = reversed(readable(db.session.scalars(held).all()))
    return [*((one, one) for one in replies), *_newest_changed()]


def _newest_changed() -> list[tuple[Comment, CommentVersion]]:
    beside = select(CommentVersion.comment_id, CommentVersion.number).where(waits_beside())
    newest = db.session.execute(beside.order_by(CommentVersion.id.desc()).limit(LOOKED_AT)).all()
    public = {one.id: one for one in readable([row.comment_id for row in newest])}
    sound = [row for row in newest if row.comment_id in public and not damages_of(raw_edit(*row)[0])]
    return [(public[row.comment_id], version_of(public[row.comment_id], row.number)) for row in sound]


def _line(user: User, comment: Comment, body: str, seed: str) -> dict[str, Any]:
    return {
        "title": comment.article.title,
        "nickname": without_links(signed(comment.nickname)),
        "words": excerpt(without_links(body), WORDS),
        "link": site_link("mailed_cases.show", token=mail_case(user, comment, seed)),
    }


def _letter(
    template: str, user: User, to: tuple[str, str], values: Mapping[str, Any], which: str | None = None
) -> Letter:
    stop = site_link("letters.stop", token=account_token(user, Kind.WAITING))
    return Letter(to[0], template, {**values, "stop": stop}, site_link("moderation.queue", which=which), to[1], stop)


def tell_of_flood(flood: Flood) -> None:
    """Have moderators told of a flood, once, when it can be said what it is."""
    queue("flood", {"flood": flood.id}, about=str(flood.id), run_after=clock.now() + PATIENCE)


@does("flood")
def flood(payload: Mapping[str, Any]) -> None:
    """Queue the one letter about a flood for each moderator."""
    for user in _moderators():
        queue("flood_letter", {**payload, "user": user.id}, about=f"{payload['flood']} {user.id}")


@writes("flood_letter")
def flood_letter(payload: Mapping[str, Any]) -> Letter | None:
    """Write since when replies come in how fast, how many wait, and which are nearly the same."""
    user, seen = db.session.get(User, payload["user"]), db.session.get(Flood, payload["flood"])
    to = _may_be_told(user)
    if user is None or to is None or seen is None:
        return None
    stored_choice(user).waiting_told_at = clock.now()
    values = {"count": waiting_count(), "at": seen.seen_at, "lines": _families(seen.seen_at - BETWEEN_LETTERS)}
    return _letter("flood", user, to, values)


def _families(since: datetime) -> list[dict[str, Any]]:
    """Return the largest groups of nearly the same text that wait, each with how many it is and the first of its words."""
    held = Comment.status == Status.PENDING, Comment.family.is_not(None), Comment.created_at > since
    count, first = func.count(), func.min(Comment.id)
    groups = select(count, first).where(*held).group_by(Comment.family).having(count > 1).order_by(count.desc())
    found = db.session.execute(groups.limit(FAMILIES_MAX)).all()
    bodies = select(Comment.id, plain(Comment.body)).where(Comment.id.in_([row[1] for row in found]))
    texts = {comment_id: text_of(body) for comment_id, body in db.session.execute(bodies)}
    return [{"count": row[0], "words": excerpt(without_links(texts[row[1]]), WORDS)} for row in found]
