"""What is kept of challenges: that they were used."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from core import clock
from core.database import Base


class CaptchaUse(Base):
    """One challenge that somebody answered, right or wrong; it is not good for a second answer."""

    __tablename__ = "captcha_use"

    challenge_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    used_at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
