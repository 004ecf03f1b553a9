"""When a reply waits, and when a captcha or a letter comes first."""

import re
import threading

import pytest
from sqlalchemy import func, select, text

from blueprints.captcha.challenges import answer_of
from blueprints.comments.checks import TEXT_CHECKS, contacts
from blueprints.comments.drafts import draft_of, html_of
from blueprints.comments.editing import edit_comment
from blueprints.comments.models import Comment, CommentVersion, Status
from blueprints.comments.patience import AT_ONCE, in_time
from blueprints.comments.posting import post_comment
from blueprints.comments.screening import ProofWanted, finding_words, judge, look_at
from blueprints.comments.thread_queries import NOBODY, Whose
from blueprints.comments.visibility import remove
from blueprints.comments.word_rules import add_rule
from core.database import db
from core.i18n import force_locale
from tests.builders import comment, hidden, link_in, log_in, reply_form, send_letters, the_comment
from tests.moments import later


def found_in(row):
    """Return what screening noted on a reply or on another text of one."""
    assert row.findings is not None
    return row.findings


def post(browser, **form):
    return browser.post("/articles/hello/comments", data=form)


def doubted(browser, **more):
    """The answer to a reply that a machine could have sent."""
    return post(browser, **reply_form(browser, website="https://spam.example", **more))


def answered(page, form, captcha=None):
    challenge = hidden(page, "captcha_id")
    return form | {"captcha_id": challenge, "captcha": captcha or answer_of(challenge)}


def is_ticked(page):
    return re.search('<input[^>]* checked[^>]* name="notify"', page.text) is not None


def stored_count():
    return db.session.scalar(select(func.count()).select_from(Comment))


def test_a_doubt_is_settled_by_one_captcha_and_nothing_is_typed_twice(client, article):
    form = reply_form(client, website="x", body="写了很久的一段", notify="y")
    page = post(client, **form)

    assert page.status_code == 422 and stored_count() == 0
    assert "请再回答一个小问题，确认不是机器。" in page.text and "写了很久的一段" in page.text
    assert 'value="南山"' in page.text and is_ticked(page)

    done = post(client, **answered(page, form))

    assert done.status_code == 303
    assert (the_comment().status, the_comment().notify) == (Status.PUBLISHED, True)


def test_a_wrong_captcha_brings_another_and_keeps_the_text(client, article):
    """T20: of one picture there is one try."""
    form = reply_form(client, website="x", body="写了很久的一段")
    first = post(client, **form)
    wrong = post(client, **answered(first, form, captcha="WRONG"))

    assert wrong.status_code == 422 and "验证码不对" in wrong.text and "写了很久的一段" in wrong.text
    assert hidden(wrong, "captcha_id") != hidden(first, "captcha_id")
    replayed = post(client, **answered(first, form))
    assert replayed.status_code == 422 and "验证码过期了" in replayed.text
    assert post(client, **answered(replayed, form)).status_code == 303
    assert stored_count() == 1


def test_an_old_captcha_and_one_of_another_browser_are_refused(client, other, article):
    form = reply_form(client, website="x")
    page = post(client, **form)

    elsewhere = post(other, **answered(page, form))
    with later(minutes=11):
        late = post(client, **answered(page, form))

    assert elsewhere.status_code == late.status_code == 422 and stored_count() == 0


def test_another_picture_is_asked_for_without_losing_anything(client, article):
    form = reply_form(client, website="x", body="写了很久的一段")
    page = post(client, **form)

    again = post(client, **form, captcha_id=hidden(page, "captcha_id"), refresh="1")

    assert again.status_code == 200 and "写了很久的一段" in again.text
    assert hidden(again, "captcha_id") != hidden(page, "captcha_id")
    assert 'id="problems"' not in again.text


def test_another_mistake_beside_the_captcha_brings_both_back(client, article):
    form = reply_form(client, website="x", body="写了很久的一段")
    page = post(client, **form)

    wrong = post(client, **answered(page, form | {"email": "nanshan"}))

    assert wrong.status_code == 422 and "少了 @" in wrong.text and 'name="captcha"' in wrong.text


def test_a_letter_stands_for_the_captcha_and_its_link_publishes(client, other, article):
    form = reply_form(client, website="x", body="看不清图的人写的")
    page = post(client, **form)

    answer = post(client, **form, captcha_id=hidden(page, "captcha_id"), by_mail="1")

    assert answer.status_code == 303
    mine = client.get(answer.location, follow_redirects=True).text
    assert "请点邮件里的链接，回复就会发表。" in mine and "等你确认邮箱" in mine
    assert "看不清图的人写的" not in other.get("/articles/hello").text
    path = link_in(send_letters()[0])
    opened = other.get(path)
    assert "看不清图的人写的" in opened.text and "打开之后就会发表" in opened.text
    other.post(path, data={"csrf_token": hidden(opened, "csrf_token")})
    assert "看不清图的人写的" in client.get("/articles/hello").text
    assert the_comment().status is Status.PUBLISHED


def test_a_flood_raises_the_bar_for_guests_and_mutes_nobody(client, other, article, mei, choose):
    """S16, T27: whoever answers the captcha goes on; members are not asked."""
    choose(comments_flood_per_minute=3, comments_per_minute=100)
    for number in range(3):
        comment(article, f"洪水 {number}", address_block=f"203.0.{number}.0/24")
    form = reply_form(client, body="赶上洪水的人")
    log_in(other, "梅子")

    page = post(client, **form)
    member = post(other, body="会员写的", csrf_token=hidden(other.get("/articles/hello"), "csrf_token"))

    assert (page.status_code, member.status_code) == (422, 303)
    assert post(client, **answered(page, form)).status_code == 303
    with later(minutes=10, seconds=1):
        assert post(client, **reply_form(client, body="洪水退了")).status_code == 303


@pytest.mark.parametrize("field", ["captcha_id", "captcha", "proof"])
def test_what_is_made_up_is_no_proof(client, article, field):
    form = reply_form(client, website="x", **{field: "x" * 200})

    assert post(client, **form).status_code == 422
    assert stored_count() == 0


def test_many_links_wait_even_after_a_captcha(client, article):
    form = reply_form(client, website="x", body="看 " + " ".join(f"https://example.org/{n}" for n in range(4)))

    assert post(client, **answered(post(client, **form), form)).status_code == 303
    assert (the_comment().status, the_comment().held_reason) == (Status.PENDING, "links")


def test_what_is_put_into_a_reply_that_waits_for_its_letter_is_screened_too(client, other, article):
    """F22: the link of a letter publishes what screening would have published, and nothing else."""
    form = reply_form(client, body="无害的一段", by_mail="1")
    post(client, **form)
    reply = the_comment()
    page = client.get(f"/comments/{reply.id}/edit")
    links = "看 " + " ".join(f"https://example.org/{n}" for n in range(6))
    data = {"csrf_token": hidden(page, "csrf_token"), "version": "1", "body": links}
    assert client.post(f"/comments/{reply.id}/edit", data=data).status_code == 303

    path = link_in(send_letters()[0])
    other.post(path, data={"csrf_token": hidden(other.get(path), "csrf_token")})

    db.session.expire_all()
    assert (the_comment().status, the_comment().held_reason) == (Status.PENDING, "links")


def test_a_page_of_long_replies_that_wait_shows_the_newest(client, article, choose):
    choose(comments_hold="all", comments_per_minute=100, comments_per_10_minutes=100)
    for number in range(7):
        answer = post(client, **reply_form(client, body=f"第 {number} 条" + "长" * 19_000))

    page = client.get(answer.location, follow_redirects=True)

    assert "第 6 条" in page.text and "第 0 条" not in page.text


def seen_of(article, body="同意，写得很慢。", **how):
    return look_at(article, draft_of(body, nickname="南山", email="a@example.com", user=None, parent_id=None, address_block="b"), NOBODY, **how)  # fmt: skip


def hangs(_evidence):
    threading.Event().wait(5)


def breaks(_evidence):
    raise ZeroDivisionError("a check with a fault")


def cannot_gather(*_what):
    db.session.execute(text("SELECT * FROM there_is_no_such_table"))


@pytest.mark.parametrize("how", [{"checks": [hangs]}, {"checks": [breaks]}, {"gathering": cannot_gather}])
def test_what_fails_or_hangs_holds_the_reply_and_never_breaks_the_post(article, how):
    """S82, T28: a screening that is down sends to the moderators."""
    draft = draft_of("同意，写得很慢。", nickname="南山", email="a@example.com", user=None, parent_id=None, address_block="b")  # fmt: skip

    seen = look_at(article, draft, NOBODY, **how)
    reply = post_comment(article, draft, seen=seen).comment
    db.session.commit()

    assert (reply.status, reply.held_reason) == (Status.PENDING, "failed")
    assert found_in(reply)[0]["check"] == "failed"


def test_the_other_checks_go_on_when_one_fails(article):
    found = seen_of(article, "加微信 vx12345 领红包", checks=[breaks, contacts]).findings

    assert [one.check for one in found] == ["failed", "contact"]


def test_work_that_hangs_takes_no_more_than_its_places(app):
    stop = threading.Event()
    for _ in range(AT_ONCE):
        with pytest.raises(TimeoutError):
            in_time(lambda: stop.wait(10), 0.01)

    with pytest.raises(TimeoutError):
        in_time(lambda: 1, 0.01)
    stop.set()
    assert in_time(lambda: 1, 5) == 1


def test_a_way_to_get_in_touch_waits_for_a_moderator_with_its_reasons(client, article):
    assert post(client, **reply_form(client, body="加微信 vx12345 领红包")).status_code == 303

    assert (the_comment().status, the_comment().held_reason) == (Status.PENDING, "contact")
    assert [finding_words(one) for one in found_in(the_comment())] == ["像联系方式：微信 加微信 vx12345（+8 分）"]


def test_findings_are_told_as_far_as_they_can_be_read(app):
    with force_locale("zh_Hans"):
        assert finding_words({"check": "known", "points": -3, "detail": "5"}).endswith("（−3 分）")
        assert finding_words({"check": "all", "points": 100}) == "按设置，所有回复都等人看过再发表"
        assert finding_words({"check": "something else", "points": None}) == "something else"
        assert finding_words({}) == ""


def test_a_check_that_failed_is_told_in_words(article):
    """Whatever failed: no name out of the program stands on the desk."""
    broken = [replace_name(breaks, check.__name__) for check in TEXT_CHECKS]
    found = [*seen_of(article, checks=broken).findings, *seen_of(article, checks=[hangs]).findings]
    found += seen_of(article, gathering=cannot_gather).findings
    with force_locale("zh_Hans"):
        words = [finding_words(one.plain()) for one in found]

    assert len(words) == len(TEXT_CHECKS) + 2 and all(one.startswith("检查没有做完：") for one in words)
    assert "检查没有做完：查联系方式时出了错" in words
    assert words[-2:] == ["检查没有做完：花的时间太长", "检查没有做完：出了错"]
    assert [one for one in words if re.search("[A-Za-z_]", one)] == []


def replace_name(check, name):
    """The same check under another name."""

    def named(evidence):
        return check(evidence)

    named.__name__ = name
    return named


@pytest.mark.parametrize(
    ("field", "value"), [("body", "代 开 发 票，全国通用"), ("nickname", "代开发票"), ("email", "a@fapiao.example")]
)
def test_a_word_that_refuses_says_which_and_everything_is_kept(client, article, field, value):
    words = "@fapiao.example" if field == "email" else "代开发票"
    add_rule(words, refuses=True, by=None)
    db.session.commit()

    page = post(client, **reply_form(client, **{"body": "写了很久的一段", field: value}))

    assert page.status_code == 422 and stored_count() == 0
    assert value in page.text and f"这里不收带有“{words}”的回复" in page.text
    assert f'id="{field}-error"' in page.text


@pytest.mark.parametrize("refuses", [True, False])
def test_a_word_in_the_address_of_an_account_lets_its_reply_wait(client, article, mei, refuses):
    add_rule("mei@example", refuses=refuses, by=None)
    db.session.commit()
    log_in(client, "梅子")

    assert (
        post(client, body="平平常常的一条", csrf_token=hidden(client.get("/articles/hello"), "csrf_token")).status_code
        == 303
    )
    assert (the_comment().status, the_comment().held_reason) == (Status.PENDING, "words")


def test_a_word_that_holds_lets_the_reply_wait_whatever_the_writers_name(client, article, mei):
    add_rule("发票", refuses=False, by=None)
    db.session.commit()
    log_in(client, "梅子")
    token = hidden(client.get("/articles/hello"), "csrf_token")

    assert post(client, body="发 票的事", csrf_token=token).status_code == 303
    assert (the_comment().status, the_comment().held_reason) == (Status.PENDING, "words")


def test_a_refused_word_comes_into_no_reply_by_editing(client, article):
    post(client, **reply_form(client, body="无害的一段"))
    reply = the_comment()
    add_rule("发票", refuses=True, by=None)
    db.session.commit()
    page = client.get(f"/comments/{reply.id}/edit")
    data = {"csrf_token": hidden(page, "csrf_token"), "version": "1", "body": "代开发票"}

    answer = client.post(f"/comments/{reply.id}/edit", data=data)

    assert answer.status_code == 422 and "代开发票" in answer.text and the_comment().body == "无害的一段"


def test_an_edit_is_screened_as_a_new_text_and_says_why_it_waits(client, article):
    """F22."""
    post(client, **reply_form(client, body="无害的一段"))
    reply = the_comment()
    page = client.get(f"/comments/{reply.id}/edit")
    data = {"csrf_token": hidden(page, "csrf_token"), "version": "1", "body": "加微信 vx12345 领红包"}
    client.post(f"/comments/{reply.id}/edit", data=data)

    version = db.session.scalars(select(CommentVersion)).one()
    assert (version.status, version.held_reason, found_in(version)[0]["check"]) == (
        Status.PENDING,
        "contact",
        "contact",
    )
    assert the_comment().body == "无害的一段" and the_comment().held_reason is None


@pytest.mark.parametrize(("writer", "is_shown"), [("guest", False), ("proved", True), ("member", True)])
def test_a_text_that_had_to_be_proved_is_edited_in_only_by_who_proved_an_address(article, mei, writer, is_shown):
    """What gets a captcha when it is posted gets past nobody as an edit."""
    reply = comment(article, "无害的一段", user=mei if writer == "member" else None)
    ways = {
        "guest": Whose(writer_hash=reply.writer_hash),
        "proved": Whose(email_key=reply.email_key),
        "member": Whose(user_id=mei.id),
    }
    body = "见 https://bit.ly/abc"

    with pytest.raises(ProofWanted):
        comment(article, body, nickname="别人", email="else@example.com")
    db.session.rollback()

    shown = edit_comment(reply, ways[writer], body, html_of(article, body), version=1)
    db.session.commit()

    assert shown is is_shown and (reply.body == body) is is_shown and reply.status is Status.PUBLISHED


def test_a_typed_address_has_no_good_name_and_a_proved_one_has(article):
    """T03: whoever guesses the address of somebody known gains nothing by it."""
    for number in range(3):
        comment(article, f"熟人的第 {number} 条，{'甲乙丙'[number] * 9}")
    contact = "打 138-0013-8000 找我，" + "见 https://a.example"
    draft = draft_of(contact, nickname="南山", email="nanshan@example.com", user=None, parent_id=None, address_block="c")  # fmt: skip

    typed = look_at(article, draft, Whose(writer_hash="another browser")).findings
    proved = look_at(article, draft, Whose(email_key="nanshan@example.com")).findings

    assert "known" not in [one.check for one in typed]
    assert sum(one.points for one in proved) < sum(one.points for one in typed)


def test_an_account_with_a_removed_reply_has_no_good_name(article, mei):
    replies = [comment(article, f"梅子的第 {number} 条，{'甲乙丙丁'[number] * 9}", user=mei) for number in range(4)]
    draft = draft_of("再写一条", nickname="", email=None, user=mei, parent_id=None, address_block="c")
    assert [one.check for one in look_at(article, draft, NOBODY).findings] == ["known"]

    remove(replies[0], "")
    db.session.commit()

    assert look_at(article, draft, NOBODY).findings == ()


def test_a_member_who_is_faster_than_anybody_types_is_noticed(client, article, mei):
    """S17: of a form that was made for one person the age counts."""
    log_in(client, "梅子")
    token = hidden(client.get("/articles/hello"), "csrf_token")
    with later(seconds=1):
        post(client, body="一秒写完的", csrf_token=token)
    assert [one["check"] for one in found_in(the_comment())] == ["haste"]

    with later(minutes=1):
        token = hidden(client.get("/articles/hello"), "csrf_token")
        with later(seconds=30):
            post(client, body="慢慢写完的", csrf_token=token)
    newest = db.session.scalars(select(Comment).order_by(Comment.id.desc()).limit(1)).one()
    assert newest.findings == [] and newest.status is Status.PUBLISHED


def test_screening_takes_six_queries_at_the_most(article, statements):
    """Whatever is stored: with a link, a word rule and a copy to compare with."""
    body = "这篇讲得明白，图也清楚，推荐给每一位排版的人，见 https://a.example/1"
    comment(article, body, nickname="读者一", email="one@example.com")
    add_rule("发票", refuses=False, by=None)
    db.session.commit()
    draft = draft_of(body, nickname="读者二", email="two@example.com", user=None, parent_id=None, address_block="c")
    db.session.refresh(article)
    statements.clear()

    verdict = judge(look_at(article, draft, NOBODY), is_guest=True, is_person=True)

    asked = [one for one in statements if "pg_advisory" not in one]
    assert len(asked) <= 6 and verdict.company.copies


def test_a_letters_link_publishes_no_text_that_came_in_a_flood_meanwhile(client, other, article):
    body = "加急办理各类证件，今天名额有限，先到先得，过期不候，欢迎来电！"
    post(client, **reply_form(client, body=body, by_mail="1"))
    for number in range(2):
        place = f"203.0.{number}.0/24"
        comment(article, body, nickname=f"顾客{number}", email=f"b{number}@example.com", address_block=place)
    path = link_in(send_letters()[0])

    other.post(path, data={"csrf_token": hidden(other.get(path), "csrf_token")})

    assert {reply.status for reply in db.session.scalars(select(Comment))} == {Status.PENDING}
