"""A button that is pressed twice, or an answer that was lost on the way: what was done is done, and nobody else wrote."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from blueprints.articles.models import Article, ArticleVersion, WorkingCopy
from core import clock
from core.database import db
from core.jobs import Job
from tests.builders import hidden
from tests.moments import at_once
from tests.states_of_writing import act, author, draft, published, write


@pytest.fixture
def shen(client):
    """沈未, an author, logged in."""
    return author(client)


def form_on(browser, path: str, **more: str | list[str]) -> dict[str, str | list[str]]:
    page = browser.get(path)
    return {name: hidden(page, name) for name in ("csrf_token", "mark")} | more


def twice(browser, path: str, **more: str | list[str]):
    form = form_on(browser, path, **more)
    return [browser.post(path, data=form) for _ in range(2)]


def the_article() -> Article:
    db.session.expire_all()
    return db.session.scalars(select(Article)).one()


def test_publishing(client, shen):
    path = draft(client)

    both = twice(client, f"{path}/publish", when="now")

    assert [(answer.status_code, answer.location) for answer in both] == [(303, "/articles/rainy-night")] * 2
    assert db.session.scalar(select(func.count()).select_from(Job).where(Job.kind == "tell")) == 1


def test_publishing_changes(client, shen):
    path = published(client)
    write(client, path, body="改过的。")

    both = twice(client, f"{path}/publish")

    assert [answer.status_code for answer in both] == [303, 303]
    assert db.session.scalar(select(func.count()).select_from(ArticleVersion).where(ArticleVersion.was_public)) == 1


def test_publishing_at_the_same_moment(app, client, shen):
    path = draft(client)
    form = form_on(client, f"{path}/publish")
    cookie = client.get_cookie("session").value

    def press_it():
        browser = app.test_client()
        browser.set_cookie("session", cookie)
        return browser.post(f"{path}/publish", data=form).status_code

    assert at_once([press_it, press_it]) == [303, 303]
    assert db.session.scalar(select(func.count()).select_from(Job).where(Job.kind == "tell")) == 1


def test_scheduling(client, shen):
    path = draft(client)

    both = twice(client, f"{path}/publish", when="later", at=f"{clock.now() + timedelta(days=3):%Y-%m-%d} 08:30")

    assert [(answer.status_code, answer.location) for answer in both] == [(303, path)] * 2
    assert the_article().scheduled_at is not None and the_article().published_at is None


def test_what_was_put_off_since_is_not_scheduled_again(client, shen):
    path = draft(client)
    form = form_on(client, f"{path}/publish", when="later", at=f"{clock.now() + timedelta(days=3):%Y-%m-%d} 08:30")
    client.post(f"{path}/publish", data=form)
    act(client, path, "unschedule")

    answer = client.post(f"{path}/publish", data=form)

    assert answer.status_code == 409 and the_article().scheduled_at is None


def test_a_text_written_since_publishing_is_not_published_by_the_former_press(client, other, shen):
    path = draft(client)
    form = form_on(client, f"{path}/publish")
    client.post(f"{path}/publish", data=form)
    write(client, path, body="之后写的。")

    assert client.post(f"{path}/publish", data=form).status_code == 409
    assert "之后写的" not in other.get("/articles/rainy-night").text


def test_tidying_the_punctuation(client, shen):
    path = draft(client)

    both = twice(client, f"{path}/punctuation", change=["0", "1"])

    assert [(answer.status_code, answer.location) for answer in both] == [(303, path)] * 2
    page = client.get(path).text
    assert "改了 2 处。" in page and "看看改了什么，或者改回去" in page
    assert db.session.scalars(select(WorkingCopy.revision)).one() == 2


def test_bringing_a_former_text_back(client, shen):
    path = draft(client)
    write(client, path, body="短。")
    version = db.session.scalars(select(ArticleVersion.id)).one()

    both = twice(client, f"{path}/revisions/{version}")

    assert [(answer.status_code, answer.location) for answer in both] == [(303, path)] * 2
    assert db.session.scalar(select(func.count()).select_from(ArticleVersion)) == 2
