"""Links of letters to moderators: each decides about one text of one reply, once, as that moderator, for three days."""

from datetime import timedelta

from sqlalchemy import delete, select, update

from blueprints.auth.models import User
from blueprints.comments.models import Comment, Status
from blueprints.moderation.decisions import look_at
from blueprints.moderation.models import MailedCase, Seen
from blueprints.moderation.queries import latest_about
from blueprints.moderation.words import told
from core import clock
from core.config import settings
from core.database import db
from core.errors import Gone
from core.i18n import _, _l
from core.jobs import housekeeping
from core.tokens import hash_of, letter_token

LIFE = timedelta(days=3)
KEPT = timedelta(days=30)


class CaseClosed(Gone):
    """The link of a letter decides nothing any more."""

    title = _l("链接失效了")
    again = "moderation.queue"


def mail_case(user: User, comment: Comment, seed: str) -> str:
    """Make a link for a moderator's letter and return its token: it is about the text of the reply that waits now.

    A letter that is tried again has the same random `seed`, and so the same links; they last from its last try.
    """
    number = look_at(comment).number
    token = letter_token("case", f"{seed} {user.id} {comment.id} {number}")
    row = db.session.scalar(select(MailedCase).where(MailedCase.token_hash == hash_of(token)))
    if row is None:
        row = MailedCase(token_hash=hash_of(token), user_id=user.id, comment_id=comment.id, version=number)
        db.session.add(row)
    row.expires_at = clock.now() + LIFE
    db.session.flush()
    return token


def open_case(token: str) -> MailedCase:
    """Return what a link of a letter is about. Raises CaseClosed when it was used, is too old, or is nobody's who may decide."""
    case = db.session.scalar(select(MailedCase).where(MailedCase.token_hash == hash_of(token)))
    if case is None or (case.used_at is None and case.expires_at <= clock.now()):
        raise CaseClosed(_("这个链接失效了，它三天有效。请到待审列表里看。"))
    if not _may_decide(case.user):
        raise CaseClosed(_("这个账号现在不能审回复，链接失效了。"))
    if case.used_at is not None:
        decided = latest_about(case.comment_id)
        raise CaseClosed(_("这个链接用过了。") + (told(decided) if decided is not None else ""))
    return case


def use(token: str) -> MailedCase:
    """Use a link up, inside the transaction that decides; of two at once the database lets one. Raises CaseClosed."""
    unused = update(MailedCase).where(MailedCase.id == open_case(token).id, MailedCase.used_at.is_(None))
    if db.session.scalar(unused.values(used_at=clock.now()).returning(MailedCase.id)) is None:
        db.session.rollback()
        open_case(token)
    case = db.session.scalars(select(MailedCase).where(MailedCase.token_hash == hash_of(token))).one()
    db.session.refresh(case)
    return case


def seen_by(case: MailedCase) -> Seen:
    """Return what the letter was about: a text that waited."""
    return Seen(case.comment_id, case.version, Status.PENDING)


def _may_decide(user: User) -> bool:
    lacks_factor = settings().moderators_need_second_factor and not user.has_second_factor
    return user.role.may_moderate and not user.is_paused and user.leaves_at is None and not lacks_factor


@housekeeping
def forget_cases() -> None:
    """Drop links a month after they ended."""
    db.session.execute(delete(MailedCase).where(MailedCase.expires_at < clock.now() - KEPT))
