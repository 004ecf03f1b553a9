"""Addresses an article had: they lead to it for ever, whatever is asked for there, and are nobody else's."""

import pytest
from sqlalchemy import select

from blueprints.articles.models import Article, FormerSlug
from blueprints.articles.placing import SlugTaken, move_to
from blueprints.articles.queries import Moved, article_by_slug
from blueprints.auth.models import Role
from blueprints.comments.models import Comment
from core.database import db
from core.paragraphs import keys_of
from tests import builders
from tests.builders import log_in, reply_form

FILE = "---\ntitle: 慢读\nslug: {slug}\nauthor: 沈未\n{more}---\n\n第一段。\n"


@pytest.fixture
def run(app, tmp_path):
    def publish(slug, more=""):
        path = tmp_path / f"{slug}.md"
        path.write_text(FILE.format(slug=slug, more=more), encoding="utf-8")
        result = app.test_cli_runner().invoke(args=["articles", "publish", str(path)])
        db.session.rollback()
        return result

    return publish


def rename(article, *slugs):
    for slug in slugs:
        move_to(article, slug)
        db.session.commit()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/articles/hello", "/articles/again"),
        ("/articles/hello?sort=newest&from=3&utm=%E7%BA%B8", "/articles/again?sort=newest&from=3&utm=%E7%BA%B8"),
        ("/articles/hello/changes", "/articles/again/changes"),
        ("/articles/hello/changes?before=7", "/articles/again/changes?before=7"),
        ("/articles/hello/floors/1", "/articles/again/floors/1"),
        ("/articles/hello/follow", "/articles/again/follow"),
    ],
)
def test_a_former_address_leads_to_the_present_one_and_keeps_what_was_asked_for(client, article, old, new):
    builders.comment(article)
    rename(article, "again")

    for answer in (client.get(old), client.head(old)):
        assert (answer.status_code, answer.headers["Location"]) == (301, new)


def test_the_way_to_the_replies_leads_there_from_a_former_address(client, article):
    builders.comment(article, "旧地址下面的回复")
    rename(article, "again")

    answer = client.get("/articles/hello/comments", follow_redirects=True)

    assert answer.request.path == "/articles/again" and "旧地址下面的回复" in answer.text


def test_a_chain_of_addresses_is_one_step(client, article):
    rename(article, "second", "third", "fourth")

    for old in ("hello", "second", "third"):
        assert client.get(f"/articles/{old}").headers["Location"] == "/articles/fourth"


def test_an_article_that_takes_an_old_address_back_is_there_again(client, article):
    rename(article, "second", "hello")

    assert client.get("/articles/hello").status_code == 200
    assert client.get("/articles/second").headers["Location"] == "/articles/hello"
    assert db.session.scalars(select(FormerSlug.slug)).all() == ["second"]


def test_a_reply_written_under_the_former_address_is_posted_and_nothing_is_lost(client, article):
    form = reply_form(client)
    rename(article, "again")

    answer = client.post("/articles/hello/comments", data=form)

    assert answer.status_code == 303
    assert db.session.scalars(select(Comment.body)).one() == form["body"]


def test_another_form_for_a_former_address_is_sent_to_the_present_one_as_it_is(client, article):
    rename(article, "again")

    answer = client.post("/articles/hello/follow", data={"email": "reader@example.com"})

    assert (answer.status_code, answer.headers["Location"]) == (308, "/articles/again/follow")


def test_a_reply_carried_through_the_log_in_comes_back_under_the_present_address(client, article, mei):
    token = builders.hidden(client.get("/login"), "csrf_token")
    rename(article, "again")

    form = {
        "username": "梅子",
        "password": builders.PASSWORD,
        "csrf_token": token,
        "carry": "hello",
        "body": "带过来的话",
    }
    answer = client.post("/login", data=form)

    assert (
        answer.status_code == 200 and "带过来的话" in answer.text and 'action="/articles/again/comments' in answer.text
    )


def test_the_action_says_where_an_article_went(app, article):
    rename(article, "again")

    with pytest.raises(Moved) as moved:
        article_by_slug("hello")

    assert moved.value.slug == "again"


def test_a_former_address_of_a_withdrawn_article_ends_at_410(client, article):
    rename(article, "again")
    article.withdrawn_at = article.published_at
    db.session.commit()

    answer = client.get("/articles/hello", follow_redirects=True)

    assert answer.status_code == 410 and "第一段" not in answer.text


def test_a_draft_has_no_former_addresses_and_shows_itself_by_none(client, other, run):
    """T54."""
    builders.user("沈未", "shen@example.com", Role.AUTHOR)
    draft = builders.article("unfinished", is_draft=True)
    rename(draft, "finished")
    run("finished", "draft: yes\nwas: long-ago\n")

    assert db.session.scalars(select(FormerSlug.slug)).all() == ["long-ago"]
    for slug in ("unfinished", "finished", "long-ago"):
        assert client.get(f"/articles/{slug}").status_code == 404
    log_in(other, "沈未")
    assert other.get("/articles/long-ago").headers["Location"] == "/articles/finished"


def test_a_file_under_a_new_slug_takes_its_history_along(client, run):
    run("slow")
    article = db.session.scalars(select(Article)).one()
    builders.comment(article, "第一版下面的回复")
    keys, revision = keys_of(article.body_html), article.revision

    result = run("slow-reading", "was: slow, older\n")

    assert result.exit_code == 0
    moved = db.session.scalars(select(Article)).one()
    assert (moved.slug, keys_of(moved.body_html), moved.revision) == ("slow-reading", keys, revision + 1)
    assert "第一版下面的回复" in client.get("/articles/slow-reading").text
    for old in ("slow", "older"):
        assert client.get(f"/articles/{old}").headers["Location"] == "/articles/slow-reading"
    assert run("slow-reading").exit_code == 0, "what it was once is known"
    assert client.get("/articles/slow").status_code == 301


@pytest.mark.parametrize("taken", ["first", "hello"])
def test_an_address_that_is_or_was_anothers_cannot_be_had(app, run, article, taken):
    move_to(article, "first", ())
    db.session.commit()
    other = builders.article("other")

    with pytest.raises(SlugTaken):
        move_to(other, taken)
    db.session.rollback()

    result = run("second", f"was: {taken}, other\n") if taken == "hello" else run("hello")
    assert result.exit_code == 1 and "另一篇文章" in result.output
    assert sorted(db.session.scalars(select(Article.slug))) == ["first", "other"]


def test_nonsense_addresses_ask_the_database_nothing_twice(client, article, statements):
    for slug in ("慢读", "A", "a--b", "a" * 5000, "%00", "..%2f"):
        statements.clear()
        assert client.get(f"/articles/{slug}").status_code == 404
        assert len(statements) <= 1
