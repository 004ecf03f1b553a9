"""Addresses that refuse letters for good: nothing is written to them that they did not ask for at this moment."""

from collections.abc import Sequence

from sqlalchemy import String, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Timestamped, db
from core.forms import email_key
from core.paging import Page, cut

ADDRESSES_PER_PAGE = 20


class PausedAddress(Timestamped, Base):
    """One address whose mail server refused it for good (a 5xx answer to the recipient), with its words."""

    __tablename__ = "paused_address"

    REASON_MAX = 500

    email_key: Mapped[str] = mapped_column(String(254), primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    reason: Mapped[str] = mapped_column(String(REASON_MAX))


def is_paused(email: str) -> bool:
    """Tell whether nothing is written to this address unasked."""
    return db.session.get(PausedAddress, email_key(email)) is not None


def pause(email: str, reason: str) -> None:
    """Write nothing unasked to this address any more; said again, the newest words count."""
    row = db.session.get(PausedAddress, email_key(email))
    if row is not None:
        row.reason = reason[: PausedAddress.REASON_MAX]
        return
    try:
        with db.session.begin_nested():
            db.session.add(
                PausedAddress(email_key=email_key(email), email=email, reason=reason[: PausedAddress.REASON_MAX])
            )
    except IntegrityError:  # another worker's letter was refused at the same moment
        return


def lift(email: str) -> bool:
    """Write to this address again, and tell whether it was paused."""
    gone = delete(PausedAddress).where(PausedAddress.email_key == email_key(email))
    return db.session.execute(gone.returning(PausedAddress.email_key)).first() is not None


def paused_addresses(after: str = "") -> Page[PausedAddress]:
    """Return the addresses nothing is written to, in the order of their letters; those that come after the key `after`."""
    listed = select(PausedAddress).where(PausedAddress.email_key > after).order_by(PausedAddress.email_key)
    found: Sequence[PausedAddress] = db.session.scalars(listed.limit(ADDRESSES_PER_PAGE + 1)).all()
    return cut(found, ADDRESSES_PER_PAGE, has_earlier=bool(after))
