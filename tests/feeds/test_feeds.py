"""Feeds: valid by their rules, read by a reader's library, and never more than the public sees."""

import json
from datetime import timedelta

import feedparser
import pytest
from sqlalchemy import select

from blueprints.articles.models import Article, FormerSlug, Tag
from blueprints.articles.queries import ARTICLES_PER_PAGE
from blueprints.comments.models import Comment, Status
from blueprints.comments.visibility import hide, hold_again, remove
from blueprints.feeds.filling import PAGE_BYTES
from blueprints.feeds.naming import with_whole_addresses
from core import clock
from core.database import db
from tests import builders
from tests.builders import comment, many_comments
from tests.feeds.rules import ATOM, demand_atom, demand_json_feed, one

HOSTILE = "]]> & <script>\x0b\x00\ufffe😀 \u202eعنوان\u2028 ' \" 𠮷"


def tagged(slug="hello", names=("阅读",), **more):
    made = builders.article(slug, **more)
    for name in names:
        found = db.session.scalar(select(Tag).where(Tag.key == name))
        made.tags.append(found or Tag(name=name, key=name))
    db.session.commit()
    return made


@pytest.fixture
def feeds(app):
    """Return an address of every kind of feed, without its format, all of them with something in them."""
    first = comment(tagged(), "第一条。")
    comment(first.article, "回应第一条。", first)
    return [
        "/feed",
        "/authors/沈未/feed",
        "/tags/阅读/feed",
        "/articles/hello/replies",
        f"/comments/{first.id}/thread",
    ]


def test_every_feed_is_valid_atom_and_read_by_a_reader(client, feeds):
    for path in feeds:
        answer = client.get(f"{path}.atom")
        read = feedparser.parse(answer.data)

        assert answer.content_type == "application/atom+xml; charset=utf-8"
        demand_atom(answer.data)
        assert not read.bozo and read.version == "atom10" and read.entries
        assert all(entry.author and entry.content[0].value and entry.published_parsed for entry in read.entries)


def test_every_feed_is_a_valid_json_feed(client, feeds):
    for path in feeds:
        answer = client.get(f"{path}.json")

        assert answer.content_type == "application/feed+json"
        demand_json_feed(json.loads(answer.data))
        assert json.loads(answer.data)["items"]


def test_a_feed_holds_the_whole_text_with_addresses_that_lead_back(client, app):
    tagged(
        body='读[关于](/about)，见[后文](#p-1)，[别处](https://example.org/x)，写信[给](mailto:a@example.org)。\n\n`<a href="/x">`'
    )

    [entry] = json.loads(client.get("/feed.json").data)["items"]

    assert 'href="http://127.0.0.1:8000/about"' in entry["content_html"]
    assert 'href="http://127.0.0.1:8000/articles/hello#p-1"' in entry["content_html"]
    assert 'href="https://example.org/x"' in entry["content_html"]
    assert '&lt;a href="/x"&gt;' in entry["content_html"], "text that looks like a link is left alone"
    assert entry["tags"] == ["阅读"]
    assert entry["language"] == "zh-Hans"


HERE = "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("written", "whole"),
    [
        ("farewell", f"{HERE}/articles/farewell"),
        ("../tags/x?a=1&b=2", f"{HERE}/tags/x?a=1&amp;b=2"),
        ("?paragraphs=1", f"{HERE}/articles/hello?paragraphs=1"),
        ("//example.org/x", "http://example.org/x"),
        ("#p-1", f"{HERE}/articles/hello#p-1"),
        ("mailto:a@example.org", "mailto:a@example.org"),
    ],
)
def test_an_address_is_whole_however_it_was_written(client, app, written, whole):
    tagged(body=f"[看]({written})")

    [entry] = json.loads(client.get("/feed.json").data)["items"]

    assert f' href="{whole}"' in entry["content_html"]


def test_what_no_address_can_be_made_of_breaks_no_feed(app):
    with app.test_request_context():
        assert with_whole_addresses('<a href="//[x">看</a>', f"{HERE}/a") == '<a href="//[x">看</a>'


def test_another_spelling_of_a_tag_leads_to_its_feed(client, app):
    builders.article(tags=("Open Source",))

    answer = client.get("/tags/Open%20SOURCE/feed.json?before=hello")

    assert (answer.status_code, answer.headers["Location"]) == (301, "/tags/opensource/feed.json?before=hello")
    assert client.get("/tags/%E6%B2%A1%20%E6%9C%89/feed.atom").status_code == 404


def test_pictures_are_whole_addresses_too(app):
    with app.test_request_context():
        html = with_whole_addresses(
            '<img src="/pictures/a.webp" srcset="/pictures/a.webp 640w, /pictures/b.webp 1280w">', f"{HERE}/a"
        )

    there = f"{HERE}/pictures"
    assert html == f'<img src="{there}/a.webp" srcset="{there}/a.webp 640w, {there}/b.webp 1280w">'


@pytest.mark.parametrize("kind", ["atom", "json"])
def test_a_hostile_title_stays_text(client, app, kind):
    article = tagged()
    article.title = article.summary = article.author = HOSTILE.replace("\x00", "")
    db.session.commit()

    answer = client.get(f"/feed.{kind}")

    if kind == "atom":
        feed = demand_atom(answer.data)
        title = one(feed.findall(ATOM + "entry")[0], "title").text
        assert title == HOSTILE.replace("\x0b", "").replace("\x00", "").replace("\ufffe", "")
    else:
        demand_json_feed(json.loads(answer.data))


def test_an_id_outlives_the_slug_and_a_change_is_no_new_entry(client, app):
    article = tagged()
    before = json.loads(client.get("/feed.json").data)["items"][0]

    db.session.add(FormerSlug(slug="hello", article_id=article.id))
    article.slug, article.updated_at = "farewell", clock.now() + timedelta(hours=1)
    db.session.commit()

    after = json.loads(client.get("/feed.json").data)["items"][0]
    assert after["id"] == before["id"] and after["url"] != before["url"]
    assert after["date_published"] == before["date_published"] and after["date_modified"] > before["date_modified"]
    assert client.get("/articles/hello/replies.atom").headers["Location"] == "/articles/farewell/replies.atom"


def test_a_reply_names_what_it_answers_unless_that_was_removed(client, article):
    first = comment(article, "第一条。")
    comment(article, "回应第一条。", first)
    assert client.get("/articles/hello/replies.atom").text.count("in-reply-to") == 1

    remove(db.session.get_one(Comment, first.id), "广告")
    db.session.commit()

    feed = client.get("/articles/hello/replies.atom").text
    assert "in-reply-to" not in feed and "第一条。" not in feed.replace("回应第一条。", "")


def test_no_address_of_mail_is_ever_in_a_feed(client, feeds):
    """S38: no e-mail in public output."""
    for path in feeds:
        for kind in ("atom", "json"):
            assert "example.com" not in client.get(f"{path}.{kind}").text


def test_a_feed_goes_on_page_by_page_and_tells_each_article_once(client, app):
    begun = clock.now() - timedelta(days=30)
    for number in range(ARTICLES_PER_PAGE + 3):
        tagged(f"a-{number}", published_at=begun + timedelta(hours=number))
    for path in ("/feed", "/tags/阅读/feed", "/authors/沈未/feed"):
        seen, place = [], f"{path}.json"
        while place:
            page = json.loads(client.get(place).data)
            demand_json_feed(page)
            seen += [item["url"] for item in page["items"]]
            place = page.get("next_url", "").removeprefix("http://127.0.0.1:8000")

        assert seen == [f"http://127.0.0.1:8000/articles/a-{number}" for number in reversed(range(23))]
    older = demand_atom(client.get("/feed.atom?before=a-10").data)
    links = {link.get("rel"): link.get("href", "") for link in older.findall(ATOM + "link")}
    assert links["self"].endswith("/feed.atom?before=a-10") and links["first"].endswith("/feed.atom")
    assert "next" not in links


def test_replies_go_on_page_by_page(client, article):
    many_comments(article, 70)

    first = json.loads(client.get("/articles/hello/replies.json").data)
    second = json.loads(client.get(first["next_url"].removeprefix("http://127.0.0.1:8000")).data)

    assert len(first["items"]) == 50 and len(second["items"]) == 20 and "next_url" not in second
    assert "第 20 条回复" in second["items"][0]["content_html"]


def test_huge_articles_make_smaller_pages(client, app):
    for number in range(3):
        article = tagged(f"a-{number}")
        article.body_html = f"<p>{'长' * (PAGE_BYTES // 5)}</p>"
    db.session.commit()

    page = json.loads(client.get("/feed.json").data)

    assert len(page["items"]) == 1
    assert len(json.loads(client.get(page["next_url"].removeprefix("http://127.0.0.1:8000")).data)["items"]) == 1


@pytest.mark.parametrize("kind", ["atom", "json"])
def test_who_has_the_newest_is_told_so(client, feeds, kind):
    for path in feeds:
        first = client.get(f"{path}.{kind}")
        again = client.get(f"{path}.{kind}", headers={"If-None-Match": first.headers["ETag"]})
        head = client.head(f"{path}.{kind}")

        assert first.headers["Cache-Control"] == "public, no-cache" and first.last_modified is not None
        assert again.status_code == 304 and not again.data
        assert head.status_code == 200 and not head.data and head.headers["ETag"] == first.headers["ETag"]


def removed(reply):
    remove(reply, "广告")


def held(reply):
    hold_again(reply, "all")


def taken_back(reply):
    hide(reply, Status.DELETED)


@pytest.mark.parametrize("deed", [removed, held, taken_back])
def test_a_reply_that_is_no_longer_public_is_gone_from_every_feed_at_once(client, feeds, deed):
    """T48, T54."""
    before = {path: client.get(f"{path}.atom") for path in feeds[3:]}
    reply = db.session.scalars(select(Comment).order_by(Comment.id.desc())).first()

    deed(reply)
    db.session.commit()

    for path, kept in before.items():
        asked = {"If-None-Match": kept.headers["ETag"]}, {"If-Modified-Since": kept.headers["Last-Modified"]}
        for headers in asked:
            after = client.get(f"{path}.atom", headers=headers)
            assert "回应第一条" in kept.text
            assert after.status_code == 200 and "回应第一条" not in after.text


def test_what_is_not_public_is_in_no_feed(client, app):
    """T54."""
    shown = tagged("shown", title="公开的一篇")
    comment(shown, "还在等的一条。", held=True)
    gone = tagged("gone", title="撤下的一篇")
    left = comment(gone, "撤下文章的回复。")
    gone.withdrawn_at = clock.now()
    db.session.commit()
    for draft in tagged("draft", title="一篇草稿"), tagged("hidden", ["只在草稿里"], title="另一篇草稿", author="未名"):
        draft.published_at = None
    db.session.commit()

    for path in ("/feed", "/authors/沈未/feed", "/tags/阅读/feed", "/articles/shown/replies"):
        told = client.get(f"{path}.json").text + client.get(f"{path}.atom").text
        assert not [words for words in ("草稿", "撤下", "还在等") if words in told], path
    assert client.get("/articles/gone/replies.atom").status_code == 410
    assert client.get(f"/comments/{left.id}/thread.atom").status_code == 410
    for path in ("/articles/draft/replies.atom", "/tags/只在草稿里/feed.atom", "/authors/未名/feed.json"):
        assert client.get(path).status_code == 404


def test_a_thread_is_found_by_its_first_reply(client, article):
    first = comment(article, "第一条。")
    answer = comment(article, "回应。", first)
    comment(article, "别的一条。")
    waiting = comment(article, "还在等。", held=True)

    assert client.get(f"/comments/{answer.id}/thread.atom").headers["Location"] == f"/comments/{first.id}/thread.atom"
    assert "别的一条" not in client.get(f"/comments/{first.id}/thread.json").text
    assert client.get(f"/comments/{waiting.id}/thread.atom").status_code == 404
    assert client.get("/comments/999999/thread.atom").status_code == 404


def test_a_thread_goes_on_below_its_removed_beginning(client, article):
    first = comment(article, "第一条。")
    comment(article, "回应。", first)
    remove(db.session.get_one(Comment, first.id), "广告")
    db.session.commit()

    page = json.loads(client.get(f"/comments/{first.id}/thread.json").data)

    assert [item["title"] for item in page["items"]] == ["南山，2 楼"]


@pytest.mark.parametrize(
    "path",
    [
        "/feed.atom?before=nothing",
        "/feed.atom?before=" + "x" * 50_000,
        "/tags/nothing/feed.atom",
        "/tags/%00/feed.atom",
        "/authors/%00/feed.json",
        "/authors/nobody/feed.json",
        "/articles/nothing/replies.json",
        "/articles/hello/replies.json?before=99999999999999",
        "/comments/99999999999999999999/thread.json",
        "/feed.rss",
    ],
)
def test_what_is_out_of_range_is_not_there(client, article, path):
    """T44."""
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("kind", ["atom", "json"])
def test_a_feed_costs_three_statements(client, feeds, statements, kind):
    article = db.session.scalars(select(Article)).one()
    many_comments(article, 100)
    for number in range(25):
        tagged(f"a-{number}")
    for path in feeds:
        statements.clear()

        assert client.get(f"{path}.{kind}").status_code == 200
        assert 0 < len(statements) <= 3, path


def test_an_empty_site_has_an_empty_feed(client, app):
    assert demand_atom(client.get("/feed.atom").data).findall(ATOM + "entry") == []
    demand_json_feed(json.loads(client.get("/feed.json").data))


def test_an_author_who_leaves_is_not_named(client, article, mei):
    comment(article, "我写的。", user=mei, nickname=mei.username)
    mei.leaves_at = clock.now() + timedelta(days=7)
    db.session.commit()

    assert "梅子" not in client.get("/articles/hello/replies.atom").text
    assert "已注销，1 楼" in client.get("/articles/hello/replies.atom").text


def test_the_words_of_a_feed_are_in_the_language_that_is_asked_for(client, article):
    comment(article)

    answer = client.get("/articles/hello/replies.atom", headers={"Accept-Language": "en"})

    assert 'xml:lang="en"' in answer.text and "Accept-Language" in answer.headers["Vary"]


def test_the_page_about_feeds_leads_to_them(client, app):
    page = client.get("/feeds")

    assert page.status_code == 200
    assert 'href="/feed.atom"' in page.text and 'href="/feed.json"' in page.text
