"""The owner's words and the people who are paused, as pages; and what everyone may read of removals."""

import re

import pytest
from sqlalchemy import select

from blueprints.comments.bans import ban
from blueprints.comments.forgetting import forget_guest
from blueprints.comments.models import Comment, Status
from blueprints.comments.screening_models import Ban, WordRule
from blueprints.moderation.decisions import Sitting, approve, ban as pause, decide, look_at
from blueprints.moderation.models import Act, Decision
from blueprints.moderation.rules import add_words, drop_words
from blueprints.moderation.undoing import undo
from core.database import db
from core.errors import NotFound
from tests.builders import comment, hidden


def words_form(browser, **more):
    page = browser.get("/moderation/words").text
    found = re.search(
        r'action="/moderation/words" novalidate>\s*<input type="hidden" name="csrf_token" value="([^"]*)"', page
    )
    assert found
    return {"csrf_token": found[1]} | more


def drop_token(page, rule_id):
    return re.findall(rf'/words/{rule_id}/drop"><input type="hidden" name="csrf_token" value="([^"]*)"', page.text)[0]


def acts():
    return list(db.session.scalars(select(Decision.act).order_by(Decision.id)))


def test_a_word_is_tried_and_nothing_is_kept(desk, article):
    comment(article, "想减肥加 微 信 shou-666。", nickname="老秦")
    comment(article, "写得好。")

    page = desk.post("/moderation/words", data=words_form(desk, words="加微信", act="try"))

    assert page.status_code == 200 and "近 500 条里会碰到 1 条。" in page.text
    assert "老秦" in page.text and 'value="加微信"' in page.text
    assert db.session.scalars(select(WordRule)).all() == [] and acts() == []


def test_a_word_is_added_dropped_and_put_back(desk, lin):
    desk.post("/moderation/words", data=words_form(desk, words="代开发票", refuses="y", act="add"))
    rule = db.session.scalars(select(WordRule)).one()
    rule_id = rule.id
    assert (rule.words, rule.refuses, rule.made_by_id) == ("代开发票", True, lin.id)
    page = desk.get("/moderation/words")
    assert "拒收" in page.text and "已添加词语：代开发票" in page.text

    drop = {"csrf_token": drop_token(page, rule_id), "words": hidden(page, "words")}
    assert desk.post(f"/moderation/words/{rule_id}/drop", data=drop).status_code == 303
    assert db.session.scalars(select(WordRule)).all() == []
    assert acts() == [Act.ADD_WORDS, Act.DROP_WORDS]
    assert desk.post(f"/moderation/words/{rule_id}/drop", data=drop).status_code == 404


@pytest.mark.parametrize("words", ["", "  ", "长" * 101, "\u200b", "x" * 5000])
@pytest.mark.parametrize("act", ["try", "add"])
def test_words_that_are_none_come_back(desk, words, act):
    page = desk.post("/moderation/words", data=words_form(desk, words=words, act=act))

    assert page.status_code == 422 and db.session.scalars(select(WordRule)).all() == []


def test_a_word_comes_back_when_the_session_ended_meanwhile(client):
    page = client.post("/moderation/words", data={"words": "想好的词语", "act": "add"})

    assert page.status_code == 403
    assert "想好的词语" in page.text


def test_the_same_word_twice_is_refused(desk):
    desk.post("/moderation/words", data=words_form(desk, words="加微信", act="add"))

    assert desk.post("/moderation/words", data=words_form(desk, words="加 微信", act="add")).status_code == 422
    assert desk.post("/moderation/words", data={"words": "x", "act": "add"}).status_code == 422


def test_undoing_an_added_word_takes_no_other_away(desk, lin):
    added = add_words("甲词", Sitting(lin), refuses=True)
    drop_words(db.session.scalars(select(WordRule)).one(), Sitting(lin))
    add_words("乙词", Sitting(lin), refuses=True)
    db.session.commit()
    token = hidden(desk.get("/moderation/log"), "csrf_token")

    page = desk.post(f"/moderation/undo/{added.batch}", data={"csrf_token": token})

    assert page.status_code == 404 and "也许已经去掉了" in page.text
    assert [rule.words for rule in db.session.scalars(select(WordRule))] == ["乙词"]


def test_the_id_of_a_dropped_word_is_never_anothers(app, lin):
    first = add_words("甲词", Sitting(lin), refuses=True)
    drop_words(db.session.scalars(select(WordRule)).one(), Sitting(lin))

    assert add_words("乙词", Sitting(lin), refuses=True).before["rule"] > first.before["rule"]


def test_a_word_that_was_put_back_is_the_same_and_its_adding_is_undone(app, lin):
    added = add_words("加微信", Sitting(lin), refuses=True)
    first = db.session.scalars(select(WordRule.id)).one()
    dropped = drop_words(db.session.scalars(select(WordRule)).one(), Sitting(lin))
    undo(dropped.batch, Sitting(lin))
    assert db.session.execute(select(WordRule.id, WordRule.words, WordRule.refuses)).all() == [(first, "加微信", True)]

    undo(added.batch, Sitting(lin))

    assert db.session.scalars(select(WordRule)).all() == []


def test_a_page_that_names_other_words_drops_nothing(desk, lin):
    added = add_words("乙词", Sitting(lin), refuses=True)
    db.session.commit()
    rule_id = added.before["rule"]
    token = drop_token(desk.get("/moderation/words"), rule_id)

    for words in ({"words": "甲词"}, {}):
        page = desk.post(f"/moderation/words/{rule_id}/drop", data={"csrf_token": token} | words)
        assert page.status_code == 404 and "也许已经去掉了" in page.text

    assert [rule.words for rule in db.session.scalars(select(WordRule))] == ["乙词"]


def test_a_word_that_was_added_again_meanwhile_is_not_put_back(desk, lin):
    add_words("甲词", Sitting(lin), refuses=True)
    dropped = drop_words(db.session.scalars(select(WordRule)).one(), Sitting(lin))
    add_words("甲 词", Sitting(lin), refuses=False)
    db.session.commit()
    token = hidden(desk.get("/moderation/log"), "csrf_token")

    page = desk.post(f"/moderation/undo/{dropped.batch}", data={"csrf_token": token})

    assert page.status_code == 409 and "已经有这一条了" in page.text
    assert [rule.words for rule in db.session.scalars(select(WordRule))] == ["甲 词"]
    assert db.session.get_one(Decision, dropped.id).undone_at is None


def test_a_paused_person_is_listed_and_let_in_again(desk, article, lin):
    made = ban(comment(article, nickname="老秦"), until=None, reason="每篇都贴", with_network=True, by=lin)
    db.session.commit()
    page = desk.get("/moderation/bans")
    assert "老秦" in page.text and "每篇都贴" in page.text and "连同网络 198.51.100.0/24" in page.text
    token = re.findall(rf'/bans/{made.id}/lift"><input type="hidden" name="csrf_token" value="([^"]*)"', page.text)[0]

    answer = desk.post(f"/moderation/bans/{made.id}/lift", data={"csrf_token": token})

    assert answer.status_code == 303 and db.session.scalars(select(Ban.lifted_at)).one() is not None
    assert "已解除暂停：老秦" in desk.get("/moderation/bans").text
    assert desk.post(f"/moderation/bans/{made.id}/lift", data={"csrf_token": token}).status_code == 409
    assert desk.post("/moderation/bans/999999/lift", data={"csrf_token": token}).status_code == 404
    assert desk.post(f"/moderation/bans/{made.id}/lift").status_code == 422


def test_the_id_of_a_pause_that_was_forgotten_is_never_anothers(desk, article, lin):
    first = comment(article, "第一个人写的。", nickname="甲", email="jia@example.com")
    old = pause(look_at(first), Sitting(lin), until=None, with_network=False, reason="广告")
    db.session.commit()
    page = desk.get("/moderation/bans").text
    lift = re.findall(
        r'action="(/moderation/bans/\d+/lift)"><input type="hidden" name="csrf_token" value="([^"]*)"', page
    )
    forget_guest("jia@example.com", texts_too=False)
    second = comment(article, "第二个人写的。", nickname="乙", email="yi@example.com")
    pause(look_at(second), Sitting(lin), until=None, with_network=False, reason="广告")
    db.session.commit()

    assert desk.post(lift[0][0], data={"csrf_token": lift[0][1]}).status_code == 404
    with pytest.raises(NotFound):
        undo(old.batch, Sitting(lin))
    assert db.session.execute(select(Ban.nickname, Ban.lifted_at)).all() == [("乙", None)]


def test_removals_are_nobodys_business_by_default(client):
    assert client.get("/removals").status_code == 404


def test_removals_say_floor_and_reason_and_neither_text_nor_name(client, article, lin, choose):
    choose(removals_public=True)
    gone, back = comment(article, "一句骂人的话。", nickname="老秦"), comment(article, "另一条。", nickname="周默")
    decide("remove", look_at(gone), Sitting(lin), "骂人或骚扰")
    undone = decide("spam", look_at(back), Sitting(lin))
    undo(undone.batch, Sitting(lin))
    decide("remove", look_at(comment(article, "没公开过。", held=True)), Sitting(lin), "不公开的理由")
    db.session.commit()

    page = client.get("/removals")

    assert page.status_code == 200 and "骂人或骚扰" in page.text and f"/comments/{gone.id}" in page.text
    for words in ("一句骂人的话", "老秦", "周默", "另一条", "没公开过", "不公开的理由", "林舟", "nanshan@"):
        assert words not in page.text, words
    approve(look_at(db.session.get_one(Comment, gone.id)), Sitting(lin))
    db.session.commit()
    assert "没有移除过回复。" in client.get("/removals").text
    assert client.get("/removals?before=x").status_code == 200


def test_a_removal_that_stands_is_told_though_a_later_one_was_undone(client, article, lin, choose):
    choose(removals_public=True)
    reply = comment(article)
    decide("remove", look_at(reply), Sitting(lin), "离题")
    restored = approve(look_at(reply), Sitting(lin))
    undo(decide("spam", look_at(reply), Sitting(lin)).batch, Sitting(lin))
    undo(restored.batch, Sitting(lin))
    db.session.commit()

    assert reply.status is Status.REJECTED
    page = client.get("/removals").text
    assert "离题" in page and page.count("log__time") == 1


def test_removals_name_no_article_that_was_not_published(client, article, lin, choose):
    choose(removals_public=True)
    decide("remove", look_at(comment(article)), Sitting(lin), "骂人或骚扰")
    article.published_at = None
    db.session.commit()

    page = client.get("/removals").text

    assert "没有移除过回复。" in page and article.title not in page


def test_removals_are_found_by_key(client, article, lin, choose):
    choose(removals_public=True)
    sitting = Sitting(lin)
    for number in range(51):
        decide(
            "remove",
            look_at(comment(article, f"第{number}条。", address_block=f"10.0.{number}.0/24")),
            sitting,
            f"理由{number}。",
        )
    db.session.commit()

    first = client.get("/removals").text
    later = re.findall(r'href="(/removals\?before=\d+)"', first)[0]

    assert first.count("log__time") == 50 and "理由0。" not in first
    assert client.get(later).text.count("log__time") == 1 and "理由0。" in client.get(later).text
    assert {Status.REJECTED} == set(db.session.scalars(select(Comment.status)))


def test_a_form_of_the_log_has_the_token_of_undoing(desk, article, lin):
    decision = decide("remove", look_at(comment(article)), Sitting(lin))
    db.session.commit()
    token = hidden(desk.get("/moderation/log"), "csrf_token")

    assert desk.post(f"/moderation/undo/{decision.batch}").status_code == 422
    assert (
        desk.post(f"/moderation/undo/{decision.batch}", data={"csrf_token": token, "back": "log"}).location
        == "/moderation/log"
    )
    assert desk.post(f"/moderation/undo/{decision.batch}", data={"csrf_token": token, "back": "log"}).status_code == 409
    assert desk.post(f"/moderation/undo/{'x' * 32}", data={"csrf_token": token}).status_code == 404
