"""Former texts of an article, and the page that shows what changed."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from blueprints.articles.changes import CHARACTERS_MAX
from blueprints.articles.models import Article, ArticleVersion
from blueprints.articles.queries import CHANGES_PER_PAGE
from core import clock
from core.database import db
from tests import builders
from tests.moments import later


def versions():
    return db.session.scalars(select(ArticleVersion).order_by(ArticleVersion.id)).all()


def revise(**more):
    return builders.article(**({"body": "改过的第一段。\n\n第二段。", "published_at": None} | more))


def plain(page):
    """Return what the page shows, without the words for the ear."""
    return re.sub(r"<[^>]+>", "", re.sub(r'<span class="visually-hidden"[^>]*>[^<]*</span>', "", page.text))


@pytest.mark.parametrize(
    "changed", [{"title": "另一个题目"}, {"summary": "多了提要。"}, {"body": "改过的第一段。\n\n第二段。"}]
)
def test_a_revision_keeps_the_former_text_and_says_when(article, changed):
    published_at = article.published_at

    with later(days=2):
        revised = builders.article(**(changed | {"published_at": None}))
        now = clock.now()

    (version,) = versions()
    assert (version.title, version.summary, version.body) == ("纸上的第一篇", "", "第一段。\n\n第二段。")
    assert (version.article_id, version.created_at) == (revised.id, published_at)
    assert (revised.updated_at, revised.published_at) == (now, published_at)


def test_each_version_knows_when_it_was_put_up(article):
    published_at = article.published_at
    with later(days=1):
        first = revise(body="一改。").updated_at
    with later(days=3):
        revise(body="二改。")

    assert [version.created_at for version in versions()] == [published_at, first]


def test_publishing_the_same_text_again_changes_nothing(article, client):
    with later(days=1):
        builders.article(published_at=None, comments_open=False, author="另一个人")

    assert db.session.scalars(select(Article.updated_at)).one() is None
    assert versions() == []
    assert "修改过" not in client.get("/articles/hello").text


def test_a_text_put_back_is_a_revision_too(article):
    revise()
    builders.article()

    assert [version.body for version in versions()] == ["第一段。\n\n第二段。", "改过的第一段。\n\n第二段。"]


def test_the_article_says_that_it_was_changed_and_leads_to_the_changes(article, client):
    usual = client.get("/articles/hello").text
    with later(days=-40):
        revise()

    page = client.get("/articles/hello").text

    day = (clock.now() - timedelta(days=40)).astimezone(client.application.config["ZHISHANG"].timezone)
    assert "/changes" not in usual
    assert f'href="/articles/hello/changes">{day.month}月{day.day}日修改过，查看改动</a>' in re.sub(
        r">\d{4}年", ">", page
    )


def test_the_changes_show_what_went_and_what_came_newest_first(article, client):
    with later(days=1):
        revise(title="改了题目", summary="多了提要。")
    with later(days=2):
        revise(title="改了题目", summary="多了提要。", body="改过的第一段。\n\n第二段。\n\n又加了一段。")

    page = client.get("/articles/hello/changes")

    assert page.text.count("<section") == 2
    newest, first = page.text.split("<section")[1:]
    assert (
        '<ins class="differences__added"><span class="visually-hidden" lang="zh-Hans">加上：</span>又加了一段。</ins>'
        in newest
    )
    assert "标题" not in newest and "提要" not in newest
    assert "<del" in first.split("提要")[0] and "纸上的第一篇" in first.split("提要")[0]
    assert "改过的</ins>第一段。" in first


def test_what_people_wrote_stays_text(client):
    builders.article(title="<b>题</b>", body="<script>alert(1)</script>\n\n'\"&amp;")
    revise(title="<i>题</i>", body="<script>alert(2)</script>\n\n'\"&amp; <ins>假的</ins>")

    page = client.get("/articles/hello/changes")

    assert "<script>alert" not in page.text and "<b>题" not in page.text and "<ins>假的" not in page.text
    assert "&lt;ins&gt;假的&lt;/ins&gt;" in page.text


def test_an_article_never_changed_says_so_and_one_that_is_not_there_is_not_found(article, client):
    assert "没有改过" in client.get("/articles/hello/changes").text
    assert client.get("/articles/nothing/changes").status_code == 404


def test_changes_of_a_withdrawn_article_are_gone_with_it(article, client):
    revise().withdrawn_at = clock.now()
    db.session.commit()

    answer = client.get("/articles/hello/changes")

    assert answer.status_code == 410 and "第一段" not in answer.text


def test_a_text_that_was_only_written_at_the_desk_is_no_change(article, client):
    revise()
    kept = ArticleVersion(article_id=article.id, title="没人看过", summary="", body="写了又删的话。", was_public=False)
    db.session.add(kept)
    db.session.commit()

    page = client.get("/articles/hello/changes")

    assert page.text.count("<section") == 1 and "写了又删" not in page.text and "没人看过" not in page.text
    assert client.get(f"/articles/hello/changes?before={kept.id}").status_code == 404


def test_a_withdrawn_article_that_comes_back_changed_says_so(article):
    article.withdrawn_at = clock.now()
    db.session.commit()

    assert revise().updated_at is not None


def test_many_changes_stand_on_pages_and_each_stands_once(article, client, statements):
    for number in range(25):
        revise(body=f"第{number}次改动的全文在这里。")
    statements.clear()

    page, seen = client.get("/articles/hello/changes"), list[str]()
    path: str | None = "/articles/hello/changes"
    assert len(statements) <= 2
    while path:
        page = client.get(path)
        assert page.status_code == 200 and page.text.count("<section") <= CHANGES_PER_PAGE
        seen += re.findall(r'<h2 class="page__heading"', page.text)
        following = re.search(r'href="([^"]+)">更早的改动', page.text)
        path = following[1].replace("&amp;", "&") if following else None

    assert len(seen) == 25
    assert "回到最近的改动" in page.text and "第0次" in plain(page)


def test_a_page_of_long_changes_ends_sooner(article, client):
    for number in range(4):
        revise(body=f"{number}" + "长" * (CHARACTERS_MAX // 2))

    page = client.get("/articles/hello/changes")

    assert page.text.count("<section") == 1 and "更早的改动" in page.text


@pytest.mark.parametrize("before", ["0", "-1", "abc", "9" * 30, "1e3", "%00", ""])
def test_a_strange_place_in_the_changes_is_the_first_page(article, client, before):
    revise()

    assert client.get(f"/articles/hello/changes?before={before}").status_code == 200


def test_a_place_that_is_not_there_or_anothers_is_not_found(article, client):
    builders.article("other", body="一。")
    builders.article("other", body="二。")
    revise()
    others = db.session.scalars(select(ArticleVersion.id).order_by(ArticleVersion.id)).first()

    assert client.get(f"/articles/hello/changes?before={others}").status_code == 404
    assert client.get("/articles/hello/changes?before=2147483647").status_code == 404


def test_changes_are_kept_by_caches_like_the_article(article, client):
    revise()

    page = client.get("/articles/hello/changes")

    assert page.headers["Cache-Control"] == "public, no-cache"
    assert client.get("/articles/hello/changes", headers={"If-None-Match": page.headers["ETag"]}).status_code == 304


def test_versions_go_with_their_article(article):
    revised = revise()
    db.session.delete(revised)
    db.session.commit()

    assert db.session.scalar(select(func.count()).select_from(ArticleVersion)) == 0
