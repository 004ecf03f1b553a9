"""Paragraphs of an article on its page, through revisions, and for what quotes them."""

import re

import pytest
from sqlalchemy import select, update

from blueprints.articles.models import Article
from blueprints.articles.paragraphs import MARKED_MAX, paragraph_number, paragraph_words, paragraphs_of
from core.database import db
from core.paragraphs import keys_of
from tests import builders
from tests.builders import log_in

TEXT = "# 题\n\n第一段有*重点*。\n\n- 一\n- 二\n\n```\nx < y\n```\n\n最后一段。"


def keys(article):
    return keys_of(article.body_html)


def paragraphs(page):
    """Return what stands in each paragraph of the page, as a browser would read it."""
    return re.findall(r'<(?:p|div) class="paragraph[^"]*" id="p-(\w+)">', page.text)


def number_links(page):
    return re.findall(
        r'<a class="paragraph__number" href="#p-(\w+)" aria-label="([^"]+)"([^>]*)>([^<]*)</a>', page.text
    )


def test_each_paragraph_carries_its_number_a_link_to_itself_and_one_to_quote_it(client):
    article = builders.article(body=TEXT)

    page = client.get("/articles/hello")

    assert paragraphs(page) == keys(article) and len(keys(article)) == 4
    assert [(key, label) for key, label, *_ in number_links(page)] == [
        (key, f"第 {number} 段") for number, key in enumerate(keys(article), start=1)
    ]
    for number, key in enumerate(keys(article), start=1):
        assert f'href="/articles/hello?quote={key}#write" rel="nofollow" aria-label="引用第 {number} 段"' in page.text


def test_the_marks_are_no_text_and_no_tab_stop_until_they_are_asked_for(client):
    builders.article(body=TEXT)

    plain, numbered = client.get("/articles/hello"), client.get("/articles/hello?paragraphs=1")

    assert all('tabindex="-1"' in attributes and not words for _, _, attributes, words in number_links(plain))
    assert [(attributes, words) for _, _, attributes, words in number_links(numbered)] == [
        ("", str(number)) for number in range(1, 5)
    ]
    assert 'href="/articles/hello?paragraphs=1">段落编号</a>' in plain.text
    assert 'href="/articles/hello?paragraphs=0">不显示段落编号</a>' in numbered.text
    assert numbered.headers["Cache-Control"] == "public, no-cache"


def test_with_the_reading_setting_numbers_always_show(client):
    builders.article(body=TEXT)
    client.post("/settings/reading", data={"paragraphs": "on"})

    page = client.get("/articles/hello")

    assert all(words for *_, words in number_links(page))


def test_the_marks_speak_the_language_of_the_page_and_say_so(client):
    builders.article(body=TEXT)

    page = client.get("/articles/hello?lang=en")

    assert page.text.count('<span class="paragraph__marks" lang="en">') == 4
    assert '<article lang="zh-Hans">' in page.text


def test_a_quoted_paragraph_shows_how_many_replies_are_about_it(client):
    article = builders.article(body=TEXT)
    first, second, *_ = keys(article)
    article.quoted = {first: 3, second: 0, "gone0000": 7}
    db.session.commit()

    page = client.get("/articles/hello")

    counts = re.findall(
        r'<a class="paragraph__count"[^>]* href="([^"]+)"[^>]* aria-label="([^"]+)">(\d+)</a>', page.text
    )
    assert counts == [(f"/articles/hello?about={first}#replies", "3 条回复说到第 1 段", "3")]


def test_where_nobody_can_reply_nothing_can_be_quoted(client):
    builders.article(body=TEXT, comments_open=False)

    page = client.get("/articles/hello")

    assert "paragraph__quote" not in page.text and len(number_links(page)) == 4


def test_an_article_rendered_before_there_were_keys_shows_as_it_is_until_it_is_rendered_anew(app, client):
    article = builders.article(body=TEXT)
    usual = keys(article)
    plain = re.sub(r' id="p-\w+"', "", article.body_html)
    db.session.execute(update(Article).values(body_html=plain))
    db.session.commit()

    before = client.get("/articles/hello")
    result = app.test_cli_runner().invoke(args=["articles", "render"])

    assert "paragraph" not in before.text.split('class="prose"')[1].split("end-mark")[0]
    assert plain in before.text
    assert (result.exit_code, result.output) == (0, "1 rendered\n")
    assert paragraphs(client.get("/articles/hello")) == usual


def test_rendering_anew_keeps_keys_dates_and_all_articles(app, client):
    first = builders.article(body=TEXT)
    revised = builders.article(body=TEXT.replace("最后一段", "最后的一段"))
    builders.article("gone", body="已经撤下的。").withdrawn_at = first.published_at
    db.session.commit()
    before = (keys(revised), revised.published_at, revised.updated_at)
    db.session.execute(update(Article).values(body_html=Article.body_html.concat("<p>旧的</p>")))
    db.session.commit()

    result = app.test_cli_runner().invoke(args=["articles", "render"])

    assert result.output == "2 rendered\n"
    db.session.expire_all()
    rendered = db.session.scalars(select(Article).order_by(Article.id)).all()
    assert (keys(rendered[0]), rendered[0].published_at, rendered[0].updated_at) == before
    assert all("旧的" not in article.body_html for article in rendered)


def test_a_revision_keeps_the_keys_of_what_it_did_not_replace(client):
    first = keys(builders.article(body=TEXT))

    revised = keys(builders.article(body=TEXT.replace("第一段有", "新写的开头。\n\n第一段还是有")))

    assert revised[1:] == first and revised[0] not in first


def test_words_and_place_of_a_paragraph_cost_no_query(app, statements):
    article = builders.article(body=TEXT)
    first, items, code, last = keys(article)
    article.body_html  # noqa: B018  (loaded)
    statements.clear()

    assert [paragraph_words(article, key) for key in (first, items, code, last)] == [
        "第一段有重点。",
        "一\n二",
        "x < y",
        "最后一段。",
    ]
    assert [paragraph_number(article, key) for key in (first, items, code, last)] == [1, 2, 3, 4]
    assert statements == []


@pytest.mark.parametrize(
    "key", ["", "x", "nothing0", "p-", "a" * 100_000, "\x00", '"><p id="p-', "（", "AAAA", "aaaa\n"]
)
def test_a_paragraph_that_is_not_there_has_no_words_and_no_place(app, key):
    article = builders.article(body=TEXT)

    assert paragraph_words(article, key) is None
    assert paragraph_number(article, key) is None


def test_an_article_page_costs_no_more_queries_with_numbers_and_counts(client, statements, mei):
    article = builders.article(body="\n\n".join(f"第 {number} 段。" for number in range(300)))
    builders.comment(article)
    article.quoted = dict.fromkeys(keys(article), 2)
    db.session.commit()
    statements.clear()

    page = client.get("/articles/hello?paragraphs=1")

    assert page.text.count("paragraph__count") == 300
    assert len(statements) <= 4
    log_in(client, "梅子")
    statements.clear()
    client.get("/articles/hello?paragraphs=1")
    assert (
        len([one for one in statements if one.startswith("SELECT")]) <= 7
    )  # what is unread, too; a visit is noted after the answer


def test_only_so_many_paragraphs_of_one_article_carry_marks(app):
    article = builders.article(body="\n\n".join(f"{number}" for number in range(MARKED_MAX + 5)))

    shown = paragraphs_of(article)

    assert [one.number for one in shown if one.number] == list(range(1, MARKED_MAX + 1))
    assert "".join(one.html for one in shown if not one.number).count("<p") == 5


def test_a_page_kept_without_numbers_is_never_given_with_them(client):
    builders.article(body=TEXT)
    tag = client.get("/articles/hello").headers["ETag"]

    assert client.get("/articles/hello?paragraphs=1", headers={"If-None-Match": tag}).status_code == 200


def test_a_long_article_begins_with_a_table_of_its_headings(client, app):
    builders.article(body="# 一\n\n## 二与三\n\n### 四\n\n" + "字" * 1200)

    page = client.get("/articles/hello").text

    assert re.findall(r'<a class="contents__link" href="#([^"]+)">([^<]+)</a>', page) == [
        ("h-一", "一"),
        ("h-二与三", "二与三"),
        ("h-四", "四"),
    ]
    assert page.count('id="h-二与三"') == 1


@pytest.mark.parametrize("body", ["# 一\n\n# 二\n\n# 三\n\n短", "# 一\n\n# 二\n\n" + "字" * 1200])
def test_a_short_article_or_one_of_few_headings_has_none(client, app, body):
    builders.article(body=body)

    assert 'class="contents"' not in client.get("/articles/hello").text
