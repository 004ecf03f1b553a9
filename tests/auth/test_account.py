"""My account: name, address, password, choices, sessions, what is stored, leaving."""

import json
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from blueprints.auth.account_log import Origin, note
from blueprints.auth.models import AddressChange, Deed, FormerName, LogEntry, LoginSession, User
from blueprints.comments.bans import ban
from blueprints.comments.models import Comment
from blueprints.comments.word_rules import add_rule
from core import clock
from core.database import db
from core.jobs import tidy
from core.text import name_key
from tests import builders
from tests.builders import PASSWORD, hidden, link_in, log_in, registration_form, reply_form, send_letters
from tests.moments import at_once, later

NEW = "换成另外一把更旧的伞"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"


@pytest.fixture
def member(client, mei):
    """梅's browser, logged in."""
    log_in(client, "梅子")
    return client


def send(browser, path, **form):
    return browser.post(path, data={"csrf_token": hidden(browser.get(path), "csrf_token")} | form)


def deeds():
    db.session.rollback()
    return [entry.deed for entry in db.session.scalars(select(LogEntry).order_by(LogEntry.id))]


@pytest.mark.parametrize(
    "path",
    [
        "/account",
        "/account/replies",
        "/account/name",
        "/account/email",
        "/account/password",
        "/account/choices",
        "/account/sessions",
        "/account/download",
        "/account/download.json",
        "/account/download.html",
        "/account/delete",
    ],
)
def test_a_guest_is_led_to_the_log_in_and_back(client, path):
    asked = client.get(path)

    assert (asked.status_code, asked.location) == (303, f"/login?next={path}")
    sent = client.post(path, data={"username": "新名字"})
    assert sent.status_code in (403, 405)
    if sent.status_code == 403:
        assert "登录过期了" in sent.text and 'href="/login"' in sent.text
        assert "新名字" in sent.text, "what was typed is not lost"


def test_every_reply_is_signed_with_the_new_name(member, other, article):
    parent = builders.comment(article)
    token = hidden(member.get("/articles/hello"), "csrf_token")
    member.post("/articles/hello/comments", data={"body": "我写的。", "csrf_token": token, "parent": str(parent.id)})
    builders.comment(
        article,
        "回你。",
        parent=db.session.scalars(select(Comment).order_by(Comment.id.desc())).first(),
    )
    before = other.get("/articles/hello")

    saved = send(member, "/account/name", username="青梅")

    assert (saved.status_code, saved.location) == (303, "/account")
    after = other.get("/articles/hello")
    assert "青梅" in after.text and "梅子" not in after.text
    assert after.headers["ETag"] != before.headers["ETag"], "what is kept of the page is old now"
    assert Deed.NAME_CHANGED in deeds()
    assert log_in(other, "青梅").status_code == 303


def test_a_former_name_is_kept_for_its_owner(member, other, mei):
    send(member, "/account/name", username="青梅")

    taken = other.post("/register", data=registration_form(other, username="梅子"))
    assert taken.status_code == 422 and "已有人用" in taken.text
    assert send(member, "/account/name", username="梅子").status_code == 303
    assert db.session.scalars(select(FormerName.name_key)).all() == [name_key("青梅")]
    with later(days=91):
        tidy()
        assert other.post("/register", data=registration_form(other, username="青梅")).status_code == 303


@pytest.mark.parametrize(
    "name", ["林舟", "林 舟", "admin", "ａdmin", "x", "长" * 31, "a@b", "梅\u200b子", "", "a\x00b"]
)
def test_a_name_that_cannot_be_is_told_and_stays_in_the_form(member, lin, name):
    answer = send(member, "/account/name", username=name)

    assert answer.status_code == 422 and 'id="username-error"' in answer.text
    assert db.session.scalar(select(User.username).where(User.email_key == "mei@example.com")) == "梅子"


@pytest.mark.parametrize("name", ["代 开 发 票", "青梅 加微信abc12345", "Qingmеi"])
def test_a_name_screening_stops_goes_over_no_reply_and_counts_for_nothing(member, other, article, mei, name):
    """The last is written with a Cyrillic letter."""
    builders.comment(article, user=mei)
    add_rule("代开发票", refuses=True, by=None)
    db.session.commit()

    for _time in range(4):
        answer = send(member, "/account/name", username=name)

        assert answer.status_code == 422 and 'id="username-error"' in answer.text and f'value="{name}"' in answer.text
    assert "梅子" in other.get("/articles/hello").text
    assert send(member, "/account/name", username="青梅").status_code == 303


def test_a_paused_account_keeps_its_name(member, article, mei):
    ban(builders.comment(article, user=mei), until=None, reason="骂人", with_network=False, by=None)
    db.session.commit()

    answer = send(member, "/account/name", username="青梅")

    assert answer.status_code == 403 and 'value="青梅"' in answer.text and "理由：骂人" in answer.text
    assert db.session.scalar(select(User.username)) == "梅子"


def test_another_spelling_of_the_own_name_is_fine(member):
    assert send(member, "/account/name", username="梅 子").status_code == 303
    assert db.session.scalars(select(FormerName)).all() == []


def test_a_new_address_counts_once_it_is_proved_and_both_are_told(member, other, mei):
    """S51."""
    answer = send(member, "/account/email", email="qing@example.com", present=PASSWORD)

    assert (answer.status_code, answer.location) == (303, "/account")
    page = member.get("/account")
    assert "新邮箱确认之前，仍用旧邮箱。" in page.text and "qing@example.com" in page.text
    letters = {letter["To"]: letter for letter in send_letters()}
    assert letters["mei@example.com"]["Subject"] == "有人要换你的邮箱 · 纸上"
    link = link_in(letters["qing@example.com"])
    assert log_in(other, "mei@example.com").status_code == 303 and log_in(other, "qing@example.com").status_code == 422
    assert {other.get(link).status_code, other.head(link).status_code} == {200}
    assert db.session.scalar(select(User.email)) == "mei@example.com", "opening the link changes nothing"

    assert send(other, link).status_code == 303

    assert db.session.scalar(select(User.email)) == "qing@example.com"
    told = [letter["To"] for letter in send_letters() if letter["Subject"] == "邮箱已更换 · 纸上"]
    assert sorted(told) == ["mei@example.com", "qing@example.com"]
    again = other.get(link)
    assert again.status_code == 410 and "这个链接已经用过了。" in again.text
    assert Deed.EMAIL_CHANGED in deeds()


def test_asking_for_an_address_that_has_an_account_shows_nothing_of_it(member, lin):
    known = send(member, "/account/email", email="lin@example.com", present=PASSWORD)
    unknown = send(member, "/account/email", email="nobody@example.com", present=PASSWORD)

    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)
    subjects = {letter["To"]: letter["Subject"] for letter in send_letters()}
    assert "lin@example.com" not in subjects, "the newest wish replaces the older"
    send(member, "/account/email", email="lin@example.com", present=PASSWORD)
    subjects = {letter["To"]: letter["Subject"] for letter in send_letters()}
    assert subjects["lin@example.com"] == "有人用你的邮箱注册 · 纸上"


def test_two_who_prove_one_address_do_not_share_it(member, other, mei, lin):
    log_in(other, "林舟")
    links = []
    for browser in (member, other):
        send(browser, "/account/email", email="new@example.com", present=PASSWORD)
        links.append(link_in([letter for letter in send_letters() if letter["To"] == "new@example.com"][-1]))

    assert send(member, links[0]).status_code == 303
    assert send(other, links[1]).status_code == 410
    assert db.session.scalar(select(func.count()).select_from(User).where(User.email == "new@example.com")) == 1


def test_an_old_link_to_a_new_address_is_dead(member):
    send(member, "/account/email", email="qing@example.com", present=PASSWORD)
    link = link_in(next(letter for letter in send_letters() if letter["To"] == "qing@example.com"))

    with later(days=3, seconds=1):
        assert member.get(link).status_code == 410
    assert member.get("/account/email/made-up").status_code == 410


def test_a_new_password_voids_an_address_change_that_waits(member, other):
    send(member, "/account/email", email="qing@example.com", present=PASSWORD)
    link = link_in(next(letter for letter in send_letters() if letter["To"] == "qing@example.com"))

    send(member, "/account/password", present=PASSWORD, password=NEW, password_confirm=NEW)

    assert other.get(link).status_code == 410
    assert db.session.scalars(select(AddressChange)).all() == []


def test_six_wishes_a_day_write_five_letters_and_the_page_says_the_same(member):
    answers = [send(member, "/account/email", email=f"q{number}@example.com", present=PASSWORD) for number in range(6)]

    assert {(answer.status_code, answer.location) for answer in answers} == {(303, "/account")}
    assert db.session.scalar(select(AddressChange.email)) == "q4@example.com"


@pytest.mark.parametrize("path", ["/account/email", "/account/password", "/account/delete"])
def test_what_matters_asks_for_the_present_password(member, path):
    """S45."""
    form = {"email": "qing@example.com", "password": NEW, "password_confirm": NEW}

    wrong, missing = send(member, path, present="不是这个密码", **form), send(member, path, **form)

    assert wrong.status_code == 422 and "密码不对。" in wrong.text
    assert missing.status_code == 422 and "请写现在的密码。" in missing.text
    if path == "/account/email":
        assert 'value="qing@example.com"' in wrong.text
    user = db.session.scalars(select(User)).one()
    assert (user.email, user.leaves_at) == ("mei@example.com", None)


def test_a_stolen_session_does_not_guess_the_password_for_long(member):
    statuses = [send(member, "/account/delete", present="不是这个密码").status_code for _ in range(11)]

    assert statuses == [422] * 10 + [429]


def test_a_changed_password_ends_every_other_session_and_gives_this_one_a_new_id(member, other):
    """S51, S53, S55, T84."""
    log_in(other, "梅子")
    old = member.get_cookie("session").value

    answer = send(member, "/account/password", present=PASSWORD, password=NEW, password_confirm=NEW)

    assert (answer.status_code, answer.location) == (303, "/account")
    assert member.get("/account").status_code == 200 and other.get("/account").status_code == 303
    assert member.get_cookie("session").value != old
    other.set_cookie("session", old)
    assert other.get("/account").status_code == 303, "a copy of the old cookie is dead"
    assert [letter["Subject"] for letter in send_letters()] == ["密码已更换 · 纸上"]
    assert db.session.scalar(select(func.count()).select_from(LoginSession)) == 1


@pytest.mark.parametrize(
    ("password", "again"), [("短", "短"), (NEW, "别的"), ("梅子梅子梅子梅子梅子", ""), ("woaini1314520", "")]
)
def test_a_new_password_keeps_the_rules(member, password, again):
    """S41, S42."""
    answer = send(member, "/account/password", present=PASSWORD, password=password, password_confirm=again or password)

    assert answer.status_code == 422


def test_the_chosen_language_is_that_of_pages_and_letters(member, other):
    saved = send(member, "/account/choices", language="en")

    assert saved.status_code == 303
    assert "My account" in member.get("/account").text
    user = db.session.scalars(select(User)).one()
    assert (user.language, user.tells_new_devices) == ("en", False)
    other.post(
        "/forgot-password",
        data={"email": "mei@example.com", "csrf_token": hidden(other.get("/forgot-password"), "csrf_token")},
    )
    assert send_letters()[-1]["Subject"].startswith("Reset")
    assert send(member, "/account/choices", language="xx").status_code == 422


def test_sessions_are_listed_and_end_one_by_one_or_all(app, mei, client, other):
    """S57."""
    for browser, agent in ((client, CHROME), (other, FIREFOX), (app.test_client(), "curl/8")):
        token = hidden(browser.get("/login"), "csrf_token")
        form = {"username": "梅子", "password": PASSWORD, "csrf_token": token}
        browser.post("/login", data=form, headers={"User-Agent": agent})
    page = client.get("/account/sessions")
    assert "Chrome · Windows" in page.text and "Firefox · Linux" in page.text and "认不出的浏览器" in page.text
    assert page.text.count("这一处") == 1
    firefox = db.session.scalars(select(LoginSession).where(LoginSession.device == "Firefox · Linux")).one()

    ended = send(client, "/account/sessions", which=str(firefox.id))

    assert (ended.status_code, ended.location) == (303, "/account/sessions")
    assert other.get("/account").status_code == 303
    log_in(other, "梅子")
    send(client, "/account/sessions", which="others")
    assert other.get("/account").status_code == 303 and client.get("/account").status_code == 200
    assert db.session.scalar(select(func.count()).select_from(LoginSession)) == 1


@pytest.mark.parametrize("which", ["", "0", "999999", "-1", "abc", "９", "9" * 400])
def test_a_session_that_is_not_mine_is_not_there(app, member, other, lin, which):
    log_in(other, "林舟")
    log_in(app.test_client(), "梅子")
    theirs = db.session.scalars(select(LoginSession.id).where(LoginSession.user_id == lin.id)).one()

    assert send(member, "/account/sessions", which=which).status_code == 404
    assert send(member, "/account/sessions", which=str(theirs)).status_code == 404
    assert other.get("/account").status_code == 200


def test_the_log_tells_its_owner_and_nobody_else(member, other, lin):
    log_in(other, "梅子", "不是这个密码")
    log_in(other, "没有这个人")
    log_in(other, "林舟")

    mine, theirs = member.get("/account/sessions").text, other.get("/account/sessions").text

    assert mine.count("登录失败") == 1 and "登录失败" not in theirs
    entries = db.session.scalars(select(LogEntry).where(LogEntry.deed == Deed.LOGIN_FAILED)).all()
    assert [entry.user_id is None for entry in entries] == [False, True], "a name that is nobody's is noted without it"


def test_the_log_is_kept_90_days_and_failures_of_nobody_one(member, other):
    log_in(other, "没有这个人")
    with later(days=2):
        tidy()
        assert deeds() == [Deed.LOGGED_IN]
    with later(days=91):
        tidy()

    assert deeds() == []


def test_a_log_in_from_somewhere_new_is_told_unless_the_owner_does_not_want_it(app, mei):
    """S51."""

    def come(agent, address):
        browser = app.test_client()
        form = {"username": "梅子", "password": PASSWORD, "csrf_token": hidden(browser.get("/login"), "csrf_token")}
        browser.post("/login", data=form, headers={"User-Agent": agent}, environ_base={"REMOTE_ADDR": address})

    come(CHROME, "198.51.100.1")
    come(FIREFOX, "198.51.100.9")
    come(CHROME, "203.0.113.1")
    assert send_letters() == [], "the first, a known network, a known browser"
    come("Lynx/2.9", "192.0.2.1")
    (letter,) = send_letters()
    assert letter["Subject"] == "新的登录 · 纸上" and "Lynx" in letter.get_body(("plain",)).get_content()
    mei.tells_new_devices = False
    db.session.commit()
    come("w3m/0.5", "192.0.2.200")
    come("w3m/0.5", "203.0.200.1")
    assert len(send_letters()) == 1


def test_everything_stored_about_me_is_mine_to_take(member, other, article, lin):
    builders.comment(article, "林的话。", user=lin)
    token = hidden(member.get("/articles/hello"), "csrf_token")
    member.post("/articles/hello/comments", data={"body": "<b>我写的</b>\n\n第二段。", "csrf_token": token})

    answer, page = member.get("/account/download.json"), member.get("/account/download.html")

    assert answer.mimetype == "application/json" and "attachment" in answer.headers["Content-Disposition"]
    assert page.headers["Cache-Control"] == answer.headers["Cache-Control"] == "no-store"
    everything = json.loads(answer.text)
    assert everything["account"]["email"] == "mei@example.com"
    assert [reply["body"] for reply in everything["replies"]] == ["<b>我写的</b>\n\n第二段。"]
    assert everything["sessions"] and everything["log"]
    assert "&lt;b&gt;我写的&lt;/b&gt;" in page.text and "林的话" not in page.text + answer.text
    user = db.session.scalars(select(User).where(User.username == "梅子")).one()
    session = db.session.scalars(select(LoginSession)).one()
    assert user.password_hash not in answer.text and session.token_hash not in answer.text


def test_leaving_takes_seven_days_and_logging_in_brings_the_account_back(member, other, article, mei):
    builders.comment(article, "留下的话。", user=mei)

    answer = send(member, "/account/delete", present=PASSWORD)

    assert (answer.status_code, answer.location) == (303, "/")
    assert "7 天内登录就能恢复" in member.get("/").text
    assert member.get("/account").status_code == 303
    page = other.get("/articles/hello").text
    assert "已注销" in page and "梅子" not in page and "留下的话。" in page
    assert send_letters()[-1]["Subject"] == "账号将被删除 · 纸上"
    with later(days=6, hours=23):
        tidy()
        assert log_in(other, "梅子").status_code == 303
        tidy()
    with later(days=8):
        tidy()
    assert "梅子" in other.get("/articles/hello").text
    assert {Deed.LEAVING, Deed.RETURNED} <= set(deeds())


def test_after_seven_days_the_account_is_erased_and_its_words_stay(member, other, article, mei):
    builders.comment(article, "留下的话。", user=mei)
    builders.comment(article, "回你。", parent=builders.the_comment())
    user_id = mei.id
    send(member, "/account/delete", present=PASSWORD)

    with later(days=7, seconds=1):
        tidy()

        page = other.get("/articles/hello").text
        assert "留下的话。" in page and "已注销" in page and "梅子" not in page
        assert db.session.get(User, user_id) is None
        assert db.session.scalars(select(LogEntry)).all() == [] and db.session.scalars(select(LoginSession)).all() == []
        assert log_in(other, "梅子").status_code == 422
        assert other.post("/register", data=registration_form(other, username="梅子")).status_code == 303
        new = builders.user("新来的", "new@example.com")
        assert new.id != user_id, "an id is never given twice"


def test_an_account_without_a_password_sets_one_by_letter(app, client, mei):
    log_in(client, "梅子")
    mei.password_hash = None
    db.session.commit()

    assert 'href="/forgot-password"' in client.get("/account").text
    assert send(client, "/account/password", present=PASSWORD, password=NEW, password_confirm=NEW).status_code == 422


def test_my_replies_are_shown_twenty_a_page_with_what_became_of_them(member, other, article, mei):
    for number in range(23):
        builders.comment(article, f"第 {number} 条。", user=mei)

    first = member.get("/account/replies")
    second = member.get(
        "/account/replies?before=" + str(db.session.scalars(select(Comment.id).order_by(Comment.id)).all()[3])
    )

    assert first.text.count("article-list__item") == 20 and "更早的回复" in first.text
    assert second.text.count("article-list__item") == 3 and "最新的回复" in second.text
    assert member.get("/account/replies?before=x").status_code == 200
    assert member.get(f"/account/replies?before={10**30}").status_code == 200
    assert timedelta(0) <= clock.now() - mei.created_at


def test_a_former_name_is_kept_from_guests_too(member, other, article):
    """S62."""
    send(member, "/account/name", username="竹子")

    answer = other.post("/articles/hello/comments", data=reply_form(other, nickname="梅子"))

    assert answer.status_code == 422 and "已有的名字" in answer.text


def test_a_name_changes_three_times_in_thirty_days(member):
    statuses = [send(member, "/account/name", username=f"名字{number}").status_code for number in "一二三四"]

    assert statuses == [303, 303, 303, 429]
    assert send(member, "/account/name", username="admin").status_code == 422, (
        "a name that is not to be had counts nothing"
    )
    with later(days=31):
        log_in(member, "名字三")
        assert send(member, "/account/name", username="名字四").status_code == 303


def test_the_present_address_is_no_new_one(member):
    answer = send(member, "/account/email", email="MEI@example.com", present=PASSWORD)

    assert answer.status_code == 422 and "这就是现在的邮箱。" in answer.text


def test_after_a_second_wish_only_the_new_address_has_a_letter(member):
    send(member, "/account/email", email="typo@example.com", present=PASSWORD)
    send(member, "/account/email", email="right@example.com", present=PASSWORD)

    proofs = [letter for letter in send_letters() if letter["Subject"] == "确认新邮箱 · 纸上"]

    assert [letter["To"] for letter in proofs] == ["right@example.com"]
    assert member.get(link_in(proofs[0])).status_code == 200


def test_failures_do_not_push_the_rest_of_the_log_out_of_sight(member, mei):
    for _number in range(60):
        note(Deed.LOGIN_FAILED, mei, Origin("203.0.113.0/24"))
    db.session.commit()

    page = member.get("/account/sessions").text

    assert page.count("登录失败") == 10 and page.count("log__deed") == 11


def test_a_session_that_was_idle_too_long_is_not_listed(app, client, lin):
    log_in(app.test_client(), "林舟")
    with later(hours=13):
        log_in(client, "林舟")
        assert "在 1 处登录着" in client.get("/account").text


def test_what_an_administrator_did_is_told_without_where_they_were(member, mei, lin):
    note(Deed.PAUSED, mei, Origin("192.0.2.0/24", "Firefox · Linux"), actor=lin)
    db.session.commit()

    assert "192.0.2" not in member.get("/account/sessions").text + member.get("/account/download.json").text


def test_an_account_without_a_password_is_told_how_to_set_one(client, mei):
    log_in(client, "梅子")
    mei.password_hash = None
    db.session.commit()

    assert "还没有密码" in send(client, "/account/delete", present="随便什么").text


def test_of_five_who_take_one_name_at_once_one_has_it(app):
    browsers, forms = [], []
    for number in range(5):
        builders.user(f"读者{number}", f"r{number}@example.com")
        browser = app.test_client()
        log_in(browser, f"读者{number}")
        browsers.append(browser)
        token = hidden(browser.get("/account/name"), "csrf_token")
        forms.append({"username": "青梅", "csrf_token": token})

    def take(browser, form):
        return browser.post("/account/name", data=form).status_code

    statuses = at_once([partial(take, *pair) for pair in zip(browsers, forms, strict=True)])

    db.session.rollback()
    assert sorted(statuses) == [303, 422, 422, 422, 422]
    assert db.session.scalar(select(func.count()).select_from(User).where(User.username == "青梅")) == 1


def test_ten_uses_of_one_proof_of_an_address_at_once_change_it_once(app, member):
    send(member, "/account/email", email="qing@example.com", present=PASSWORD)
    link = link_in(next(letter for letter in send_letters() if letter["To"] == "qing@example.com"))
    browsers = [app.test_client() for _ in range(10)]
    tokens = [hidden(browser.get(link), "csrf_token") for browser in browsers]

    def prove(browser, token):
        return browser.post(link, data={"csrf_token": token}).status_code

    statuses = at_once([partial(prove, *pair) for pair in zip(browsers, tokens, strict=True)])

    assert sorted(statuses) == [303] + [410] * 9
    assert deeds().count(Deed.EMAIL_CHANGED) == 1


def test_leaving_twice_and_coming_back_at_the_same_moment_leaves_one_whole_account(app, member, mei):
    token = hidden(member.get("/account/delete"), "csrf_token")
    cookie = member.get_cookie("session").value

    def leave():
        browser = app.test_client()
        browser.set_cookie("session", cookie)
        return browser.post("/account/delete", data={"present": PASSWORD, "csrf_token": token}).status_code

    def come():
        return log_in(app.test_client(), "梅子").status_code

    statuses = at_once([leave, leave, come, come])

    db.session.rollback()
    assert set(statuses) <= {303, 403, 422}
    assert log_in(app.test_client(), "梅子").status_code == 303
    assert db.session.scalars(select(User)).one().leaves_at is None


def change_address(browser, address="thief@example.com"):
    """Change the account's address and return the link that takes it back."""
    send(browser, "/account/email", email=address, present=PASSWORD)
    send(browser, link_in(next(letter for letter in send_letters() if letter["To"] == address)))
    told = [letter for letter in send_letters() if letter["Subject"] == "邮箱已更换 · 纸上"]
    links = {letter["To"]: "/account/email/undo/" in letter.get_body(("plain",)).get_content() for letter in told}
    assert links == {"mei@example.com": True, address: False}
    return link_in(next(letter for letter in told if letter["To"] == "mei@example.com"))


def test_the_old_address_takes_a_thiefs_change_back(member, other):
    """S51."""
    undo = change_address(member)
    page = other.get(undo)
    assert page.status_code == 200 and "改回 mei@example.com" in page.text
    assert db.session.scalar(select(User.email)) == "thief@example.com", "opening the link changes nothing"

    answer = send(other, undo)

    assert (answer.status_code, answer.location) == (303, "/login")
    assert member.get("/account").status_code == 303, "the thief is out"
    assert log_in(member, "梅子").status_code == 422, "and the password they knew is void"
    letter = next(letter for letter in send_letters() if letter["Subject"] == "重置密码 · 纸上")
    assert letter["To"] == "mei@example.com"
    form = {"password": NEW, "password_confirm": NEW, "csrf_token": hidden(other.get(link_in(letter)), "csrf_token")}
    other.post(link_in(letter), data=form)
    assert log_in(other, "mei@example.com", NEW).status_code == 303
    assert other.get(undo).status_code == 410


def test_a_change_can_be_taken_back_for_a_week_and_once(app, member, other):
    undo = change_address(member)
    with later(days=7, seconds=1):
        assert other.get(undo).status_code == 410
    browsers = [app.test_client() for _ in range(5)]
    tokens = [hidden(browser.get(undo), "csrf_token") for browser in browsers]

    def take_back(browser, token):
        return browser.post(undo, data={"csrf_token": token}).status_code

    statuses = at_once([partial(take_back, *pair) for pair in zip(browsers, tokens, strict=True)])

    assert sorted(statuses) == [303] + [410] * 4


def test_an_old_address_somebody_else_has_meanwhile_is_not_taken_from_them(member, other):
    undo = change_address(member)
    builders.user("半夏", "mei@example.com")

    assert send(other, undo).status_code == 410
    assert db.session.scalars(select(User.email).order_by(User.id)).all() == ["thief@example.com", "mei@example.com"]
    assert db.session.scalars(select(User.password_hash)).first() is not None
