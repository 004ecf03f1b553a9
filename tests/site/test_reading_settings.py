"""Reading settings: saved in one browser, applied by the server, and never given to another."""

import re

import pytest

from core.preferences import CHOICES, COOKIE_MAX

ALL = {"theme": "dark", "face": "song", "size": "larger", "indent": "on", "paragraphs": "on", "shortcuts": "on"}
WRITTEN = "theme-dark.face-song.size-larger.indent-on.paragraphs-on.shortcuts-on"


def root(page):
    return re.findall(r"<html ([^>]*)>", page.text)[0]


@pytest.fixture
def sent(app):
    """Ask with a cookie exactly as written."""
    client = app.test_client(use_cookies=False)
    return lambda path, value: client.get(path, headers={"Cookie": f"prefs={value}"})


def save(client, **chosen):
    return client.post("/settings/reading", data=chosen)


def kept(client):
    cookie = client.get_cookie("prefs")
    return cookie and cookie.value


def test_what_is_saved_is_one_readable_cookie_and_every_page_says_it(client, article):
    answer = save(client, **ALL)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/settings/reading?done=saved")
    assert kept(client) == WRITTEN and len(WRITTEN) < COOKIE_MAX
    assert "HttpOnly" in answer.headers["Set-Cookie"] and "SameSite=Lax" in answer.headers["Set-Cookie"]
    for path in ("/", "/articles/hello", "/settings/reading", "/privacy", "/login", "/nowhere"):
        assert root(client.get(path)) == (
            'lang="zh-Hans" data-theme="dark" data-face="song" data-size="larger" data-indent="on" '
            'data-paragraphs="on" data-shortcuts="on"'
        )


def test_nothing_is_set_before_somebody_saves(client, article):
    for path in ("/", "/articles/hello", "/articles/hello?paragraphs=1", "/settings/reading"):
        assert "Set-Cookie" not in client.get(path).headers
    assert root(client.get("/settings/reading")) == 'lang="zh-Hans"'


def test_the_page_shows_what_is_chosen(client):
    save(client, theme="light", size="small")

    page = client.get("/settings/reading").text

    assert re.findall(r'name="(\w+)" value="(\w+)" checked', page) == [
        ("theme", "light"),
        ("face", "hei"),
        ("size", "small"),
        ("indent", "off"),
    ]


def test_the_usual_and_a_reset_leave_no_cookie(client):
    save(client, **ALL)
    assert "prefs=;" in save(client, theme="device", face="hei", size="normal", indent="off").headers["Set-Cookie"]
    assert kept(client) is None

    save(client, **ALL)
    answer = client.post("/settings/reading", data=ALL | {"reset": "1"})

    assert answer.headers["Location"] == "/settings/reading?done=reset"
    assert kept(client) is None
    assert "已恢复默认。" in client.get(answer.headers["Location"]).text


def test_the_way_back_leads_to_the_article_and_nowhere_else(client, article):
    form = client.get("/settings/reading?article=hello").text
    saved = client.post("/settings/reading", data={"article": "hello"}, follow_redirects=True).text

    assert '<input type="hidden" name="article" value="hello">' in form
    assert '<a href="/articles/hello">回到文章</a>' in saved
    for strange in ("//evil.example", "https://evil.example", "javascript:alert(1)", "a" * 101, "%00", "../login", ""):
        page = client.get("/settings/reading", query_string={"article": strange, "done": "saved"}).text
        assert "回到文章" not in page and "evil.example" not in page.split("<footer")[0]


@pytest.mark.parametrize(
    "value",
    [
        "",
        ".",
        "-",
        "theme-",
        "theme-purple",
        "theme-dark\x01",
        "THEME-DARK",
        "themedark",
        '"><script>alert(1)</script>',
        "theme-device.size-normal",
        "__class__-x.keys-y",
        "x" * COOKIE_MAX + ".theme-dark",
        "theme-dark" * 700,
        "." * 60_000,
        "%00%ff\u00ff",
    ],
)
def test_a_strange_cookie_changes_nothing(sent, article, value):
    page = sent("/articles/hello", value)

    assert page.status_code == 200
    assert root(page) == 'lang="zh-Hans"'


def test_of_a_cookie_only_the_known_words_count(sent):
    page = sent("/", "size-large.nonsense.theme-<b>.face-song.face-kai")

    assert root(page) == 'lang="zh-Hans" data-face="song" data-size="large"'


@pytest.mark.parametrize(
    "form",
    [
        {"theme": "purple", "size": "x" * 1_000_000, "face": "\x00", "unknown": "dark"},
        {"theme": ["light", "dark"], "theme[]": "dark"},
        {"paragraphs": "1", "indent": "ON"},
        {},
    ],
)
def test_a_strange_form_keeps_what_is_known(client, form):
    answer = client.post("/settings/reading", data=form)

    assert answer.status_code == 303
    assert kept(client) == ("theme-light" if isinstance(form.get("theme"), list) else None)


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_another_sites_page_cannot_choose(client, headers):
    assert client.post("/settings/reading", data=ALL, headers=headers).status_code == 403
    assert kept(client) is None


def test_choices_make_nobody_personal_and_a_page_kept_for_one_is_never_anothers(app, article):
    """S35: caches ask each time, and the answer depends on what was chosen."""
    plain, dark = app.test_client(), app.test_client()
    save(dark, theme="dark")
    first, second = plain.get("/articles/hello"), dark.get("/articles/hello")

    assert {page.headers["Cache-Control"] for page in (first, second)} == {"public, no-cache"}
    assert all("Cookie" in page.headers["Vary"] for page in (first, second))
    assert first.headers["ETag"] != second.headers["ETag"]
    for reader, own, other in ((plain, first, second), (dark, second, first)):
        assert reader.get("/articles/hello", headers={"If-None-Match": other.headers["ETag"]}).status_code == 200
        assert reader.get("/articles/hello", headers={"If-None-Match": own.headers["ETag"]}).status_code == 304


def test_two_spellings_of_the_same_choices_are_one_page(sent, article):
    """However a cookie spells it, there are as many kept pages as there are choices."""
    spellings = (
        "theme-dark.size-large",
        "size-large.theme-dark",
        "size-large.theme-dark.x-y",
        ".size-large..theme-dark.",
    )

    pages = [sent("/articles/hello", spelling) for spelling in spellings]

    assert len({page.headers["ETag"] for page in pages}) == 1
    assert 'data-theme="dark" data-size="large"' in root(pages[0])


def test_the_colour_around_the_page_follows_the_theme(client):
    def colours():
        return re.findall(r'<meta name="theme-color" content="(\S+)"( media="[^"]+")?>', client.get("/").text)

    assert [bool(media) for _colour, media in colours()] == [True, True]
    save(client, theme="dark")
    assert colours() == [("#151618", "")]
    save(client, theme="light")
    assert colours() == [("#fbfbf9", "")]


def test_over_https_the_cookie_is_bound_to_the_host(app, choose):
    choose(site_url="https://example.org")
    client = app.test_client()

    answer = client.post("/settings/reading", data=ALL, base_url="https://example.org")

    assert answer.headers["Set-Cookie"].startswith(f"__Host-prefs={WRITTEN}; ")
    assert "; Secure; HttpOnly; Path=/; SameSite=Lax" in answer.headers["Set-Cookie"]
    reset = client.post("/settings/reading", data={"reset": "1"}, base_url="https://example.org").headers["Set-Cookie"]
    assert reset.startswith("__Host-prefs=;") and "Secure" in reset and "Path=/" in reset


def test_paragraph_numbers_are_shown_for_one_page_without_a_cookie(client, article):
    assert 'data-paragraphs="on"' in root(client.get("/articles/hello?paragraphs=1"))
    save(client, paragraphs="on")
    assert "data-paragraphs" not in root(client.get("/articles/hello?paragraphs=0"))
    for strange in ("2", "on", "1&paragraphs=0", "%00"):
        assert 'data-paragraphs="on"' in root(client.get(f"/articles/hello?paragraphs={strange}"))


def test_every_choice_the_page_offers_is_known(client):
    page = client.get("/settings/reading").text

    offered = re.findall(r'<input class="\w+" (?:id="\w+" )?type="(?:radio|checkbox)" name="(\w+)" value="(\w+)"', page)
    assert {name for name, _word in offered} == set(CHOICES)
    assert all(word in CHOICES[name] for name, word in offered)
