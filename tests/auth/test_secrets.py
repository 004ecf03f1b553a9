"""What a thief of the database, of a log or of an answer learns: nothing that opens anything (S49, S61, S81, T26)."""

import io
import logging
import re
from functools import partial

import pytest
from sqlalchemy import select

from blueprints.auth.kept_passwords import kept_password
from blueprints.auth.mailed_links import _digits
from blueprints.auth.models import AddressChange, LoginSession, MailedLink, RecoveryCode, Registration, User
from blueprints.auth.second_factor import key_of
from core import tokens
from core.database import Base, db
from core.logs import OneLine
from tests.auth.test_second_factor import set_up
from tests.builders import PASSWORD, hidden, link_in, log_in, registration_form, send_letters
from tests.moments import later


def dump():
    """Return every value of every row, as a thief would read a copy of the database."""
    db.session.rollback()
    rows = [row for table in Base.metadata.sorted_tables for row in db.session.execute(select(table)).all()]
    return [str(value) for row in rows for value in row if value is not None]


def push(browser, path, **form):
    return browser.post(path, data={"csrf_token": hidden(browser.get(path), "csrf_token")} | form)


@pytest.fixture
def busy_site(app, client, other, mei, lin):
    """A site in which every kind of secret is alive; returns them by name."""
    log_in(client, "梅子", remember="y")
    with later(seconds=-60):
        key, codes = set_up(client)
    log_in(other, "梅子")
    push(client, "/account/email", email="qing@example.com", present=PASSWORD)
    for path in ("/forgot-password", "/login/by-mail"):
        guest = app.test_client()
        guest.post(path, data={"email": "lin@example.com", "csrf_token": hidden(guest.get(path), "csrf_token")})
    guest = app.test_client()
    guest.post("/register", data=registration_form(guest, captcha="WRONG"))
    guest.post("/register", data=registration_form(guest))
    challenge = hidden(guest.get("/register"), "captcha_id")
    letters = send_letters()
    links = {link_in(letter).rpartition("/")[2] for letter in letters if "/" in link_in(letter)[1:]}
    digits = {
        found for letter in letters for found in re.findall(r"：(\d{6})\b", letter.get_body(("plain",)).get_content())
    }
    secrets = {"link": links - {"forgot-password"}, "digits": digits, "key": {key}, "code": set(codes)}
    cookies = {browser.get_cookie("session").value for browser in (client, other)}
    return secrets | {"cookie": cookies, "challenge": {challenge}, "password": {PASSWORD}}


def test_a_dump_of_the_database_holds_no_secret(busy_site):
    """S58, S65."""
    everything = "\n".join(dump())

    assert len(busy_site["link"]) == 4 and len(busy_site["digits"]) == 2
    for kind, values in busy_site.items():
        for value in values:
            assert value not in everything and value.replace("-", "") not in everything, kind


def test_nothing_in_a_dump_opens_a_door(app, busy_site):
    """Every value is tried as what it might be: a session, a link, a code, an answer, a proof."""
    thief = app.test_client()
    values = {value for value in dump() if 16 <= len(value) <= 200 and value.isascii() and "/" not in value}
    assert len(values) > 20

    form = registration_form(thief)
    browser = thief.get_cookie("form").value
    for value in values:
        for path in ("/reset-password/", "/login/by-mail/", "/confirm/", "/account/email/"):
            assert thief.get(path + value).status_code in (404, 410), value
        thief.set_cookie("session", value)
        assert thief.get("/account").status_code == 303
        thief.delete_cookie("session")
        assert thief.post("/register", data=form | {"captcha": "", "proof": value}).status_code == 422
        assert kept_password(value, "register", browser) is None


def test_a_seed_and_a_hash_give_nothing_without_the_sites_key(app, client, mei):
    log_in(client, "梅子")
    with later(seconds=-60):
        key, _codes = set_up(client)
    seed = db.session.scalars(select(User.totp_seed)).one() or ""
    digits = _digits("reset", seed)
    assert key_of(seed) == key

    app.secret_key, kept = "another key of thirty-two bytes or more", app.secret_key
    try:
        assert key_of(seed) != key
        assert _digits("reset", seed) != digits
    finally:
        app.secret_key = kept


def test_a_signed_value_of_one_kind_is_none_of_another(app):
    """S61."""
    with app.test_request_context():
        purposes = ["totp-setup", "passkey-create", "passkey-use", "form:LoginForm", "form:CodeForm", "first-run"]
        for purpose in purposes:
            text = tokens.sign(purpose, ["x", "y"])
            readable = [other for other in purposes if tokens.read_signed(other, text, 3600) is not None]
            assert readable == [purpose]
        assert (
            len({tokens.letter_token(kind, "seed") for kind in ("reset", "login", "confirm", "address", "writer")}) == 5
        )


def statements_of(statements, deed):
    before = len(statements)
    deed()
    return [re.sub(r"\d+|'[^']*'", "?", one) for one in statements[before:]]


@pytest.mark.parametrize(
    ("path", "known", "unknown"),
    [
        ("/login", {"username": "mei@example.com", "password": "不是这个密码"}, {"username": "nobody@example.com", "password": "不是这个密码"}),
        ("/login", {"username": "梅子", "password": "不是这个密码"}, {"username": "没有这个人", "password": "不是这个密码"}),
        ("/forgot-password", {"email": "mei@example.com"}, {"email": "nobody@example.com"}),
        ("/login/by-mail", {"email": "mei@example.com"}, {"email": "nobody@example.com"}),
        ("/forgot-password/sent", {"code": "000000"}, {"code": "000001"}),
    ],
)  # fmt: skip
def test_the_same_is_asked_of_the_database_whether_or_not_somebody_is_known(app, statements, mei, path, known, unknown):
    """S49, S63, T77. Times differ where work differs; the times themselves are compared by benchmarks/enumeration.py."""
    browsers = [app.test_client() for _ in range(2)]
    forms = [
        form | {"csrf_token": hidden(one.get(path), "csrf_token")}
        for one, form in zip(browsers, (known, unknown), strict=True)
    ]

    seen = [
        statements_of(statements, partial(one.post, path, data=form)) for one, form in zip(browsers, forms, strict=True)
    ]

    assert seen[0] == seen[1] and seen[0]


def test_the_same_is_asked_for_a_registration_of_a_known_address(app, statements, mei):
    browsers = [app.test_client() for _ in range(2)]
    forms = [
        registration_form(one, email=email, username=name)
        for one, email, name in zip(
            browsers, ("mei@example.com", "nobody@example.com"), ("山中客", "海边客"), strict=True
        )
    ]

    seen = [
        statements_of(statements, partial(one.post, "/register", data=form))
        for one, form in zip(browsers, forms, strict=True)
    ]

    assert seen[0] == seen[1] and seen[0]


def test_the_log_of_the_server_is_one_line_a_deed_with_nothing_secret_in_it(client, mei, lin):
    """S81, T95."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(OneLine("%(levelname)s %(name)s %(message)s"))
    log = logging.getLogger("zhishang.accounts")
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        log_in(client, "梅子\r\nINFO forged", "不是这个密码")
        log_in(client, "没有这个人", "不是这个密码")
        log_in(client, "梅子")
        push(client, "/account/name", username="青\u0301梅")
        push(
            client,
            "/account/password",
            present=PASSWORD,
            password="换成另外一把更旧的伞",
            password_confirm="换成另外一把更旧的伞",
        )
        client.post("/logout", data={"csrf_token": hidden(client.get("/"), "csrf_token")})
    finally:
        log.removeHandler(handler)
        log.setLevel(before)
    lines = stream.getvalue().splitlines()

    words = [line.split()[2] for line in lines]
    assert words == [
        "login_failed",
        "login_failed",
        "logged_in",
        "name_changed",
        "password_changed",
        "logged_in",
        "logged_out",
    ]
    assert all(line.startswith("INFO zhishang.accounts ") for line in lines)
    assert not any(secret in stream.getvalue() for secret in (PASSWORD, "不是这个密码", "mei@example", "forged"))


def test_nobody_finds_rows_that_are_no_secret_by_guessing(app, client, mei):
    log_in(client, "梅子")

    for table in (LoginSession, MailedLink, AddressChange, Registration, RecoveryCode):
        for row in db.session.scalars(select(table)):
            hashes = [getattr(row, name, None) for name in ("token_hash", "code_hash", "browser_hash")]
            assert all(value is None or len(value) in (32, 64) for value in hashes)
