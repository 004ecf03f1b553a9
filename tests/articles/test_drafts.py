"""Drafts: there for their author and moderators, for nobody else, by no address and on no list."""

import re

import pytest
from sqlalchemy import select

from blueprints.articles.models import Article, ArticleVersion
from blueprints.articles.publishing import AlreadyPublic
from blueprints.auth.models import Role
from blueprints.comments.models import Comment
from core import clock
from core.database import db
from tests import builders
from tests.builders import log_in, reply_form
from tests.moments import later

FILE = """---
title: 还没写完
slug: unfinished
author: 沈未
draft: yes
---

草稿里的第一段。
"""


@pytest.fixture
def run(app):
    def invoke(*arguments):
        result = app.test_cli_runner().invoke(args=["articles", *map(str, arguments)])
        db.session.rollback()
        return result

    return invoke


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "unfinished.md"
    path.write_text(FILE, encoding="utf-8")
    return path


@pytest.fixture
def draft(app):
    builders.user("沈未", "shen@example.com", Role.AUTHOR)
    return builders.article("unfinished", "还没写完", is_draft=True, body="草稿里的第一段。")


def the_article():
    db.session.expire_all()
    return db.session.scalars(select(Article)).one()


def without_its_address(page, slug):
    return re.sub(rf'{slug}|nothing-here|name="csrf_token" value="[^"]+"', "", page.text)


def test_a_file_says_that_it_is_a_draft(run, client, file):
    result = run("publish", file)

    assert (result.exit_code, result.output) == (0, "http://127.0.0.1:8000/articles/unfinished\n")
    assert the_article().published_at is None
    assert client.get("/articles/unfinished").status_code == 404


@pytest.mark.parametrize("value", ["maybe", "true", "YES", "1", ""])
def test_draft_is_yes_or_no(run, file, value):
    file.write_text(FILE.replace("draft: yes", f"draft: {value}"), encoding="utf-8")

    result = run("publish", file)

    assert (result.exit_code, result.output) == (1, "Error: unfinished.md, line 5: draft takes yes or no\n")


@pytest.mark.parametrize("cast", ["stranger", "reader", "another author"])
def test_a_draft_is_not_there_for_anybody_else(client, draft, mei, cast):
    """T54: a draft shows itself by no page, list or list's place, and answers like an address with nothing at it."""
    builders.article("public", "公开的")
    builders.user("林未", "linwei@example.com", Role.AUTHOR)
    if cast != "stranger":
        log_in(client, {"reader": "梅子", "another author": "林未"}[cast])

    page, nothing = client.get("/articles/unfinished"), client.get("/articles/nothing-here")

    assert page.status_code == 404
    assert without_its_address(page, "unfinished") == without_its_address(nothing, "unfinished")
    assert {name: value for name, value in page.headers if name != "Content-Length"} == {
        name: value for name, value in nothing.headers if name != "Content-Length"
    }
    for path in ("/", "/nowhere", "/articles/public", "/articles/public/changes"):
        assert "还没写完" not in client.get(path).text and "草稿里" not in client.get(path).text
    for path in ("/?before=unfinished", "/articles/unfinished/changes", "/articles/unfinished?paragraphs=1"):
        assert client.get(path).status_code == 404


def test_its_author_and_moderators_see_a_draft_and_are_told_what_it_is(client, other, draft, lin):
    log_in(client, "沈未")
    log_in(other, "林舟")

    for page in (client.get("/articles/unfinished"), other.get("/articles/unfinished")):
        assert page.status_code == 200
        assert "草稿，只有你和编辑能看到。" in page.text and "草稿里的第一段。" in page.text
        assert page.headers["Cache-Control"] in ("no-store", "private, no-store") and "ETag" not in page.headers
        assert "<form" not in page.text.split("<main")[1] and "paragraph__quote" not in page.text


def test_a_moderator_without_the_second_factor_the_site_asks_for_sees_no_draft(client, draft, lin, choose):
    choose(moderators_need_second_factor=True)
    log_in(client, "林舟")

    assert client.get("/articles/unfinished").status_code == 404


def test_a_draft_takes_no_replies_not_even_its_authors(client, other, draft):
    """T54: nothing can hang on what is not public."""
    builders.article("public", "公开的")
    form = reply_form(other, "public")
    log_in(client, "沈未")

    for browser in (client, other):
        answer = browser.post("/articles/unfinished/comments", data=form)
        assert answer.status_code == 404
        assert form["body"] in answer.text
    assert db.session.scalars(select(Comment)).all() == []


def test_a_draft_saved_again_keeps_no_versions_and_no_date(run, file):
    run("publish", file)
    with later(days=1):
        file.write_text(FILE.replace("第一段", "改过的第一段"), encoding="utf-8")
        assert run("publish", file).exit_code == 0

    article = the_article()
    assert (article.published_at, article.updated_at, article.body) == (None, None, "草稿里的改过的第一段。")
    assert db.session.scalars(select(ArticleVersion)).all() == []


def test_published_without_draft_it_gets_its_date_and_stands_with_the_others(run, client, file):
    run("publish", file)
    with later(days=1):
        file.write_text(FILE.replace("draft: yes\n", ""), encoding="utf-8")
        assert run("publish", file).exit_code == 0
        now = clock.now()

        article = the_article()
        assert (article.published_at, article.updated_at) == (now, None)
        assert "还没写完" in client.get("/").text
        assert client.get("/articles/unfinished").status_code == 200


def test_a_date_in_the_file_of_a_draft_counts_once_it_is_published(run, file):
    dated = FILE.replace("draft: yes", "draft: yes\ndate: 2026-01-02")
    file.write_text(dated, encoding="utf-8")
    run("publish", file)
    before = the_article().published_at

    file.write_text(dated.replace("draft: yes", "draft: no"), encoding="utf-8")
    run("publish", file)

    assert before is None
    assert the_article().published_at.strftime("%Y-%m-%d %H:%M") == "2026-01-01 16:00"


def test_what_readers_know_cannot_become_a_draft_again(run, client, file):
    file.write_text(FILE.replace("draft: yes\n", ""), encoding="utf-8")
    run("publish", file)
    file.write_text(FILE.replace("第一段", "另一段"), encoding="utf-8")

    for _ in range(2):
        result = run("publish", file)
        assert (result.exit_code, result.output) == (
            1,
            "Error: unfinished is public already: publish it without draft, or withdraw it\n",
        )
        assert the_article().body == "草稿里的第一段。"
        run("withdraw", "unfinished")


def test_the_action_refuses_it_too(app, article):
    with pytest.raises(AlreadyPublic):
        builders.article(is_draft=True)


def test_a_draft_cannot_be_withdrawn_for_nobody_knows_it(run, file):
    run("publish", file)

    result = run("withdraw", "unfinished")

    assert (result.exit_code, result.output) == (1, "Error: no article unfinished\n")


def test_the_name_a_draft_is_signed_with_is_kept_for_its_author(run, client, file, article):
    run("publish", file)

    answer = client.post("/articles/hello/comments", data=reply_form(client, nickname="沈未"))

    assert answer.status_code == 422
