"""Publishing, revising and withdrawing from the command line."""

import pytest
from sqlalchemy import func, select

from blueprints.articles.models import Article
from blueprints.auth.models import Role
from core.database import db
from tests import builders
from tests.builders import comment, reply_form
from tests.moments import later

FILE = """---
title: 慢读
slug: slow-reading
summary: 读得慢，记得久。
author: 沈未
---

# 开头

第一段有 **重点**。
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
    path = tmp_path / "slow-reading.md"
    path.write_text(FILE, encoding="utf-8")
    return path


def the_article():
    db.session.expire_all()
    return db.session.scalars(select(Article)).one()


def test_a_file_is_put_on_the_site_and_its_address_told(run, client, file):
    result = run("publish", file)

    assert (result.exit_code, result.output) == (0, "http://127.0.0.1:8000/articles/slow-reading\n")
    page = client.get("/articles/slow-reading").text
    assert "慢读" in page and "读得慢，记得久。" in page and "沈未" in page
    assert ">开头</h2>" in page and "<strong>重点</strong>" in page
    assert "慢读" in client.get("/").text


def test_the_address_told_is_the_configured_one(run, choose, file):
    choose(site_url="https://example.org")

    assert run("publish", file).output == "https://example.org/articles/slow-reading\n"


def test_publishing_again_revises_the_article_and_keeps_its_replies_and_date(run, client, file):
    run("publish", file)
    first = the_article()
    article_id, published_at = first.id, first.published_at
    comment(first, "第一版下面的回复")

    with later(days=1):
        file.write_text(FILE.replace("第一段有", "改过的一段有").replace("慢读", "再慢读"), encoding="utf-8")
        assert run("publish", file).exit_code == 0

    revised = the_article()
    assert (revised.id, revised.title, revised.published_at) == (article_id, "再慢读", published_at)
    assert (revised.comment_count, revised.last_floor) == (1, 1)
    page = client.get("/articles/slow-reading").text
    assert "改过的一段有" in page and "第一段有" not in page and "第一版下面的回复" in page


def test_a_withdrawn_article_answers_410_and_takes_no_reply(run, client, file):
    run("publish", file)
    comment(the_article(), "撤下以前的回复")
    form = reply_form(client, "slow-reading", body="撤下以后")

    result = run("withdraw", "slow-reading")

    assert (result.exit_code, result.output) == (0, "slow-reading: withdrawn\n")
    answer = client.get("/articles/slow-reading")
    assert answer.status_code == 410
    assert "第一段有" not in answer.text and "撤下以前的回复" not in answer.text
    assert client.post("/articles/slow-reading/comments", data=form).status_code == 410
    assert "慢读" not in client.get("/").text


def test_publishing_a_withdrawn_article_brings_it_back_with_its_replies(run, client, file):
    run("publish", file)
    comment(the_article(), "撤下以前的回复")
    run("withdraw", "slow-reading")

    assert run("publish", file).exit_code == 0

    answer = client.get("/articles/slow-reading")
    assert answer.status_code == 200
    assert "撤下以前的回复" in answer.text
    assert the_article().withdrawn_at is None


def test_withdrawing_what_is_not_there_or_twice_is_refused(run, file):
    run("publish", file)
    run("withdraw", "slow-reading")

    for slug in ("slow-reading", "nothing", "../etc", ""):
        result = run("withdraw", slug)
        assert (result.exit_code, result.output) == (1, f"Error: no article {slug}\n")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (FILE.replace("title:", "Title:"), "Error: slow-reading.md, line 2: 'Title' is not one of title, slug"),
        (FILE.replace("slow-reading", "慢读"), "Error: slow-reading.md, line 3: slug takes"),
        (FILE + "\x00", "Error: slow-reading.md, line 11: a control character"),
        ("", "Error: slow-reading.md, line 1: the file begins with"),
    ],
)
def test_a_wrong_file_names_its_line_in_one_line_and_changes_nothing(run, file, wrong, words):
    run("publish", file)
    before = the_article().body_html
    file.write_text(wrong, encoding="utf-8")

    result = run("publish", file)

    assert result.exit_code == 1
    assert result.output.startswith(words)
    assert len(result.output.splitlines()) == 1
    assert the_article().body_html == before


def test_a_file_that_is_not_there_or_a_folder_is_a_wrong_call(run, tmp_path):
    assert run("publish", tmp_path / "nothing.md").exit_code == 2
    assert run("publish", tmp_path).exit_code == 2
    assert run("publish").exit_code == 2
    assert db.session.scalar(select(func.count()).select_from(Article)) == 0


@pytest.mark.parametrize(("role", "is_tied"), [(Role.READER, False), (Role.AUTHOR, True), (Role.ADMINISTRATOR, True)])
def test_an_article_belongs_to_the_account_that_may_publish_under_its_name(run, file, role, is_tied):
    shen = builders.user("沈未", "shen@example.com", role=role)
    shen_id = shen.id

    run("publish", file)

    assert the_article().author_id == (shen_id if is_tied else None)


def test_closed_comments_and_another_language_reach_the_page(run, client, file):
    file.write_text("---\ntitle: Slow reading\nlang: en\ncomments: closed\n---\nOne.", encoding="utf-8")

    run("publish", file)

    page = client.get("/articles/slow-reading").text
    assert 'lang="en"' in page
    assert "<textarea" not in page


def test_the_newest_articles_come_first_and_a_date_in_the_file_decides(run, client, tmp_path):
    for slug, date in (("middle", "2026-01-02"), ("newest", "2026-01-03 10:00"), ("oldest", "2025-12-31")):
        path = tmp_path / f"{slug}.md"
        path.write_text(f"---\ntitle: 标题{slug}\ndate: {date}\n---\n正文", encoding="utf-8")
        assert run("publish", path).exit_code == 0

    text = client.get("/").text

    assert text.index("标题newest") < text.index("标题middle") < text.index("标题oldest")
