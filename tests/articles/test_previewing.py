"""What an author is shown before readers are: the page as it will be, and what could be better."""

from urllib.parse import quote

from sqlalchemy import select

from blueprints.articles.models import Article
from core.database import db
from tests.states_of_writing import author, draft, press

BESIDE = {"series": "夜里", "series_slug": "night", "series_place": "2", "canonical": "https://example.org/a"}


def address() -> str:
    """Where the one article stands."""
    return f"/articles/{db.session.scalars(select(Article.slug)).one()}"


def test_the_preview_says_where_the_article_belongs_as_its_page_does(client, other):
    author(client)
    path = draft(client, **BESIDE)

    preview = client.get(f"{path}/preview").text
    shown = client.get(address()).text
    press(client, f"{path}/publish")
    page = other.get("/articles/rainy-night").text

    for words in (f'href="/tags/{quote("随笔")}"', 'href="/series/night"', "夜里", "其中第 2 篇", "example.org"):
        assert words in preview and words in shown and words in page


def test_a_draft_leads_whoever_may_write_at_it_on(client):
    author(client)
    path = draft(client)

    page = client.get(address()).text

    assert f'href="{path}"' in page and f'href="{path}/publish"' in page


def test_pictures_readers_will_not_see_are_told_before_publishing(client):
    author(client)
    nowhere = "/pictures/00000000000000000000000000000000-480.webp"
    path = draft(client, body=f"看图。\n\n![一张](https://example.org/a.png)\n\n![另一张]({nowhere})")

    assert "2 张图片读者看不到" in client.get(f"{path}/publish").text


def test_pictures_of_ours_are_not_told(client):
    author(client)
    path = draft(client)

    assert "读者看不到" not in client.get(f"{path}/publish").text
