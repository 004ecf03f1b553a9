"""What every answer carries, which requests are refused, and whose address is believed."""

from ipaddress import ip_network

import pytest
from werkzeug.test import Client

from core.config import Settings
from core.database import db
from core.security import CONTENT_SECURITY_POLICY, HEADERS, BehindProxies, address_block
from tests.builders import hidden, log_in, reply_form

GUESTS_PAGES = [
    "/",
    "/articles/hello",
    "/articles/hello?sort=author",
    "/privacy",
    "/static/site.css",
    "/static/site.js",
]

EVERY_KIND = {
    "a page": ("GET", "/", {}, 200),
    "an article": ("GET", "/articles/hello", {}, 200),
    "a form": ("GET", "/login", {}, 200),
    "the sheet": ("GET", "/static/site.css", {}, 200),
    "the script": ("GET", "/static/site.js", {}, 200),
    "a file": ("GET", "/static/img/mark.svg", {}, 200),
    "plain text": ("GET", "/.well-known/security.txt", {}, 200),
    "a redirect": ("GET", "/articles/hello/comments", {}, 302),
    "a foreign host": ("GET", "/", {"headers": {"Host": "evil.example"}}, 400),
    "a foreign form": ("POST", "/login", {"headers": {"Origin": "null"}}, 403),
    "no such page": ("GET", "/nothing", {}, 404),
    "no such file": ("GET", "/static/nothing.css", {}, 404),
    "a wrong method": ("PUT", "/", {}, 405),
    "too much": ("POST", "/login", {"data": {"username": "a" * 3_000_000}}, 413),
    "a form that is wrong": ("POST", "/login", {}, 422),
    "asking what is possible": ("OPTIONS", "/", {}, 200),
}


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_answer_carries_every_header(client, article, kind):
    method, path, more, status = EVERY_KIND[kind]

    with client.open(path, method=method, **more) as answer:
        assert answer.status_code == status
        for name, value in HEADERS.items():
            assert answer.headers.getlist(name) == [value]
        assert answer.headers["Cache-Control"]
        assert "Server" not in answer.headers and "X-Powered-By" not in answer.headers
        assert "Strict-Transport-Security" not in answer.headers


def test_the_policy_allows_our_own_files_and_nothing_inline():
    policy = dict(part.split(" ", maxsplit=1) for part in CONTENT_SECURITY_POLICY.split("; "))

    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == policy["media-src"] == "'self'"
    assert not any(word in CONTENT_SECURITY_POLICY for word in ("unsafe", "data:", "http", "*", "blob:"))


def test_only_a_site_served_over_https_tells_browsers_to_stay_there(new_site):
    app = new_site(site_url="https://example.org")
    with app.app_context():
        db.create_all()

    page = app.test_client().get("/privacy", base_url="https://example.org")
    missing = app.test_client().get("/nothing", base_url="https://example.org")

    for answer in (page, missing):
        assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "127.0.0.1@evil.example",
        "evil.example#127.0.0.1",
        "localhost:8000:evil",
        "localhost,evil.example",
        "localhost evil.example",
        "localhost.",
        "localhost:",
        "[::1].evil.example",
        "[::1",
        "0.0.0.0",
        "2130706433",
        "",
    ],
)
def test_a_foreign_host_is_refused(client, host):
    answer = client.get("/privacy", headers={"Host": host})

    assert answer.status_code == 400
    assert not host or host not in answer.text


def test_what_a_proxy_is_said_to_have_forwarded_changes_no_host(client, article):
    """T57, T96."""
    forged = {"X-Forwarded-Host": "evil.example", "X-Host": "evil.example", "Forwarded": "host=evil.example"}

    page = client.get("/articles/hello", headers=forged)
    redirect = client.get("/articles/hello/comments", headers=forged)

    assert page.status_code == 200
    assert "evil.example" not in page.text + redirect.location


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none, same-origin"},
        {"Sec-Fetch-Site": ""},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "https://localhost"},
        {"Origin": "http://localhost:8001"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://127.0.0.1"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
)
def test_a_form_from_elsewhere_is_refused_and_what_was_typed_is_shown(client, article, headers):
    answer = client.post("/articles/hello/comments", data=reply_form(client, body="写了很久的一段"), headers=headers)

    assert answer.status_code == 403
    assert "写了很久的一段" in answer.text and "nanshan@example.com" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "写了很久的一段" not in client.get("/articles/hello").text


def test_a_password_from_elsewhere_is_not_shown_again(client):
    form = {"username": "梅子", "password": "geheim-geheim", "csrf_token": "t0ken"}

    answer = client.post("/login", data=form, headers={"Origin": "null"})

    assert answer.status_code == 403
    assert "梅子" in answer.text
    assert "geheim" not in answer.text and "t0ken" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"},
        {"Host": "127.0.0.1:8000", "Origin": "http://127.0.0.1:8000"},
    ],
)
def test_a_form_of_our_own_and_one_of_a_browser_that_says_nothing_are_taken(client, article, headers):
    answer = client.post("/articles/hello/comments", data=reply_form(client), headers=headers)

    assert answer.status_code == 303


def test_over_https_only_the_sites_own_address_is_an_origin(new_site):
    app = new_site(site_url="https://example.org")
    with app.app_context():
        db.create_all()
    client = app.test_client()

    def status(origin):
        return client.post("/login", base_url="https://example.org", headers={"Origin": origin}).status_code

    assert status("https://example.org") == 422
    assert (
        status("http://example.org") == status("https://example.org:8443") == status("https://www.example.org") == 403
    )


@pytest.mark.parametrize("path", GUESTS_PAGES)
def test_reading_sets_no_cookie_and_may_be_kept(client, article, path):
    answer = client.get(path)

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"].startswith("public")


@pytest.mark.parametrize("path", ["/", "/articles/hello", "/privacy"])
def test_a_page_that_did_not_change_is_not_sent_again(client, other, article, path):
    first = client.get(path)

    again = other.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    assert "Set-Cookie" not in again.headers
    assert {"Accept-Language", "Cookie"} <= set(first.vary)


def test_a_page_that_changed_is_sent_anew(client, article):
    first = client.get("/articles/hello")
    client.post("/articles/hello/comments", data=reply_form(client))
    client.delete_cookie("writer")

    again = client.get("/articles/hello", headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 200


@pytest.mark.parametrize("path", ["/", "/articles/hello", "/privacy"])
def test_a_page_for_somebody_known_is_kept_by_nobody(client, other, article, mei, path):
    log_in(client, "梅子")
    other.post("/articles/hello/comments", data=reply_form(other))

    for browser in (client, other):
        answer = browser.get(path)
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "ETag" not in answer.headers


@pytest.mark.parametrize("path", ["/login", "/register", "/forgot-password", "/?lang=en"])
def test_a_page_made_for_one_browser_is_kept_by_nobody(client, path):
    assert client.get(path).headers["Cache-Control"] == "private, no-store"


def test_two_browsers_are_given_two_form_keys(client, other):
    tokens = [hidden(browser.get("/login"), "csrf_token") for browser in (client, other)]

    stolen = other.post("/login", data={"username": "a", "password": "b", "csrf_token": tokens[0]})

    assert stolen.status_code == 422
    assert "页面放得太久了" in stolen.text


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("198.51.100.77", "198.51.100.0/24"),
        ("127.0.0.1", "127.0.0.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
        ("::ffff:198.51.100.77", "198.51.100.0/24"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("example.org", "unknown"),
        ("1.2.3.4.5", "unknown"),
        ("127.1", "unknown"),
        ("1.2.3.4\n", "unknown"),
    ],
)
def test_an_address_is_counted_with_its_neighbours(address, block):
    assert address_block(address) == block


PROXIES = tuple(map(ip_network, ("10.0.0.0/8", "2001:db8:ffff::/48")))


def seen_behind(remote, proxies=PROXIES, **headers):
    """Return address and scheme as the site behind the proxies sees them."""

    def site(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [f"{environ['REMOTE_ADDR']} {environ['wsgi.url_scheme']}".encode()]

    client = Client(BehindProxies(site, Settings(trusted_proxies=proxies)))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get("/", headers=named, environ_base={"REMOTE_ADDR": remote}).text


@pytest.mark.parametrize(
    ("remote", "forwarded", "seen"),
    [
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("2001:db8:ffff::1", "198.51.100.7", "198.51.100.7"),
        ("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7, 10.2.3.4", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9,198.51.100.7,2001:db8:ffff::9,10.2.3.4", "198.51.100.7"),
        ("10.0.0.1", " 198.51.100.7 ", "198.51.100.7"),
        ("10.0.0.1", "10.9.9.9", "10.9.9.9"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "garbage", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7, garbage", "10.0.0.1"),
        ("10.0.0.1", "garbage, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7, <script>, 10.2.3.4", "10.2.3.4"),
        ("10.0.0.1", "198.51.100.7:4711", "10.0.0.1"),
        ("10.0.0.1", ",,,", "10.0.0.1"),
        ("198.51.100.1", "203.0.113.9", "198.51.100.1"),
        ("11.0.0.1", "10.0.0.1", "11.0.0.1"),
        ("2001:db8:fffe::1", "203.0.113.9", "2001:db8:fffe::1"),
        ("", "203.0.113.9", ""),
        ("unix:", "203.0.113.9", "unix:"),
    ],
)
def test_a_forwarded_address_is_read_from_the_right_as_far_as_proxies_are_trusted(remote, forwarded, seen):
    assert seen_behind(remote, X_Forwarded_For=forwarded) == f"{seen} http"


def test_without_named_proxies_nobody_is_believed():
    """S39, T08."""
    forged = {"X_Forwarded_For": "203.0.113.9", "X_Forwarded_Proto": "https", "X_Real_IP": "203.0.113.9"}

    assert seen_behind("127.0.0.1", (), **forged) == "127.0.0.1 http"


@pytest.mark.parametrize(
    ("remote", "proto", "seen"),
    [
        ("10.0.0.1", "https", "https"),
        ("10.0.0.1", "http", "http"),
        ("10.0.0.1", "javascript", "http"),
        ("10.0.0.1", "https, http", "http"),
        ("198.51.100.1", "https", "http"),
    ],
)
def test_a_forwarded_scheme_is_believed_from_trusted_proxies_only(remote, proto, seen):
    assert seen_behind(remote, X_Forwarded_Proto=proto) == f"{remote} {seen}"


def test_other_forwarding_headers_are_never_read():
    forged = {"X_Real_IP": "203.0.113.9", "Forwarded": "for=203.0.113.9;proto=https", "Client_IP": "203.0.113.9"}

    assert seen_behind("10.0.0.1", **forged) == "10.0.0.1 http"
