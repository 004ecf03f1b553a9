"""What administrators do about people: each act on the rows, the page, the letter and the log."""

import logging
import re
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from blueprints.auth.account_log import Origin
from blueprints.auth.models import Deed, LogEntry, LoginSession, Role, User
from blueprints.auth.people import change_role, end_sessions_of, pause, resume
from core import clock
from core.database import db, writing
from core.errors import NotAllowed
from core.logs import OneLine
from tests.builders import PASSWORD, hidden, link_in, log_in, send_letters, user
from tests.moments import at_once, later
from tests.states_of_admin import act

HERE = Origin("198.51.100.0/24", "Firefox · Linux")
ACTS = {
    "role": {"role": "moderator"},
    "pause": {"reason": "广告", "days": "7"},
    "resume": {},
    "end-sessions": {},
}


def fresh(person):
    db.session.expire_all()
    return db.session.get(User, person.id)


def sessions_of(person):
    return db.session.scalar(select(func.count()).select_from(LoginSession).where(LoginSession.user_id == person.id))


def last_entry(person):
    entries = select(LogEntry).where(LogEntry.user_id == person.id).order_by(LogEntry.id.desc())
    return db.session.scalars(entries.limit(1)).one()


def token_on(page, name):
    """Return the token of one act's form on the page of a person."""
    found = re.search(rf'/{name}".*?name="csrf_token" value="([^"]+)"', page.text, re.DOTALL)
    assert found, f"no form to {name}"
    return found[1]


def is_logged_in(browser):
    return browser.get("/account").status_code == 200


def page_after(browser, answer, person):
    assert (answer.status_code, answer.location) == (303, f"/admin/people/{person.id}")
    return browser.get(answer.location).text


@pytest.mark.parametrize(("role", "name"), [("author", "作者"), ("moderator", "版主")])
def test_another_role_ends_the_sessions_and_is_told_by_letter(desk, other, mei, lu, role, name):
    """S51, S53."""
    log_in(other, "梅子")

    answer = act(desk, mei, "role", role=role)

    assert fresh(mei).role == Role(role) and sessions_of(mei) == 0 and not is_logged_in(other)
    entry = last_entry(mei)
    assert (entry.deed, entry.actor_id, entry.detail) == (Deed.ROLE_CHANGED, lu.id, f"reader → {role}")
    letter = send_letters()[-1]
    assert letter["To"] == "mei@example.com" and "权限有变动" in letter["Subject"]
    assert f"身份现在是：{name}" in letter.get_body(("plain",)).get_content()
    page = page_after(desk, answer, mei)
    assert f"身份现在是：{name}。原来的登录都结束了。" in page and "由 陆岸" in page


def test_the_same_role_again_changes_and_tells_nothing(desk, other, mei):
    log_in(other, "梅子")

    answer = act(desk, mei, "role", role="reader")

    assert answer.status_code == 409 and "什么也没有变" in answer.text
    assert is_logged_in(other) and last_entry(mei).deed is Deed.LOGGED_IN and send_letters() == []


def test_a_role_taken_away_is_gone_with_the_next_request(desk, other, lin, mei):
    log_in(other, "林舟")
    lin.role = Role.ADMINISTRATOR
    db.session.commit()
    assert other.get("/admin/people").status_code == 200

    act(desk, lin, "role", role="reader")

    assert other.get("/admin/people").status_code == 303
    log_in(other, "林舟")
    assert other.get("/admin/people").status_code == 403


def test_a_right_lost_while_its_page_was_open_is_lost(desk, mei, lu):
    token = token_on(desk.get(f"/admin/people/{mei.id}"), "pause")
    lu.role = Role.MODERATOR
    db.session.commit()

    answer = desk.post(f"/admin/people/{mei.id}/pause", data={"csrf_token": token, "reason": "广告", "days": "7"})

    assert answer.status_code == 403 and "这里只有管理员能进。" in answer.text
    assert not fresh(mei).is_paused


@pytest.mark.parametrize(
    ("present", "words"), [("", "请写你自己的密码。"), ("不是这个密码不是", "密码不对。"), (None, "请写你自己的密码。")]
)
def test_an_administrator_is_made_only_with_ones_own_password(desk, mei, present, words):
    given = {} if present is None else {"present": present}

    answer = act(desk, mei, "role", role="administrator", **given)

    assert answer.status_code == 422 and words in answer.text and 'id="present-error"' in answer.text
    assert re.search(r"<option selected value=.administrator.", answer.text)
    assert fresh(mei).role is Role.READER and last_entries(mei) == []


def last_entries(person):
    return db.session.scalars(select(LogEntry).where(LogEntry.user_id == person.id)).all()


def test_with_the_password_there_is_another_administrator(desk, other, mei):
    assert act(desk, mei, "role", role="administrator", present=PASSWORD).status_code == 303

    assert fresh(mei).role is Role.ADMINISTRATOR
    assert log_in(other, "梅子").status_code == 422, "nobody knows how long the old password is"
    letters = {letter["Subject"].partition(" ")[0]: letter for letter in send_letters()}
    assert set(letters) == {"权限有变动", "重置密码"}
    link = link_in(letters["重置密码"])
    form = {
        "csrf_token": hidden(other.get(link), "csrf_token"),
        "password": "不到十五个字符",
        "password_confirm": "不到十五个字符",
    }
    assert other.post(link, data=form).status_code == 422
    assert other.post(link, data=form | {"password": PASSWORD, "password_confirm": PASSWORD}).status_code == 303
    log_in(other, "梅子")
    assert other.get("/admin/people").status_code == 200


def test_an_administrators_password_cannot_be_guessed_there(desk, mei):
    for _ in range(10):
        act(desk, mei, "role", role="administrator", present="不是这个密码不是")

    answer = act(desk, mei, "role", role="administrator", present=PASSWORD)

    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0
    assert fresh(mei).role is Role.READER


@pytest.mark.parametrize(("days", "until"), [("1", 1), ("7", 7), ("30", 30), ("", None)])
def test_a_pause_ends_the_sessions_is_told_with_its_reason_and_keeps_out(desk, other, mei, lu, days, until):
    """S55."""
    log_in(other, "梅子")
    now = clock.now()

    with clock.standing_at(now):
        answer = act(desk, mei, "pause", reason=" 到处贴 广告 ", days=days)

    person = fresh(mei)
    assert person.is_paused and person.pause_reason == "到处贴 广告"
    assert person.paused_until == (now + timedelta(days=until) if until else None)
    assert sessions_of(mei) == 0 and not is_logged_in(other)
    entry = last_entry(mei)
    assert (entry.deed, entry.actor_id, entry.detail) == (Deed.PAUSED, lu.id, "到处贴 广告")
    letter = send_letters()[-1]
    text = letter.get_body(("plain",)).get_content()
    assert letter["To"] == "mei@example.com" and "到处贴 广告" in text and ("停用到" in text) is (until is not None)
    assert "已停用，原来的登录都结束了。" in page_after(desk, answer, mei)
    refused = log_in(other, "梅子")
    assert refused.status_code == 403 and "到处贴 广告" in refused.text and not is_logged_in(other)
    assert log_in(other, "梅子", "不是这个密码不是").status_code == 422


def test_of_two_who_pause_the_second_is_told_the_first_ones_reason(desk, mei):
    path = f"/admin/people/{mei.id}"
    token = token_on(desk.get(path), "pause")
    assert desk.post(path + "/pause", data={"csrf_token": token, "reason": "广告", "days": "7"}).status_code == 303

    answer = desk.post(path + "/pause", data={"csrf_token": token, "reason": "别的理由", "days": "1"})

    assert answer.status_code == 409 and "这个账号已经停用，理由是：广告。" in answer.text and "别的理由" in answer.text
    assert fresh(mei).pause_reason == "广告"


def test_a_pause_with_an_end_ends(desk, other, mei):
    act(desk, mei, "pause", reason="广告", days="1")

    with later(days=1, seconds=1):
        assert log_in(other, "梅子").status_code == 303 and is_logged_in(other)
        log_in(desk, "陆岸")
        assert "已停用" not in desk.get("/admin/people").text


def test_somebody_paused_is_let_in_again(desk, other, mei, lu):
    act(desk, mei, "pause", reason="广告", days="")
    assert f'action="/admin/people/{mei.id}/pause"' not in desk.get(f"/admin/people/{mei.id}").text

    answer = act(desk, mei, "resume")

    person = fresh(mei)
    assert not person.is_paused and person.pause_reason is None
    assert (last_entry(mei).deed, last_entry(mei).actor_id) == (Deed.RESUMED, lu.id)
    assert "已恢复使用。" in page_after(desk, answer, mei)
    assert log_in(other, "梅子").status_code == 303


def test_all_sessions_of_somebody_end_and_those_of_others_go_on(app, desk, mei, lu):
    browsers = [app.test_client(), app.test_client()]
    for browser in browsers:
        log_in(browser, "梅子")

    answer = act(desk, mei, "end-sessions")

    assert "所有登录都结束了。" in page_after(desk, answer, mei)
    assert sessions_of(mei) == 0 and not any(map(is_logged_in, browsers)) and is_logged_in(desk)
    assert (last_entry(mei).deed, last_entry(mei).actor_id) == (Deed.SESSION_ENDED, lu.id)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("", "请写理由。"),
        ("  ", "请写理由。"),
        ("长" * 201, "最多 200 个字，现在超出 1 个。"),
        ("坏\x00坏", "看不见或认不出的字符"),
    ],
)
def test_a_reason_that_is_none_is_told_and_stays(desk, mei, reason, words):
    answer = act(desk, mei, "pause", reason=reason, days="30")

    assert answer.status_code == 422 and words in answer.text and 'id="reason-error"' in answer.text
    assert re.search(r"<option selected value=.30.", answer.text)
    if len(reason) > 200:
        assert reason in answer.text
    assert not fresh(mei).is_paused and send_letters() == []


@pytest.mark.parametrize(
    ("name", "form"),
    [("role", {"role": "emperor"}), ("role", {"role": ""}), ("pause", {"reason": "广告", "days": "400"}), ("pause", {"reason": "广告", "days": "1e9"})],
)  # fmt: skip
def test_what_the_lists_do_not_offer_is_refused(desk, mei, name, form):
    assert act(desk, mei, name, **form).status_code == 422
    assert fresh(mei).role is Role.READER and not fresh(mei).is_paused


@pytest.mark.parametrize("name", ACTS)
def test_each_act_needs_its_form(desk, mei, name):
    answer = desk.post(f"/admin/people/{mei.id}/{name}", data=ACTS[name])

    assert answer.status_code == 422 and "内容还在，请再按一次按钮。" in answer.text and last_entries(mei) == []
    assert desk.get(f"/admin/people/{mei.id}/{name}").status_code == 405


@pytest.mark.parametrize("name", ACTS)
def test_a_form_of_one_act_is_no_form_of_another(desk, mei, name):
    foreign = {"role": "pause", "pause": "role", "resume": "role", "end-sessions": "pause"}[name]
    token = token_on(desk.get(f"/admin/people/{mei.id}"), foreign)

    assert desk.post(f"/admin/people/{mei.id}/{name}", data=ACTS[name] | {"csrf_token": token}).status_code == 422


@pytest.mark.parametrize("path", ["/role", "/pause", "/resume", "/end-sessions"])
def test_not_on_oneself(desk, mei, lu, path):
    name = path.removeprefix("/")
    log_in(desk.application.test_client(), "梅子")
    shown = "end-sessions" if name == "resume" else name  # both are one button
    token = token_on(desk.get(f"/admin/people/{mei.id}"), shown)

    answer = desk.post(f"/admin/people/{lu.id}{path}", data=ACTS[name] | {"csrf_token": token})

    assert answer.status_code == 403 and "不能对自己的账号这样做" in answer.text
    assert fresh(lu).role is Role.ADMINISTRATOR and not fresh(lu).is_paused and is_logged_in(desk)


@pytest.mark.parametrize(
    "deed",
    [
        partial(change_role, role=Role.READER),
        partial(pause, reason="广告", until=None),
        resume,
        end_sessions_of,
    ],
    ids=["change_role", "pause", "resume", "end_sessions_of"],
)
def test_the_actions_refuse_oneself_and_whoever_is_no_administrator(mei, lin, lu, deed):
    for person, actor in ((lu, lu), (mei, lin), (lin, mei)):
        with pytest.raises(NotAllowed):
            deed(person, actor=actor, origin=HERE)


def test_letting_in_somebody_who_was_not_kept_out_is_nothing(mei, lu):
    resume(mei, actor=lu, origin=HERE)

    assert last_entries(mei) == []


def test_of_two_administrators_who_demote_each_other_one_stays(app, lu):
    ban = user("半夏", "ban@example.com", Role.ADMINISTRATOR)
    pairs = [(lu.id, ban.id), (ban.id, lu.id)]
    db.session.rollback()

    def demote(actor_id, user_id):
        with app.app_context(), writing():
            try:
                person, actor = (db.session.get_one(User, number) for number in (user_id, actor_id))
                change_role(person, Role.READER, actor=actor, origin=HERE)
                db.session.commit()
            except NotAllowed:
                return False
            return True

    done = at_once([partial(demote, *pair) for pair in pairs])

    assert sorted(done) == [False, True]
    assert db.session.scalar(select(func.count()).select_from(User).where(User.role == Role.ADMINISTRATOR)) == 1


def test_a_reason_forges_no_line_of_the_log(app, mei, lu, caplog):
    caplog.handler.setFormatter(OneLine("%(levelname)s %(message)s"))
    with caplog.at_level(logging.INFO, "zhishang.accounts"):
        forged = "广告\r\nERROR forged\x1b[31m\u202e\u2028reader@example.com"
        pause(mei, forged, None, actor=lu, origin=Origin("a\nb", "c\nd"))

    lines = caplog.text.strip().split("\n")
    assert len(lines) == 1 and lines[0].startswith(
        f"INFO paused account={mei.id} by={lu.id} from=a\\u000ab 广告\\u000d"
    )
    assert not re.search("[\x1b\u202e\u2028\r]", caplog.text) and "reader@" not in caplog.text
