"""The states of the pages of the place: tags, archive, series, authors, and what stands around an article."""

from datetime import UTC, datetime
from typing import Any

from blueprints.auth.models import Role
from core.database import db
from tests import builders
from tests.stage import an_article, replies, state

WRITTEN = (
    ("paper", "纸的两面", "一面写字，一面透光。", (2015, 7, 3), ("纸", "手艺")),
    ("ink", "墨要慢磨", "", (2015, 7, 12), ("手艺", "慢")),
    ("letters", "三封没寄的信", "写完就放进抽屉。", (2015, 11, 30), ("信",)),
    ("margin", "页边的铅笔字", "前一个读者留下的话。", (2016, 2, 29), ("纸", "阅读")),
    ("window", "停下来看一会儿窗外", "", (2016, 3, 1), ("阅读", "慢")),
)


def a_shelf() -> None:
    """Publish some articles, three of them a series, one pinned."""
    for slug, title, summary, day, tags in WRITTEN:
        place = {"paper": 1, "ink": 2, "margin": 4}.get(slug)
        more: dict[str, Any] = {"series": "纸上的手艺", "series_slug": "craft", "series_place": place} if place else {}
        moment = datetime(*day, 4, 0, tzinfo=UTC)
        builders.article(
            slug, title, summary=summary, published_at=moment, tags=tags, is_pinned=slug == "letters", **more
        )


def a_translated_one() -> None:
    """Publish an article that was elsewhere first, has a translation, and stands in the middle of a series."""
    moment = datetime(2015, 9, 1, tzinfo=UTC)
    more: dict[str, Any] = {
        "series": "纸上的手艺",
        "series_slug": "craft",
        "series_place": 3,
        "tags": ("慢", "阅读", "手艺"),
    }
    article = an_article(published_at=moment, canonical="https://journal.example.org/2015/slow", **more)
    builders.article("slowly", "Reading slowly", lang="en", translation_of="hello", body="Take your time.")
    replies(article)


@state("front-pinned")
def _(browser):
    a_shelf()
    return browser.get("/")


@state("article-around")
def _(browser):
    a_shelf()
    a_translated_one()
    return browser.get("/articles/hello")


@state("tags")
def _(browser):
    a_shelf()
    return browser.get("/tags")


@state("tags-empty")
def _(browser):
    return browser.get("/tags")


@state("tag")
def _(browser):
    a_shelf()
    return browser.get("/tags/手艺")


@state("archive")
def _(browser):
    a_shelf()
    a_translated_one()
    return browser.get("/archive")


@state("archive-empty")
def _(browser):
    return browser.get("/archive")


@state("year")
def _(browser):
    a_shelf()
    return browser.get("/archive/2015")


@state("year-none", 404)
def _(browser):
    a_shelf()
    return browser.get("/archive/2014")


@state("month")
def _(browser):
    a_shelf()
    return browser.get("/archive/2015/7")


@state("month-page-2")
def _(browser):
    for number in range(25):
        builders.article(f"a-{number}", f"第 {number} 篇", published_at=datetime(2015, 7, number + 1, tzinfo=UTC))
    return browser.get("/archive/2015/7?before=a-5")


@state("month-none", 404)
def _(browser):
    a_shelf()
    return browser.get("/archive/2015/8")


@state("series")
def _(browser):
    a_shelf()
    a_translated_one()
    return browser.get("/series/craft")


@state("author")
def _(browser):
    a_shelf()
    return browser.get("/authors/沈未")


@state("author-introduced")
def _(browser):
    a_shelf()
    builders.user("沈未", "shen@example.com", Role.AUTHOR).introduction = "在抽屉里写了二十年，现在写在这里。"
    db.session.commit()
    return browser.get("/authors/沈未")


@state("introduction")
def _(browser):
    builders.user("沈未", "shen@example.com", Role.AUTHOR)
    builders.log_in(browser, "沈未")
    return browser.get("/account/introduction")


@state("introduction-too-long", 422)
def _(browser):
    builders.user("沈未", "shen@example.com", Role.AUTHOR)
    builders.log_in(browser, "沈未")
    token = builders.hidden(browser.get("/account/introduction"), "csrf_token")
    return browser.post("/account/introduction", data={"csrf_token": token, "introduction": "长" * 203})


@state("author-without-articles")
def _(browser):
    builders.user("山中客", "reader@example.com", Role.AUTHOR)
    return browser.get("/authors/山中客")
