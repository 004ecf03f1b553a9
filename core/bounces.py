"""Addresses that refuse letters for good: nothing is written to them that they did not ask for at this moment."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Timestamped


class PausedAddress(Timestamped, Base):
    """One address whose mail server refused it for good (a 5xx answer to the recipient), with its words."""

    __tablename__ = "paused_address"

    email_key: Mapped[str] = mapped_column(String(254), primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    reason: Mapped[str] = mapped_column(String(500))
