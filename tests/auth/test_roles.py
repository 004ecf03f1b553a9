"""Who may do what: every door with every role, by the table in rights.txt."""

import re
from itertools import product
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from sqlalchemy import select
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from blueprints.auth.models import LoginSession, Passkey, Role, User
from blueprints.comments.models import Status
from core import clock
from core.database import db
from tests.builders import PASSWORD, article, comment, hidden, log_in, the_comment, user

TABLE = Path(__file__).with_name("rights.txt")
CAST = {
    "guest": None,
    "reader": Role.READER,
    "author": Role.AUTHOR,
    "moderator": Role.MODERATOR,
    "administrator": Role.ADMINISTRATOR,
    "moderator-": Role.MODERATOR,
    "administrator-": Role.ADMINISTRATOR,
}


def table():
    """Return the status of each (method, route) for each of the cast."""
    rows = [line.split() for line in TABLE.read_text(encoding="utf-8").split("\n") if line and not line.startswith("#")]
    names, *doors = rows
    return {(row[0], row[1]): dict(zip(names, map(int, row[2:]), strict=True)) for row in doors}


RIGHTS = table()


@pytest.fixture
def scene(app):
    """An article, a public reply and somebody whose page administrators may see; returns what stands for each placeholder."""
    mei = user("梅子", "mei@example.com")
    text = article(tags=("慢",))
    reply = comment(text, "一条公开的回复。", nickname="南山")
    day = clock.now().astimezone(app.config["ZHISHANG"].timezone)
    return {
        "slug": "hello",
        "int:article_id": text.id,
        "int:version_id": 1,
        "path:name": text.author,
        "key": "慢",
        "year": day.year,
        "month": day.month,
        "lang": "zh",
        "file": "none.webp",
        "int:part": 1,
        "any(atom,json):kind": "atom",
        "any(places,articles,tags,series):kind": "places",
        "any(withdraw,restore,unschedule,drop):act": "withdraw",
        "int:comment_id": reply.id,
        "int:user_id": mei.id,
        "int:floor": 1,
        "path:filename": "img/mark.svg",
        "any(zh,en):language": "zh",
        "any(site,desk):part": "desk",
    }


@pytest.fixture
def enter(app, choose):
    """Return a browser of one of the cast; those with a minus lack the second factor that is demanded."""

    def come_in(name):
        browser = app.test_client()
        if role := CAST[name]:
            user("陆岸", "lu@example.com", role)
            assert log_in(browser, "陆岸").status_code == 303
        choose(moderators_need_second_factor=name.endswith("-"))
        return browser

    return come_in


def address(route, scene):
    """Return the route with its placeholders filled in; what is not in the scene is made up."""
    return re.sub(r"<([^>]+)>", lambda found: str(scene.get(found[1], "made-up")), route)


def test_every_door_is_in_the_table_and_the_table_names_no_other(app):
    doors = {
        (method, rule.rule.replace(" ", ""))
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }  # fmt: skip

    assert doors - set(RIGHTS) == set(), "write into rights.txt who may do this"
    assert set(RIGHTS) - doors == set()


@pytest.mark.parametrize("name", CAST)
def test_every_door_opens_to_those_who_may_and_to_nobody_else(scene, enter, name):
    """S59, T63."""
    browser = enter(name)

    found = {
        (method, route): browser.open(address(route, scene), method=method).status_code for method, route in RIGHTS
    }

    assert found == {door: statuses[name] for door, statuses in RIGHTS.items()}


def disguises(path):
    """Yield other ways to write an address, each of which some router somewhere took for the same."""
    folder, _slash, last = path.rpartition("/")
    yield from (f"{path}{more}" for more in ("/", "//", "/.", ";x", "%00", "%20", "%3f", ".html", ".json", "\\", "%2f"))
    yield from (f"{folder}{slash}{last}" for slash in ("//", "/./", "%2f", "%2F", "/%2e/", "\\", "/x/../"))
    yield from (f"/{path}", f"/.{path}", path.upper(), path.title(), quote(quote(path)), path.removeprefix("/"))


def ask_raw(browser, method, path):
    """Ask for a path as a server hands it on: decoded once, whatever is in it."""
    return browser.open("/", method=method, environ_overrides={"PATH_INFO": unquote(path)})


def is_routed(app, method, path):
    """Tell whether the router knows a way from a path: what it does not know is a page not found, and cheap to leave out."""
    try:
        app.url_map.bind("localhost").match(unquote(path), method)
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True


@pytest.mark.parametrize("name", CAST)
def test_no_other_way_to_write_an_address_opens_a_door(app, scene, enter, name):
    """T65."""
    browser = enter(name)
    closed = [route for (method, route), statuses in RIGHTS.items() if method == "GET" and statuses[name] in (303, 403)]
    closed = [route for route in closed if RIGHTS["GET", route]["administrator"] == 200]

    for route in closed:
        path = address(route, scene)
        assert browser.head(path).status_code == RIGHTS["GET", route][name], path
        assert browser.options(path).data == b"", "what is possible may be told, nothing else"
        for method, other in product(("GET", "POST", "PUT", "DELETE"), (path, *disguises(path))):
            if is_routed(app, method, other):
                assert ask_raw(browser, method, other).status_code >= 300, f"{method} {other}"
    assert closed or name == "administrator"


def test_the_disguises_are_asked_for_as_they_are(scene, enter):
    browser = enter("administrator")

    for path in (
        "/admin/people",
        "/admin%2fpeople",
        "//admin/people",
    ):  # the router takes them for one: the door is behind it
        assert ask_raw(browser, "GET", path).status_code == 200
    assert ask_raw(browser, "GET", "/admin//people").location == "http://localhost/admin/people"
    for path in ("/admin/people/", "/ADMIN/PEOPLE", "/admin/people;x", "/./admin/people"):
        assert not is_routed(browser.application, "GET", path)
        assert ask_raw(browser, "GET", path).status_code == 404


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix"])
def test_no_header_opens_a_door(scene, enter, header):
    browser = enter("reader")

    for value in ("GET", "/admin/people", "/"):
        assert browser.get("/admin/people", headers={header: value}).status_code == 403
        assert "mei@example.com" not in browser.get("/", headers={header: value}).text


def test_a_page_refused_names_nobody(scene, enter):
    browser = enter("moderator")

    for path in ("/admin/people", f"/admin/people/{scene['int:user_id']}", "/admin/people?q=mei"):
        page = browser.get(path)
        assert "这里只有管理员能进。" in page.text
        assert "mei@example.com" not in page.text and "梅子" not in page.text
    known, unknown = (browser.get(f"/admin/people/{number}") for number in (scene["int:user_id"], 999_999))
    assert known.status_code == unknown.status_code == 403


@pytest.mark.parametrize("path", ["/admin/people?q=m&role=reader", "/account/sessions"])
def test_a_guest_is_led_to_the_log_in_and_back(client, scene, path):
    answer = client.get(path)

    assert answer.status_code == 303 and answer.location == f"/login?next={quote(path, safe='/?')}"
    user("陆岸", "lu@example.com", Role.ADMINISTRATOR)
    token = hidden(client.get(answer.location), "csrf_token")
    form = {"username": "陆岸", "password": PASSWORD, "csrf_token": token, "next": path}
    assert client.post("/login", data=form).location == path


def test_whoever_lacks_the_factor_is_told_what_to_do(scene, enter):
    page = enter("administrator-").get("/admin/people")

    assert "管理员要先设置两步验证" in page.text and 'href="/account/second-factor"' in page.text


@pytest.mark.parametrize("change", ["demoted", "paused", "leaving", "gone", "session ended", "factor demanded"])
def test_a_right_taken_away_is_gone_with_the_next_request(scene, enter, choose, change):
    """S60."""
    browser = enter("administrator")
    assert browser.get("/admin/people").status_code == 200
    person = db.session.scalars(select(User).where(User.role == Role.ADMINISTRATOR)).one()
    expected = 303

    if change == "demoted":
        person.role, expected = Role.MODERATOR, 403
    elif change == "paused":
        person.paused_at = clock.now()
    elif change == "leaving":
        person.leaves_at = clock.now()
    elif change == "gone":
        db.session.delete(person)
    elif change == "session ended":
        db.session.delete(db.session.scalars(select(LoginSession)).one())
    else:
        choose(moderators_need_second_factor=True)
        expected = 403
    db.session.commit()

    assert browser.get("/admin/people").status_code == expected
    assert browser.post(f"/admin/people/{scene['int:user_id']}/role").status_code == 403


@pytest.mark.parametrize("name", ["reader", "author", "moderator", "administrator"])
def test_nobody_ends_another_persons_session_or_takes_their_passkey(app, scene, enter, name):
    """S59."""
    log_in(app.test_client(), "梅子")
    mei = scene["int:user_id"]
    session_id = db.session.scalars(select(LoginSession.id).where(LoginSession.user_id == mei)).one()
    key = Passkey(user_id=mei, credential_id="x", public_key=b"x", name="手机")
    db.session.add(key)
    db.session.commit()
    key_id = key.id
    browser = enter(name)
    log_in(app.test_client(), "陆岸")  # with two sessions there is a form to end one

    def send(path, which, **more):
        token = hidden(browser.get(path), "csrf_token")
        return browser.post(path, data={"which": which, "csrf_token": token} | more)

    assert send("/account/sessions", str(session_id)).status_code == 404
    assert send("/account/second-factor/remove", str(key_id), present=PASSWORD).status_code in (404, 422)
    assert send("/account/sessions", "others").status_code == 303
    assert db.session.get(LoginSession, session_id) is not None and db.session.get(Passkey, key_id) is not None


@pytest.mark.parametrize("status", [Status.PENDING, Status.REJECTED, Status.SPAM])
@pytest.mark.parametrize("name", CAST)
def test_a_reply_that_is_not_public_is_its_writers_and_the_moderators(scene, enter, name, status):
    waiting = the_comment()
    waiting.status, waiting.floor, waiting.root_floor, waiting.published_at = status, None, None, None
    db.session.commit()
    path = f"/comments/{waiting.id}"
    browser = enter(name)

    sees = browser.get(path).status_code != 404
    shows = "一条公开的回复。" in browser.get("/articles/hello").text

    moderates = name in ("moderator", "administrator")
    assert (sees, shows) == (moderates, moderates and status is Status.PENDING)
