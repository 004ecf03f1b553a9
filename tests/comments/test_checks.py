"""Each check of screening, by itself: what it finds, and what it leaves in peace."""

import pytest
from sqlalchemy import select

from blueprints.comments import checks
from blueprints.comments.contacts import contact_in, plain_of
from blueprints.comments.drafts import Draft
from blueprints.comments.evidence import Evidence, Rule
from blueprints.comments.links import LOOKED_THROUGH, Link, known_hosts, links_in
from blueprints.comments.models import Comment
from core.database import db
from core.markup import render_comment
from tests.builders import many_comments


def evidence(body="同意，写得很慢。", *, nickname="南山", html=None, user_id=None, **more):
    sent = {name: more.pop(name) for name in ("honeypot", "age_seconds") if name in more}
    draft = Draft(
        nickname, "nanshan@example.com", body, html or render_comment(body), None, "b", user_id=user_id, **sent
    )
    return Evidence(draft, links=links_in(draft.body_html), **more)


def points(check, *args, **more):
    finding = check(evidence(*args, **more))
    return 0 if finding is None else finding.points


@pytest.mark.parametrize(
    "body",
    [
        "同意，写得很慢。",
        "我在微信里读到的，2015 年 7 月，有 123456 人看过。",
        "QQ 空间 2008 年就有了。",
        "> 引了一段\n\n见 [这里](/articles/hello)，还有 3 楼说的。",
        "Читал в оригинале, очень хорошо. Ελληνικά too, in words of their own.",
        "x = [1, 2, 3]; print(sum(x)) # 程序也是字 {} () <> == != && ||",
        "👍🏻好！",
        "ISBN 978-7-02-000220-7，1949-10-01 12:30。",
    ],
)
def test_what_people_write_is_nothing_to_any_check(body):
    assert [check(evidence(body)) for check in checks.CHECKS] == [None] * len(checks.CHECKS)


def test_links_are_counted_and_new_hosts_short_ones_and_disguises_found():
    assert points(checks.many_links, "https://a.example " * 3) == 0
    assert points(checks.many_links, "https://a.example " * 4) >= 8
    assert points(checks.new_hosts, "见 https://a.example/1 和 https://a.example/2") == 2
    assert points(checks.new_hosts, "见 https://a.example", known_hosts=frozenset({"a.example"})) == 0
    assert points(checks.shorteners, "见 https://bit.ly/x") > 0
    assert points(checks.disguised_links, "[https://bank.example](https://evil.example)") > 0
    assert points(checks.disguised_links, "[bank.example/a](https://evil.example/a)") > 0
    assert points(checks.disguised_links, "[www.bank.example](https://bank.example/a) [看这里](https://a.example)") == 0


@pytest.mark.parametrize("host", ["bit.ly.example", "notbit.ly", "bit.ly@evil.example", "example/bit.ly"])
def test_a_host_is_only_what_it_is(host):
    """T62: no suffix, prefix, port or user name makes one host another."""
    assert points(checks.shorteners, f"见 https://{host}") == 0


def test_scripts_mixed_in_one_word_hidden_signs_and_ornaments_are_found():
    """T94."""
    assert points(checks.mixed_scripts, "buy viаgra now") > 0
    assert points(checks.hidden_signs, "加\u200b微\u200b信\u200b群") > points(checks.hidden_signs, "加\u200b微信") > 0
    assert points(checks.hidden_signs, "👩\u200d🚀 می\u200cخواهم") == 0
    assert points(checks.many_symbols, "★★★★★【限时】★★★★★") > 0


@pytest.mark.parametrize(
    "text",
    [
        "加微信 vx12345 领红包",
        "ＷｅＣｈａｔ：ａｂｃ１２３４",
        "V X 1 3 8 0 0 1 3 8 0 0 0".replace("V X", "VX"),
        "薇信号：abc_8888",
        "扣扣号１２３４５６７",
        "Q群 一二三四五六七八",
        "电报 @abc12345",
        "https://t.me/abcdef",
        "加\u200b微\u200b信：abc12345",
        "138-0013-8000",
        "一三八零零一三八零零零",
        "1️⃣3️⃣9️⃣0️⃣0️⃣1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣",
        "1̶3̶9̶0̶0̶1̶3̶8̶0̶0̶0̶",
        "微❤️信 abc12345",
        "加微信 my_name",
        "Telegram：my_name",
        "电报号是 my_name",
    ],
)
def test_ways_to_get_in_touch_are_found_in_every_disguise(text):
    assert contact_in(text) is not None


@pytest.mark.parametrize(
    "text", ["Telegram 是 open_source 的", "电报 telegraph_office 的历史", "Telegram 的 idle_timeout 是什么"]
)
def test_a_word_of_programs_beside_a_messenger_is_no_name_in_it(text):
    assert contact_in(text) is None


@pytest.mark.parametrize("run", ["  ", "\n\n", " \t", "\u3000\n", " \u200b", "\u0336 "])
def test_of_a_run_of_blanks_one_is_left_to_look_at(run):
    """S09: a pattern cannot go back over what is not there."""
    assert plain_of(f"微{run * 32_000}信") in ("微 信", "微\n信")


@pytest.mark.parametrize("pair", ["1 ", "13", "微信", "v:", "a_", "q ", "加v", "  ", "\n\n", "微 "])
def test_no_text_makes_looking_slow(pair):
    """S09: sixty-four thousand characters of any pair; a pattern that goes back and forth would not end before the suite is stopped."""
    looked_at = [check(evidence(pair * 32_000, html="<p></p>")) for check in checks.TEXT_CHECKS]

    assert len(looked_at) == len(checks.TEXT_CHECKS)


def test_the_owners_words_are_found_in_name_address_and_text():
    rule = (Rule("代开发票", "代开发票", refuses=False),)

    assert points(checks.owners_words, "代 开 发 票", rules=rule) == checks.DEMANDS
    assert points(checks.owners_words, nickname="代开\u200b发票", rules=rule) == checks.DEMANDS
    assert points(checks.owners_words, "开发票", rules=rule) == 0
    mailed = (Rule("nanshan@example", "nanshan@example", refuses=False),)
    assert points(checks.owners_words, rules=mailed) == checks.DEMANDS


def test_a_word_that_refuses_says_where_it_stands_and_never_in_an_accounts_name():
    rule = (Rule("广告", "广告", refuses=True),)

    assert checks.refused(evidence("没有", rules=rule)) is None
    assert checks.refused(evidence("有广告", rules=rule)) == ("body", "广告")
    assert checks.refused(evidence("没有", nickname="广告人", rules=rule)) == ("nickname", "广告")
    assert checks.refused(evidence("没有", nickname="广告人", user_id=1, rules=rule)) is None


def test_haste_and_rates_count_a_little_and_a_good_name_against_them():
    assert points(checks.haste, age_seconds=1.2) > 0 == points(checks.haste, age_seconds=3.5)
    assert points(checks.haste) == 0
    assert points(checks.block_rate, from_block=4) == 0 < points(checks.block_rate, from_block=5)
    assert points(checks.block_rate, from_block=10) > points(checks.block_rate, from_block=5)
    assert points(checks.block_rate, from_block=10, block_limit=100) == 0
    assert points(checks.account_rate, from_account=9) > 0 == points(checks.account_rate, from_account=8)
    assert points(checks.good_name, published=3) < 0 == points(checks.good_name, published=2)
    assert points(checks.good_name, published=30, removed=1) == 0
    assert points(checks.good_name, is_house=True) < 0


def test_hosts_are_known_from_the_newest_replies_only(article):
    """So that looking for them takes as long on a site with a million replies."""
    many_comments(article, LOOKED_THROUGH)
    old, new = db.session.scalars(
        select(Comment).where(Comment.floor.in_((1, LOOKED_THROUGH))).order_by(Comment.id)
    ).all()
    old.body_html, new.body_html = (
        '<p><a href="https://old.example/a">a</a></p>',
        '<a href="https://new.example">b</a>',
    )
    many_comments(article, 1)

    assert known_hosts(["old.example", "new.example", "w.example"], "") == {"new.example"}


def test_an_address_of_nonsense_has_no_host():
    assert links_in('<a href="https://[bad" rel="x">坏的</a>') == (Link("", "https://[bad", "坏的"),)
