"""The states of the pages people read."""

from datetime import timedelta

from blueprints.articles.paragraphs import paragraphs_of
from blueprints.auth.models import Role
from blueprints.comments.models import Status
from blueprints.site.commands import fill_empty_site
from blueprints.site.maintenance import close_until, open_again
from core import clock
from core.database import db
from tests import builders
from tests.builders import log_in, reply_form
from tests.moments import later
from tests.stage import an_article, replies, state

PARAGRAPHS = """- 一张纸
- 一支笔

一本书读到一半，停下来，看一会儿窗外。窗外有一棵树，树下有人在等车，车一直不来，他就一直等着，手里的报纸翻到了最后一版。

## 停顿

停顿也是*阅读*的一部分。

> 慢一点。
>
> 再慢一点。

```
读 → 停 → 读
```

| 书 | 页 |
|----|----|
| 旧伞 | 三十 |

写在纸上的字，**不会**催人。"""


def revised():
    """Publish an article and revise it twice."""
    long = "\n\n".join(f"第 {number} 段没有人动过。" for number in range(1, 15))
    an_article(body=f"{PARAGRAPHS}\n\n{long}")
    with later(days=1):
        an_article(
            body=f"{PARAGRAPHS}\n\n{long}".replace("车一直不来", "车总也不来").replace(
                "> 再慢一点。", "> 再慢一点，更慢一点。"
            )
        )
    with later(days=2):
        body = f"{PARAGRAPHS}\n\n{long}\n\n后来雨停了。".replace("车一直不来", "车总也不来").replace(
            "停顿也是*阅读*的一部分。\n\n", ""
        )
        return builders.article("hello", "慢慢地读", summary="关于停顿的几句话，写了两遍。", body=body)


@state("front")
def _(browser):
    fill_empty_site()
    return browser.get("/")


@state("front-empty")
def _(browser):
    return browser.get("/")


@state("front-page-2")
def _(browser):
    for number in range(45):
        builders.article(f"a-{number}", f"第 {number} 篇")
    return browser.get("/?before=a-24")


@state("article")
def _(browser):
    replies(an_article())
    return browser.get("/articles/hello")


@state("article-long")
def _(browser):
    fill_empty_site()
    return browser.get("/articles/slow-reading")


@state("article-paragraphs")
def _(browser):
    fill_empty_site()
    return browser.get("/articles/slow-reading?paragraphs=1")


@state("article-quoted")
def _(browser):
    article = an_article(body=PARAGRAPHS)
    keys = [one.key for one in paragraphs_of(article) if one.key]
    article.quoted = {keys[0]: 3, keys[1]: 1, keys[4]: 12}
    db.session.commit()
    replies(article)
    return browser.get("/articles/hello")


@state("article-quoted-paragraphs")
def _(browser):
    browser.set_cookie("prefs", "indent-on.paragraphs-on")
    article = an_article(body=PARAGRAPHS)
    article.quoted = {one.key: one.number for one in paragraphs_of(article) if one.key}
    db.session.commit()
    replies(article)
    return browser.get("/articles/hello")


@state("article-updated")
def _(browser):
    replies(revised())
    return browser.get("/articles/hello")


@state("article-changes")
def _(browser):
    revised()
    return browser.get("/articles/hello/changes")


@state("article-changes-page-2")
def _(browser):
    for number in range(25):
        an_article(body=PARAGRAPHS.replace("一张纸", f"{number} 张纸"))
    return browser.get("/articles/hello/changes?before=15")


@state("article-changes-none")
def _(browser):
    an_article()
    return browser.get("/articles/hello/changes")


@state("article-draft")
def _(browser):
    builders.user("沈未", "shen@example.com", Role.AUTHOR)
    an_article(is_draft=True)
    log_in(browser, "沈未")
    return browser.get("/articles/hello")


@state("article-draft-stranger", 404)
def _(browser):
    an_article(is_draft=True)
    return browser.get("/articles/hello")


@state("article-english")
def _(browser):
    fill_empty_site()
    return browser.get("/articles/margins")


@state("article-code")
def _(browser):
    table = "\n\n| 项 | 值 |\n|---|---|\n" + "| 很长的一格 | " + "https://example.org/" * 9 + " |\n"
    an_article(body="先看代码：\n\n```css\n.prose { line-height: 1.85; " + "/* 很长 */ " * 20 + "}\n```" + table)
    return browser.get("/articles/hello")


@state("article-no-replies")
def _(browser):
    an_article()
    return browser.get("/articles/hello")


@state("article-closed")
def _(browser):
    replies(an_article())
    an_article(comments_open=False)
    return browser.get("/articles/hello")


@state("thread-page-2")
def _(browser):
    builders.many_comments(an_article(), 120)
    return browser.get("/articles/hello?from=51")


@state("thread-newest")
def _(browser):
    replies(an_article())
    return browser.get("/articles/hello?sort=newest")


@state("thread-author")
def _(browser):
    fill_empty_site()
    return browser.get("/articles/slow-reading?sort=author")


@state("thread-author-none")
def _(browser):
    replies(an_article())
    return browser.get("/articles/hello?sort=author")


@state("thread-continued")
def _(browser):
    replies(an_article())
    return browser.get("/articles/hello?from=3")


@state("thread-tombstone")
def _(browser):
    replies(an_article())[0].status = Status.DELETED
    db.session.commit()
    return browser.get("/articles/hello")


@state("not-found", 404)
def _(browser):
    return browser.get("/nowhere")


@state("gone", 410)
def _(browser):
    an_article().withdrawn_at = clock.now()
    db.session.commit()
    return browser.get("/articles/hello")


@state("refused", 403)
def _(browser):
    an_article()
    return browser.post(
        "/articles/hello/comments", data={"body": "从别处来"}, headers={"Origin": "https://elsewhere.example"}
    )


@state("wrong-method", 405)
def _(browser):
    return browser.post("/privacy")


@state("too-large", 413)
def _(browser):
    return browser.post("/login", data={"username": "a" * 3_000_000})


@state("fault", 500)
def _(browser):
    app = browser.application
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.view_functions["site.security_txt"] = lambda: 1 // 0
    return browser.get("/.well-known/security.txt")


@state("maintenance", 503)
def _(browser):
    close_until(clock.now() + timedelta(minutes=40))
    try:
        return browser.get("/articles/hello")
    finally:
        open_again()


@state("maintenance-typed", 503)
def _(browser):
    form = reply_form(browser, an_article().slug, body="刚写好的一大段话，\n\n不能丢。")
    close_until(clock.now() + timedelta(minutes=40))
    try:
        return browser.post("/articles/hello/comments", data=form)
    finally:
        open_again()


@state("about")
def _(browser):
    return browser.get("/about")


@state("privacy")
def _(browser):
    return browser.get("/privacy")


@state("reading-settings")
def _(browser):
    return browser.get("/settings/reading")


@state("reading-settings-saved")
def _(browser):
    an_article()
    chosen = {"theme": "dark", "face": "song", "size": "large", "indent": "on", "shortcuts": "on", "article": "hello"}
    return browser.post("/settings/reading", data=chosen, follow_redirects=True)


@state("reading-settings-reset")
def _(browser):
    return browser.post("/settings/reading", data={"reset": "1"}, follow_redirects=True)


@state("article-dark-song")
def _(browser):
    browser.set_cookie("prefs", "theme-dark.face-song.size-larger.indent-on")
    replies(an_article())
    return browser.get("/articles/hello")


@state("article-light-small")
def _(browser):
    browser.set_cookie("prefs", "theme-light.size-small")
    fill_empty_site()
    return browser.get("/articles/margins")
