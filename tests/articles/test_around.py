"""What stands around an article: tags, series, neighbours, translations, related articles, where it was first."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from blueprints.articles.around_queries import NEWEST_OF_A_TAG, RELATED_MAX, around
from blueprints.articles.models import Article, Tag, article_tag
from blueprints.articles.placing import NoOriginal, set_original
from blueprints.articles.queries import article_at
from core import clock
from core.database import db
from tests import builders
from tests.builders import reply_form
from tests.moments import later

FIRST = datetime(2015, 7, 1, tzinfo=UTC)
CRAFT = {"series": "手艺", "series_slug": "craft"}


def on_day(day, slug, **more):
    return builders.article(slug, f"标题{slug}", published_at=FIRST + timedelta(days=day), **more)


def around_text(page):
    """Return the part of a page after the article's last line and before the replies."""
    return page.text.split('class="end-mark"')[1].split('id="replies"')[0]


def test_neighbours_are_those_before_and_after_in_time(client):
    """Of two published at the same moment the one stored later is the later."""
    for slug, day in (("middle", 2), ("twin", 2), ("oldest", 0), ("newest", 5)):
        on_day(day, slug, author=slug)

    def neighbours(slug):
        found = around(article_at(slug))
        return found.earlier and found.earlier.slug, found.later and found.later.slug

    assert neighbours("oldest") == (None, "middle")
    assert neighbours("middle") == ("oldest", "twin")
    assert neighbours("twin") == ("middle", "newest")
    assert neighbours("newest") == ("twin", None)
    text = around_text(client.get("/articles/middle"))
    assert text.index("上一篇") < text.index("标题oldest") < text.index("下一篇") < text.index("标题twin")


def test_an_only_article_leads_nowhere(client, article):
    text = around_text(client.get("/articles/hello"))

    assert "ways" not in text and "facts" not in text


def test_the_series_is_named_with_the_place_and_its_neighbours(client):
    for day, slug in enumerate(("one", "two", "three")):
        on_day(day, slug, **CRAFT)

    text = around_text(client.get("/articles/two"))

    assert '<a class="facts__link" href="/series/craft">手艺</a> 其中第 2 篇' in text
    assert text.index("本系列上一篇") < text.index("标题one") < text.index("本系列下一篇") < text.index("标题three")
    assert text.count("标题one") == text.count("标题three") == 1, "neighbours in time, too, but named once"


def test_related_articles_share_tags_then_the_series_then_the_author(app):
    here = on_day(50, "here", author="沈未", tags=("a", "b", "c"), **CRAFT)
    on_day(49, "neighbour", author="别人")
    on_day(51, "other-neighbour", author="别人")
    on_day(1, "author", author="沈未")
    on_day(2, "series-last", author="别人", **CRAFT)
    for place in (3, 4):
        on_day(10 + place, f"series-{place}", author="别人", series_place=place, **CRAFT)
    assert [one.slug for one in around(here).related] == ["series-3", "series-4", "author"]

    on_day(20, "one-tag-old", author="别人", tags=("a",))
    on_day(21, "one-tag-new", author="别人", tags=("c",))
    on_day(3, "two-tags", author="别人", tags=("b", "c"))

    assert [one.slug for one in around(here).related] == ["two-tags", "one-tag-new", "one-tag-old"]


def test_of_a_tag_that_very_many_have_the_newest_are_looked_at(app):
    on_day(0, "two-tags", author="别人", tags=("a", "b"))
    rare = on_day(0, "rare-tag", author="别人", tags=("c",))
    on_day(1, "between", author="别人")
    columns = {"title": "一篇", "author": "别人", "body": "", "body_html": "", "reading_minutes": 1}
    rows = [
        columns | {"slug": f"a-{number}", "published_at": FIRST + timedelta(days=2)}
        for number in range(NEWEST_OF_A_TAG)
    ]
    made = db.session.scalars(insert(Article).returning(Article.id), rows).all()
    tags = db.session.scalars(select(Tag.id).where(Tag.key.in_(("a", "b")))).all()
    db.session.execute(insert(article_tag), [{"article_id": one, "tag_id": tag} for one in made for tag in tags])
    here = on_day(9, "here", tags=("a", "b", "c"))

    related = [one.slug for one in around(here).related]

    assert "two-tags" not in related and set(related) < {f"a-{number}" for number in range(NEWEST_OF_A_TAG)}
    here.tags = [tag for tag in here.tags if tag.key == "c"]
    db.session.commit()
    assert [one.slug for one in around(here).related] == [rare.slug], "few have it, so the oldest is among the newest"


def test_what_stands_beside_as_a_neighbour_is_not_related_once_more(app):
    here = on_day(1, "here", tags=("a",), **CRAFT)
    for day, slug in ((0, "before"), (2, "after")):
        on_day(day, slug, tags=("a",), **CRAFT)

    found = around(here)

    assert found.related == []
    assert len({found.earlier, found.later, found.series_before, found.series_after} - {None}) == 2


@pytest.mark.parametrize("how", ["draft", "withdrawn"])
def test_nothing_around_is_hidden_from_readers(client, how):
    """T54."""
    here = on_day(1, "here", tags=("a",), **CRAFT)
    for day, slug in ((0, "before"), (2, "after"), (9, "far")):
        hidden = on_day(day, slug, tags=("a",), **CRAFT)
        hidden.withdrawn_at = clock.now()
        hidden.published_at = None if how == "draft" else hidden.published_at
    translation = on_day(3, "in-english", lang="en", translation_of="here")
    translation.withdrawn_at = clock.now()
    db.session.commit()

    found = around(here)

    assert (found.earlier, found.later, found.series_before, found.series_after) == (None, None, None, None)
    assert (found.related, found.translations) == ([], [])
    assert "标题" not in around_text(client.get("/articles/here"))


def test_translations_of_a_text_name_one_another_whatever_they_were_made_of(client):
    on_day(0, "zh")
    on_day(1, "en", lang="en", translation_of="zh")
    on_day(2, "zh-again", translation_of="en")

    assert (
        '另有英文版：<a class="byline__link" href="/articles/en" lang="en" hreflang="en">标题en'
        in client.get("/articles/zh").text
    )
    english = client.get("/articles/en").text
    assert english.count("另有中文版：") == 2 and 'hreflang="zh-Hans">标题zh-again' in english
    assert "标题zh<" not in client.get("/articles/zh-again").text.split("另有")[1].split("</header>")[0]


def test_translations_that_were_the_first_of_their_own_come_along(app):
    first, second, third = (
        on_day(0, "first"),
        on_day(1, "second", lang="en"),
        on_day(2, "third", translation_of="second"),
    )

    set_original(second, "first")
    db.session.commit()

    assert {second.translation_of_id, third.translation_of_id} == {first.id}
    set_original(first, "third")
    assert first.translation_of_id is None, "it is the first already"
    set_original(second, "")
    assert second.translation_of_id is None


@pytest.mark.parametrize("slug", ["hello", "nothing", "慢"])
def test_a_translation_of_nothing_or_of_itself_is_refused(app, article, slug):
    with pytest.raises(NoOriginal):
        set_original(article, slug)


def test_a_file_that_translates_nothing_is_refused_with_words(app, tmp_path):
    path = tmp_path / "hello.md"
    path.write_text("---\ntitle: 题\ntranslation-of: nothing\n---\n正文", encoding="utf-8")

    result = app.test_cli_runner().invoke(args=["articles", "publish", str(path)])

    assert result.exit_code == 1 and "没有地址是 nothing 的另一篇文章。" in result.output


def test_a_text_that_was_elsewhere_first_says_where(client, choose):
    builders.article(canonical="https://journal.example.org/2015/slow?a=1&b=2")

    assert (
        '原载于</span> <a class="facts__link" href="https://journal.example.org/2015/slow?a=1&amp;b=2">journal.example.org</a>'
        in client.get("/articles/hello").text
    )
    choose(site_url="https://journal.example.org")
    assert "原载于" not in client.get("/articles/hello", base_url="https://journal.example.org").text


def test_everything_around_costs_one_statement_and_is_the_same_each_time(client, statements):
    for number in range(40):
        on_day(number % 7, f"a-{number}", tags=("a", "b") if number % 2 else ("b",), **CRAFT)
    statements.clear()

    pages = [client.get("/articles/a-20") for _visit in range(2)]

    assert len(statements) <= 2 * 4
    assert around_text(pages[0]) == around_text(pages[1])
    assert around_text(pages[0]).count("ways__link") <= 4 + RELATED_MAX


def test_a_form_that_comes_back_has_everything_around_it(client):
    on_day(0, "before")
    here = on_day(1, "here", tags=("a",))

    answer = client.post("/articles/here/comments", data=reply_form(client, "here", nickname=""))

    assert (
        answer.status_code == 422 and "标题before" in around_text(answer) and around(here).tags[0].title in answer.text
    )


def test_replies_close_by_themselves_and_what_caches_keep_of_the_page_is_old(client):
    article = builders.article(comments_close_days=30)
    builders.comment(article, "还开着的时候")
    before, form = client.get("/articles/hello"), reply_form(client)

    with later(days=29, hours=23):
        assert client.get("/articles/hello").text.count("<textarea") == 1
    with later(days=30, seconds=1):
        after = client.get("/articles/hello", headers={"If-None-Match": before.headers["ETag"]})
        refused = client.post("/articles/hello/comments", data=form)

    assert after.status_code == 200 and "还开着的时候" in after.text
    assert "<textarea" not in after.text and "这篇文章不再接受回复" in after.text
    assert refused.status_code == 409 and form["body"] in refused.text


@pytest.mark.parametrize(
    ("values", "takes"),
    [
        ({}, True),
        ({"comments_open": False}, False),
        ({"comments_close_days": 1}, True),
        ({"comments_close_days": 1, "published_at": FIRST}, False),
        ({"comments_close_days": 1, "comments_open": False}, False),
        ({"is_draft": True}, False),
    ],
)
def test_an_article_knows_whether_it_takes_replies(app, values, takes):
    assert builders.article(**values).takes_replies is takes
