"""An article as the file it could be published from: what `front_matter` reads, so that who leaves takes everything along."""

from collections.abc import Mapping

from sqlalchemy import select

from blueprints.articles.front_matter import ArticleFile
from blueprints.articles.models import Article, FormerSlug
from core.config import settings
from core.database import db


def as_file(article: Article, file: ArticleFile) -> str:
    """Return Markdown with front matter; `file` is what the editor holds, dates and former addresses are the article's."""
    former = select(FormerSlug.slug).where(FormerSlug.article_id == article.id).order_by(FormerSlug.slug)
    comments = str(file.comments_close_days or "open") if file.comments_open else "closed"
    published_at = article.published_at and article.published_at.astimezone(settings().timezone)
    values = {
        "title": file.title,
        "slug": file.slug,
        "was": ", ".join(db.session.scalars(former)),
        "summary": file.summary,
        "author": file.author,
        "date": f"{published_at:%Y-%m-%d %H:%M}" if published_at else "",
        "lang": file.lang,
        "translation-of": file.translation_of,
        "tags": ", ".join(file.tags),
        "series": file.series,
        "series-slug": file.series_slug,
        "series-place": str(file.series_place or ""),
        "canonical": file.canonical,
        "pinned": "yes" if file.is_pinned else "",
        "comments": comments,
        "draft": "" if article.published_at else "yes",
    }
    return f"---\n{_lines(values)}---\n\n{file.body}\n"


def _lines(values: Mapping[str, str]) -> str:
    return "".join(f"{key}: {_quoted(value)}\n" for key, value in values.items() if value)


def _quoted(value: str) -> str:
    """Quotes around a whole value belong to the file; those of the value itself are kept by another pair."""
    return f'"{value}"' if value[0] == value[-1] and value[0] in "\"'" else value
