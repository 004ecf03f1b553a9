"""The file an article is published from: `key: value` lines between two lines of ---, then Markdown."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from blueprints.articles.models import Article, Series, Tag
from blueprints.articles.tagging import by_key, is_tag, tag_names
from core import clock
from core.config import settings
from core.errors import DomainError
from core.i18n import LANGUAGES
from core.markup import first_unsupported
from core.text import has_invisible, has_unprintable, one_kind_of_newline

KEYS = (
    *("title", "slug", "was", "summary", "author", "date", "lang", "translation-of"),
    *("tags", "series", "series-slug", "series-place", "canonical", "pinned", "comments", "draft"),
)
BODY_MAX = 1_000_000
AUTHOR_MAX = 40
PLACE_MAX, CLOSE_DAYS_MAX = 9999, 3650


class WrongFile(DomainError):
    """The file cannot be published; the message names the line and the reason."""


@dataclass(frozen=True)
class ArticleFile:
    """What a file says, checked. `published_at` is None where it names no date; a draft is seen by its author and moderators only.

    `was` are addresses the article had before. `translation_of` is the slug of the article it says in another language.
    """

    title: str
    slug: str
    summary: str
    author: str
    published_at: datetime | None
    lang: str
    comments_open: bool
    body: str
    is_draft: bool = False
    comments_close_days: int | None = None
    was: tuple[str, ...] = ()
    translation_of: str = ""
    tags: tuple[str, ...] = ()
    series: str = ""
    series_slug: str = ""
    series_place: int | None = None
    canonical: str = ""
    is_pinned: bool = False


def read_article_file(path: Path) -> ArticleFile:
    """Return what the file says. Raises WrongFile, OSError."""
    text = _text_of(path)
    values, lines, body_line = _split(text)
    values = DEFAULTS | {"slug": path.stem.lower(), "lang": _language_of(text)} | values
    for key, (fits, rule) in _RULES.items():
        if not fits(values[key]):
            raise WrongFile(f"line {lines.get(key, 1)}: {key} takes {rule}")
    comments, place = values["comments"], values["series-place"]
    return ArticleFile(
        title=values["title"],
        slug=values["slug"],
        summary=values["summary"],
        author=values["author"] or settings().site_name,
        published_at=_moment(values["date"]) if values["date"] else None,
        lang=values["lang"],
        comments_open=comments != "closed",
        body=_body(text, body_line),
        is_draft=values["draft"] == "yes",
        comments_close_days=int(comments) if comments.isdigit() else None,
        was=_slugs(values["was"]),
        translation_of=values["translation-of"],
        tags=tag_names(values["tags"]),
        series=values["series"],
        series_slug=_series_slug(values, lines),
        series_place=int(place) if place else None,
        canonical=values["canonical"],
        is_pinned=values["pinned"] == "yes",
    )


def _text_of(path: Path) -> str:
    try:
        return one_kind_of_newline(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as problem:
        line = path.read_bytes()[: problem.start].count(b"\n") + 1
        raise WrongFile(f"line {line}: not UTF-8") from None


DEFAULTS = dict.fromkeys(KEYS, "") | {"comments": "open", "draft": "no", "pinned": "no"}


def _is_slug(value: str) -> bool:
    return Article.SLUG.fullmatch(value) is not None and len(value) <= Article.SLUG_MAX


def _can_be_asked_for(name: str) -> bool:
    """Browsers and servers make another address of /authors/.. and /authors//x, and /authors/x/feed.atom is the feed of x."""
    parts = name.split("/")
    return not {"", ".", ".."} & set(parts) and parts[-1] not in ("feed.atom", "feed.json")


def _slugs(value: str) -> tuple[str, ...]:
    return tuple(slug.strip() for slug in value.split(",") if slug.strip())


def _is_number(value: str, most: int) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= len(str(most)) and 1 <= int(value) <= most


def _are_tags(value: str) -> bool:
    tags = by_key(tag_names(value))
    return len(tags) <= Tag.PER_ARTICLE and all(map(is_tag, tags.values()))


def _is_address(value: str) -> bool:
    """One that starts with https:// and names a host, without blanks and without a name to log in with."""
    try:
        parts = urlsplit(value)
        named = bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return False
    return parts.scheme == "https" and named and value.isascii() and not re.search(r"[\s\\<>\"]", value)


def _series_slug(values: dict[str, str], lines: dict[str, int]) -> str:
    """Return the address of the series: the one that is named, else what its title makes where that is ASCII."""
    title, named = values["series"], values["series-slug"]
    for key in ("series-slug", "series-place"):
        if values[key] and not title:
            raise WrongFile(f"line {lines[key]}: {key} takes a series beside it")
    made = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") if title.isascii() else ""
    if title and not (named or made):
        raise WrongFile(
            f"line {lines['series']}: {title[:40]!r} makes no address: add series-slug, such as slow-reading"
        )
    return named or made


_SLUG_RULE = "small letters a-z, digits and single hyphens"
_RULES: dict[str, tuple[Callable[[str], bool], str]] = {
    "title": (lambda value: 0 < len(value) <= Article.TITLE_MAX, f"1 to {Article.TITLE_MAX} characters"),
    "slug": (_is_slug, f"{_SLUG_RULE}, such as slow-reading"),
    "was": (lambda value: all(map(_is_slug, _slugs(value))), f"former slugs, separated by commas: {_SLUG_RULE}"),
    "summary": (lambda value: len(value) <= Article.SUMMARY_MAX, f"at most {Article.SUMMARY_MAX} characters"),
    "author": (
        lambda value: len(value) <= AUTHOR_MAX and (not value or _can_be_asked_for(value)),
        f"at most {AUTHOR_MAX} characters, and between slashes no empty part, no . or .. and no feed.atom",
    ),
    "date": (
        lambda value: not value or _moment(value) is not None,
        "2026-11-22 or 2026-11-22 08:30, not in the future",
    ),
    "lang": (lambda value: value in LANGUAGES, f"one of {', '.join(LANGUAGES)}"),
    "translation-of": (lambda value: not value or _is_slug(value), f"the slug of an article: {_SLUG_RULE}"),
    "tags": (
        _are_tags,
        f"at most {Tag.PER_ARTICLE} names of 1 to {Tag.NAME_MAX} characters, separated by commas",
    ),
    "series": (lambda value: len(value) <= Series.TITLE_MAX, f"a title of at most {Series.TITLE_MAX} characters"),
    "series-slug": (lambda value: not value or _is_slug(value), f"{_SLUG_RULE}, such as slow-reading"),
    "series-place": (
        lambda value: not value or _is_number(value, PLACE_MAX),
        f"a number from 1 to {PLACE_MAX}",
    ),
    "canonical": (
        lambda value: not value or (_is_address(value) and len(value) <= Article.CANONICAL_MAX),
        "an address that starts with https://",
    ),
    "pinned": (lambda value: value in ("yes", "no"), "yes or no"),
    "comments": (
        lambda value: value in ("open", "closed") or _is_number(value, CLOSE_DAYS_MAX),
        f"open, closed, or the days they stay open, 1 to {CLOSE_DAYS_MAX}",
    ),
    "draft": (lambda value: value in ("yes", "no"), "yes or no"),
}


def _body(text: str, first_line: int) -> str:
    body = text.split("\n", first_line - 1)[-1] if text.count("\n") >= first_line - 1 else ""
    if not body.strip() or len(body) > BODY_MAX:
        raise WrongFile(f"line {first_line}: the text takes 1 to {BODY_MAX} characters")
    for number, content in enumerate(body.split("\n"), start=first_line):
        if has_unprintable(content):
            raise WrongFile(f"line {number}: a control character")
    if found := first_unsupported(body):
        raise WrongFile(f"line {first_line + found[0] - 1}: {found[1]} cannot be published yet")
    return body.strip("\n")


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


def _moment(written: str) -> datetime | None:
    """Return the moment in the site's time zone, None when it is none or lies ahead."""
    for pattern in ("%Y-%m-%d", "%Y-%m-%d %H:%M"):
        try:
            moment = datetime.strptime(written, pattern).replace(tzinfo=settings().timezone).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
        return moment if moment <= clock.now() else None
    return None
