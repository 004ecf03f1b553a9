"""The pages of the site itself, and what holds for all pages."""

import re

import pytest

from core.database import db
from core.markup import render_comment
from tests import builders
from tests.builders import hidden, link_in, log_in, registration_form, send_letters

SITE_FILES = ["/static/site.css", "/static/site.js", "/static/desk.css", "/static/desk.js", "/static/img/mark.svg"]


@pytest.mark.parametrize("path", SITE_FILES)
def test_sheet_script_and_mark_are_kept_by_browsers_for_a_year(client, path):
    answer = client.get(path)

    assert answer.status_code == 200
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert answer.mimetype in ("text/css", "text/javascript", "image/svg+xml")


def test_privacy_is_told_beside_the_address_field(client, article):
    assert 'href="/privacy"' in client.get("/articles/hello").text.split('name="email"')[1].split("</div>")[0]
    assert client.get("/privacy").status_code == 200


def test_what_the_site_is_stands_in_every_foot(client, article):
    for path in ("/", "/articles/hello", "/privacy", "/nowhere"):
        foot = client.get(path).text.split("<footer")[1]
        assert 'href="/about"' in foot and 'href="/privacy"' in foot and 'href="/settings/reading"' in foot


def test_the_page_about_replies_shows_what_the_renderer_makes_of_them(client):
    page = client.get("/about")

    assert page.headers["Cache-Control"] == "public, no-cache"
    rows = re.findall(r"<tr><td><code>(.*?)</code></td><td>(.*?)</td></tr>", page.text, re.DOTALL)
    assert len(rows) == 8
    for typed, shown in rows:
        assert "<p>" in shown or "<ul>" in shown or "<ol>" in shown or "<pre" in shown
        assert "<" not in typed
    assert '<a href="#floors"' in rows[-1][1]


@pytest.mark.parametrize(
    "typed", ["# 标题", "![图](https://example.org/x.png)", "| a |\n|-|\n| b |", "<b>粗</b>", "\\*着重\\*"]
)
def test_what_the_page_says_stays_as_typed_does(typed):
    assert re.search(r"<(?!/?(?:p|br|a)\b)", render_comment(typed)) is None


def test_a_printed_page_says_where_it_came_from(client, article, choose):
    choose(site_url="https://example.org", site_name="纸上")
    client = client.application.test_client()

    page = client.get("/articles/hello?sort=newest&paragraphs=1", base_url="https://example.org")

    assert '<p class="address column">纸上 · https://example.org/articles/hello</p>' in page.text


def test_security_txt_names_a_contact_and_expires_within_a_year(client, choose):
    choose(security_contact="security@example.com")

    answer = client.get("/.well-known/security.txt")

    assert answer.mimetype == "text/plain"
    assert "Contact: mailto:security@example.com\n" in answer.text
    assert "\nExpires: 20" in answer.text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("en", "en"),
        ("en-GB,zh;q=0.5", "en"),
        ("zh-TW", "zh-Hans"),
        ("fr", "zh-Hans"),
        ("", "zh-Hans"),
        ("fr, en;q=0.1", "en"),
    ],
)
def test_the_language_is_the_browsers(client, header, language):
    assert f'<html lang="{language}">' in client.get("/", headers={"Accept-Language": header}).text


def test_a_chosen_language_stays_and_makes_nobody_personal(client):
    chosen = client.get("/?lang=en", headers={"Accept-Language": "zh"})

    assert "lang=en" in chosen.headers["Set-Cookie"] and "HttpOnly" in chosen.headers["Set-Cookie"]
    later = client.get("/", headers={"Accept-Language": "zh"})
    assert '<html lang="en">' in later.text
    assert later.headers["Cache-Control"] == "public, no-cache"
    assert '<html lang="zh-Hans">' in client.get("/?lang=zh").text


@pytest.mark.parametrize("value", ["xx", "", "EN", "en\x00", "<b>", "zh'\""])
def test_an_unknown_language_is_ignored(client, value):
    answer = client.get("/", query_string={"lang": value})

    assert answer.status_code == 200 and "Set-Cookie" not in answer.headers


def test_an_article_in_another_language_says_so(client):
    builders.article("margins", "In the margins", lang="en", body="Words.")

    assert '<article lang="en">' in client.get("/articles/margins").text


def test_letters_speak_the_language_they_were_asked_in(client):
    client.get("/?lang=en")
    client.post("/register", data=registration_form(client))

    (letter,) = send_letters()

    assert letter["Subject"] == "Finish registering · 纸上"
    assert "works once, within 3 days" in letter.get_body(("plain",)).get_content()
    assert link_in(letter).startswith("/confirm/")


def test_the_front_page_lists_20_and_leads_on_by_key(client, statements):
    for number in range(45):
        builders.article(f"a-{number}", f"第 {number} 篇")
    statements.clear()

    first = client.get("/")

    assert len(statements) == 2  # the pinned articles and the page
    assert first.text.count("article-list__item") == 20 and "第 44 篇" in first.text
    second = client.get("/?before=a-25")
    assert "第 24 篇" in second.text and "第 25 篇" not in second.text
    third = client.get("/?before=a-5")
    assert third.text.count("article-list__item") == 5 and "更早的文章" not in third.text
    assert client.get("/?before=nothing").status_code == 404


def test_a_withdrawn_article_is_on_no_list(client, article):
    article.withdrawn_at = article.published_at
    db.session.commit()

    assert article.title not in client.get("/").text


def test_a_reader_without_cookies_can_read_and_reply(app, article):
    reader = app.test_client(use_cookies=False)
    form = builders.reply_form(reader)

    assert reader.post("/articles/hello/comments", data=form).status_code == 303
    assert form["body"] in reader.get("/articles/hello").text


def test_a_reader_without_cookies_is_told_when_a_form_needs_them(app):
    reader = app.test_client(use_cookies=False)

    answer = reader.post("/register", data=registration_form(reader))

    assert answer.status_code == 422 and 'value="山中客"' in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/articles/%00",
        "/articles/" + "a" * 5000,
        "/articles/%F0%28%8C%28",
        "/articles/../../etc/passwd",
        "//evil.example/%2f..",
        "/ARTICLES/hello",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/.git/config",
        "/instance/site.db",
    ],
)
def test_strange_addresses_are_clean_404s(client, article, path):
    assert client.get(path).status_code in (400, 404, 308)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "BREW"])
def test_unused_methods_are_refused(client, article, method):
    assert client.open("/articles/hello", method=method).status_code in (403, 405) or method == "OPTIONS"


def test_an_account_page_asks_to_log_in_and_comes_back(client, mei):
    assert client.get("/account").status_code == 303
    log_in(client, "梅子", next="/account")
    assert "mei@example.com" in client.get("/account").text


def test_a_known_answer_is_not_sent_again(client, article):
    first = client.get("/articles/hello")

    again = client.get("/articles/hello", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    builders.comment(article)
    assert client.get("/articles/hello", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_a_members_page_is_kept_by_nobody(client, article, mei):
    """S35, T83."""
    log_in(client, "梅子")

    page = client.get("/articles/hello")

    assert page.headers["Cache-Control"] == "private, no-store" and "ETag" not in page.headers
    assert hidden(page, "csrf_token")
