"""The states of search."""

from tests import builders
from tests.stage import an_article, member, replies, state


def something_to_find() -> None:
    """An article and four replies under it, and another one in the other script."""
    replies(an_article())
    builders.article(
        "walk",
        "散步與閱讀",
        author="林舟",
        summary="同一條路，走三遍。",
        body="走路的時候，也在讀。讀什麼？讀樹，讀雲，讀別人家的窗。\n\n一本書帶在身上，不一定打開。",
    )
    builders.article(
        "reading", "Reading slowly", lang="en", body="A page is read twice. Once is not reading; 慢读 is reading."
    )


@state("search")
def _(browser):
    something_to_find()
    return browser.get("/search")


@state("search-found")
def _(browser):
    something_to_find()
    return browser.get("/search?q=读")


@state("search-member")
def _(browser):
    something_to_find()
    member(browser)
    return browser.get("/search?q=读 书&sort=best")


@state("search-narrowed")
def _(browser):
    something_to_find()
    return browser.get("/search?q=读&kind=articles&author=林舟&since=2020")


@state("search-nothing")
def _(browser):
    something_to_find()
    return browser.get("/search?q=没有人写过的话")


@state("search-nothing-narrowed")
def _(browser):
    something_to_find()
    return browser.get("/search?q=读&author=没有这个人")


@state("search-pages")
def _(browser):
    builders.many_comments(an_article(), 60)
    builders.read_in()
    first = browser.get("/search?q=回复").text
    later = first.partition("/search?before=")[2].partition('"')[0].replace("&amp;", "&")
    return browser.get(f"/search?before={later}")


@state("search-too-long", 422)
def _(browser):
    something_to_find()
    return browser.get("/search?q=" + "慢慢读" * 80)


@state("search-too-many", 422)
def _(browser):
    something_to_find()
    return browser.get("/search?q=" + "读 慢 写 字 纸 看 心 静 来 日 月 山 水")


@state("search-too-often", 429)
def _(browser):
    something_to_find()
    for _time in range(30):
        browser.get("/search?q=读")
    return browser.get("/search?q=慢慢读")


@state("search-no-date", 422)
def _(browser):
    something_to_find()
    return browser.get("/search?q=读&since=昨天")
