"""The desk as a moderator meets it, with scripts off: queue, cases, several at once, undoing, log."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import insert, select, update

from blueprints.articles.models import Article
from blueprints.auth.models import Role, User
from blueprints.comments.models import Comment, CommentVersion, Flag, FlagReason, Status
from blueprints.comments.screening_models import Ban
from blueprints.moderation.decisions import Sitting, approve, ban, decide, look_at
from blueprints.moderation.models import Act, Decision
from core import clock
from core.database import db
from tests.builders import comment, hidden, log_in, user


def shown(page) -> list[str]:
    """Return the texts of the cases on a page, in order."""
    return [
        unescape(text)
        for text in re.findall(r'<div class="case__body"[^>]*>\s*<p class="case__text">(.*?)</p>', page.text, re.DOTALL)
    ]


def form_of(page, act: str) -> dict[str, str]:
    """Return what the first form with this button sends when it is pressed."""
    for form in re.findall(r"<form.*?</form>", page.text, re.DOTALL):
        if f'name="act" value="{act}"' in form:
            return {"act": act} | {
                name: unescape(value)
                for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
            }
    raise AssertionError(f"no button {act}")


def press(browser, reply_id: int, act: str, **more: str):
    path = f"/moderation/comments/{reply_id}"
    return browser.post(path, data=form_of(browser.get(path), act) | more)


def undo_path(page) -> str:
    return str(re.findall(r'action="(/moderation/undo/[^"]+)"', page.text)[0])


def flood(on: Article, count: int, family: int = 77) -> None:
    """Store `count` waiting replies of nearly the same text from changing addresses at once."""
    rows = [
        {
            "article_id": on.id,
            "nickname": f"王{number}",
            "email": f"w{number}@example.com",
            "email_key": f"w{number}@example.com",
            "body": f"代开发票 {number}",
            "body_html": f"<p>代开发票 {number}</p>",
            "status": Status.PENDING,
            "held_reason": "like",
            "family": family,
            "address_block": f"10.{number // 250}.{number % 250}.0/24",
            "created_at": clock.now(),
        }
        for number in range(count)
    ]
    db.session.execute(insert(Comment), rows)
    db.session.commit()


def states() -> dict[int, Status]:
    return dict(db.session.execute(select(Comment.id, Comment.status).order_by(Comment.id)).all())


def test_the_queue_shows_what_a_moderator_decides_by(desk, article):
    first = comment(article, "先有一条公开的。", nickname="周默")
    reply = comment(
        article, "见[这里](https://slim.example/x)，好。", first, held=True, nickname="老秦", email="qin@example.com"
    )

    page = desk.get("/moderation")

    assert page.status_code == 200 and page.headers["Cache-Control"] == "private, no-store"
    for words in (
        "老秦",
        "第一次发言",
        "qin@example.com",
        "198.51.100.0/24",
        "纸上的第一篇",
        "回复 1 楼",
        "先有一条公开的。",
        "https://slim.example/x",
    ):
        assert words in page.text, words
    assert 'href="https://slim.example' not in page.text
    assert form_of(page, "approve")["text"] == f"{reply.id}.1"


def test_the_writers_record_is_told(desk, article, lin):
    for number in range(3):
        comment(article, f"第{number}条。", held=True)
    approve(look_at(db.session.get_one(Comment, 1)), Sitting(lin))
    decide("spam", look_at(db.session.get_one(Comment, 2)), Sitting(lin))
    db.session.commit()

    page = desk.get("/moderation").text

    assert "公开 1 条" in page and "待审 1 条" in page and "没通过 1 条" in page


def test_a_guest_who_typed_an_accounts_address_is_marked_for_moderators_only(desk, client, article, mei):
    comment(article, "我是她。", email="mei@example.com", held=True)

    assert "写的是 梅子 的邮箱，没有登录" in desk.get("/moderation").text
    assert "梅子" not in client.get("/articles/hello").text


@pytest.mark.parametrize(
    ("act", "status"), [("approve", Status.PUBLISHED), ("remove", Status.REJECTED), ("spam", Status.SPAM)]
)
def test_one_button_decides_and_leads_back_to_the_same_list(desk, article, act, status):
    reply = comment(article, "一条在等的。", held=True)
    page = desk.get("/moderation?article=hello&q=在等")

    answer = desk.post(
        f"/moderation/comments/{reply.id}", data=form_of(page, act) | {"kind": "advertising", "reason": "每篇都贴"}
    )

    assert (answer.status_code, answer.location) == (
        303,
        "/moderation?q=在等&article=hello".replace("在等", "%E5%9C%A8%E7%AD%89"),
    )
    assert states()[reply.id] is status
    again = desk.get("/moderation")
    assert "没有待审的回复。" in again.text and "撤销" in again.text and 'role="status"' in again.text
    if act != "approve":
        assert db.session.get_one(Comment, reply.id).removed_reason == "广告：每篇都贴"


def test_the_undo_line_stays_until_the_next_act_and_undoes(desk, article):
    reply = comment(article, held=True)
    press(desk, reply.id, "remove")
    desk.get("/moderation")

    page = desk.get("/moderation")
    answer = desk.post(undo_path(page), data={"csrf_token": form_token(page), "back": ""})

    assert answer.status_code == 303 and states()[reply.id] is Status.PENDING
    assert "已撤销 1 条" in desk.get("/moderation").text


def form_token(page) -> str:
    found = re.search(
        r'action="/moderation/undo/[^"]+"><input type="hidden" name="csrf_token" value="([^"]*)"', page.text
    )
    assert found
    return found[1]


def test_someone_else_was_first(desk, article, mei):
    reply = comment(article, held=True)
    page = desk.get("/moderation")
    with clock.standing_at(clock.now() - timedelta(seconds=90)):
        approve(look_at(reply), Sitting(mei))
        db.session.commit()

    answer = desk.post(
        f"/moderation/comments/{reply.id}", data=form_of(page, "remove") | {"reason": "与文章无关，谢谢。"}
    )

    assert answer.status_code == 409
    assert "梅子 1 分钟前已经通过了这条。" in answer.text and "与文章无关，谢谢。" in answer.text
    assert states()[reply.id] is Status.PUBLISHED


def test_a_text_that_was_changed_meanwhile_is_shown_anew(desk, article):
    """F22: the page comes back with the text nobody had seen, and publishes nothing."""
    reply = comment(article, "第一个内容。", held=True)
    page = desk.get("/moderation")
    db.session.execute(update(Comment).where(Comment.id == reply.id).values(version=2, body="没人看过的内容。"))
    db.session.commit()

    answer = desk.post(f"/moderation/comments/{reply.id}", data=form_of(page, "approve"))

    assert answer.status_code == 409 and "刚刚改过这条" in answer.text and "没人看过的内容。" in answer.text
    assert states()[reply.id] is Status.PENDING
    assert desk.post(f"/moderation/comments/{reply.id}", data=form_of(answer, "approve")).status_code == 303


@pytest.mark.parametrize(
    "sent",
    [
        {}, {"act": ""}, {"act": "approve"}, {"act": "approve", "text": "x", "seen": "pending"},
        {"act": "approve", "text": "1.1", "seen": "mystery"}, {"act": "erase", "text": "1.1", "seen": "pending"},
        {"act": "approve", "text": "2.1", "seen": "pending"}, {"act": "approve", "text": "1.99999999999999999999", "seen": "pending"},
        {"act": "remove", "text": "1.1", "seen": "damaged"}, {"act": "ban", "text": "1.1", "seen": "pending", "days": "9999"},
    ],
    ids=str,
)  # fmt: skip
def test_a_form_that_says_nothing_we_understand_changes_nothing(desk, article, sent):
    reply = comment(article, held=True)
    token = form_of(desk.get(f"/moderation/comments/{reply.id}"), "approve")["csrf_token"]

    answer = desk.post(f"/moderation/comments/{reply.id}", data={"csrf_token": token} | sent)

    assert answer.status_code in (409, 422) and states()[reply.id] is Status.PENDING
    assert desk.post(f"/moderation/comments/{reply.id}", data=sent).status_code == 422


def test_a_reason_that_is_too_long_comes_back(desk, article):
    reply = comment(article, held=True)

    answer = press(desk, reply.id, "remove", reason="长" * 161)

    assert answer.status_code == 422 and "长" * 161 in answer.text and states()[reply.id] is Status.PENDING


def test_pausing_the_writer_with_the_reply_as_spam_is_one_act(desk, article):
    reply = comment(article, held=True, nickname="老秦")

    answer = press(desk, reply.id, "ban", days="7", with_network="y", and_spam="y", reason="每篇都贴")

    ban = db.session.scalars(select(Ban)).one()
    assert answer.status_code == 303 and states()[reply.id] is Status.SPAM
    assert ban.address_block == "198.51.100.0/24" and ban.until is not None
    page = desk.get("/moderation")
    assert "已暂停：老秦" in page.text
    desk.post(undo_path(page), data={"csrf_token": form_token(page)})
    db.session.refresh(ban)
    assert ban.lifted_at is not None and states()[reply.id] is Status.PENDING


def test_a_reply_of_somebody_paused_already_is_spam_all_the_same(desk, article):
    reply, later_reply = (comment(article, body, writer_token="cookie") for body in ("第一条。", "另一条。"))
    press(desk, reply.id, "ban", days="7")

    again = press(desk, later_reply.id, "ban", days="7")
    answer = press(desk, later_reply.id, "ban", days="7", and_spam="y")

    assert again.status_code == 409 and "这个人已经暂停了" in again.text
    assert answer.status_code == 303 and states()[later_reply.id] is Status.SPAM
    page = desk.get("/moderation").text
    assert "这个人已经暂停了" in page and "标为垃圾" in page
    assert len(db.session.scalars(select(Ban)).all()) == 1


@pytest.mark.parametrize("days", ["1", "30", ""])
def test_a_pause_lasts_as_long_as_was_chosen(desk, article, days):
    reply = comment(article)

    press(desk, reply.id, "ban", days=days)

    until = db.session.scalars(select(Ban.until)).one()
    assert (until is None) == (days == "")


def test_several_at_once_with_the_count_before_acting(desk, article, mei):
    replies = [comment(article, f"第{number}条。", held=True) for number in range(3)]
    ids = [one.id for one in replies]
    approve(look_at(replies[2]), Sitting(mei))
    db.session.commit()
    picks = "&".join(f"pick={one}.1:pending" for one in ids)

    asked = desk.get(f"/moderation/selected?{picks}")

    assert "所选 2 条" in asked.text and "另有 1 条已经有人处理过" in asked.text
    assert [states()[one] for one in ids] == [Status.PENDING, Status.PENDING, Status.PUBLISHED]
    sent = {
        "csrf_token": form_of(asked, "approve")["csrf_token"],
        "act": "remove",
        "kind": "off_topic",
        "pick": [f"{one}.1:pending" for one in ids],
    }
    answer = desk.post("/moderation/selected", data=sent)
    assert answer.status_code == 303
    assert [states()[one] for one in ids] == [Status.REJECTED, Status.REJECTED, Status.PUBLISHED]
    page = desk.get("/moderation")
    assert "已拒绝 2 条" in page.text and "1 条后来有人处理过，没有动。" in page.text
    desk.post(undo_path(page), data={"csrf_token": form_token(page)})
    assert [states()[one] for one in ids] == [Status.PENDING, Status.PENDING, Status.PUBLISHED]


def test_what_was_selected_is_shown_with_the_text_that_is_decided(desk, article):
    reply, other = comment(article, "原来公开的内容。"), comment(article, "另一条公开的。")
    edit = {"number": 2, "body": "改成了骂人的话。", "body_html": "<p>x</p>", "status": Status.PENDING}
    db.session.add(CommentVersion(comment_id=reply.id, **edit))
    db.session.commit()

    page = desk.get(f"/moderation/selected?pick={reply.id}.2:pending&pick={other.id}.1:published").text

    assert "所选 2 条" in page and "改成了骂人的话。" in page and "另一条公开的。" in page
    assert "原来公开的内容。" not in page


def test_nothing_selected_is_a_page_that_says_so(desk, article):
    for query in (
        "",
        "?pick=",
        "?pick=x&family=y",
        "?pick=1.1:mystery",
        "?family=99999999999999999999:1",
        "?pick=" + "9" * 5000,
    ):
        page = desk.get(f"/moderation/selected{query}")
        assert page.status_code == 200 and "没有选中什么" in page.text
    sent = {"csrf_token": hidden(desk.get("/moderation/words"), "csrf_token"), "act": "spam"}
    assert desk.post("/moderation/selected", data=sent).status_code == 422


def test_a_flood_of_400_is_cleared_with_two_clicks_and_put_back(desk, article, statements):
    flood(article, 400)
    other = comment(article, "别人写的一条。", held=True, nickname="半夏")

    queue = desk.get("/moderation")
    assert "另有 399 条几乎一样。" in queue.text and len(shown(queue)) == 2
    [first_click] = re.findall(r'href="(/moderation/selected\?[^"]*)"', queue.text)
    asked = desk.get(unescape(first_click))
    assert "把 400 条标为垃圾" in asked.text
    sent = form_of(asked, "spam")
    statements.clear()
    answer = desk.post("/moderation/selected", data=sent)

    assert answer.status_code == 303 and len(statements) < 40
    found = states()
    assert found.pop(other.id) is Status.PENDING and set(found.values()) == {Status.SPAM} and len(found) == 400
    page = desk.get("/moderation")
    assert "已标为垃圾 400 条" in page.text and shown(page) == ["别人写的一条。"]
    assert "标为垃圾 400 条" in desk.get("/moderation/log").text
    desk.post(undo_path(page), data={"csrf_token": form_token(page)})
    assert set(states().values()) == {Status.PENDING}


def test_a_family_is_never_published_at_once(desk, article):
    flood(article, 3)
    asked = desk.get("/moderation/selected?family=77:999999")
    sent = form_of(asked, "spam") | {"act": "approve"}

    answer = desk.post("/moderation/selected", data=sent)

    assert answer.status_code == 409 and set(states().values()) == {Status.PENDING}


def test_what_came_after_the_count_is_not_decided(desk, article):
    flood(article, 3)
    asked = desk.get("/moderation/selected?family=77:2&act=spam")

    assert "把 2 条标为垃圾" in asked.text
    desk.post("/moderation/selected", data=form_of(asked, "spam"))
    assert list(states().values()) == [Status.SPAM, Status.SPAM, Status.PENDING]


@pytest.mark.parametrize("count", [10, 400])
def test_the_queue_costs_the_same_whatever_waits(desk, article, statements, count):
    flood(article, count, family=0)
    db.session.execute(update(Comment).values(family=None))
    db.session.commit()
    desk.get("/moderation")
    statements.clear()

    page = desk.get("/moderation")

    assert len(shown(page)) == min(count, 20)
    assert len(statements) <= 8, [one[:90] for one in statements]


def test_twenty_a_page_found_by_key(desk, article):
    flood(article, 45, family=0)
    db.session.execute(update(Comment).values(family=None))
    db.session.commit()
    seen, path = [], "/moderation"
    while path:
        page = desk.get(path)
        seen.append(shown(page))
        path = unescape(found[0]) if (found := re.findall(r'href="([^"]*)">再往后', page.text)) else ""

    assert [len(one) for one in seen] == [20, 20, 5]
    assert len({text for one in seen for text in one}) == 45


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["甲甲甲", "乙乙乙"]), ("q=甲", ["甲甲甲"]), ("q=%25", []), ("q=ALPHA", []), ("q=王五", ["乙乙乙"]),
        ("article=hello", ["甲甲甲", "乙乙乙"]), ("article=nowhere", []), ("block=203.0.113.77", ["乙乙乙"]),
        ("block=203.0.113.0/24", ["乙乙乙"]), ("block=nonsense", []), ("age=day", ["甲甲甲", "乙乙乙"]), ("age=older", []),
        ("age=nonsense", ["甲甲甲", "乙乙乙"]), ("which=spam", []), ("which=nonsense", ["甲甲甲", "乙乙乙"]), ("from=2", ["乙乙乙"]),
        ("from=-1", ["甲甲甲", "乙乙乙"]), ("from=99999999999999999999", ["甲甲甲", "乙乙乙"]), ("q[]=x", ["甲甲甲", "乙乙乙"]),
        ("q=%00%E2%80%AE", ["甲甲甲", "乙乙乙"]),
    ],
)  # fmt: skip
def test_the_queue_is_narrowed(desk, article, query, found):
    comment(article, "甲甲甲", held=True)
    comment(article, "乙乙乙", held=True, nickname="王五", address_block="203.0.113.0/24")

    page = desk.get(f"/moderation?{query}")

    assert page.status_code == 200 and shown(page) == found


@pytest.mark.parametrize(
    ("written", "typed"), [("ÄRGER", "ärger"), ("ärger", "ÄRGER"), ("Ärger", "Ärger"), ("МОСКВА", "москва")]
)
def test_a_word_is_found_in_either_case(desk, article, written, typed):
    """SQLite's lower() knows no letters but those of ASCII."""
    comment(article, f"Das {written} hier.", held=True)

    assert len(shown(desk.get("/moderation", query_string={"q": typed}))) == 1


def test_each_list_holds_its_own(desk, article, lin):
    made = {
        name: comment(article, f"{name}的一条。", held=name in ("待审", "未通过", "垃圾"))
        for name in ("待审", "公开", "未通过", "垃圾", "移除", "改动", "举报")
    }
    decide("remove", look_at(made["未通过"]), Sitting(lin))
    decide("spam", look_at(made["垃圾"]), Sitting(lin))
    decide("remove", look_at(made["移除"]), Sitting(lin))
    edit = {"number": 2, "body": "改动后的内容。", "body_html": "", "status": Status.PENDING}
    db.session.add(CommentVersion(comment_id=made["改动"].id, **edit))
    db.session.add(Flag(comment_id=made["举报"].id, flagger_hash="x", reason=FlagReason.ABUSE))
    db.session.commit()

    def in_list(which):
        return shown(desk.get(f"/moderation?which={which}"))

    assert in_list("waiting") == ["待审的一条。"] and in_list("edits") == ["改动后的内容。"]
    assert in_list("reported") == ["举报的一条。"] and in_list("appealed") == []
    assert in_list("published") == ["举报的一条。", "改动的一条。", "公开的一条。"]
    assert (
        in_list("rejected") == ["未通过的一条。"]
        and in_list("removed") == ["移除的一条。"]
        and in_list("spam") == ["垃圾的一条。"]
    )


def test_a_public_edit_is_decided_from_its_list(desk, article):
    reply = comment(article, "公开的内容。")
    edit = {"number": 2, "body": "改动后的内容。", "body_html": "<p>改动后的内容。</p>", "status": Status.PENDING}
    db.session.add(CommentVersion(comment_id=reply.id, **edit))
    db.session.commit()

    sent = form_of(desk.get("/moderation?which=edits"), "approve")
    answer = desk.post(f"/moderation/comments/{reply.id}", data=sent)

    assert sent["text"] == f"{reply.id}.2" and answer.location == "/moderation?which=edits"
    db.session.refresh(reply)
    assert reply.body == "改动后的内容。"


def test_reports_are_grouped_and_kept_with_one_press(desk, article):
    reply = comment(article)
    for number in range(3):
        reason = FlagReason.ABUSE if number == 0 else FlagReason.ADVERTISING
        db.session.add(
            Flag(
                comment_id=reply.id, flagger_hash=str(number), reason=reason, note="<b>坏人</b>" if number == 0 else ""
            )
        )
    db.session.commit()

    page = desk.get("/moderation?which=reported")

    assert "3 人举报：广告、骂人或骚扰" in page.text and "&lt;b&gt;坏人&lt;/b&gt;" in page.text
    desk.post(f"/moderation/comments/{reply.id}", data=form_of(page, "keep"))
    assert shown(desk.get("/moderation?which=reported")) == []
    assert states()[reply.id] is Status.PUBLISHED


def test_nobody_is_a_page_not_found(desk):
    for path in ("/moderation/comments/0", "/moderation/comments/999999", "/moderation/comments/99999999999999999999"):
        assert desk.get(path).status_code == 404
    assert desk.post("/moderation/comments/999999").status_code == 404


def test_removing_a_parent_shows_at_once(desk, client, article):
    """T48: page and count follow; the answers stay under the tombstone of what they answer."""
    parent = comment(article, "要移除的一条。", nickname="周默")
    answer_id = comment(article, "回它的一条。", parent, nickname="半夏").id
    assert "要移除的一条。" in client.get("/articles/hello").text

    press(desk, parent.id, "remove", reason="骂人")

    page = client.get("/articles/hello").text
    assert "要移除的一条。" not in page and "理由：骂人" in page and "回它的一条。" in page
    assert "( 1 )" in page and f"comment-{answer_id}" in page


def test_the_log_says_who_what_when_and_why(desk, article, lin, mei):
    one, two = comment(article, "第一条。", held=True), comment(article, "第二条。", held=True)
    decide("remove", look_at(one), Sitting(lin), "骂人或骚扰")
    approve(look_at(two), Sitting(mei))
    db.session.commit()

    page = desk.get("/moderation/log").text

    assert page.index("通过 1 条 · 梅子") < page.index("拒绝 1 条 · 林舟") and "理由：骂人或骚扰" in page
    assert "拒绝" not in main(desk.get(f"/moderation/log?person={mei.id}"))
    assert "梅子：" not in main(desk.get("/moderation/log?act=reject")) and "林舟" in main(
        desk.get("/moderation/log?act=reject")
    )
    for query in ("person=x", "act=x", "before=x", "person=0", "person=99999999999999999999", "before=-1"):
        assert desk.get(f"/moderation/log?{query}").status_code == 200


def test_the_log_is_narrowed_to_an_act_wherever_in_one_go_it_stands(desk, article, lin):
    reply, sitting = comment(article, held=True), Sitting(lin)
    ban(look_at(reply), sitting, until=None, with_network=False, reason="")
    decide("spam", look_at(reply), sitting)
    db.session.commit()

    for act in ("ban", "spam"):
        assert main(desk.get(f"/moderation/log?act={act}")).count("log__time") == 1
    assert main(desk.get("/moderation/log?act=approve")) == ""


def main(page) -> str:
    """Return the lines of the log alone."""
    return "".join(re.findall(r'<li class="log__entry">.*?</li>', page.text, re.DOTALL))


def test_the_log_is_found_by_key_and_costs_the_same(desk, article, lin, statements):
    reply = comment(article)
    rows = [
        {
            "actor_id": lin.id,
            "act": Act.KEEP,
            "comment_id": reply.id,
            "batch": f"b{n}",
            "before": {},
            "subject": "",
            "reason": str(n),
            "created_at": clock.now(),
        }
        for n in range(70)
    ]
    db.session.execute(insert(Decision), rows)
    db.session.commit()
    statements.clear()

    first = desk.get("/moderation/log")

    assert main(first).count("log__time") == 30 and len(statements) <= 6
    later = unescape(re.findall(r'href="([^"]*before=[^"]*)"', first.text)[0])
    second = desk.get(later)
    assert main(second).count("log__time") == 30 and "理由：39<" in second.text


def test_roles_that_may_not(client, article, app):
    reply = comment(article, held=True)
    for path in (
        "/moderation",
        "/moderation/log",
        "/moderation/words",
        "/moderation/bans",
        "/moderation/selected",
        f"/moderation/comments/{reply.id}",
    ):
        assert client.get(path).location == f"/login?next={path}"
    for name, role in (("读者", Role.READER), ("作者", Role.AUTHOR)):
        user(name, f"{role.value}@example.com", role)
        browser = app.test_client()
        log_in(browser, name)
        assert browser.get("/moderation").status_code == 403
        assert browser.post(f"/moderation/comments/{reply.id}", data={"act": "approve"}).status_code == 403
        assert browser.post("/moderation/undo/x").status_code == 403
    assert states()[reply.id] is Status.PENDING


def test_a_moderator_who_was_demoted_decides_nothing_more(desk, article, lin):
    reply = comment(article, held=True)
    page = desk.get("/moderation")
    db.session.execute(update(User).where(User.id == lin.id).values(role=Role.READER))
    db.session.commit()

    assert desk.post(f"/moderation/comments/{reply.id}", data=form_of(page, "approve")).status_code == 403
    assert states()[reply.id] is Status.PENDING
