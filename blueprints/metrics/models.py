"""The table of figures."""

from datetime import date

from sqlalchemy import Date, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base


class DailyCount(Base):
    """How often one thing happened on one day in the site's time zone; `article_id` is 0 for the site as a whole."""

    __tablename__ = "daily_count"
    __table_args__ = (Index("ix_daily_count_day", "day"),)

    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    article_id: Mapped[int] = mapped_column(primary_key=True, default=0)
    count: Mapped[int] = mapped_column(default=0)


OPENS, REPLIES, HELD, SPAM, FALSE_ALARMS = "opens", "replies", "held", "spam", "false_alarms"
WAIT, WAIT_WEEK = "wait", "wait_week"  # median seconds until a decision: of the day, and of the seven days it ends
LETTERS_SENT, LETTERS_FAILED = "letters_sent", "letters_failed"
