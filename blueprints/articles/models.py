"""The table of articles."""

import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, String, Table, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core import clock
from core.database import Base, Timestamped

article_tag = Table(
    "article_tag",
    Base.metadata,
    Column("article_id", ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_article_tag_newest", "tag_id", "article_id"),
)


class Tag(Base):
    """One subject. `key` is what all spellings of its name share, and its address: /tags/<key>."""

    __tablename__ = "tag"

    NAME_MAX, PER_ARTICLE = 40, 12

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_MAX))
    key: Mapped[str] = mapped_column(String(80), unique=True)


class Series(Timestamped, Base):
    """Articles that belong together, read in the order of their places."""

    __tablename__ = "series"

    TITLE_MAX = 100

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(100), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(default="")


class Article(Timestamped, Base):
    """One text; a draft until `published_at`. Its HTML is rendered when it is saved; `last_floor` only ever rises.

    `quoted` counts the public replies about each paragraph, by the paragraph's key. A draft is published by itself from
    `scheduled_at` on. Replies are closed `comments_close_days` days after publishing, None for never. `revision` counts
    what was saved. `taken_down` is true of what a moderator withdrew from its author: only moderators bring that back.
    `series_title` is what its series is called once it is public, None where that is said. `translation_of_id` names the article this one says in another language; `canonical` the address where
    the text was published first, None for here.
    """

    __tablename__ = "article"
    __table_args__ = (
        Index("ix_article_newest", "published_at", "id", "withdrawn_at"),
        Index("ix_article_author", "author", "published_at", "id", "withdrawn_at"),
        Index(
            "ix_article_withdrawn",
            "withdrawn_at",
            sqlite_where=text("withdrawn_at IS NOT NULL"),
            postgresql_where=text("withdrawn_at IS NOT NULL"),
        ),
        Index(
            "ix_article_pinned",
            "withdrawn_at",
            "pinned_at",
            "id",
            sqlite_where=text("pinned_at IS NOT NULL"),
            postgresql_where=text("pinned_at IS NOT NULL"),
        ),
    )

    SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
    SLUG_MAX, TITLE_MAX, SUMMARY_MAX, CANONICAL_MAX = 100, 200, 400, 500

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
    taken_down: Mapped[bool] = mapped_column(default=False)
    scheduled_at: Mapped[datetime | None] = mapped_column(index=True)
    pinned_at: Mapped[datetime | None]
    canonical: Mapped[str | None] = mapped_column(String(CANONICAL_MAX))
    translation_of_id: Mapped[int | None] = mapped_column(ForeignKey("article.id", ondelete="SET NULL"), index=True)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id", ondelete="SET NULL"), index=True)
    series_place: Mapped[int | None]
    series_title: Mapped[str | None] = mapped_column(String(200))
    revision: Mapped[int] = mapped_column(default=1)
    comments_open: Mapped[bool] = mapped_column(default=True)
    comments_close_days: Mapped[int | None]
    comment_count: Mapped[int] = mapped_column(default=0)
    last_floor: Mapped[int] = mapped_column(default=0)
    quoted: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)

    tags: Mapped[list[Tag]] = relationship(secondary=article_tag, order_by=Tag.name)
    series: Mapped[Series | None] = relationship()

    @property
    def takes_replies(self) -> bool:
        """Whether it can be answered now: published, open, and not closed by its age."""
        if self.published_at is None or not self.comments_open:
            return False
        days = self.comments_close_days
        return days is None or clock.now() < self.published_at + timedelta(days=days)


class ArticleVersion(Timestamped, Base):
    """One text an article had before it was revised; `created_at` is when it was put up.

    What was never public was kept at the desk when something was written over it; `created_at` is when it was saved, and
    `values` are the editor's other fields, by name.
    """

    __tablename__ = "article_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    summary: Mapped[str]
    body: Mapped[str]
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    was_public: Mapped[bool] = mapped_column(default=True)
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)


class FormerSlug(Base):
    """An address an article had before; it leads to the article for ever."""

    __tablename__ = "former_slug"

    slug: Mapped[str] = mapped_column(String(Article.SLUG_MAX), primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), index=True)


class WorkingCopy(Base):
    """What an author writes at before it is published: the whole editor. `values` are its fields but for the text, by name.

    `revision` counts its saves; `based_on` is the revision of the article it began from.
    """

    __tablename__ = "working_copy"

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), primary_key=True)
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    body: Mapped[str]
    revision: Mapped[int] = mapped_column(default=1)
    based_on: Mapped[int]
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    saved_at: Mapped[datetime] = mapped_column(default=clock.now)


class Picture(Timestamped, Base):
    """One uploaded picture, re-encoded: files in instance/uploads/, named `<name>-<width>.<kind>`, one for each of `widths`."""

    __tablename__ = "picture"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(8))
    width: Mapped[int]
    height: Mapped[int]
    widths: Mapped[list[int]] = mapped_column(JSON, default=list)
    bytes: Mapped[int]
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
