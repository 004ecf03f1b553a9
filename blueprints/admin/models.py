"""The table of the site's own pages."""

import re
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from blueprints.auth.models import User
from core import clock
from core.database import Base


class SitePage(Base):
    """One text of a page of the site itself in one language; of each page and language the highest revision counts.

    One without a text is no page: the built-in text stands again, or there is none. `place` is the page's place among the
    links at the foot, None for none. What is replaced is kept for a while.
    """

    __tablename__ = "site_page"
    __table_args__ = (Index("ux_site_page_slug", "slug", "lang", "revision", unique=True),)

    SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
    SLUG_MAX, TITLE_MAX, BODY_MAX = 60, 100, 100_000

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(SLUG_MAX))
    lang: Mapped[str] = mapped_column(String(8))
    revision: Mapped[int]
    title: Mapped[str] = mapped_column(String(5 * TITLE_MAX))
    body: Mapped[str]
    body_html: Mapped[str]
    place: Mapped[int | None]
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    saved_at: Mapped[datetime] = mapped_column(default=clock.now)

    saved_by: Mapped[User | None] = relationship()
