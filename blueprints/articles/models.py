"""The table of articles."""

import re
from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Timestamped


class Article(Timestamped, Base):
    """One text; a draft until `published_at`. Its HTML is rendered when it is saved; `last_floor` only ever rises.

    `quoted` counts the public replies about each paragraph, by the paragraph's key.
    """

    __tablename__ = "article"
    __table_args__ = (Index("ix_article_newest", "withdrawn_at", "published_at", "id"),)

    SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
    SLUG_MAX, TITLE_MAX, SUMMARY_MAX = 100, 200, 400

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(SLUG_MAX), unique=True)
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    author: Mapped[str] = mapped_column(String(160))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    lang: Mapped[str] = mapped_column(String(8), default="zh")
    body: Mapped[str]
    body_html: Mapped[str]
    reading_minutes: Mapped[int]
    published_at: Mapped[datetime | None]
    updated_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    comments_open: Mapped[bool] = mapped_column(default=True)
    comment_count: Mapped[int] = mapped_column(default=0)
    last_floor: Mapped[int] = mapped_column(default=0)
    quoted: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)


class ArticleVersion(Timestamped, Base):
    """One text an article had before it was revised; `created_at` is when it was put up."""

    __tablename__ = "article_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    summary: Mapped[str]
    body: Mapped[str]
