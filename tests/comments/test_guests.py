"""A guest's words: the letter that was asked for, its link, and what the owner of an address may do."""

import json
import re

import pytest
from sqlalchemy import func, select

from blueprints.captcha.challenges import answer_of
from blueprints.comments.bans import ban
from blueprints.comments.guest_words import erase
from blueprints.comments.models import BY_MAIL, Comment, GuestAddress, GuestSession, Status
from blueprints.comments.screening_models import Ban
from blueprints.comments.wishes import stop_letters_to
from blueprints.comments.word_rules import add_rule
from core import bounces
from core.database import db
from core.jobs import tidy
from tests.builders import comment, hidden, link_in, log_in, reply_form, send_letters, the_comment, user
from tests.moments import later


def post(browser, **more):
    return browser.post("/articles/hello/comments", data=reply_form(browser, **more))


def asked(browser, **more):
    """Post a reply with the box ticked, and return the letters there are after it."""
    post(browser, notify="y", **more)
    return send_letters()


def open_link(browser, letter):
    path = link_in(letter)
    page = browser.get(path)
    return browser.post(path, data={"csrf_token": hidden(page, "csrf_token")})


def act(browser, path, **form):
    token = hidden(browser.get(path if path in ("/mine/name", "/mine/erase") else "/mine"), "csrf_token")
    return browser.post(path, data={"csrf_token": token} | form)


def test_nobody_is_written_to_who_did_not_tick(client, article):
    box = re.search('<input[^>]* name="notify"[^>]*>', client.get("/articles/hello").text)
    assert box and "checked" not in box[0]

    post(client)

    assert send_letters() == []


def test_a_tick_brings_one_letter_and_nothing_a_guest_wrote_stands_in_it(client, article):
    """T07, S73: the address may be a stranger's; no words, name or link of the writer's are in the letter."""
    letters = asked(client, nickname="看这里 evil.example", body="去 https://evil.example/x 看看")

    assert [letter["To"] for letter in letters] == ["nanshan@example.com"]
    text = letters[0].get_body(("plain",)).get_content() + letters[0].get_body(("html",)).get_content()
    assert "evil" not in text and "看看" not in text and "纸上的第一篇" in text
    assert letters[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_stranger_whose_address_was_typed_gets_one_letter_a_day_and_three_in_all(app, article):
    """T04, T97, S72: fifty replies under one address, over weeks."""
    for day in range(10):
        with later(days=day):
            for number in range(5):
                browser = app.test_client()
                browser.post(
                    "/articles/hello/comments",
                    data=reply_form(browser, body=f"第 {day} 天第 {number} 条", notify="y"),
                    environ_base={"REMOTE_ADDR": f"203.0.{day}.{number}"},
                )
            answered = comment(article, f"回应 {day}", the_first(), nickname="半夏", email="ban@example.com")
            assert answered.floor
            send_letters()

    assert len(send_letters()) == 3
    assert db.session.scalar(select(func.count()).select_from(Comment)) == 60


def the_first():
    return db.session.scalars(select(Comment).order_by(Comment.id)).first()


def test_looking_at_the_link_changes_nothing_and_the_button_opens_everything_on_any_device(client, other, article):
    """S66, T59."""
    letter = asked(client, body="第一条")[0]
    comment(article, "同一个邮箱的第二条", nickname="南山二号")

    for _ in range(2):
        page = other.get(link_in(letter))
        other.head(link_in(letter))
    assert "第一条" in page.text and "nanshan@example.com" in page.text
    assert (the_address().proved_at, count(GuestSession)) == (None, 0)

    answer = open_link(other, letter)

    assert (answer.status_code, answer.location) == (303, "/mine")
    mine = other.get("/mine")
    assert "第一条" in mine.text and "同一个邮箱的第二条" in mine.text
    assert "no-store" in mine.headers["Cache-Control"]
    assert the_address().proved_at is not None
    assert db.session.scalars(select(Comment.notify_since).order_by(Comment.id)).all()[0] is not None


def the_address():
    db.session.rollback()
    return db.session.scalars(select(GuestAddress)).one()


def count(table):
    return db.session.scalar(select(func.count()).select_from(table))


@pytest.fixture
def opened(client, article):
    """A browser in which the link of nanshan's letter was opened; the reply was written elsewhere."""
    elsewhere = client.application.test_client()
    letter = asked(elsewhere, body="别处写的")[0]
    open_link(client, letter)
    return client


def test_by_mail_link_a_reply_is_changed_within_the_hour_and_withdrawn_at_any_time(opened, other, article):
    reply = the_comment()
    page = opened.get("/mine").text
    assert f'href="/comments/{reply.id}/edit"' in page and f'href="/comments/{reply.id}/withdraw"' in page

    form = opened.get(f"/comments/{reply.id}/edit")
    data = {"csrf_token": hidden(form, "csrf_token"), "version": "1", "body": "在手机上改的"}
    assert opened.post(f"/comments/{reply.id}/edit", data=data).status_code == 303
    address = f"/comments/{reply.id}/withdraw"
    with later(days=20):
        assert f'href="/comments/{reply.id}/edit"' not in opened.get("/mine").text
        token = hidden(opened.get(address), "csrf_token")
        assert opened.post(address, data={"csrf_token": token}).status_code == 303

    assert "在手机上改的" not in other.get("/articles/hello").text


def test_a_link_and_a_session_end_after_thirty_days(client, other, article):
    letter = asked(client)[0]
    open_link(other, letter)

    with later(days=29):
        assert "同意，写得很慢。" in other.get("/mine").text
    with later(days=31):
        tidy()
        assert "给我写信" in other.get("/mine").text
        assert other.get(link_in(letter)).status_code == 410
        assert count(GuestSession) == 0


def test_without_the_link_nothing_is_shown(client, other, article):
    asked(client)

    for path in ("/mine/download.json", "/mine/name", "/mine/erase"):
        assert other.get(path).status_code == 403
    assert other.post("/mine/letters").status_code == other.post("/mine/end").status_code == 403
    assert other.get("/mine/open/x").status_code == other.get("/mine/open/" + "a" * 5000).status_code == 410
    assert "同意" not in other.get("/mine").text


def test_a_copied_cookie_is_dead_once_it_was_ended(opened, other):
    """T84."""
    copied = opened.get_cookie("session").value

    act(opened, "/mine/end")

    other.set_cookie("session", copied)
    assert "给我写信" in other.get("/mine").text and "给我写信" in opened.get("/mine").text


def test_everything_under_an_address_is_its_owners_to_take(opened, article):
    comment(article, "另一人的", email="else@example.com")

    stored = json.loads(opened.get("/mine/download.json").text)

    assert stored["email"] == "nanshan@example.com"
    assert [reply["body"] for reply in stored["replies"]] == ["别处写的"]
    assert "writer" not in str(stored) and "hash" not in str(stored)


def test_the_nickname_is_corrected_over_everything(opened, other, article):
    assert act(opened, "/mine/name", nickname="北山").status_code == 303
    assert "北山" in other.get("/articles/hello").text and "南山" not in other.get("/articles/hello").text

    taken = act(opened, "/mine/name", nickname="沈未")
    assert taken.status_code == 422 and 'id="nickname-error"' in taken.text


@pytest.mark.parametrize("refuses", [True, False])
@pytest.mark.parametrize("nickname", ["代 开 发 票", "北山 加微信abc12345", "北山 13812345678", "Bеishan"])
def test_a_nickname_nobody_would_look_at_is_refused_and_not_counted(opened, other, article, nickname, refuses):
    """The last is written with a Cyrillic letter."""
    add_rule("代开发票", refuses=refuses, by=None)
    db.session.commit()

    for _time in range(4):
        answer = act(opened, "/mine/name", nickname=nickname)

        assert answer.status_code == 422 and 'id="nickname-error"' in answer.text
        assert f'value="{nickname}"' in answer.text
    assert "南山" in other.get("/articles/hello").text
    assert act(opened, "/mine/name", nickname="北山").status_code == 303


def test_whoever_is_paused_changes_no_nickname(opened, other, article):
    ban(the_comment(), until=None, reason="骂人", with_network=False, by=None)
    db.session.commit()

    answer = act(opened, "/mine/name", nickname="北山")

    assert answer.status_code == 403 and 'value="北山"' in answer.text and "不能回复" in answer.text
    assert "南山" in other.get("/articles/hello").text


@pytest.mark.parametrize(("which", "text_stays"), [("name", True), ("texts", False)])
def test_name_and_address_or_everything_is_erased(opened, other, article, which, text_stays):
    answer = act(opened, "/mine/erase", which=which)

    assert answer.status_code == 303
    page = other.get("/articles/hello").text
    assert ("别处写的" in page) is text_stays and "南山" not in page
    assert ("已注销" in page) is text_stays
    gone = the_comment()
    assert (gone.nickname, gone.email, gone.email_key, gone.writer_hash, gone.address_block) == (
        "",
        None,
        None,
        None,
        None,
    )
    assert count(GuestAddress) == count(GuestSession) == 0
    assert "给我写信" in opened.get("/mine").text


def test_a_pause_outlives_the_erasing_of_its_address_without_naming_it(opened, other, article, lin):
    ban(the_comment(), until=None, reason="骂人", with_network=False, by=None)
    db.session.commit()
    assert "仍然有效" in opened.get("/mine/erase").text

    said = act(opened, "/mine/erase", which="texts").location
    again = post(other, body="换个浏览器再来")

    assert "写过的东西里没有这个邮箱了。" in opened.get(said).text
    assert again.status_code == 403 and "用这个邮箱暂时不能回复" in again.text
    kept = db.session.scalars(select(Ban)).one()
    assert kept.nickname == "" and "nanshan" not in (kept.email_key or "nanshan")
    log_in(other, lin.username)
    assert "名字已删" in other.get("/moderation/bans").text


def test_why_somebody_is_paused_stands_in_what_they_take_away(opened, other, article, mei):
    members = comment(article, "会员写的广告", user=mei)
    for one, reason in ((the_first(), "骂人"), (members, "广告")):
        ban(one, until=None, reason=reason, with_network=False, by=None)
    db.session.commit()
    log_in(other, "梅子")

    taken = opened.get("/mine/download.json").json, other.get("/account/download.json").json

    assert [[one["reason"] for one in everything["bans"]] for everything in taken] == [["骂人"], ["广告"]]
    assert "<dd>广告</dd>" in other.get("/account/download.html").text


def test_erasing_asks_what(opened):
    assert act(opened, "/mine/erase").status_code == 422
    assert act(opened, "/mine/erase", which="x").status_code == 422
    assert the_comment().email == "nanshan@example.com"


def test_all_letters_are_stopped_from_the_page(opened, article):
    act(opened, "/mine/letters")
    comment(article, "回应", the_comment(), nickname="半夏", email="ban@example.com")

    assert len(send_letters()) == 1  # the one with the link
    assert "有人回应时的信已经全部停掉" in opened.get("/mine").text


def test_a_link_is_asked_for_and_the_answer_is_the_same_for_every_address(client, other, article):
    comment(article, "没有打勾的一条")
    answers = []
    for address in ("nanshan@example.com", "nobody@example.com"):
        token = hidden(client.get("/mine"), "csrf_token")
        answers.append(client.post("/mine", data={"email": address, "csrf_token": token}))

    assert [(one.status_code, one.location) for one in answers] == [(303, "/mine/sent")] * 2
    assert client.get("/mine/sent").status_code == 200
    letters = send_letters()
    assert [letter["To"] for letter in letters] == ["nanshan@example.com"]
    open_link(other, letters[0])
    assert "没有打勾的一条" in other.get("/mine").text


def test_an_unproved_address_is_asked_about_once_a_day_whoever_asks(client, article):
    comment(article)
    for _ in range(4):
        token = hidden(client.get("/mine"), "csrf_token")
        client.post("/mine", data={"email": "nanshan@example.com", "csrf_token": token})
        send_letters()

    assert len(send_letters()) == 1


def test_a_wrong_address_is_told(client, article):
    token = hidden(client.get("/mine"), "csrf_token")

    answer = client.post("/mine", data={"email": "nanshan", "csrf_token": token})

    assert answer.status_code == 422 and "少了 @" in answer.text and 'value="nanshan"' in answer.text


def test_letters_go_to_the_stored_spelling(client, article):
    """S70."""
    comment(article, email="Nan.Shan@Example.com")
    token = hidden(client.get("/mine"), "csrf_token")

    client.post("/mine", data={"email": "nan.shan@example.COM", "csrf_token": token})

    assert [letter["To"] for letter in send_letters()] == ["Nan.Shan@Example.com"]


def test_a_browser_once_known_needs_no_second_letter(client, article):
    letter = asked(client, body="第一条")[0]
    open_link(client, letter)

    with later(days=2):
        assert len(asked(client, body="第二条")) == 1
        assert db.session.scalars(select(Comment.notify_since)).all().count(None) == 0


def test_another_browser_with_a_proved_address_is_not_believed(client, other, article):
    """T03: who knows an address gains nothing by it."""
    open_link(client, asked(client, body="第一条")[0])

    asked(other, body="冒充的")

    stranger = db.session.scalars(select(Comment).where(Comment.body == "冒充的")).one()
    assert stranger.notify and stranger.notify_since is None


def test_a_member_ticks_and_gets_no_receipt(client, article, mei):
    log_in(client, "梅子")
    token = hidden(client.get("/articles/hello"), "csrf_token")

    client.post("/articles/hello/comments", data={"body": "会员写的", "notify": "y", "csrf_token": token})

    assert send_letters() == [] and the_comment().notify_since is not None


def test_an_account_adopts_what_was_written_under_its_address(client, other, article, mei):
    mine = comment(article, "注册前写的", nickname="梅", email="Mei@example.com")
    strangers = comment(article, "冒充梅子写的", nickname="假的", email="mei@example.com")
    comment(article, "别人的")
    ids = mine.id, strangers.id
    log_in(client, "梅子")

    page = client.get("/account/earlier-replies")
    assert "注册前写的" in page.text and "冒充梅子写的" in page.text and "别人的" not in page.text
    assert "checked" not in page.text
    token = hidden(page, "csrf_token")
    none = client.post("/account/earlier-replies", data={"csrf_token": token})
    assert none.status_code == 422 and "一条也没有选" in none.text
    done = client.post(
        "/account/earlier-replies", data={"csrf_token": token, "chosen": [str(ids[0]), "3", "x", "9" * 30]}
    )

    assert done.status_code == 303
    db.session.expire_all()
    adopted = db.session.get_one(Comment, ids[0])
    assert (adopted.user_id, adopted.email, adopted.email_key) == (mei.id, None, None)
    assert db.session.get_one(Comment, ids[1]).user_id is None
    assert f'id="by-{ids[0]}">梅子</b>' in other.get("/articles/hello").text


@pytest.mark.parametrize("name", ["加微信abc123领红包", "代 开 发 票"])
def test_a_name_nobody_would_look_at_comes_over_no_earlier_reply(client, other, article, name):
    earlier = comment(article, "注册前写的", nickname="半夏", email="mei@example.com")
    user(name, "mei@example.com")
    add_rule("代开发票", refuses=False, by=None)
    db.session.commit()
    log_in(client, name)

    answer = adopting(client, earlier)

    assert answer.status_code == 422 and "请换一个" in answer.text and "/account/name" in answer.text
    assert name not in other.get("/articles/hello").text


def test_whoever_is_paused_adopts_nothing(client, article, mei):
    earlier = comment(article, "注册前写的", nickname="半夏", email="mei@example.com")
    ban(comment(article, "会员写的广告", user=mei), until=None, reason="广告", with_network=False, by=None)
    db.session.commit()
    log_in(client, "梅子")

    assert adopting(client, earlier).status_code == 403
    assert db.session.scalar(select(Comment.user_id).where(Comment.body == "注册前写的")) is None


def test_what_waited_for_a_letter_is_public_once_its_address_adopts_it(client, other, article, mei):
    post(other, email="mei@example.com", by_mail="1", website="x", body="等信的一条")
    log_in(client, "梅子")

    assert adopting(client, the_comment()).status_code == 303

    assert (the_comment().status, the_comment().user_id) == (Status.PUBLISHED, mei.id)
    assert "等信的一条" in other.get("/articles/hello").text


def adopting(browser, reply):
    token = hidden(browser.get("/account/earlier-replies"), "csrf_token")
    return browser.post("/account/earlier-replies", data={"csrf_token": token, "chosen": [str(reply.id)]})


def test_adoption_is_offered_where_there_is_something(client, article, mei):
    log_in(client, "梅子")
    assert "/account/earlier-replies" not in client.get("/account").text

    comment(article, "注册前写的", email="mei@example.com")

    assert "/account/earlier-replies" in client.get("/account").text


def test_a_typed_address_of_an_account_changes_nothing_of_the_account(client, article, mei):
    """T17, T18."""
    post(client, email="mei@example.com", nickname="另一个名字")

    db.session.expire_all()
    assert (mei.username, mei.email, the_comment().user_id) == ("梅子", "mei@example.com", None)
    assert the_comment().status is Status.PUBLISHED


def test_the_links_of_a_forgotten_address_are_not_the_next_ones(client, other, article):
    """Ids are given once, and what links are signed with dies with the row."""
    letter = asked(client, email="mallory@example.com", body="我的")[0]
    open_link(client, letter)
    act(client, "/mine/erase", which="name")
    asked(other, email="victim@example.com", body="别人的")

    assert client.get(link_in(letter)).status_code == 410
    assert client.get("/letters/stop/" + letter["List-Unsubscribe"].strip("<>").rpartition("/")[2]).status_code == 410
    assert db.session.scalars(select(GuestAddress)).one().proved_at is None


def test_no_letters_at_all_stays_until_its_owner_wants_them_again(opened, other, article):
    act(opened, "/mine/letters")
    token = hidden(opened.get("/mine"), "csrf_token")
    assert "让信再来" in opened.get("/mine").text
    with later(days=2):
        asked(other, body="陌生人打的勾")
    assert the_address().stopped_at is not None and len(send_letters()) == 1

    opened.post("/mine/letters", data={"csrf_token": token, "which": "again"})

    assert the_address().stopped_at is None


def test_letters_nobody_opens_end_after_three_even_for_a_proved_address(opened, app, article):
    for day in range(1, 9):
        with later(days=day):
            browser = app.test_client()
            form = reply_form(browser, body=f"陌生人第 {day} 天打的勾", notify="y")
            browser.post("/articles/hello/comments", data=form, environ_base={"REMOTE_ADDR": f"203.0.{day}.1"})
            send_letters()

    assert len(send_letters()) == 1 + 3


def test_where_everything_is_looked_at_first_a_nickname_is_not_changed_unseen(opened, other, article, choose):
    choose(comments_hold="all")

    answer = act(opened, "/mine/name", nickname="没人看过的名字")

    assert answer.status_code == 403 and "没人看过的名字" in answer.text
    assert "没人看过的名字" not in other.get("/articles/hello").text


def test_a_nickname_is_changed_three_times_a_day(opened, article):
    codes = [act(opened, "/mine/name", nickname=f"名字{number}").status_code for number in range(4)]

    assert codes == [303, 303, 303, 429]


def test_erasing_leaves_a_moderators_words_where_they_stand(app, opened, other, article):
    app.test_cli_runner().invoke(args=["comments", "remove", str(the_comment().id), "--reason", "广告"])

    act(opened, "/mine/erase", which="texts")

    assert "这条回复已由管理员移除。理由：广告" in other.get("/articles/hello").text
    assert the_comment().body == ""


def test_the_next_reply_by_mail_has_a_letter_of_its_own_once_the_last_was_opened(client, other, article):
    open_link(client, asked(client, body="第一条", by_mail="1")[0])

    with later(minutes=1):
        (_first, second) = asked(other, body="第二条，说的是别的", by_mail="1")
        assert "等你确认邮箱" in other.get("/articles/hello").text
        open_link(other, second)

    assert set(db.session.scalars(select(Comment.status))) == {Status.PUBLISHED}


def test_the_browser_that_opened_the_link_needs_no_other_letter(opened, article):
    answer = post(opened, body="这个浏览器写的，说的是别的", by_mail="1", website="x")

    assert answer.status_code == 303 and len(send_letters()) == 1
    assert set(db.session.scalars(select(Comment.status))) == {Status.PUBLISHED}


def test_one_letter_of_a_day_publishes_all_that_waits_for_it(client, other, article):
    post(client, body="第一条", by_mail="1")
    with later(hours=1):
        (letter,) = asked(other, body="第二条，说的是别的", by_mail="1")
        assert set(db.session.scalars(select(Comment.held_reason))) == {BY_MAIL}
        open_link(other, letter)

    assert set(db.session.scalars(select(Comment.status))) == {Status.PUBLISHED}


def unopened(browser):
    """Have three letters written to one address that nobody opens."""
    for day in range(3):
        with later(days=day):
            assert len(asked(browser, body=f"第 {day} 天打的勾")) == day + 1


def stopped(browser):
    asked(browser, body="第一条")
    stop_letters_to(the_address())
    db.session.commit()


def stopped_and_forgotten(browser):
    stopped(browser)
    erase(the_address(), texts_too=False)
    db.session.commit()


def bounced(_browser):
    bounces.pause("nanshan@example.com", "550 no such user")
    db.session.commit()


@pytest.mark.parametrize("before", [unopened, stopped, stopped_and_forgotten, bounced])
def test_where_no_letter_may_go_none_is_promised_and_the_captcha_is_asked_for(client, other, article, before):
    before(client)
    letters, stored = len(send_letters()), count(Comment)

    with later(days=4):
        form = reply_form(other, body="写了很久的一段", by_mail="1", website="x", notify="y")
        page = other.post("/articles/hello/comments", data=form)
        assert page.status_code == 422 and "现在不能再给这个邮箱写信" in page.text and "写了很久的一段" in page.text
        assert (len(send_letters()), count(Comment)) == (letters, stored)

        challenge = hidden(page, "captcha_id")
        form = form | {"by_mail": "", "captcha_id": challenge, "captcha": answer_of(challenge)}
        answer = other.post("/articles/hello/comments", data=form)

    assert answer.status_code == 303 and len(send_letters()) == letters
    reply = db.session.scalars(select(Comment).order_by(Comment.id.desc())).first()
    assert reply is not None and reply.status is Status.PUBLISHED
    told = other.get(answer.location, follow_redirects=True).text
    assert "没有再给这个邮箱写信" in told and "请查收邮件" not in told


def test_what_needs_no_proof_waits_for_no_letter_that_may_not_go(client, other, article):
    unopened(client)

    with later(days=4):
        post(other, body="没有人怀疑的一段", by_mail="1")

    assert set(db.session.scalars(select(Comment.status))) == {Status.PUBLISHED}


def test_whoever_ticked_is_told_to_look_into_the_mailbox(client, article):
    answer = post(client, notify="y")

    assert "请查收邮件" in client.get(answer.location, follow_redirects=True).text


def test_the_registration_form_has_the_address_that_was_proved_here(opened, other):
    assert 'value="nanshan@example.com"' in opened.get("/register").text
    assert "nanshan@example.com" not in other.get("/register").text
