"""What the head of a page says to search engines and to those who share its address."""

import json
from datetime import UTC, datetime, timedelta

import html5lib
import pytest

from blueprints.admin.pages import page_text, save_page
from blueprints.articles.models import Tag
from blueprints.auth.models import Role
from blueprints.comments.models import Comment
from blueprints.comments.visibility import remove
from core import clock
from core.database import db
from tests import builders
from tests.builders import comment, many_comments
from tests.feeds.rules import demand_article_data

HERE = "http://127.0.0.1:8000"


def head_of(client, path="/articles/hello", **headers):
    page = client.get(path, headers=headers)
    assert page.status_code == 200
    return html5lib.HTMLParser(namespaceHTMLElements=False).parse(page.text).find("head")


def canonical(head):
    [link] = head.findall("link[@rel='canonical']")
    return link.get("href")


def data_of(head):
    [script] = head.findall("script[@type='application/ld+json']")
    return json.loads(script.text)


def properties(head):
    return {one.get("property"): one.get("content") for one in head.findall("meta[@property]")}


def test_every_page_of_an_article_has_one_address(client, article):
    many_comments(article, 120)

    assert canonical(head_of(client)) == f"{HERE}/articles/hello"
    for query in (
        "sort=newest",
        "paragraphs=1",
        "to=3",
        "from=1",
        "lang=en",
        "utm_source=x",
        "about=abcd1234",
        "sort=author",
    ):
        assert canonical(head_of(client, f"/articles/hello?{query}")) == f"{HERE}/articles/hello", query
    assert canonical(head_of(client, "/articles/hello?from=51")) == f"{HERE}/articles/hello?from=51"


def test_a_text_published_elsewhere_first_names_that_place(client, article):
    article.canonical = "https://example.org/essay?a=1&b=2"
    db.session.commit()

    head = head_of(client)

    assert canonical(head) == properties(head)["og:url"] == "https://example.org/essay?a=1&b=2"
    assert data_of(head)["mainEntityOfPage"] == "https://example.org/essay?a=1&b=2"


def test_translations_name_each_other_and_themselves(client, article):
    english = builders.article("hello-en", "The first on paper", lang="en")
    english.translation_of_id = article.id
    db.session.commit()

    for slug in ("hello", "hello-en"):
        named = {
            one.get("hreflang"): one.get("href")
            for one in head_of(client, f"/articles/{slug}").findall("link[@hreflang]")
        }
        assert named == {"zh-Hans": f"{HERE}/articles/hello", "en": f"{HERE}/articles/hello-en"}

    english.withdrawn_at = clock.now()
    db.session.commit()
    assert head_of(client).findall("link[@hreflang]") == []


def test_of_two_translations_into_one_language_the_first_is_named(client, article):
    for slug in ("hello-en", "hello-again"):
        builders.article(slug, "On paper", lang="en", translation_of="hello")

    named = [
        (one.get("hreflang"), one.get("href").removeprefix(HERE)) for one in head_of(client).findall("link[@hreflang]")
    ]

    assert named == [("zh-Hans", "/articles/hello"), ("en", "/articles/hello-en")]


def test_an_article_names_its_feeds(client, article):
    named = {one.get("href"): one.get("type") for one in head_of(client).findall("link[@rel='alternate']")}

    assert named == {
        f"{HERE}/articles/hello/replies.atom": "application/atom+xml",
        f"{HERE}/articles/hello/replies.json": "application/feed+json",
        f"{HERE}/feed.atom": "application/atom+xml",
        f"{HERE}/feed.json": "application/feed+json",
    }
    assert all(client.get(href.removeprefix(HERE)).status_code == 200 for href in named)


def test_lists_name_their_feeds_and_their_one_address(client, article):
    article.tags.append(Tag(name="阅读", key="阅读"))
    db.session.commit()

    for path, feed in (
        ("/", "/feed"),
        ("/tags/阅读", "/tags/%E9%98%85%E8%AF%BB/feed"),
        ("/authors/沈未", "/authors/%E6%B2%88%E6%9C%AA/feed"),
    ):
        head = head_of(client, path)
        feeds = [one.get("href") for one in head.findall("link[@rel='alternate']")]
        assert feeds[:2] == [f"{HERE}{feed}.atom", f"{HERE}{feed}.json"]
        assert canonical(head) == HERE + (path if path == "/" else feed.removesuffix("/feed"))
        assert canonical(head_of(client, f"{path}?utm_source=x&before=hello")) == canonical(head) + "?before=hello"
        assert properties(head)["og:type"] == "website" and properties(head)["og:title"]


@pytest.mark.parametrize(
    "path", ["/tags", "/archive", "/archive/2015", "/archive/2015/7", "/series/craft", "/about", "/privacy", "/feeds"]
)
def test_every_page_a_search_engine_may_keep_has_one_address(client, path):
    day = datetime(2015, 7, 12, tzinfo=UTC)
    builders.article(published_at=day, tags=("纸",), series="手艺", series_slug="craft")

    head = head_of(client, f"{path}?utm_source=x&before=hello&lang=en")

    assert canonical(head).removesuffix("?before=hello") == HERE + path
    assert properties(head)["og:url"] == canonical(head) and properties(head)["og:title"]
    assert head.findall("link[@rel='alternate']")[0].get("href") == f"{HERE}/feed.atom"


def test_a_page_further_on_is_one_of_its_own(client, app):
    day = datetime(2015, 7, 1, tzinfo=UTC)
    for number in range(22):
        builders.article(f"a-{number}", published_at=day + timedelta(hours=number), series="手艺", series_slug="craft")

    for path in ("/archive/2015/7?before=a-5", "/series/craft?from=a-20"):
        assert canonical(head_of(client, path)) == HERE + path


@pytest.mark.parametrize("path", ["/about", "/pages/contact"])
def test_a_page_of_the_owner_has_one_address(client, app, path):
    owner = builders.user("陆岸", "lu@example.com", Role.ADMINISTRATOR)
    save_page(path.rpartition("/")[2], "zh", page_text("联系", "写信。", "zh", 1), seen=0, by=owner)
    db.session.commit()

    assert canonical(head_of(client, f"{path}?x=1")) == HERE + path
    assert properties(head_of(client, path))["og:title"] == "联系"


def test_a_shared_link_shows_title_words_and_a_picture(client, article):
    article.summary = "关于“停顿”的几句话 & <更多>。"
    article.updated_at = article.published_at + timedelta(hours=1)
    article.tags.append(Tag(name="阅读", key="阅读"))
    db.session.commit()

    told = properties(head_of(client))

    assert told["og:title"] == article.title and told["og:description"] == article.summary
    assert (told["og:type"], told["og:locale"], told["og:site_name"]) == ("article", "zh_CN", "纸上")
    assert told["article:published_time"] < told["article:modified_time"] and told["article:tag"] == "阅读"
    assert (told["og:image:width"], told["og:image:height"]) == ("1200", "630") and article.title in told[
        "og:image:alt"
    ]
    assert client.get(told["og:image"].removeprefix(HERE)).mimetype == told["og:image:type"]


def test_structured_data_are_as_documented(client, article, mei):
    first = comment(article, "第一条。")
    answer = comment(article, "回应第一条。", first, user=mei, nickname=mei.username)
    comment(article, "还在等。", held=True)

    data = data_of(head_of(client))

    demand_article_data(data)
    assert (data["headline"], data["author"]["name"], data["inLanguage"]) == (article.title, "沈未", "zh-Hans")
    assert [one["text"] for one in data["comment"]] == ["第一条。", "回应第一条。"]
    assert [one["author"]["name"] for one in data["comment"]] == ["南山", "梅子"]
    assert data["comment"][1]["url"] == f"{HERE}/comments/{answer.id}"
    assert data["comment"][1]["parentItem"]["@id"] == data["comment"][0]["@id"] == f"{HERE}/comments/{first.id}"
    assert "example.com" not in json.dumps(data)


def test_a_reply_taken_down_is_in_no_data(client, article):
    """T48."""
    first = comment(article, "第一条。")
    comment(article, "回应。", first)
    remove(db.session.get_one(Comment, first.id), "广告")
    db.session.commit()

    data = data_of(head_of(client))

    demand_article_data(data)
    [left] = data["comment"]
    assert left["text"] == "回应。" and "parentItem" not in left


@pytest.mark.parametrize("words", ["</script><script>alert(1)</script>", "<!--<script>", "]]>\u2028\u2029&lt;\"'\\"])
def test_what_people_write_stays_within_the_data(client, article, words):
    """S01."""
    article.title, article.summary = words, words
    db.session.commit()
    comment(article, words)

    head = head_of(client)

    assert data_of(head)["headline"] == words
    assert len(head.findall("script")) == 2 and head.find("script[@src]").get("type") == "module"


def test_data_are_written_in_the_letters_of_the_page(client, article):
    assert f'"headline": "{article.title}"' in client.get("/articles/hello").text


def test_a_page_nobody_else_sees_says_nothing(client, article, lin):
    article.published_at = None
    db.session.commit()
    builders.log_in(client, lin.username)

    head = head_of(client)

    assert head.findall("script[@type='application/ld+json']") == [] and properties(head) == {}
