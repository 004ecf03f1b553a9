"""What an author writes at: saved again and again, beside what readers see, and nothing that was written is lost."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from blueprints.articles.models import Article, ArticleVersion, Tag, WorkingCopy
from blueprints.articles.place_queries import key_of
from blueprints.articles.publishing import rendered_anew
from blueprints.articles.tagging import tag_names
from blueprints.auth.models import User
from core import clock
from core.database import db
from core.errors import Conflict, NotFound
from core.i18n import _
from core.text import reading_minutes

KEY = re.compile(r"[a-z0-9]{10,20}", re.ASCII)
PROVISIONAL = re.compile(r"draft-[a-z0-9]{10,20}", re.ASCII)
KEEP_EVERY = timedelta(minutes=10)
KEPT_MAX = 50  # texts of one article that were never public
CUT = 0.8  # where less than this of a title, a summary or a text stays as it is, what was there is kept at once

FIELDS = (
    "title",
    "summary",
    "slug",
    "lang",
    "tags",
    "series",
    "series_slug",
    "series_place",
    "translation_of",
    "canonical",
    "comments",
    "close_days",
    "pinned",
)
BESIDE = FIELDS[2:]  # what is not the article's words


class EditedElsewhere(Conflict):
    """Somebody, perhaps the same person in another tab, saved another text since this one was opened."""


@dataclass(frozen=True)
class Text:
    """All that an editor holds, as it was typed: the text, and its other fields by name."""

    values: Mapping[str, str]
    body: str

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    @property
    def heads(self) -> tuple[str, str, str]:
        """The title, the summary and the text: what an author writes."""
        return self["title"], self["summary"], self.body

    @property
    def is_empty(self) -> bool:
        return not "".join(self.heads).strip()


def copy_of(article: Article) -> WorkingCopy | None:
    """Return what is being written at an article, None where that is what is public."""
    return db.session.get(WorkingCopy, article.id)


def text_of(article: Article, copy: WorkingCopy | None) -> Text:
    """Return what an editor shows: what is being written, or else the article as it is."""
    if copy is not None:
        return Text({name: str(copy.values.get(name, "")) for name in FIELDS}, copy.body)
    days = article.comments_close_days
    original = db.session.get(Article, article.translation_of_id) if article.translation_of_id else None
    has_address = article.published_at is not None or article.scheduled_at is not None
    values = {
        "title": article.title,
        "summary": article.summary,
        "slug": article.slug if has_address or not PROVISIONAL.fullmatch(article.slug) else "",
        "lang": article.lang,
        "tags": ", ".join(tag.name for tag in article.tags),
        "series": article.series_title or (article.series.title if article.series else ""),
        "series_slug": article.series.slug if article.series else "",
        "series_place": str(article.series_place or ""),
        "translation_of": original.slug if original is not None else "",
        "canonical": article.canonical or "",
        "comments": "closed" if not article.comments_open else "days" if days else "open",
        "close_days": str(days or ""),
        "pinned": "yes" if article.pinned_at else "",
    }
    return Text(values, article.body)


def begin_article(key: str, user: User) -> Article:
    """Return the draft that was begun under this key, a new one the first time; so a form sent twice begins one draft.

    Raises NotFound for a key that is none, or somebody else's.
    """
    if not KEY.fullmatch(key):
        raise NotFound(_("没有这篇文章，或者不是你的。"))
    slug = f"draft-{key}"
    begun = select(Article).where(Article.slug == slug)
    article = db.session.scalar(begun)
    if article is None:
        blank: dict[str, Any] = {"title": "", "body": "", "body_html": "", "reading_minutes": 1, "lang": "zh"}
        try:
            with db.session.begin_nested():
                article = Article(slug=slug, author=user.username, author_id=user.id, **blank)
                db.session.add(article)
        except IntegrityError:
            article = db.session.scalars(begun).one()
    if article.author_id != user.id:
        raise NotFound(_("没有这篇文章，或者不是你的。"))
    return article


def mark_of(article: Article, copy: WorkingCopy | None) -> str:
    """Return what tells this text from every other the editor showed before or shows later."""
    return f"{copy.based_on}-{copy.revision}" if copy is not None else f"{article.revision}-0"


def save(article: Article, text: Text, user: User, mark: str, *, over_other: bool = False) -> str:
    """Keep what is being written, and return its mark. `mark` is that of the text the editor began from.

    What is written over is kept as a version: each ten minutes, where much goes, and always with `over_other`, which says that
    both texts were seen. The same text again changes nothing. Raises EditedElsewhere.
    """
    db.session.scalar(select(Article.id).where(Article.id == article.id).with_for_update())
    copy = db.session.get(WorkingCopy, article.id, populate_existing=True)
    former = text_of(article, copy)
    if (former.values, former.body) == (_all(text.values), text.body):
        return mark_of(article, copy)
    _demand(mark, article, copy)
    if over_other or _is_worth_keeping(article, former, text):
        _keep(article, former, copy)
    return _put(article, copy, text, user)


def _keep(article: Article, former: Text, copy: WorkingCopy | None) -> ArticleVersion:
    return keep_text(article, former, copy.saved_by_id if copy else None, copy.saved_at if copy else None)


def _put(article: Article, copy: WorkingCopy | None, text: Text, user: User) -> str:
    if copy is None:
        copy = WorkingCopy(article_id=article.id, based_on=article.revision, revision=0)
        db.session.add(copy)
    copy.values, copy.body = _all(text.values), text.body
    copy.revision, copy.saved_by_id, copy.saved_at = copy.revision + 1, user.id, clock.now()
    db.session.flush()
    return mark_of(article, copy)


def _demand(mark: str, article: Article, copy: WorkingCopy | None) -> None:
    if mark != mark_of(article, copy):
        raise EditedElsewhere(_("这篇文章在别处也改过。"))


def _all(values: Mapping[str, str]) -> dict[str, str]:
    return {name: values.get(name, "") for name in FIELDS}


def _is_worth_keeping(article: Article, former: Text, text: Text) -> bool:
    if former.is_empty or former.heads == text.heads:
        return False
    recent = select(ArticleVersion.id).where(
        ArticleVersion.article_id == article.id,
        ArticleVersion.was_public.is_(False),
        ArticleVersion.created_at > clock.now() - KEEP_EVERY,
    )
    much_goes = any(
        _staying(before, after) < CUT * len(before) for before, after in zip(former.heads, text.heads, strict=True)
    )
    return much_goes or db.session.scalar(recent.limit(1)) is None


def _staying(before: str, after: str) -> int:
    """Return how many characters stand at the beginning and at the end of both texts."""
    first = _alike(before, after)
    return first + _alike(before[first:][::-1], after[first:][::-1])


def _alike(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike, found by halves: a text may have a million."""
    least, most = 0, min(len(one), len(other))
    while least < most:
        middle = (least + most + 1) // 2
        if one[least:middle] == other[least:middle]:
            least = middle
        else:
            most = middle - 1
    return least


def keep_text(
    article: Article, text: Text, saved_by_id: int | None, saved_at: datetime | None = None
) -> ArticleVersion:
    """Keep all that an editor held and is written over, for the desk alone; of those an article has fifty at most, the newest."""
    kept = ArticleVersion(
        article_id=article.id,
        created_at=saved_at or clock.now(),
        title=text["title"],
        summary=text["summary"],
        body=text.body,
        values={name: text[name] for name in BESIDE},
        was_public=False,
        saved_by_id=saved_by_id,
    )
    db.session.add(kept)
    db.session.flush()
    private = select(ArticleVersion.id).where(
        ArticleVersion.article_id == article.id, ArticleVersion.was_public.is_(False)
    )
    oldest = private.order_by(ArticleVersion.id.desc()).offset(KEPT_MAX)
    db.session.execute(delete(ArticleVersion).where(ArticleVersion.id.in_(db.session.scalars(oldest).all())))
    return kept


def as_kept(version: ArticleVersion, now: Text) -> Text:
    """Return what an editor that holds `now` holds with a former text put back: pinning, and what was not kept, stay as they are."""
    kept = {name: str(value) for name, value in version.values.items() if name in BESIDE and name != "pinned"}
    kept["slug"] = kept.get("slug") or now["slug"]  # an article that has an address by now keeps one
    return Text({**now.values, **kept, "title": version.title, "summary": version.summary}, version.body)


def rewrite(article: Article, user: User, mark: str, text: Text) -> ArticleVersion | None:
    """Put another text into the editor, and return what stood there, which is kept; None where it stands there already.

    Raises EditedElsewhere.
    """
    db.session.refresh(article, with_for_update=True)
    copy = copy_of(article)
    former = text_of(article, copy)
    if (former.values, former.body) == (text.values, text.body):
        return None
    _demand(mark, article, copy)
    kept = _keep(article, former, copy)
    _put(article, copy, text, user)
    return kept


def drop_copy(article: Article, user: User) -> None:
    """Go back to what is public; what was being written is kept as a version."""
    copy = copy_of(article)
    if copy is not None:
        keep_text(article, text_of(article, copy), copy.saved_by_id or user.id, copy.saved_at)
        db.session.delete(copy)


def as_written(article: Article, text: Text) -> Article:
    """Return an article as it would be with this text: a thing to look at, and no row."""
    shown = Article(**{column.key: getattr(article, column.key) for column in Article.__table__.columns})
    shown.title, shown.summary, shown.body = text["title"] or str(_("没有标题")), text["summary"], text.body
    shown.lang = text["lang"] or article.lang
    shown.body_html = rendered_anew(article.slug, text.body, shown.lang)
    shown.reading_minutes = reading_minutes(text.body)
    shown.tags = [Tag(name=name, key=key_of(name)) for name in tag_names(text["tags"]) if key_of(name)]
    shown.comments_open = text["comments"] != "closed"
    return shown
