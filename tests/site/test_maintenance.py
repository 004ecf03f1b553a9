"""The site closed for a while: what people see, what keeps working, and that nothing locks it for good."""

import logging
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from blueprints.site import maintenance
from blueprints.site.maintenance import close_until, closed_until, open_again
from core import clock
from tests import builders
from tests.builders import log_in, registration_form, reply_form

AT_NINE = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)  # nine in Shanghai


@pytest.fixture
def file(app):
    """The file that closes the site; whatever a test made of it is gone afterwards."""
    path = Path(app.config["ZHISHANG"].instance) / maintenance.FILE
    yield path
    if path.is_dir():
        path.rmdir()
    elif path.exists():
        path.chmod(0o600)
        path.unlink()


@pytest.fixture
def run(app):
    return lambda *arguments: app.test_cli_runner().invoke(args=["site", "maintenance", *arguments])


@pytest.fixture
def closed(file):
    """It is nine o'clock, and the site is closed until half past ten."""
    with clock.standing_at(AT_NINE):
        close_until(AT_NINE + timedelta(minutes=90))
        yield file


PAGES = [
    "/",
    "/articles/hello",
    "/articles/nothing",
    "/articles/hello?lang=en&sort=newest",
    "/login",
    "/account",
    "/admin/people",
    "/comments/1",
    "/nowhere",
    "/privacy",
    "/captcha/x.png",
    "/.well-known/security.txt",
    "/%00",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_until_when(client, article, closed, path):
    page = client.get(path)

    assert page.status_code == 503
    assert page.headers["Retry-After"] == "5400"
    assert page.headers["Cache-Control"] == "no-store"
    if "lang=en" not in path:
        assert "正在维护，预计 10:30 恢复。文章暂时打不开。" in page.text
    assert "10:30" in page.text and "ETag" not in page.headers


def test_the_sheet_the_script_and_pictures_are_there(client, closed):
    for path in ("/static/site.css", "/static/site.js", "/static/desk.css", "/static/desk.js", "/static/img/mark.svg"):
        assert client.get(path).status_code == 200


def test_no_database_is_touched_even_for_somebody_logged_in(client, article, mei, file, statements):
    log_in(client, "梅子")
    close_until(clock.now() + timedelta(minutes=5))
    form = {"csrf_token": "x", "body": "刚写好的一大段话", "parent": ""}
    statements.clear()

    answers = [
        client.get("/articles/hello"),
        client.post("/articles/hello/comments", data=form),
        client.post("/articles/hello/comments", data=form, headers={"Origin": "https://evil.example"}),
        client.post("/login", data={"username": "x" * 3_000_000}),
        client.get("/", headers={"Host": "evil.example"}),
        client.open("/", method="BREW"),
    ]

    assert {answer.status_code for answer in answers} == {503}
    assert statements == []


def test_what_was_typed_comes_back_and_can_be_sent_later(client, article, file):
    form = reply_form(client, body="刚写好的一大段话，\n\n还有第二段 <b>。")
    close_until(clock.now() + timedelta(minutes=5))

    answer = client.post("/articles/hello/comments", data=form)

    assert answer.status_code == 503
    assert "刚写好的一大段话，\n\n还有第二段 &lt;b&gt;。</textarea>" in answer.text
    assert form["nickname"] in answer.text and form["email"] in answer.text
    open_again()
    assert client.post("/articles/hello/comments", data=form).status_code == 303


def test_passwords_and_tokens_do_not_come_back(client, file):
    form = registration_form(client)
    close_until(clock.now() + timedelta(minutes=5))

    answer = client.post("/register", data=form)

    assert form["username"] in answer.text
    assert form["password"] not in answer.text and form["csrf_token"] not in answer.text


def test_the_page_carries_the_usual_headers_and_leads_nowhere(client, closed):
    page = client.get("/")

    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Set-Cookie" not in page.headers
    assert "去看最新的文章" not in page.text and "登录" not in page.text


def test_when_the_time_has_come_the_site_is_open_whoever_forgot_the_file(client, article, closed, caplog):
    with clock.standing_at(AT_NINE + timedelta(minutes=90)), caplog.at_level(logging.WARNING):
        assert [client.get("/").status_code for _ in range(3)] == [200] * 3

    assert closed.exists()
    assert len([record for record in caplog.records if "the site is open" in record.message]) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"yes",
        b"10:30",
        b"2026-11-22",
        b"9999-12-31T23:59:59+00:00",
        b"0001-01-01T00:00:00+23:59",
        b"2026-11-23T01:00:01+00:00",
        b"\xff\xfe\x00\x00",
        b"2026-11-22T02:30:00+00:00" + b" " * 200 + b"x",
        b"\x00" * 1_000_000,
    ],
)
def test_a_spoilt_file_closes_nothing(client, file, content):
    file.write_bytes(content)

    with clock.standing_at(AT_NINE):
        padded = content.startswith(b"2026-11-22T02:30")
        assert client.get("/privacy").status_code == (503 if padded else 200)


def test_a_moment_written_by_hand_is_the_sites(file, app):
    file.write_text("2026-11-22 10:30\n")

    with clock.standing_at(AT_NINE), app.test_request_context():
        assert closed_until() == AT_NINE + timedelta(minutes=90)


def test_a_folder_or_an_unreadable_file_closes_nothing(client, file):
    file.mkdir()
    assert client.get("/privacy").status_code == 200
    file.rmdir()

    file.symlink_to(file)
    assert client.get("/privacy").status_code == 200
    file.unlink()


def test_the_command_closes_for_minutes_or_until_a_time(run, file, client):
    with clock.standing_at(AT_NINE):
        assert run("on", "--minutes", "90").output == "closed until 2026-11-22 10:30 (Asia/Shanghai)\n"
        assert client.get("/").headers["Retry-After"] == "5400"
        assert run("on", "--until", "9:45").output == "closed until 2026-11-22 09:45 (Asia/Shanghai)\n"
        assert client.get("/").headers["Retry-After"] == "2700"
        assert run("on", "--until", "08:59").output == "closed until 2026-11-23 08:59 (Asia/Shanghai)\n"
        assert client.get("/").status_code == 503
        assert run("on", "--minutes", "1440").exit_code == 0
        assert client.get("/").headers["Retry-After"] == "86400"
        assert run("on").output == "closed until 2026-11-22 09:30 (Asia/Shanghai)\n"
    assert file.parent.joinpath(f"{maintenance.FILE}.{os.getpid()}").exists() is False


def test_the_command_opens_again(run, file, client):
    run("on")

    assert run("off").output == "open again\n"
    assert client.get("/").status_code == 200
    assert run("off").output == "was open\n"


@pytest.mark.parametrize(
    "wrong", [["--minutes", "0"], ["--minutes", "1441"], ["--minutes", "x"], ["--until", "25:00"], ["--until", "soon"]]
)
def test_a_wrong_time_is_refused_and_closes_nothing(run, file, wrong):
    assert run("on", *wrong).exit_code == 2
    assert not file.exists()


def test_a_folder_that_cannot_be_written_is_told_in_one_line(run, file):
    file.mkdir()

    result = run("on")

    assert result.exit_code == 1 and len(result.output.splitlines()) == 1


def test_english_readers_are_told_in_english(client, closed):
    page = client.get("/", headers={"Accept-Language": "en"})

    assert '<html lang="en">' in page.text and "10:30" in page.text


def test_an_open_site_asks_no_more_than_before(client, file, statements):
    builders.article()
    statements.clear()

    client.get("/")

    assert len(statements) == 2  # the pinned articles and the page
