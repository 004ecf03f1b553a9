"""Tags, archive, series, author pages and what is pinned: whole lists of public things, and no other."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from blueprints.articles.archive_queries import in_month
from blueprints.articles.models import Article, Series
from blueprints.articles.place_queries import by_author, in_series, series_at, tagged
from blueprints.articles.placing import put_in_series
from blueprints.articles.queries import ARTICLES_PER_PAGE, newest_articles
from blueprints.auth.models import Role
from core import clock
from core.database import db
from tests import builders
from tests.moments import later

LISTS = ["/tags", "/tags/纸", "/archive", "/archive/2015", "/archive/2015/7", "/series/craft", "/authors/沈未", "/"]
IN_JULY = datetime(2015, 7, 12, 4, tzinfo=UTC)
CRAFT = {"series": "手艺", "series_slug": "craft"}


def many(count, **more):
    """Publish articles a day apart, the later with the higher number."""
    return [
        builders.article(
            f"a-{number}", f"第 {number} 篇", published_at=IN_JULY - timedelta(days=count - number), **more
        )
        for number in range(count)
    ]


def slugs(page):
    return [article.slug for article in page.items]


def hide(article, how):
    if how == "draft":
        article.published_at = None
    else:
        article.withdrawn_at = clock.now()
    db.session.commit()


@pytest.mark.parametrize("how", ["draft", "withdrawn"])
def test_what_is_not_public_is_on_no_list_and_in_no_count(client, how):
    """T54."""
    hidden = builders.article("hidden", "看不见的", published_at=IN_JULY, tags=("纸", "暗"), is_pinned=True, **CRAFT)
    shown = builders.article("shown", "看得见的", published_at=IN_JULY, tags=("纸",), **CRAFT)
    hide(hidden, how)

    for path in (*LISTS, "/articles/shown"):
        page = client.get(path)
        assert page.status_code == 200, path
        assert "看不见的" not in page.text and "暗" not in page.text, path
    assert "2015年7月，1 篇" in client.get("/archive/2015/7").text
    hide(shown, how)
    for path in LISTS:
        page = client.get(path)
        assert page.status_code == (200 if path in ("/", "/tags", "/archive") else 404), path
        assert "看得见的" not in page.text, path


def test_empty_places_say_so(client):
    assert "还没有标签。" in client.get("/tags").text
    assert "还没有文章。" in client.get("/archive").text
    front = client.get("/").text
    assert "还没有文章。" in front and "/tags" not in front


def test_tags_are_listed_by_name_with_how_many_have_them(client):
    builders.article("one", tags=("Python", "纸"))
    builders.article("two", tags=("纸",))

    text = client.get("/tags").text

    assert text.index(">Python<") < text.index(">纸<")
    assert text.count('counts__count">1 篇<') == 1 and text.count('counts__count">2 篇<') == 1


def test_another_spelling_of_a_tag_leads_to_its_address(client):
    builders.article(tags=("Open Source",))

    answer = client.get("/tags/Open%20SOURCE?before=hello")

    assert (answer.status_code, answer.headers["Location"]) == (301, "/tags/opensource?before=hello")
    assert "Open Source" in client.get("/tags/opensource").text


@pytest.mark.parametrize(
    "path",
    [
        *("/archive/2015/0", "/archive/2015/13", "/archive/0/1", "/archive/1/1", "/archive/9999/12", "/archive/2015/8"),
        *(
            "/archive/2015/-1",
            "/archive/-2015/7",
            "/archive/2015/7.5",
            "/archive/2015/７",
            "/archive/2015/x",
            "/archive/2014",
            "/archive/0",
            "/archive/9999",
            "/archive/%00",
        ),
        *(f"/archive/{'9' * 5000}/1", f"/archive/2015/{'7' * 5000}", "/archive/2015/7/", "/archive/%00/1"),
        *("/archive/2015/7?before=nothing", "/archive/2015/7?before=%00", f"/archive/2015/7?before={'a' * 50_000}"),
        *("/tags/没有", "/tags/%00", "/tags/..%2f", f"/tags/{'长' * 5000}", "/tags/%ff", "/tags/纸?before=%27"),
        *("/series/nothing", "/series/手艺", "/series/%00", f"/series/{'a' * 5000}"),
        *("/series/craft?from=nothing", "/series/craft?from=%00", f"/series/craft?from={'a' * 50_000}"),
        *("/authors/没有", "/authors/%00", "/authors/%ff", f"/authors/{'长' * 5000}", "/authors/沈未?before=nothing"),
    ],
)
def test_what_is_out_of_range_or_nonsense_is_404_after_a_few_questions(client, statements, path):
    """T44."""
    builders.article(published_at=IN_JULY, tags=("纸",), **CRAFT)
    statements.clear()

    assert client.get(path).status_code == 404
    assert len(statements) <= 4, "two for the page, one for a name, one for the newest articles under 404"


def test_a_month_may_be_written_with_a_nought(client):
    builders.article(published_at=IN_JULY)

    for written, there in (("2015/07?before=x", "/archive/2015/7?before=x"), ("0700/7", ""), ("0215", "")):
        answer = client.get(f"/archive/{written}")
        assert (answer.status_code, answer.headers.get("Location", "")) == (301 if there else 404, there)
    assert "July" not in client.get("/archive/2015/7").text


def test_a_year_shows_its_months_newest_first(client, statements):
    many(3)
    builders.article("later", published_at=datetime(2015, 12, 31, 15, 59, tzinfo=UTC))
    builders.article("next-year", published_at=datetime(2015, 12, 31, 16, 0, tzinfo=UTC))
    statements.clear()

    text = client.get("/archive/2015").text

    assert len(statements) <= 1
    assert "2015年，4 篇" in text and "2016" not in text
    assert text.index('href="/archive/2015/12"') < text.index('href="/archive/2015/7"')
    assert 'href="/archive/2015"' in client.get("/archive").text
    assert 'href="/archive/2015"' in client.get("/archive/2015/7").text


def test_a_month_is_the_sites_month(client, choose):
    """Half past midnight of the first of July in Shanghai is June in London."""
    builders.article(published_at=datetime(2015, 6, 30, 16, 30, tzinfo=UTC))

    assert client.get("/archive/2015/7").status_code == 200
    assert client.get("/archive/2015/6").status_code == 404
    assert 'href="/archive/2015/7"' in client.get("/archive").text


def test_the_last_month_of_a_year_ends_with_it(client):
    builders.article("old", "年末", published_at=datetime(2015, 12, 31, 15, 59, tzinfo=UTC))
    builders.article("new", "新年", published_at=datetime(2015, 12, 31, 16, 0, tzinfo=UTC))

    december = client.get("/archive/2015/12").text

    assert "2015年12月，1 篇" in december and "年末" in december and "新年" not in december
    assert "新年" in client.get("/archive/2016/1").text


def test_the_archive_counts_years_and_months_newest_first(client):
    many(3)
    builders.article("later", published_at=datetime(2016, 2, 29, tzinfo=UTC))

    text = client.get("/archive").text

    assert text.index("2016年") < text.index("2015年")
    assert text.count("1 篇") == 2 and text.count("3 篇") == 2


@pytest.mark.parametrize(
    ("path", "listed"),
    [
        ("/tags/纸", lambda before: tagged("纸", before)),
        ("/authors/沈未", lambda before: by_author("沈未", before)),
        ("/archive/2015/7", lambda before: in_month(2015, 7, before)),
        ("/", newest_articles),
    ],
)
def test_long_lists_are_paged_by_key_without_gap_or_repetition(client, statements, path, listed):
    for number in range(45):
        moment = datetime(2015, 7, 1 + number % 3, tzinfo=UTC)
        builders.article(f"a-{number}", f"第 {number} 篇", published_at=moment, tags=("纸",))
    expected = sorted(range(45), key=lambda number: (number % 3, number), reverse=True)

    seen, before = [], None
    while True:
        page = listed(before)
        seen += slugs(page)
        if not page.has_later:
            break
        before = seen[-1]

    assert seen == [f"a-{number}" for number in expected]
    first = client.get(path)
    assert first.text.count("article-list__title") == ARTICLES_PER_PAGE and f"before={seen[19]}" in first.text
    statements.clear()
    second = client.get(f"{path}?before={seen[19]}")
    assert len(statements) <= 3
    assert f'/articles/{seen[20]}"' in second.text and f'/articles/{seen[19]}"' not in second.text
    assert "回到最新" in second.text


def test_a_series_is_read_in_the_order_of_its_places(client):
    for slug, place in (("three", 3), ("one", 1), ("two", 2)):
        builders.article(slug, f"标题{slug}", series_place=place, **CRAFT)

    text = client.get("/series/craft").text

    assert text.index("标题one") < text.index("标题two") < text.index("标题three")
    assert text.index("第 1 篇") < text.index("第 2 篇") < text.index("第 3 篇")


def test_a_long_series_is_paged_from_an_article_on(client, statements):
    many(30, **CRAFT)
    series = series_at("craft")

    first, after = in_series(series)
    second, end = in_series(series, after)

    assert slugs(first) + slugs(second) == [f"a-{number}" for number in range(30)]
    assert (after, end) == ("a-20", None)
    statements.clear()
    page = client.get("/series/craft?from=a-20").text
    assert len(statements) <= 3
    assert "第 30 篇" in page and "<span>第 20 篇" not in page and 'href="/series/craft"' in page


def test_an_article_of_no_or_another_series_begins_no_page(client):
    builders.article("craft", **CRAFT)
    builders.article("other", series="别的", series_slug="other")
    builders.article("none")

    for slug in ("other", "none"):
        assert client.get(f"/series/craft?from={slug}").status_code == 404


def test_an_article_gets_the_next_place_keeps_it_and_gives_it_up(app):
    first, second = builders.article("first", **CRAFT), builders.article("second", **CRAFT)
    assert (first.series_place, second.series_place) == (1, 2)

    put_in_series(first, "新的名字", "craft")
    assert (first.series_place, db.session.scalars(select(Series.title)).all()) == (1, ["新的名字"])
    put_in_series(first, "新的名字", "craft", 7)
    assert first.series_place == 7
    put_in_series(first, "", "")
    assert first.series is None and first.series_place is None


def test_an_author_has_a_page_of_what_they_signed(client):
    builders.article("hers", "她写的", author="沈未")
    builders.article("his", "他写的", author="林舟")

    page = client.get("/authors/沈未")

    assert page.status_code == 200 and "全部文章，1 篇" in page.text
    assert "她写的" in page.text and "他写的" not in page.text


def test_an_author_without_articles_is_there_a_reader_is_not(client, mei):
    builders.user("沈未", "shen@example.com", Role.AUTHOR)

    page = client.get("/authors/沈未")

    assert page.status_code == 200 and "还没有发表文章。" in page.text
    assert client.get("/authors/梅子").status_code == 404


def test_what_was_taken_down_leads_to_what_its_author_wrote_besides_where_there_is_any(client):
    hide(builders.article("gone", author="沈 未"), "withdrawn")
    link = 'href="/authors/%E6%B2%88%20%E6%9C%AA"'

    alone = client.get("/articles/gone")
    builders.article("other", author="沈 未")
    beside = client.get("/articles/gone")

    assert (alone.status_code, beside.status_code) == (410, 410)
    assert link not in alone.text and link in beside.text


def test_an_author_page_says_what_its_account_says_of_itself(client):
    writer = builders.user("沈未", "shen@example.com", Role.AUTHOR)
    writer.introduction = "写<慢>的东西。"
    db.session.commit()
    builders.article("his", author="沈 未")

    assert client.get("/authors/沈未").text.count("写&lt;慢&gt;的东西。") >= 2, "on the page and in its head"
    assert "的东西" not in client.get("/authors/沈 未").text, "a name that looks alike is not the account's"
    writer.role = Role.READER
    db.session.commit()
    assert client.get("/authors/沈未").status_code == 404


@pytest.mark.parametrize("name", ["A/B", "<i>沈</i>", "沈 未", "100%", "沈?未#", "';--"])
def test_names_and_tags_go_into_pages_and_addresses_as_they_are(client, name):
    """S01: what people write is escaped where it lands."""
    builders.article(title="<b>题</b>", author=name, tags=(name,), series="<s>系列</s>", series_slug="craft")

    article = client.get("/articles/hello").text
    link = article.split('rel="author" href="')[1].split('"')[0]
    tag = article.split('rel="tag" href="')[1].split('"')[0]
    for path in (html.unescape(link), html.unescape(tag), "/tags", "/series/craft", "/archive", "/"):
        page = client.get(path)
        assert page.status_code == 200, path
        assert not any(markup in page.text for markup in ("<i>沈", "<b>题", "<s>系列")), path


def test_what_is_pinned_comes_first_says_so_and_is_not_repeated(client, statements):
    many(25)
    builders.article("kept", "一直在上面", published_at=datetime(2014, 1, 1, tzinfo=UTC), is_pinned=True)
    with later(hours=1):
        builders.article("a-20", "第 20 篇", published_at=None, is_pinned=True)
    statements.clear()

    front = client.get("/")

    assert len(statements) <= 2
    assert front.text.count("置顶") == 2
    assert front.text.index("第 20 篇") < front.text.index("一直在上面") < front.text.index("第 24 篇")
    assert front.text.count("第 20 篇") == 1 and front.text.count("article-list__title") == 2 + ARTICLES_PER_PAGE
    second = client.get("/?before=a-4").text
    assert "置顶" not in second and "一直在上面" not in second and second.count("article-list__title") == 4


def test_pinning_again_keeps_the_order_and_unpinning_ends_it(app):
    first = builders.article(is_pinned=True).pinned_at

    with later(days=1):
        assert builders.article(is_pinned=True).pinned_at == first
        assert builders.article().pinned_at is None


def test_the_front_page_leads_to_tags_and_archive(client, article):
    text = client.get("/").text

    assert 'href="/tags">标签' in text and 'href="/archive">归档' in text


def test_the_places_speak_english_too(client):
    builders.article(published_at=IN_JULY, tags=("纸",), **CRAFT)

    for path in LISTS:
        page = client.get(f"{path}?lang=en")
        assert page.status_code == 200 and '<html lang="en"' in page.text


@pytest.mark.parametrize(
    ("path", "step"),
    [
        ("/", "SEARCH article USING INDEX ix_article_pinned"),
        ("/tags/纸", "SEARCH article_tag USING COVERING INDEX ix_article_tag_newest (tag_id=?)"),
        ("/authors/沈未", "SEARCH article USING COVERING INDEX ix_article_author"),
        (
            "/articles/hello",
            "SEARCH article_tag USING COVERING INDEX ix_article_tag_newest (tag_id=? AND article_id>?)",
        ),
    ],
)
def test_no_page_goes_through_all_articles(client, statements, path, step):
    """SQLite tells how it is going to look for them."""
    builders.article(published_at=IN_JULY, tags=("纸",), is_pinned=True, **CRAFT)
    statements.clear()
    assert client.get(path).status_code == 200

    if db.engine.dialect.name == "sqlite":
        asked = [re.sub(r"\?", "1", statement) for statement in statements]
        plans = [db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {one}").all() for one in asked]
        steps = [found for plan in plans for *_numbers, found in plan]
        assert not [found for found in steps if re.match(r"SCAN (article|article_tag)\b", found)]
        assert any(found.startswith(step) for found in steps), steps


@pytest.mark.parametrize("path", LISTS)
def test_lists_are_kept_by_caches_until_they_change(client, path):
    builders.article(published_at=IN_JULY, tags=("纸",), **CRAFT)
    before = client.get(path)

    assert before.headers["Cache-Control"] == "public, no-cache"
    assert client.get(path, headers={"If-None-Match": before.headers["ETag"]}).status_code == 304
    builders.article("second", "第二篇", published_at=IN_JULY, tags=("纸",), **CRAFT)
    assert client.get(path, headers={"If-None-Match": before.headers["ETag"]}).status_code == 200


def test_every_save_counts(app):
    assert [builders.article(body=f"第 {number} 稿").revision for number in range(3)] == [1, 2, 3]
    assert db.session.scalars(select(Article.revision)).all() == [3]
