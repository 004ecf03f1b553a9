"""The letters as administrators see them: what waits, what did not arrive and why, sending again, and a test."""

import re
import socket
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from blueprints.admin.letters import KINDS, why_not_yet
from core import bounces, clock, jobs, mail
from core.bounces import PausedAddress
from core.database import db, writing
from core.deeds import DEEDS
from core.jobs import AWAY, PUT_OFF, Job
from core.mail import open_mail
from tests.builders import hidden, link_in, log_in, send_letters
from tests.moments import later
from tests.post_office import post_office


@pytest.fixture
def office(app, choose):
    """A post office, and the site handing its letters to it."""
    usual = app.config["ZHISHANG"]
    with post_office() as opened:
        choose(mail_server="127.0.0.1", mail_port=opened.port, mail_security="none", mail_password="geheim")
        open_mail(app, app.config["ZHISHANG"])
        yield opened
    open_mail(app, usual)


def letter(**more):
    row = Job(**({"kind": "password_changed", "payload": {"user": 1}, "language": "zh"} | more))
    db.session.add(row)
    db.session.commit()
    return row.id


def failed(to="mei@example.com", **more):
    told = {"last_error": "550 no such person", "done_at": clock.now(), "attempts": 1}
    return letter(outcome="failed", recipient=to, **(told | more))


def press(browser, path, query="", **form):
    token = hidden(browser.get(f"/admin/mail{query}"), "csrf_token")
    return browser.post(path, data={"csrf_token": token} | form)


def outcome(job_id):
    db.session.rollback()
    return db.session.get_one(Job, job_id, populate_existing=True).outcome


def many_letters(count, **more):
    now = clock.now()
    same = {"kind": "notice", "payload": {"comment": 1}, "language": "zh", "run_after": now, "created_at": now}
    rows = [same | {"message_id": f"m{number}", "attempts": 0} | more for number in range(count)]
    for begin in range(0, count, 10_000):
        db.session.execute(insert(Job), rows[begin : begin + 10_000])
    db.session.commit()


def test_every_kind_of_letter_and_of_deed_has_a_name():
    queued = {kind for kind in (*mail._writers, *DEEDS) if not kind.startswith("tests.")}

    assert queued - set(KINDS) == set()


def test_what_waits_is_shown_with_its_kind_tries_next_try_and_reason(desk):
    with clock.standing_at(clock.now().replace(year=2026, month=11, day=22, hour=2, minute=0)):
        log_in(desk, "陆岸")
        send_letters()
        letter(
            attempts=2,
            last_error="451 <b>later</b>",
            recipient="mei@example.com",
            run_after=clock.now() + timedelta(minutes=5),
        )

        page = desk.get("/admin/mail").text

    for words in (
        "密码已更换",
        "mei@example.com",
        "邮件服务器说：451 &lt;b&gt;later&lt;/b&gt;",
        "试了 2 次",
        "11月22日 10:05",
        "11月22日 10:00",
    ):
        assert words in page, words
    assert "secret" not in page and "再寄一次" not in page


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "还没有轮到。"),
        ({"lease_until": clock.now()}, "正在寄。"),
        ({"last_error": AWAY + "refused"}, "邮件服务器没有应答：refused"),
        ({"last_error": "451 x"}, "邮件服务器说：451 x"),
        ({"last_error": PUT_OFF + "450 x"}, "邮件服务器说：450 x"),
        ({"outcome": "paused"}, "这个邮箱暂停了，没有人要的信不寄。"),
    ],
)
def test_why_a_letter_has_not_arrived(app, values, words):
    assert why_not_yet(Job(**values)) == words


def test_what_failed_is_shown_with_recipient_and_the_servers_words_and_sent_again(desk, office, mei):
    job_id = failed(payload={"user": mei.id})

    page = desk.get("/admin/mail?which=failed").text
    assert "mei@example.com" in page and "550 no such person" in page

    answer = press(desk, f"/admin/mail/{job_id}/again", "?which=failed")
    assert (answer.status_code, answer.location) == (303, "/admin/mail?which=failed")
    assert outcome(job_id) is None
    while jobs.work_once("a:1"):
        pass
    assert outcome(job_id) == "sent" and len(office.letters) >= 1
    assert "没有寄不到的信。" in desk.get("/admin/mail?which=failed").text


def test_a_letter_that_is_on_its_way_or_no_letter_is_not_sent_again(desk):
    waiting = letter()

    for path in (f"/admin/mail/{waiting}/again", "/admin/mail/999999/again", "/admin/mail/99999999999999999999/again"):
        assert press(desk, path).status_code == 404


def test_all_that_failed_are_sent_again_at_one_press(desk):
    ids = [failed(f"r{number}@example.com") for number in range(3)]

    answer = press(desk, "/admin/mail/again", "?which=failed")

    assert "3 封信会再寄一次。" in desk.get(answer.location).text
    assert [outcome(one) for one in ids] == [None] * 3


def test_a_letter_whose_cause_is_gone_is_not_sent_again_however_often(desk):
    job_id = failed(kind="leaving", payload={"user": 4711})
    press(desk, f"/admin/mail/{job_id}/again", "?which=failed")

    send_letters()

    assert outcome(job_id) == "nothing"


def test_a_test_letter_goes_to_ones_own_address_and_its_fate_is_on_the_page(desk, lu, office):
    answer = press(desk, "/admin/mail/test")
    assert "测试邮件在路上了" in desk.get(answer.location).text
    assert "测试邮件还没有寄出。还没有轮到。" in desk.get("/admin/mail").text

    while jobs.work_once("a:1"):
        pass

    assert b"To: lu@example.com" in office.letters[-1]
    assert re.search(r"测试邮件 .*? 寄出了。", desk.get("/admin/mail").text)


def test_a_test_letter_that_is_refused_says_why(desk, office):
    send_letters_through(office)
    office.answers = {"RCPT": ["550 5.7.1 relay access denied"]}
    press(desk, "/admin/mail/test")
    send_letters_through(office)

    page = desk.get("/admin/mail").text

    assert "测试邮件没有寄到。邮件服务器说：550 5.7.1 relay access denied" in page


def send_letters_through(_office):
    while jobs.work_once("a:1"):
        pass


def test_a_server_that_is_away_is_named_with_the_moment_since_when(desk, app, choose):
    usual = app.config["ZHISHANG"]
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        choose(mail_server="127.0.0.1", mail_port=closed.getsockname()[1], mail_security="none")
        open_mail(app, app.config["ZHISHANG"])
        press(desk, "/admin/mail/test")
        assert "下次" in desk.get("/admin/mail").text, "it has not been tried yet"
        with pytest.raises(mail.ServerAway):
            jobs.work_once("a:1")

        page = desk.get("/admin/mail").text
    open_mail(app, usual)

    assert re.search(r"邮件服务器从 .*? 起没有应答。", page) and "refused" in page
    assert "试了 0 次" in page and "下次" not in page, "a moment that is over is no next try"


def test_without_a_mail_server_it_says_where_the_files_lie(desk, app):
    press(desk, "/admin/mail/test")
    [found] = [one for one in send_letters() if "测试邮件" in one["Subject"]]

    page = desk.get("/admin/mail").text

    assert str(app.config["ZHISHANG"].outbox) in page and re.search(r"测试邮件 .*? 写成了文件。", page)
    assert (found["To"], link_in(found)) == ("lu@example.com", "/admin/mail")


def test_the_server_is_shown_and_its_password_never(desk, office):
    page = desk.get("/admin/mail").text

    assert f"127.0.0.1:{office.port}" in page and "连接不加密" in page and "zhishang@127.0.0.1" in page
    assert "geheim" not in page


def test_a_paused_address_is_shown_and_let_in_again(desk):
    bounces.pause("Mei@example.com", "550 <i>gone</i>")
    db.session.commit()
    page = desk.get("/admin/mail").text
    assert "Mei@example.com" in page and "550 &lt;i&gt;gone&lt;/i&gt;" in page

    form = {"csrf_token": hidden(desk.get("/admin/mail"), "csrf_token"), "email": "Mei@example.com"}

    answer = desk.post("/admin/mail/lift", data=form)

    assert "又会给这个邮箱写信了。" in desk.get(answer.location).text
    assert db.session.scalars(select(PausedAddress)).all() == []
    assert "这个邮箱没有暂停。" in desk.get(desk.post("/admin/mail/lift", data=form).location).text


def test_what_was_sent_is_told_as_a_number(desk):
    letter(outcome="sent", done_at=clock.now(), payload={})
    letter(outcome="sent", done_at=clock.now() - timedelta(days=2), payload={})

    assert re.search(r"24 小时里寄出</dt>\s*<dd[^>]*><bdi>1</bdi>", desk.get("/admin/mail").text)


def test_pages_are_found_by_key(desk):
    ids = [failed(f"r{number:02}@example.com") for number in range(21)]

    first = desk.get("/admin/mail?which=failed").text
    assert first.count("letters__letter") == 20 and "r20@example.com" in first and "r00@example.com" not in first
    [later_page] = re.findall(r'href="(/admin/mail\?which=failed&amp;before=\d+)"', first)
    second = desk.get(later_page.replace("&amp;", "&")).text
    assert second.count("letters__letter") == 1 and "r00@example.com" in second and "回到开头" in second
    assert ids


@pytest.mark.parametrize(
    "query", ["?which=x", "?before=x", "?before=99999999999999999999", "?before=-1", "?from=%00", "?from=" + "x" * 999]
)
def test_an_odd_address_is_the_first_page(desk, query):
    assert desk.get("/admin/mail" + query).status_code == 200


@pytest.mark.parametrize("path", ["/admin/mail/test", "/admin/mail/again", "/admin/mail/1/again", "/admin/mail/lift"])
def test_each_act_needs_its_form_and_an_administrator(desk, other, lin, path):
    job_id = failed()
    refused = desk.post(path, data={"email": "mei@example.com"})
    assert refused.status_code == 422 and "请再按一次按钮" in refused.text
    assert desk.get(path).status_code == 405

    log_in(other, "林舟")
    assert other.post(path).status_code == 403
    assert outcome(job_id) == "failed" and db.session.scalar(select(Job.id).where(Job.kind == "test_letter")) is None


def test_only_administrators_see_letters(client, lin):
    assert client.get("/admin/mail").status_code == 303
    log_in(client, "林舟")
    assert client.get("/admin/mail").status_code == 403


def test_many_letters_are_counted_no_further_than_is_told_and_cost_no_more_queries(desk, statements):
    desk.get("/admin/mail")
    few = len(statements)
    with writing():
        many_letters(10_001)
    statements.clear()

    page = desk.get("/admin/mail").text

    assert "10,000 以上" in page and page.count("letters__letter") == 20
    assert len(statements) <= few + 1 <= 18
    with later(minutes=20):
        assert jobs.oldest_waiting_seconds() >= 1200
