"""The first administrator: whoever can read what the site says when it starts.

The link is signed and dated with the site's key and stored nowhere: it works on every machine of a site, in every
process, after a restart, and a copy of the database gives nobody another. Its signature is 256 bits that nobody
without the key can guess. It is dead after a day, and as soon as there is an administrator, however that came to be;
so it is good once, and a site whose last administrator is gone can be taken up again.
"""

from sqlalchemy import func, select

from blueprints.auth.account_log import Origin, note
from blueprints.auth.models import Deed, Role, User
from blueprints.auth.queries import has_administrator
from blueprints.auth.registration import create_user
from core import clock
from core.database import db
from core.errors import LinkDead
from core.i18n import _, language
from core.mail import site_link
from core.tokens import read_signed, sign

LINK_SECONDS = 24 * 3600
PURPOSE = "first-run"
POSTGRESQL_LOCK = 7_102_027


def first_run_link() -> str | None:
    """Return the address where the first administrator is made, None when there is one."""
    return None if has_administrator() else site_link("admin.first_run", token=sign(PURPOSE, int(clock.timestamp())))


def check_first_run(token: str) -> None:
    """Refuse a link that is not good (any more); a wrong one learns nothing of the site. Raises LinkDead."""
    made_at = read_signed(PURPOSE, token, LINK_SECONDS)
    if not isinstance(made_at, int) or made_at < clock.timestamp() - LINK_SECONDS:
        raise LinkDead(_("这个链接已经失效。再启动一次网站，它会写出一个新的。"), again="auth.login")
    if has_administrator():
        raise LinkDead(_("这个链接已经用过了，网站有了管理员。"), again="auth.login")


def make_first_administrator(token: str, username: str, email: str, password_hash: str, origin: Origin) -> User:
    """Make the owner's account, its address taken at their word. Raises LinkDead, NameTaken, DomainError at `email`."""
    if db.engine.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        db.session.execute(select(func.pg_advisory_xact_lock(POSTGRESQL_LOCK)))
    check_first_run(token)
    user = create_user(username, email, password_hash, Role.ADMINISTRATOR)
    user.language = language()
    note(Deed.REGISTERED, user, origin)
    return user
