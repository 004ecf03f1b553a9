"""When two texts are nearly the same."""

import json
from itertools import combinations
from pathlib import Path

import pytest

from blueprints.comments.likeness import ENOUGH, LONGEST, distance, is_like, letters_of, near, simhash, unquoted

ADVERTISEMENT = "加微信 vx12345 领取 888 元红包，今天名额有限，先到先得，过期不候，快来抢吧！"
COPIES = [
    "加微信 vx99871 领取 66 元红包，今天名额有限，先到先得，过期不候，快来抢吧！",
    "加 微 信 ｖｘ７７７７７ 领取 888 元红包★今天名额有限★先到先得★过期不候★快来抢吧",
    "【新】加微信 vx12345 领取 888 元红包，最后名额有限，先到先得，过期不候，快来抢吧！！！",
    "加\u200b微信 vx1 领取 5 元红包，周末名额有限，先到先得，过期不候，快来抢。",
]
REPLIES = Path(__file__).parent.parent.parent / "blueprints" / "site" / "demonstration"


def are_like(left, right):
    one, other = letters_of(left), letters_of(right)
    return bool(near(hashed(one), [(1, hashed(other))])) and is_like(one, other)


def hashed(letters):
    found = simhash(letters)
    assert found is not None
    return found


@pytest.mark.parametrize("copy", COPIES)
def test_what_is_changed_from_copy_to_copy_makes_no_other_text(copy):
    assert are_like(ADVERTISEMENT, copy)


def test_the_path_of_a_link_makes_no_other_text():
    one, other = (f"Cheap watches shipped worldwide today at https://shop.example/{path}" for path in ("a8x", "zz9/q"))

    assert are_like(one, other)


def test_replies_people_wrote_are_never_alike():
    """No pair of the demonstration's replies is, whole or by the sentence."""
    bodies = [one["body"] for file in REPLIES.glob("*.replies.json") for one in json.loads(file.read_text("utf-8"))]
    texts = [text for text in {*bodies, *"。".join(bodies).split("。")} if len(letters_of(text)) >= ENOUGH]

    assert len(texts) > 80
    apart = [(one, other) for one, other in combinations(texts, 2) if one not in other and other not in one]
    assert [pair for pair in apart if are_like(*pair)] == []


def test_short_texts_are_the_same_or_not():
    assert are_like("谢谢分享！", "谢谢 分享") and not are_like("谢谢分享", "谢谢大家分享")
    assert not are_like("第 1 条", "第 2 条")


def test_of_the_longest_text_both_ends_are_compared_and_blanks_push_nothing_out():
    body = "".join(chr(0x4E00 + number) for number in range(20_000))

    assert letters_of(body) == body[: LONGEST // 2] + body[-LONGEST // 2 :]
    assert letters_of("\n" * 9000 + ADVERTISEMENT + "\n" * 9000) == letters_of(ADVERTISEMENT)
    middle = f"> {body[9000:9100]}\n我也是。"
    assert unquoted(middle, body) == "我也是。"


def test_a_text_without_letters_has_nothing_to_compare():
    assert simhash(letters_of("！！！ 😀")) is None


def test_a_simhash_fits_the_database_and_is_the_same_every_time():
    assert simhash(letters_of(ADVERTISEMENT)) == simhash(letters_of(ADVERTISEMENT))
    assert all(-(2**63) <= hashed(letters_of(text)) < 2**63 for text in COPIES)
    assert distance(-1, 0) == 64 and distance(5, 5) == 0


def test_the_words_that_are_answered_are_not_the_answer():
    article = "慢慢读的人，看见自己在哪里跳过去了。\n\n第二段。"
    quoting = "> 慢慢读的人，看见自己在哪里跳过去了。\n\n我也是。"

    assert unquoted(quoting, article).strip() == "我也是。"
    assert unquoted("> 没有人写过这句\n\n好", article) == "> 没有人写过这句\n\n好"
    assert unquoted("> 第二段。", article) == "> 第二段。"
    assert unquoted("> 没有人写过这句\n\n好").strip() == "好"
