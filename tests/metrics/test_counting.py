"""Counting how often articles are opened: whoever looks like a reader, about nobody, written once a minute."""

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import inspect, select

from blueprints.metrics.models import DailyCount
from blueprints.metrics.queries import most_opened, today
from core import clock
from core.database import db
from tests import builders
from tests.moments import at_once, later

BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
READER = {"User-Agent": BROWSER}


@pytest.fixture(autouse=True)
def begun(app):
    """A process that has counted nothing yet."""
    app.extensions["opens"].__init__()


def opened(article_id=0):
    rows = select(DailyCount.count).where(DailyCount.name == "opens", DailyCount.article_id == article_id)
    db.session.rollback()
    return db.session.scalar(rows) or 0


def test_an_opened_article_is_counted_for_itself_and_for_the_site(client, article):
    builders.article("other", "另一篇")

    client.get("/articles/hello", headers=READER)
    with later(minutes=1):
        client.get("/articles/other", headers=READER)

    assert (opened(), opened(article.id)) == (2, 1)
    assert [(slug, count) for slug, _title, _lang, count in most_opened(5)] == [("other", 1), ("hello", 1)]


def test_what_comes_within_a_minute_is_written_with_the_next(client, article, statements):
    client.get("/articles/hello", headers=READER)
    client.get("/", headers=READER)
    statements.clear()

    for _ in range(3):
        client.get("/articles/hello", headers=READER)
    assert opened() == 1 and not any("daily_count" in one for one in statements if "INSERT" in one)

    with later(seconds=61):
        client.get("/articles/hello", headers=READER)
    assert opened() == 5


def test_a_page_that_was_kept_is_opened_all_the_same(client, article):
    tag = client.get("/articles/hello", headers=READER).headers["ETag"]

    with later(minutes=2):
        assert client.get("/articles/hello", headers=READER | {"If-None-Match": tag}).status_code == 304

    assert opened() == 2


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
        "Mozilla/5.0 (compatible; bingbot/2.0)",
        "Sogou web spider/4.0",
        "facebookexternalhit/1.1",
        "WhatsApp/2.23",
        "Slackbot-LinkExpanding 1.0",
        "curl/8.5.0",
        "Wget/1.21",
        "python-requests/2.32",
        "Go-http-client/2.0",
        "Feedly/1.0",
        BROWSER.replace("Chrome", "HeadlessChrome"),
        BROWSER + " Chrome-Lighthouse",
        "x" * 300 + " bot",
    ],
)
def test_robots_are_not_counted(client, article, agent):
    client.get("/articles/hello", headers={"User-Agent": agent})

    assert opened() == 0


@pytest.mark.parametrize(
    "agent",
    [
        BROWSER,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.50",
        "Mozilla/5.0 (Linux; U; Android 10; zh-cn; CUBOT X30) AppleWebKit/537.36 MQQBrowser/12.9 Mobile Safari/537.36",
        "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/97 Mobile Safari/537.36 baiduboxapp/13.9",
        "Lynx/2.9.0",
        "x" * 100_000 + " bot",
    ],
)
def test_browsers_are_counted(client, article, agent):
    client.get("/articles/hello", headers={"User-Agent": agent})

    assert opened() == 1


@pytest.mark.parametrize(
    "more",
    [
        {"Sec-Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"X-Moz": "prefetch"},
        {"Referer": "http://localhost/articles/hello"},
        {"Referer": "http://localhost/articles/hello?from=51#comment-7"},
    ],
)
def test_a_page_fetched_ahead_or_a_step_within_it_is_not_counted(client, article, more):
    client.get("/articles/hello", headers=READER | more)

    assert opened() == 0


@pytest.mark.parametrize("path", ["/articles/nowhere", "/articles/hello/changes", "/", "/about", "/articles/draft"])
def test_what_is_no_public_article_is_not_counted(client, article, mei, path):
    builders.article("draft", "草稿", is_draft=True)

    client.get(path, headers=READER)
    client.head("/articles/hello", headers=READER)

    assert opened() == 0


def test_a_draft_its_moderator_looks_at_is_not_counted(client, lin):
    builders.article("draft", "草稿", is_draft=True)
    builders.log_in(client, "林舟")

    assert client.get("/articles/draft", headers=READER).status_code == 200

    assert opened() == 0


def test_openings_before_midnight_are_those_of_that_day(client, article):
    with clock.standing_at(clock.now().replace(hour=15, minute=59, second=30)):  # 23:59:30 in Shanghai
        day = today()
        client.get("/articles/hello", headers=READER)
        with later(seconds=10):
            client.get("/articles/hello", headers=READER)
        with later(seconds=70):
            client.get("/articles/hello", headers=READER)

    rows = select(DailyCount.day, DailyCount.count).where(DailyCount.article_id == 0).order_by(DailyCount.day)
    db.session.rollback()
    assert db.session.execute(rows).all() == [(day, 2), (day + timedelta(days=1), 1)]


def test_nothing_about_whoever_opened_it_is_kept(app, client, article):
    answer = client.get("/articles/hello", headers=READER)

    assert "Set-Cookie" not in answer.headers and answer.headers["Cache-Control"] == "public, no-cache"
    columns = {column["name"] for column in inspect(db.engine).get_columns("daily_count")}
    assert columns == {"name", "day", "article_id", "count"}


def test_of_many_at_once_none_is_lost(app, article):
    count, browsers = 12, [app.test_client() for _ in range(12)]

    at_once([partial(browser.get, "/articles/hello", headers=READER) for browser in browsers])
    with later(minutes=2):
        browsers[0].get("/articles/hello", headers=READER)

    assert opened() == count + 1
