"""What is to be published by itself: whose, at which time, and what the desk says of it."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from blueprints.articles.models import Article
from blueprints.articles.scheduling import publish_overdue
from blueprints.auth.models import Role, User
from core import clock, jobs
from core.config import settings
from core.database import db, writing
from tests.builders import hidden, log_in
from tests.moments import later
from tests.states_of_writing import author, draft, press, published

MAY_NOT = {
    "paused": lambda user: setattr(user, "paused_at", clock.now()),
    "demoted": lambda user: setattr(user, "role", Role.READER),
    "leaving": lambda user: setattr(user, "leaves_at", clock.now() + timedelta(days=7)),
}


@pytest.fixture
def shen(client):
    """沈未, an author, logged in."""
    return author(client)


def the_article() -> Article:
    db.session.expire_all()
    return db.session.scalars(select(Article)).one()


def chosen(page) -> tuple[str, str]:
    """Return which of the two buttons is pressed, and the time that stands there."""
    button = next(one for one in re.findall(r"<input[^>]*>", page.text) if "checked" in one)
    at = next(one for one in re.findall(r"<input[^>]*>", page.text) if 'name="at"' in one)
    return re.findall(r'value="([^"]*)"', button)[0], re.findall(r'value="([^"]*)"', at)[0]


def in_site_time(moment: datetime) -> str:
    return f"{moment.astimezone(settings().timezone):%Y-%m-%d %H:%M}"


def scheduled(browser, **ahead: float) -> str:
    path = draft(browser)
    at = in_site_time(clock.now() + timedelta(**ahead))
    assert press(browser, f"{path}/publish", when="later", at=at).location == path
    return path


def change(user: User, deed) -> None:
    deed(db.session.get_one(User, user.id))
    db.session.commit()


def work() -> None:
    """Do what the worker does, and its housekeeping."""
    while jobs.work_once("tests:1"):
        pass
    with writing():
        publish_overdue()
        db.session.commit()
    db.session.expire_all()


def test_the_page_of_a_scheduled_article_stands_on_its_own_time(client, shen):
    path = draft(client)
    assert chosen(client.get(f"{path}/publish"))[0] == "now"
    at = in_site_time(clock.now() + timedelta(days=20))
    press(client, f"{path}/publish", when="later", at=at)

    assert chosen(client.get(f"{path}/publish")) == ("later", at)


def test_a_series_is_renamed_when_the_article_that_renames_it_is_public(client, other, shen):
    published(client, slug="one", series="旧的名字", series_slug="letters")
    path = draft(client, slug="two", series="新的名字", series_slug="letters")
    press(client, f"{path}/publish", when="later", at=in_site_time(clock.now() + timedelta(days=2)))
    assert "旧的名字" in other.get("/series/letters").text and "新的名字" in client.get(path).text

    with later(days=3):
        work()

        assert "新的名字" in other.get("/series/letters").text


def test_a_scheduled_article_is_published_now_by_whoever_chooses_so(client, other, shen):
    path = scheduled(client, days=20)
    page = client.get(f"{path}/publish")
    stands = {name: hidden(page, name) for name in ("csrf_token", "mark", "offered")} | {"at": chosen(page)[1]}

    client.post(f"{path}/publish", data=stands | {"when": "now"})

    assert other.get("/articles/rainy-night").status_code == 200


def test_a_time_that_was_written_beside_now_publishes_nothing(client, other, shen):
    path = draft(client)
    at = in_site_time(clock.now() + timedelta(days=20))

    answer = press(client, f"{path}/publish", when="now", at=at)

    assert answer.status_code == 422 and "选的却是“现在”" in answer.text and chosen(answer) == ("now", at)
    assert other.get("/articles/rainy-night").status_code == 404


@pytest.mark.parametrize(
    "typed",
    ["{y}-1-2 8:30", "{y}/01/02 08:30", "{y}.1.2 8:30", "{y}-01-02T08:30", "{y}-01-02 08：30", "{y}年1月2日 8:30", "{y}年1月2日8点30分", "{y}－０１－０２　０８：３０"],
)  # fmt: skip
def test_a_time_is_understood_as_people_write_it(client, shen, typed):
    path, year = draft(client), clock.now().year + 2

    press(client, f"{path}/publish", when="later", at=typed.format(y=year))

    at = the_article().scheduled_at
    assert at is not None and in_site_time(at) == f"{year}-01-02 08:30"


@pytest.mark.parametrize("deed", MAY_NOT.values(), ids=MAY_NOT)
def test_nothing_is_published_by_itself_of_somebody_who_may_not_publish(client, other, shen, lin, deed):
    path = scheduled(client, days=2)
    change(shen, deed)

    with later(days=3):
        work()

        assert other.get("/articles/rainy-night").status_code == 404
        log_in(other, "林舟")
        for page in ("/write?which=all", path):
            assert "作者的账号现在不能发表文章" in other.get(page).text


def test_what_was_held_is_published_once_its_author_may_dated_that_day(client, other, shen):
    scheduled(client, days=2)
    change(shen, MAY_NOT["paused"])
    with later(days=3):
        work()
    change(shen, lambda user: setattr(user, "paused_until", clock.now() + timedelta(days=9)))

    with later(days=10):
        work()
        published_at = the_article().published_at
        assert other.get("/articles/rainy-night").status_code == 200
        assert published_at is not None and clock.now() - published_at < timedelta(minutes=5)
