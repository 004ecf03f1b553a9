"""The map for search engines, and what they are asked to leave alone."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import insert

from blueprints.admin.pages import page_text, save_page
from blueprints.articles.models import Article, Series, Tag
from blueprints.auth.models import Role
from blueprints.feeds.map_views import LEFT_ALONE
from blueprints.feeds.queries import PART
from core import clock
from core.database import db
from tests import builders
from tests.feeds.rules import demand_map

HERE = "http://127.0.0.1:8000"


def many_articles(first_id: int, count: int) -> None:
    """Store `count` public articles at once."""
    columns = {
        "title": "一篇",
        "author": "沈未",
        "body": "",
        "body_html": "",
        "reading_minutes": 1,
        "published_at": clock.now(),
    }
    rows = [columns | {"id": number, "slug": f"a-{number}"} for number in range(first_id, first_id + count)]
    db.session.execute(insert(Article), rows)
    db.session.commit()


def test_the_map_holds_what_everyone_may_read_and_nothing_else(client, app):
    """T54."""
    article = builders.article("hello")
    changed = article.updated_at = clock.now() + timedelta(days=1)
    article.tags.append(Tag(name="阅读", key="阅读"))
    article.series = Series(slug="slowly", title="慢慢读")
    draft, gone = builders.article("draft", author="未名"), builders.article("gone", author="撤下的人")
    draft.published_at, gone.withdrawn_at = None, clock.now()
    draft.tags.append(Tag(name="草稿", key="草稿"))
    gone.series = Series(slug="gone-series", title="没有了")
    db.session.commit()

    answer = client.get("/sitemap.xml")

    assert answer.content_type == "application/xml; charset=utf-8"
    paths = {address.removeprefix(HERE) for address in demand_map(answer.data)}
    pages = {"/", "/tags", "/archive", "/about", "/privacy", "/feeds"}
    assert paths == pages | {
        "/articles/hello",
        "/tags/%E9%98%85%E8%AF%BB",
        "/series/slowly",
        "/authors/%E6%B2%88%E6%9C%AA",
    }
    assert f"<lastmod>{changed.isoformat(timespec='seconds')}</lastmod>" in answer.text
    assert all(client.get(path).status_code == 200 for path in paths)


def test_the_owners_pages_are_on_the_map_once_they_are_written(client, app):
    text = page_text("联系", "写信。", "zh", 1)
    owner = builders.user("陆岸", "lu@example.com", Role.ADMINISTRATOR)
    for slug in ("contact", "about"):
        save_page(slug, "zh", text, seen=0, by=owner)
    db.session.commit()

    paths = [one.removeprefix(HERE) for one in demand_map(client.get("/sitemap.xml").data)]

    assert paths.count("/pages/contact") == paths.count("/about") == 1 and "/pages/about" not in paths
    assert "/pages/contact" in client.get("/sitemap/places-0.xml").text
    assert client.get("/sitemap/places-1.xml").status_code == 404


def test_what_was_elsewhere_first_is_not_on_the_map(client, app):
    builders.article("foreign", canonical="https://journal.example.org/slow")

    assert "/articles/foreign" not in client.get("/sitemap.xml").text
    assert client.get("/sitemap/articles-0.xml").status_code == 404


def test_a_large_map_is_cut_into_files_by_id(client, app):
    many_articles(1, PART + 2)

    named = [address.removeprefix(HERE) for address in demand_map(client.get("/sitemap.xml").data)]
    found = [address for path in named for address in demand_map(client.get(path).data)]

    assert named == ["/sitemap/places-0.xml", "/sitemap/articles-0.xml", "/sitemap/articles-1.xml"]
    assert len([address for address in found if "/articles/" in address]) == PART + 2 == len(set(found)) - 7
    assert client.get("/sitemap/articles-2.xml").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/sitemap/articles-214749.xml",
        "/sitemap/tags-99999999999999999999.xml",
        "/sitemap/nothing-0.xml",
        "/sitemap/series-0.xml",
    ],
)
def test_a_file_of_the_map_that_is_out_of_range_is_not_there(client, app, path):
    """T44."""
    assert client.get(path).status_code == 404


def test_the_map_is_asked_for_anew_only_when_it_changed(client, article):
    first = client.get("/sitemap.xml")
    assert client.get("/sitemap.xml", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304

    article.withdrawn_at = clock.now()
    db.session.commit()

    assert client.get("/sitemap.xml", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_part_of_the_map_costs_few_statements(client, app, statements):
    many_articles(1, 500)
    statements.clear()

    client.get("/sitemap.xml")

    assert len(statements) <= 8


def test_robots_txt_is_well_formed_and_names_the_map(client, app):
    """RFC 9309."""
    answer = client.get("/robots.txt")

    assert answer.content_type == "text/plain; charset=utf-8"
    lines = answer.text.splitlines()
    assert lines[0] == "User-agent: *" and lines[-1] == f"Sitemap: {HERE}/sitemap.xml"
    assert all(re.fullmatch(r"(User-agent|Disallow|Sitemap): \S+|", line) for line in lines)


def is_left_alone(path: str) -> bool:
    patterns = [re.escape(one).replace(r"\*", ".*") for one in LEFT_ALONE]
    return any(re.match(pattern, path) for pattern in patterns)


PUBLIC_PAGES = {
    *("/", "/about", "/privacy", "/feeds", "/removals", "/healthz", "/robots.txt", "/sitemap.xml"),
    *("/tags", "/archive", "/search", "/.well-known/security.txt"),
}


def test_crawlers_are_kept_out_of_forms_accounts_and_desks_and_out_of_nothing_else(app: Flask):
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<[^>]+>", "7", rule.rule)
        if "GET" not in (rule.methods or ()):
            continue
        is_public = path in PUBLIC_PAGES or re.match(
            r"/(static|tags|authors|series|archive|feed|sitemap|pages|pictures|comments/7$|articles/7(/changes|/share.png|/replies.7)?$)",
            path,
        )
        assert is_left_alone(path) != bool(is_public), path
    assert is_left_alone("/search?q=7")
