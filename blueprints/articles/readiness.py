"""What an editor holds, looked at before it is published: what must be mended first, and advice that keeps nobody from anything."""

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import select

from blueprints.articles.front_matter import BODY_MAX, CLOSE_DAYS_MAX, PLACE_MAX, ArticleFile
from blueprints.articles.models import Article, Series, Tag
from blueprints.articles.picture_queries import pictures_named
from blueprints.articles.queries import article_named
from blueprints.articles.tagging import by_key, is_tag, tag_names
from blueprints.articles.working_copies import Text
from blueprints.articles.write_queries import slugs_among
from core import clock
from core.config import settings
from core.database import db
from core.i18n import LANGUAGES, _, ngettext
from core.paragraphs import blocks_of, words_of
from core.picture_markup import pictures_in
from core.text import excerpt, has_invisible, length

LONG_PARAGRAPH, LONG_TITLE, SHOWN_MAX = 600, 40, 5

_HEADING = re.compile(r"<h([2-4])[ >]")
_PICTURE = re.compile(r'<img (?:[^>]* )?alt="\s*"|<img (?![^>]*alt=)')
_LINK = re.compile(r'<a href="(?:https?://([^/"]+))?/articles/([^/"?#]+)')


class Fault(NamedTuple):
    """What keeps a text from being published: the field of the editor, and what to do."""

    field: str
    words: str


def faults_in(article: Article, text: Text) -> list[Fault]:
    """Return what must be mended before a text can be published, in the order of the editor's fields."""
    title, slug = text["title"], text["slug"]
    rules = (
        (not title, "title", _("请写标题。")),
        (len(title) > Article.TITLE_MAX, "title", _("标题最多 %(high)s 个字。", high=Article.TITLE_MAX)),
        (has_invisible(title), "title", _("标题里有看不见的字符，请重新输入。")),
        (
            len(text["summary"]) > Article.SUMMARY_MAX,
            "summary",
            _("提要最多 %(high)s 个字。", high=Article.SUMMARY_MAX),
        ),
        (has_invisible(text["summary"]), "summary", _("提要里有看不见的字符，请重新输入。")),
        (not text.body.strip(), "body", _("正文还是空的。")),
        (len(text.body) > BODY_MAX, "body", _("正文最多 %(high)s 个字。", high=BODY_MAX)),
        (bool(slug) and not _is_slug(slug), "slug", _("地址只能用小写字母、数字和单个的连字符，例如 slow-reading。")),
        (_is_taken(article, slug), "slug", _("地址 %(slug)s 是或者曾经是另一篇文章的，请换一个。", slug=slug)),
        (text["lang"] not in LANGUAGES, "lang", _("请选一种语言。")),
        *_faults_beside(article, text),
    )
    return [Fault(field, words) for is_wrong, field, words in rules if is_wrong]


def _faults_beside(article: Article, text: Text) -> Sequence[tuple[bool, str, str]]:
    canonical, original = text["canonical"], text["translation_of"]
    days, place = text["close_days"], text["series_place"]
    return (
        (bool(wrong := _wrong_tags(text["tags"])), "tags", wrong),
        (len(text["series"]) > Series.TITLE_MAX, "series", _("系列的名字最多 %(high)s 个字。", high=Series.TITLE_MAX)),
        (
            bool(text["series_slug"]) and not _is_slug(text["series_slug"]),
            "series_slug",
            _("地址只能用小写字母、数字和单个的连字符，例如 slow-reading。"),
        ),
        (bool(place) and number(place, PLACE_MAX) is None, "series_place", _("第几篇要写一个数字。")),
        (bool(original) and _is_no_original(article, original), "translation_of", _("没有这个地址的另一篇文章。")),
        (bool(canonical) and not _is_address(canonical), "canonical", _("首发地址要以 https:// 开头。")),
        (
            text["comments"] == "days" and number(days, CLOSE_DAYS_MAX) is None,
            "close_days",
            _("几天后关闭，请写 1 到 %(high)s 之间的数字。", high=CLOSE_DAYS_MAX),
        ),
    )


def _is_slug(slug: str) -> bool:
    return Article.SLUG.fullmatch(slug) is not None and len(slug) <= Article.SLUG_MAX


def _is_taken(article: Article, slug: str) -> bool:
    """A courtesy; publishing decides."""
    owner = article_named(slug) if slug and _is_slug(slug) else None
    return owner is not None and owner.id != article.id


def _is_no_original(article: Article, slug: str) -> bool:
    original = article_named(slug) if _is_slug(slug) else None
    return original is None or original.id == article.id


def _wrong_tags(typed: str) -> str:
    names = by_key(tag_names(typed)).values()
    wrong = [name for name in names if not is_tag(name)]
    if wrong:
        return str(
            _("标签“%(name)s”不行：一个标签是 1 到 %(most)s 个字。", name=excerpt(wrong[0], 60), most=Tag.NAME_MAX)
        )
    return str(_("一篇文章最多 %(most)s 个标签。", most=Tag.PER_ARTICLE)) if len(names) > Tag.PER_ARTICLE else ""


def _is_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        named = bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return False
    plain = address.isascii() and not re.search(r"[\s\\<>\"]", address)
    return bool(parts.scheme == "https" and named and plain and len(address) <= Article.CANONICAL_MAX)


def number(typed: str, most: int) -> int | None:
    """Return a number from 1 to `most`, None where that is not what was typed."""
    fits = typed.isascii() and typed.isdigit() and len(typed) <= len(str(most)) and 1 <= int(typed) <= most
    return int(typed) if fits else None


def file_of(article: Article, text: Text, *, is_draft: bool) -> ArticleFile:
    """Return what an editor without faults holds as what is published: the same as a file says."""
    series = text["series"].strip()
    return ArticleFile(
        title=text["title"],
        slug=text["slug"] or _slug_for(article, text["title"]),
        summary=text["summary"],
        author=article.author,
        published_at=None,
        lang=text["lang"],
        comments_open=text["comments"] != "closed",
        body=text.body.strip("\n"),
        is_draft=is_draft,
        comments_close_days=number(text["close_days"], CLOSE_DAYS_MAX) if text["comments"] == "days" else None,
        translation_of=text["translation_of"],
        tags=tag_names(text["tags"]),
        series=series,
        series_slug=text["series_slug"] or (_series_slug(article, series) if series else ""),
        series_place=number(text["series_place"], PLACE_MAX) if series else None,
        canonical=text["canonical"],
        is_pinned=text["pinned"] == "yes",
    )


def _slug_for(article: Article, title: str) -> str:
    """Return an address for who named none: the title's where that is ASCII, else the day; a number behind what is taken."""
    made = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:80].strip("-") if title.isascii() else ""
    local: datetime = clock.now().astimezone(settings().timezone)
    base = made or f"{local:%Y-%m-%d}"
    tries = (base if turn == 1 else f"{base}-{turn}" for turn in range(1, 1000))
    return next((slug for slug in tries if not _is_taken(article, slug)), f"{base}-{article.id}")


def _series_slug(article: Article, title: str) -> str:
    known = db.session.scalar(select(Series.slug).where(Series.title == title).limit(1))
    made = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:80].strip("-") if title.isascii() else ""
    return known or made or f"series-{article.id}"


def advice_for(text: Text, html: str) -> list[str]:
    """Return what could be better, in sentences; none of it must be. `html` is the text rendered."""
    said = []
    if not text["summary"]:
        said.append(_("没有提要。列表、搜索和分享里会用正文的开头。"))
    if not tag_names(text["tags"]):
        said.append(_("没有标签。读者按标签找不到它。"))
    if length(text["title"]) > LONG_TITLE:
        said.append(_("标题超过 %(most)s 个字，分享图里会被截短。", most=LONG_TITLE))
    if pictures := len(_PICTURE.findall(html)):
        said.append(
            ngettext(
                "%(num)s 张图片没有说明。给图片写一句说明。", "%(num)s 张图片没有说明。给图片写一句说明。", pictures
            )
        )
    if unseen := _unseen_pictures(text.body):
        said.append(
            ngettext(
                "%(num)s 张图片读者看不到：传到这里的图片才显示，别处的和写错的地址只剩说明。",
                "%(num)s 张图片读者看不到：传到这里的图片才显示，别处的和写错的地址只剩说明。",
                unseen,
            )
        )
    return said + _about_headings(html) + _about_paragraphs(html) + _about_links(html)


def _unseen_pictures(body: str) -> int:
    names = [one.name for one in pictures_in(body)]
    there = {one.name for one in pictures_named([name for name in names if name])}
    return sum(1 for name in names if name not in there)


def _about_headings(html: str) -> list[str]:
    levels = [1, *map(int, _HEADING.findall(html))]
    jumps = sum(1 for before, after in pairwise(levels) if after > before + 1)
    words = ngettext(
        "%(num)s 处小标题跳了级，例如 ## 下面直接是 ####。", "%(num)s 处小标题跳了级，例如 ## 下面直接是 ####。", jumps
    )
    return [words] if jumps else []


def _about_paragraphs(html: str) -> list[str]:
    texts = (words_of(block) for block in blocks_of(html) if block.tag == "p")
    long = [words for words in texts if len(words) > LONG_PARAGRAPH]
    said = [
        _("这一段有 %(count)s 字，手机上要翻好几屏：“%(words)s”", count=len(one), words=excerpt(one, 30))
        for one in long[:SHOWN_MAX]
    ]
    more = ngettext("还有 %(num)s 段也很长。", "还有 %(num)s 段也很长。", len(long) - SHOWN_MAX)
    return said + ([more] if len(long) > SHOWN_MAX else [])


def _about_links(html: str) -> list[str]:
    ours = settings().address.partition("://")[2]
    slugs = list(dict.fromkeys(slug for host, slug in _LINK.findall(html) if host in ("", ours)))[:200]
    there = slugs_among(slugs) if slugs else set()
    return [
        _("这个链接没有通到文章：/articles/%(slug)s", slug=excerpt(slug, 60)) for slug in slugs if slug not in there
    ][:SHOWN_MAX]
