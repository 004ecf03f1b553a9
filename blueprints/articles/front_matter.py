"""The file an article is published from: `key: value` lines between two lines of ---, then Markdown."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from blueprints.articles.models import Article
from core import clock
from core.config import settings
from core.errors import DomainError
from core.i18n import LANGUAGES
from core.text import has_invisible, has_unprintable, one_kind_of_newline

KEYS = ("title", "slug", "summary", "author", "date", "lang", "comments")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
BODY_MAX = 1_000_000


class WrongFile(DomainError):
    """The file cannot be published; the message names the line and the reason."""


@dataclass(frozen=True)
class ArticleFile:
    """What a file says, checked. `published_at` is None where it names no date."""

    title: str
    slug: str
    summary: str
    author: str
    published_at: datetime | None
    lang: str
    comments_open: bool
    body: str


def read_article_file(path: Path) -> ArticleFile:
    """Return what the file says. Raises WrongFile, OSError."""
    try:
        text = one_kind_of_newline(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as problem:
        line = path.read_bytes()[: problem.start].count(b"\n") + 1
        raise WrongFile(f"line {line}: not UTF-8") from None
    values, lines, body_line = _split(text)

    def wrong(key: str, reason: str) -> WrongFile:
        return WrongFile(f"line {lines.get(key, 1)}: {reason}")

    title, lang = values.get("title", ""), values.get("lang") or _language_of(text)
    slug = values.get("slug") or path.stem.lower()
    if not title or len(title) > Article.TITLE_MAX:
        raise wrong("title", f"title takes 1 to {Article.TITLE_MAX} characters")
    if not SLUG.fullmatch(slug) or len(slug) > Article.SLUG_MAX:
        raise wrong("slug", "slug takes small letters a–z, digits and single hyphens, such as slow-reading")
    if lang not in LANGUAGES:
        raise wrong("lang", f"lang takes one of {', '.join(LANGUAGES)}")
    if values.get("comments", "open") not in ("open", "closed"):
        raise wrong("comments", "comments takes open or closed")
    if len(values.get("summary", "")) > Article.SUMMARY_MAX:
        raise wrong("summary", f"summary takes at most {Article.SUMMARY_MAX} characters")
    if len(values.get("author", "")) > 40:
        raise wrong("author", "author takes at most 40 characters")
    body = text.split("\n", body_line - 1)[-1].strip("\n")
    if not body.strip() or len(body) > BODY_MAX:
        raise WrongFile(f"line {body_line}: the text takes 1 to {BODY_MAX} characters")
    if has_unprintable(body):
        at = next(number for number, content in enumerate(body.split("\n")) if has_unprintable(content))
        raise WrongFile(f"line {body_line + at}: a control character")
    moment = (
        _moment(values["date"], wrong("date", "date takes 2026-11-22 or 2026-11-22 08:30, not in the future"))
        if values.get("date")
        else None
    )
    author = values.get("author") or settings().site_name
    return ArticleFile(
        title, slug, values.get("summary", ""), author, moment, lang, values.get("comments") != "closed", body
    )


def _split(text: str) -> tuple[dict[str, str], dict[str, int], int]:
    """Return the values, the line each stands on, and the line the body begins on, counted from 1."""
    lines = text.split("\n")
    if lines[0].strip() != "---":
        raise WrongFile("line 1: the file begins with a line of --- and then at least title: …")
    values: dict[str, str] = {}
    places: dict[str, int] = {}
    for number, content in enumerate(lines[1:], start=2):
        if content.strip() == "---":
            return values, places, number + 1
        key, colon, value = (part.strip() for part in content.partition(":"))
        if not content.strip() or content.lstrip().startswith("#"):
            continue
        if not colon or key not in KEYS:
            raise WrongFile(f"line {number}: {key[:40]!r} is not one of {', '.join(KEYS)}, followed by a colon")
        if key in values:
            raise WrongFile(f"line {number}: {key} stands here a second time")
        if has_invisible(value):
            raise WrongFile(f"line {number}: an invisible character in {key}")
        values[key], places[key] = _unquoted(value), number
    raise WrongFile(f"line {len(lines)}: the second line of --- is missing")


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _language_of(text: str) -> str:
    return "zh" if re.search(r"[\u4e00-\u9fff]", text) else "en"


def _moment(written: str, wrong: WrongFile) -> datetime:
    for pattern in ("%Y-%m-%d", "%Y-%m-%d %H:%M"):
        try:
            moment = datetime.strptime(written, pattern).replace(tzinfo=settings().timezone).astimezone(UTC)
        except ValueError:
            continue
        if moment > clock.now():
            raise wrong
        return moment
    raise wrong
