"""Guests and their words: the letter an address asked for, the link in it, and what the owner of an address may do.

To an address that has not proved itself at most one letter a day goes out and three in all, and only for somebody's tick. One
that has need not wait a day; letters its owner does not open end after three there, too.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError

from blueprints.articles.models import Article
from blueprints.comments.events import address_proved
from blueprints.comments.models import BY_MAIL, Comment, GuestAddress, GuestSession, Status
from blueprints.comments.screening import doubt_about
from blueprints.comments.visibility import publish
from blueprints.comments.wishes import stop_token, stopped_before
from core import clock
from core.bounces import is_paused
from core.database import db
from core.errors import LinkDead
from core.forms import email_key
from core.i18n import _, language
from core.jobs import housekeeping, queue
from core.mail import Letter, site_link, writes
from core.tokens import hash_of, new_token, read_signed, sign

LETTERS_UNOPENED = 3
BETWEEN_LETTERS, BETWEEN_PROVED = timedelta(days=1), timedelta(minutes=10)
LINK_SECONDS = 30 * 24 * 3600
SESSION = timedelta(days=30)

_LINK = "guest-link"


def ask_for_letters(comment: Comment, *, is_known: bool) -> None:
    """Take up the wish for a letter when somebody answers this guest's reply.

    It counts at once where the browser is known to be the owner's of the address (`is_known`), else from when the link in
    the letter was opened.
    """
    comment.notify = True
    if is_known:
        comment.notify_since = clock.now()
        lift_stop(_address_of(comment.email or ""))
    else:
        _write_to(_address_of(comment.email or ""), comment.article)


def invite(email: str, article: Article, *, follows: str) -> GuestAddress:
    """Return the row of an address that somebody typed to follow something, and ask its owner by letter where one may go.

    `follows` names the wish; the link in the letter brings it back.
    """
    address = _address_of(email)
    _write_to(address, article, follows=follows)
    return address


def ask_for_proof(comment: Comment) -> None:
    """Let a reply wait until the link in a letter to its address was opened, which publishes it."""
    comment.held_reason = BY_MAIL
    _write_to(_address_of(comment.email or ""), comment.article)


def ask_for_link(email: str, *, may: bool) -> None:
    """Queue the question whether this address wrote anything here and is to get its link; the row is the same for every address."""
    payload = {"email_key": email_key(email), "may": may, "at": clock.timestamp()}
    queue("guest_link", payload, about=hash_of(email_key(email)) if may else None)


def _address_of(email: str) -> GuestAddress:
    key = email_key(email)
    known = select(GuestAddress).where(GuestAddress.email_key == key)
    if (found := db.session.scalar(known.with_for_update())) is not None:
        return found
    made = GuestAddress(email=email, email_key=key, language=language(), stopped_at=stopped_before(key))
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError:
        return db.session.scalars(known.with_for_update()).one()
    return made


def _write_to(address: GuestAddress, article: Article, *, follows: str = "") -> None:
    if may_be_written_to(address):
        address.asked_at = clock.now()
        address.asked_count += 1
        payload = {"guest": address.seed, "article": article.id, "follows": follows}
        queue("guest_letter", payload, about=hash_of(address.seed))


def may_be_written_to(address: GuestAddress) -> bool:
    """Tell whether one more letter nobody proved to want may go there: none after three whose link was not opened."""
    is_proved = address.proved_at is not None
    pause = BETWEEN_PROVED if is_proved else BETWEEN_LETTERS
    was_opened = is_proved and address.asked_count == 0
    is_quiet = was_opened or address.asked_at is None or address.asked_at <= clock.now() - pause
    return address.stopped_at is None and is_quiet and address.asked_count < LETTERS_UNOPENED


def may_prove(email: str) -> bool:
    """Tell whether the link of a letter can show who writes: one may go there, or one of today is there to be opened."""
    address = db.session.scalar(select(GuestAddress).where(GuestAddress.email_key == email_key(email)))
    if is_paused(email):
        return False
    if address is None:
        return stopped_before(email_key(email)) is None
    return may_be_written_to(address) or _is_to_be_opened(address)


def has_letter(email: str) -> bool:
    """Tell whether a letter of today is there to be opened, or on its way."""
    address = db.session.scalar(select(GuestAddress).where(GuestAddress.email_key == email_key(email)))
    return address is not None and _is_to_be_opened(address) and not is_paused(email)


def _is_to_be_opened(address: GuestAddress) -> bool:
    is_recent = address.asked_at is not None and address.asked_at > clock.now() - BETWEEN_LETTERS
    return is_recent and address.asked_count > 0 and address.stopped_at is None


@writes("guest_letter")
def guest_letter(payload: Mapping[str, Any]) -> Letter | None:
    """Write the letter that a tick under a reply, or the wish to follow, asked for. Nothing a guest wrote stands in it: it may be a stranger's address."""
    address = db.session.scalar(select(GuestAddress).where(GuestAddress.seed == payload["guest"]))
    article = db.session.get(Article, payload["article"])
    if address is None or article is None or address.stopped_at is not None:
        return None
    follows = payload.get("follows") or ""
    return _letter(address, {"title": article.title, "follows": follows})


@writes("guest_link")
def guest_link_letter(payload: Mapping[str, Any]) -> Letter | None:
    """Write the letter that was asked for under "my replies", if the address wrote anything here or was proved to follow something."""
    address, asked_at = _known_address(payload["email_key"]), clock.at(payload["at"])
    if address is None or not payload["may"]:
        return None
    is_counted = address.asked_at is not None and address.asked_at >= asked_at  # an earlier try of this very letter
    if address.proved_at is None and not is_counted:
        if not may_be_written_to(address):
            return None
        address.asked_at, address.asked_count = clock.now(), address.asked_count + 1
    return _letter(address, {"title": "", "follows": ""}, is_asked=True)


def _known_address(key: str) -> GuestAddress | None:
    """Return the address of whoever wrote a reply as a guest, or proved it; None for others."""
    written = select(Comment).where(Comment.email_key == key, Comment.user_id.is_(None))
    comment = db.session.scalar(written.order_by(Comment.id.desc()).limit(1))
    if comment is not None:
        return _address_of(comment.email or "")
    proved = select(GuestAddress).where(GuestAddress.email_key == key, GuestAddress.proved_at.is_not(None))
    return db.session.scalar(proved.with_for_update())


def _letter(address: GuestAddress, values: Mapping[str, Any], *, is_asked: bool = False) -> Letter:
    db.session.flush()
    stop = site_link("letters.stop", token=stop_token(address))
    all_values = {**values, "is_proved": address.proved_at is not None, "stop": stop}
    link = link_of(address, follows=values["follows"])
    return Letter(address.email, "guest_link", all_values, link, address.language, stop, is_asked=is_asked)


def link_of(address: GuestAddress, *, follows: str = "") -> str:
    """Return a link for a letter that opens everything written under an address to whoever holds it."""
    return site_link("guests.open_link", token=sign(_LINK, [address.id, address.seed, follows]))


def address_of_link(token: str) -> tuple[GuestAddress, str]:
    """Return whose link this is, and the name of the wish to follow that its letter was about, empty for none. Raises LinkDead."""
    signed = read_signed(_LINK, token, LINK_SECONDS)
    guest_id, seed, follows = [*signed, ""][:3] if isinstance(signed, list) else (0, "", "")  # older links name no wish
    address = db.session.get(GuestAddress, guest_id)
    if address is None or address.seed != seed:
        raise LinkDead(_("这个链接已经失效。"), again="guests.show")
    return address, str(follows)


def open_address(address: GuestAddress, *, follows: Collection[int] = ()) -> str:
    """Take the address as proved and return the token of a session for this browser.

    Wishes for letters that waited count from now on (of those to follow the ones in `follows`), and replies that waited for the proof are published.
    """
    now = clock.now()
    address.proved_at, address.asked_count = address.proved_at or now, 0
    theirs = (Comment.email_key == address.email_key, Comment.user_id.is_(None))
    waiting = update(Comment).where(*theirs, Comment.notify.is_(True), Comment.notify_since.is_(None))
    db.session.execute(waiting.values(notify_since=now))
    publish_proved(*theirs)
    token = new_token()
    row = GuestSession(token_hash=hash_of(token), guest_address_id=address.id, expires_at=now + SESSION)
    db.session.add(row)
    address_proved.send(address, follows=follows)
    return token


def publish_proved(*whose: ColumnElement[bool]) -> None:
    """Publish the replies that waited for their address to be proved; what may not appear as it stands now waits for a moderator."""
    held = select(Comment).where(*whose, Comment.status == Status.PENDING, Comment.held_reason == BY_MAIL)
    for comment in db.session.scalars(held.order_by(Comment.id)).all():
        comment.held_reason = doubt_about(comment, comment.body)
        if comment.held_reason is None:
            publish(comment)


def end_guest_session(token: str | None) -> None:
    """End the session of this browser."""
    db.session.execute(delete(GuestSession).where(GuestSession.token_hash == hash_of(token or "")))


def lift_stop(address: GuestAddress) -> None:
    """Let letters go to an address again, at its owner's wish."""
    address.stopped_at = None


@housekeeping
def forget_sessions() -> None:
    """Drop guest sessions that ended."""
    db.session.execute(delete(GuestSession).where(GuestSession.expires_at <= clock.now()))


def forget_silent(but: ColumnElement[bool]) -> None:
    """Drop addresses nothing was written under for a year, `but` those that are kept for another reason."""
    writers = select(Comment.email_key).where(Comment.email_key == GuestAddress.email_key)
    silent = delete(GuestAddress).where(GuestAddress.created_at < clock.now() - timedelta(days=365), ~writers.exists())
    db.session.execute(silent.where(GuestAddress.stopped_at.is_(None), ~but))
