"""Giving articles tags: one for all spellings, few, short, and fit for an address."""

from functools import partial

import pytest
from sqlalchemy import select

from blueprints.articles.models import Article, Series, Tag
from blueprints.articles.place_queries import key_of
from blueprints.articles.placing import put_in_series
from blueprints.articles.tagging import WrongTag, set_tags, tag_names
from core.database import db, writing
from tests import builders
from tests.moments import at_once


def names(article):
    db.session.commit()
    return sorted(tag.name for tag in article.tags)


def test_spellings_of_one_name_are_one_tag_and_the_first_is_kept(app, article):
    set_tags(article, ["Open Source", "ＯＰＥＮ　ＳＯＵＲＣＥ", "手艺", "手 艺"])
    other = builders.article("other", tags=("open source", "慢"))

    assert names(article) == ["Open Source", "手艺"]
    assert names(other) == ["Open Source", "慢"]
    assert set(db.session.scalars(select(Tag.key))) == {"opensource", "慢", "手艺"}


def test_an_article_has_the_tags_it_was_given_last(app, article):
    set_tags(article, ["纸", "手艺"])
    set_tags(article, ["手艺", "慢"])

    assert names(article) == ["慢", "手艺"]

    set_tags(article, [])
    assert names(article) == []


@pytest.mark.parametrize("name", ["", " ", "长" * 41, "..", "\u200b", "慢\u202e", "a,b", "a、b", "ﷺ" * 20])
def test_what_cannot_be_a_tag_is_refused_with_words(app, article, name):
    with pytest.raises(WrongTag, match="标签"):
        set_tags(article, ["纸", name])


def test_an_article_has_at_most_twelve_tags(app, article):
    set_tags(article, [f"第{number}" for number in range(12)] + ["第0"])

    with pytest.raises(WrongTag, match="最多 12 个"):
        set_tags(article, [f"第{number}" for number in range(13)])


def test_a_line_of_tags_is_parted_by_commas_of_either_width(app):
    assert tag_names(" 纸,手艺，慢、open  source ,, ") == ("纸", "手艺", "慢", "open source")


@pytest.mark.parametrize(
    ("name", "key"), [("C/C++", "c-c++"), ("C#", "c#"), (".NET", ".net"), ("a\\b", "a-b"), ("Ａ", "a")]
)
def test_a_key_fits_an_address(client, name, key):
    builders.article(tags=(name,))

    assert key_of(name) == key
    link = client.get("/tags").text.split('counts__link" href="')[1].split('"')[0]
    assert client.get(link).status_code == 200


def test_two_who_make_the_same_tag_at_once_share_it(app):
    ids = [builders.article(f"a-{number}").id for number in range(2)]

    def tag(article_id):
        with app.app_context(), writing():
            set_tags(db.session.get_one(Article, article_id), ["同时", "一起"])
            db.session.commit()

    at_once([partial(tag, article_id) for article_id in ids])

    db.session.rollback()  # to read anew
    assert {tag.name for tag in db.session.scalars(select(Tag))} == {"同时", "一起"}
    assert [len(one.tags) for one in db.session.scalars(select(Article))] == [2, 2]


def test_two_who_make_the_same_series_at_once_share_it(app):
    ids = [builders.article(f"a-{number}").id for number in range(2)]

    def put(article_id):
        with app.app_context(), writing():
            put_in_series(db.session.get_one(Article, article_id), "纸上谈", "on-paper")
            db.session.commit()

    at_once([partial(put, article_id) for article_id in ids])

    db.session.rollback()  # to read anew
    (series,) = db.session.scalars(select(Series))
    assert series.title == "纸上谈"
    assert [one.series_id for one in db.session.scalars(select(Article))] == [series.id] * 2
