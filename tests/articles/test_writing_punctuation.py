"""整理标点: what is found, what is left alone, and that each change is chosen."""

import pytest

from blueprints.articles.punctuation import FOUND_MAX, applied, find_changes
from tests.states_of_writing import author, draft, press, write


def tidied(text: str) -> str:
    changes = find_changes(text)
    return applied(text, changes, range(len(changes)))


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("他说,今天不来了.明天呢?好!", "他说，今天不来了。明天呢？好！"),
        ("如下:第一;第二", "如下：第一；第二"),
        ("看, 好", "看，好"),
        ('她说:"走吧",就走了', "她说：“走吧”，就走了"),
        ("他说'你好'啊", "他说‘你好’啊"),
        ("”反了“的引号", "“反了”的引号"),
        ("“你好“。", "“你好”。"),
        ("等等...然后", "等等……然后"),
        ("等等。。。", "等等……"),
        ("等…吧", "等……吧"),
        ("好--走", "好——走"),
        ("好 — 走", "好——走"),
        ("看<<红楼梦>>去", "看《红楼梦》去"),
        ("(注意)别动", "（注意）别动"),
        ("他 ，走", "他，走"),
        ("２０２６年ＡＢＣ", "2026年ABC"),
        ("真的吗？？？？？？", "真的吗？？？"),
        ("好，，走", "好，走"),
        ("- 列表,项", "- 列表，项"),
        ("外面,的 `里,面` 还是,外面", "外面，的 `里,面` 还是，外面"),
        ("[字,字](http://a.b/c,d) 在这里,对", "[字，字](http://a.b/c,d) 在这里，对"),
    ],
)
def test_punctuation_beside_chinese_is_set_right(typed, right):
    assert tidied(typed) == right
    assert find_changes(right) == []


@pytest.mark.parametrize(
    "text",
    [
        'Hello, world. It\'s fine, really: yes! "Quoted," he said (twice)...',
        "“甲”和“乙”，“一‘二’三”，《书》——好……",
        "1,000 个，3:20 到，第 3.5 节",
        "```\n代码,里,的...\n```",
        "~~~python\nprint('字',\"字\")\n~~~",
        "    缩进,的,代码",
        "`一,行` 和 ``两`,个``",
        "见 https://example.org/路,径?a=字,字 吧",
        "<https://example.org/字,字>",
        "[名][字,字]\n\n[字,字]: https://example.org/字,字",
        "写信到 a,b@example.org",
        "函数f(x)是",
        "| 甲 | 乙 |\n|----|----|",
        "---",
        "张三 李四",
        "注[^字,字]",
    ],
)
def test_code_addresses_english_and_what_is_right_are_left_alone(text):
    assert find_changes(text) == []


def test_each_change_shows_what_is_around_it():
    (change,) = find_changes("前面的话，他说,后面的话")

    assert (change.lead, change.before, change.after, change.rest) == ("前面的话，他说", ",", "，", "后面的话")


@pytest.mark.parametrize("again", ["中,", "(", '"', "`", "``a`", "...", "。", "“", "<a", "[a](", "](", "a@", "a.", " ", "中 ", "—", "~~~\n", "[^"])  # fmt: skip
def test_a_long_odd_text_is_gone_through_and_no_more_than_five_hundred_are_found(again):
    assert len(find_changes(again * (100_000 // len(again)))) <= FOUND_MAX


def test_only_what_was_chosen_is_changed_and_one_step_leads_back(client):
    author(client)
    path = draft(client, body="他说,今天不来了.明天,呢")
    page = client.get(f"{path}/punctuation").text
    assert "共 3 处" in page and page.count('type="checkbox"') == 3 == page.count(" checked")

    answer = press(client, f"{path}/punctuation", change=["0", "2"])

    editor = client.get(answer.location).text
    assert "他说，今天不来了.明天，呢</textarea>" in editor and "改了 2 处。" in editor
    back = editor.partition('<p class="note">')[2].partition('href="')[2].partition('"')[0]
    press(client, back)
    assert "他说,今天不来了.明天,呢</textarea>" in client.get(path).text


def test_a_text_saved_meanwhile_is_not_changed_unseen(client):
    author(client)
    path = draft(client, body="他说,好")
    page = client.get(f"{path}/punctuation")
    stale = {name: page.text.split(f'name="{name}" value="')[-1].partition('"')[0] for name in ("csrf_token", "mark")}
    write(client, path, body="他又说,好")

    answer = client.post(f"{path}/punctuation", data=stale | {"change": "0"})

    assert answer.status_code == 409 and "他又说,好" in client.get(path).text


@pytest.mark.parametrize("change", ["", "x", "99999", "-1", "٣"])
def test_choosing_nothing_there_is_changes_nothing(client, change):
    author(client)
    path = draft(client, body="他说,好")

    press(client, f"{path}/punctuation", change=change)

    assert "他说,好" in client.get(path).text
