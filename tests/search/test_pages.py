"""The page of search: every state, and nothing in what is typed or found that is more than text."""

import re

import html5lib
import pytest
from markupsafe import escape
from sqlalchemy import select

from blueprints.comments.models import Comment
from blueprints.search.finding import SEARCHES, TEXT_MAX
from blueprints.search.indexing import index_article
from core.database import db
from core.markup import render_comment
from tests import builders
from tests.comments.payloads import PAYLOADS


def marks(page):
    return re.findall(r'<mark class="hit__mark">([^<]*)</mark>', page.text)


def test_without_words_the_page_asks_for_some(client):
    page = client.get("/search")

    assert page.status_code == 200
    assert "写几个字再搜。" in page.text
    assert "X-Robots-Tag" not in page.headers
    assert client.get("/search?q=慢").headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in page.headers


def test_hits_are_marked_in_the_sentence_around_them(client, article):
    builders.comment(article, "前面一句。这里写着讀書两个字，别的没有。后面一句。")

    page = client.get("/search?q=读书")

    assert marks(page) == ["讀書"]
    assert "这里写着<mark" in page.text and "别的没有。 </p>" in page.text
    assert "前面一句" not in page.text and "后面一句" not in page.text
    assert "1 楼" in page.text


def test_nothing_found_keeps_the_words_and_says_what_may_help(client, article):
    page = client.get("/search?q=没有人写过")

    assert page.status_code == 200
    assert "没有找到“没有人写过”。换个词，或少写几个字试试。" in page.text
    assert 'value="没有人写过"' in page.text


@pytest.mark.parametrize("query", ["？！", "* OR NEAR(", '"', "“”", "|article", "|"])
def test_a_query_of_signs_finds_nothing_and_breaks_nothing(client, article, query):
    assert client.get("/search", query_string={"q": query}).status_code == 200
    assert marks(client.get("/search", query_string={"q": query})) == []


@pytest.mark.parametrize("query", ["می\u200cخواهم", "exam\u00adple", "example", "读\u200b书", "\u202e读书"])
def test_what_is_not_seen_parts_no_word_that_is_looked_for(client, article, query):
    builders.comment(article, "او می\u200cخواهم بخواند, exam\u00adple, 读书。")

    assert len(marks(client.get("/search", query_string={"q": query}))) == 1


def test_what_joins_letters_stays_in_the_field_and_what_turns_them_does_not(client, article):
    page = client.get("/search", query_string={"q": "می\u200cخواهم \u202e读\u00ad书"})

    assert 'value="می\u200cخواهم 读书"' in page.text
    assert "\u202e" not in page.text and "\u00ad" not in page.text


def test_50_kilobytes_are_refused_with_words_and_kept(client, article):
    """T69"""
    term = "慢慢读\x00(" * 4000

    page = client.get("/search", query_string={"q": term})

    assert page.status_code == 422
    assert "最多 200 个字，现在超出" in page.text
    assert ("慢慢读 (" * 100) in page.text
    assert "\x00" not in page.text


def test_200_characters_are_looked_for(client, article):
    builders.comment(article, "读" * 200)

    assert marks(client.get("/search?q=" + "读" * 200)) == ["读" * 200]
    assert client.get("/search?q=" + "a b " * 50).status_code == 200
    assert client.get("/search?q=" + "读 写 " * 50).status_code == 200


@pytest.mark.parametrize("query", ["一 二 三 四 五 六 七 八 九 十 山 水 云 雨", '"' + "a " * 13 + 'b"'])
def test_too_many_words_are_refused_with_words_and_kept(client, article, query):
    page = client.get("/search", query_string={"q": query})

    assert page.status_code == 422
    assert "最多 12 个词，现在超出 2 个。" in page.text
    assert escape(query) in page.text
    assert (
        client.get("/search", query_string={"q": query.replace("云 雨", "").replace("a a ", "", 1)}).status_code == 200
    )


def test_who_searches_too_often_waits_keeps_the_words_and_holds_up_nobody_else(client, other, article):
    for _time in range(SEARCHES.count):
        assert client.get("/search?q=第一篇").status_code == 200

    page = client.get("/search?q=第二段&author=沈未")

    assert page.status_code == 429
    assert "搜得太勤了，请" in page.text and int(page.headers["Retry-After"]) <= SEARCHES.seconds
    assert 'value="第二段"' in page.text and 'value="沈未"' in page.text
    assert marks(page) == []
    assert client.get("/search").status_code == 200
    assert other.get("/search?q=第一篇", environ_overrides={"REMOTE_ADDR": "203.0.113.7"}).status_code == 200


def test_of_a_very_long_text_the_beginning_is_looked_at_for_what_is_shown(client, article):
    article.body_html = f'<p>开头的话。{"字" * TEXT_MAX}</p><p title="{"题" * 9}">很后面的话。</p>'
    index_article(article)
    builders.comment(article, "第一句有雨。" + "别的话。" * 20)
    db.session.commit()

    page = client.get("/search?q=很后面")

    assert "开头的话。" in page.text and marks(page) == []
    assert marks(client.get("/search?q=雨")) == ["雨"]


@pytest.mark.parametrize("date", ["昨天", "2015-13", "2015-02-30", "9999", "0000", "2015-", "1" * 5000])
def test_what_is_no_date_is_said_at_its_field(client, article, date):
    page = client.get("/search", query_string={"q": "雨", "since": date})

    assert page.status_code == 422
    assert "请写年、月或日" in page.text
    assert 'id="since-error"' in page.text


@pytest.mark.parametrize(
    "mark", ["x", "1_x", "99999999999999999999", "9" * 5000, "1e5", "9223372036854775808", "1_nan"]
)
def test_a_page_that_cannot_be_is_not_found(client, article, mark):
    assert client.get("/search", query_string={"q": "第", "before": mark}).status_code == 404
    assert client.get("/search", query_string={"q": "第", "before": mark, "sort": "best"}).status_code == 404


def test_after_the_last_page_nothing_is_left(client, article):
    page = client.get("/search?q=第&before=0")

    assert page.status_code == 200
    assert "后面没有了。" in page.text and "回到第一页" in page.text


def test_payloads_are_text_in_the_query_and_in_what_is_found(client, article):
    """S01"""
    for number, payload in enumerate(PAYLOADS[::7]):
        asked = {"q": payload, "author": payload, "tag": payload, "kind": payload}
        page = client.get("/search", query_string=asked, environ_overrides={"REMOTE_ADDR": f"203.0.{number}.7"})
        html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page.text)
        assert page.status_code in (200, 422)
    builders.many_comments(article, 20)
    for reply, payload in zip(db.session.scalars(select(Comment)), PAYLOADS[:: len(PAYLOADS) // 20], strict=False):
        words = payload.replace("\x00", "\ufffd")
        reply.nickname, reply.body_html = words, render_comment(f"暗号 {words}")
    builders.read_in()

    page = client.get("/search?q=暗号")

    document = html5lib.HTMLParser(namespaceHTMLElements=False).parse(page.text)
    assert len(marks(page)) == 20
    hits = [element for element in document.iter("li") if element.get("class") == "hit"]
    inside = {element.tag for hit in hits for element in hit.iter()}
    assert inside == {"li", "h2", "a", "span", "p", "mark", "time"}


def test_the_masthead_leads_to_search_and_a_missing_page_has_its_field(client, article):
    assert 'href="/search"' in client.get("/").text
    missing = client.get("/nowhere")

    assert missing.status_code == 404
    assert '<form class="form" method="get" action="/search" role="search">' in missing.text


def test_another_language_keeps_what_was_looked_for(client, article):
    page = client.get("/search?q=雨&kind=replies&author=沈未&since=2015&sort=best")

    link = re.findall(r'href="(/search\?[^"]+lang=en)"', page.text)
    english = client.get(link[0].replace("&amp;", "&"))
    assert 'value="雨"' in english.text and 'value="沈未"' in english.text and 'value="2015"' in english.text
    assert 'name="kind" value="replies"' in english.text and 'name="sort" value="best"' in english.text


def test_a_kept_page_is_not_sent_again(client, article):
    first = client.get("/search?q=第一篇")

    assert client.get("/search?q=第一篇", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
