"""Keys of paragraphs: what has one, that it stays, and that nobody can forge it."""

import random
import re

import pytest

from core.markup import render_article
from core.paragraphs import KEY, blocks_of, keys_of, with_keys, words_of
from tests.core.test_markup import ATTACKS, PATHOLOGICAL

TEXT = """# 开头

一本书读到一半，停下来，看一会儿窗外。

停顿也是*阅读*的一部分。

- 一张纸
- 一支笔，

  和墨水

> 慢一点。
>
> 再慢一点。

***

```
读 → 停
  → 读
```

| 书 | 页 |
|----|----|
| 旧伞 | **三十** |

写在纸上的字，
不会催人。Two lines
in English."""


def keyed(source, known=""):
    return with_keys(render_article(source), known)


def changed(source, known):
    """Return the keys before and after a revision."""
    first = keyed(known)
    return keys_of(first), keys_of(keyed(source, first))


def shuffled(source, seed):
    paragraphs = source.split("\n\n")
    random.Random(seed).shuffle(paragraphs)
    return "\n\n".join(paragraphs)


def test_paragraphs_lists_quotations_code_and_tables_can_be_pointed_at():
    blocks = [block for block in blocks_of(keyed(TEXT)) if block.key]

    assert [block.tag for block in blocks] == ["p", "p", "ul", "blockquote", "pre", "table", "p"]
    assert all(KEY.fullmatch(block.key) for block in blocks) and len({block.key for block in blocks}) == 7


def test_the_words_of_a_paragraph_are_plain_text():
    words = [words_of(block) for block in blocks_of(keyed(TEXT)) if block.key]

    assert words == [
        "一本书读到一半，停下来，看一会儿窗外。",
        "停顿也是阅读的一部分。",
        "一张纸\n一支笔，\n和墨水",
        "慢一点。\n再慢一点。",
        "读 → 停\n  → 读",
        "书 页\n旧伞 三十",
        "写在纸上的字，不会催人。Two lines in English.",
    ]


def test_signs_of_html_come_out_as_they_were_typed():
    (block,) = blocks_of(keyed('a < b && `<p id="p-aaaa">` &lt; “引”'))

    assert words_of(block) == 'a < b && <p id="p-aaaa"> < “引”'


@pytest.mark.parametrize("source", [TEXT, *ATTACKS, *PATHOLOGICAL], ids=range(1 + len(ATTACKS) + len(PATHOLOGICAL)))
def test_nothing_but_keys_is_added(source):
    html = render_article(source)

    marked = with_keys(html)

    assert "".join(map(str, blocks_of(html))) == html
    assert "".join(map(str, blocks_of(marked))) == marked
    assert re.sub(r' id="p-[a-z0-9]{8}"', "", marked) == html
    assert keys_of(marked) == [block.key for block in blocks_of(marked) if block.key]
    assert with_keys(html, marked) == marked


@pytest.mark.parametrize(
    "forged",
    [
        '<p id="p-forged00">x</p>',
        '[x](https://example.org "a\\"> <p id=\\"p-forged00\\">")',
        '`<p id="p-forged00">`',
        '[x](<https://example.org/<p id="p-forged00">>)',
        '| <p id="p-forged00"> |\n|-|\n| b |',
        '    <p id="p-forged00">',
        "&lt;p id=&quot;p-forged00&quot;&gt;",
    ],
)
def test_an_author_cannot_forge_a_key(forged):
    assert "forged00" not in keys_of(keyed(f"一段。\n\n{forged}\n\n两段。"))


def test_the_same_text_has_the_same_keys_wherever_it_is_rendered():
    assert keyed(TEXT) == keyed(TEXT)
    assert keyed(TEXT, keyed(TEXT)) == keyed(TEXT)


def test_a_changed_paragraph_keeps_its_key_and_so_do_its_neighbours():
    before, after = changed(TEXT.replace("看一会儿窗外", "看了看窗外的树"), TEXT)

    assert after == before


def test_new_paragraphs_get_new_keys_and_move_nobody_elses():
    before, after = changed(
        "最前面的一段。\n\n" + TEXT.replace("***", "中间多出来的。\n\n***") + "\n\n最后一段。", TEXT
    )

    assert [key for key in after if key in before] == before
    assert len(set(after)) == len(before) + 3


def test_a_paragraph_that_is_gone_takes_its_key_along():
    before, after = changed(TEXT.replace("停顿也是*阅读*的一部分。\n\n", ""), TEXT)

    assert after == [*before[:1], *before[2:]]
    first = keyed(TEXT)
    without = keyed(TEXT.replace("停顿也是*阅读*的一部分。\n\n", ""), first)
    replaced = keyed(TEXT.replace("停顿也是*阅读*的一部分。", "换了完全不同的一句话在这里。"), without)
    assert before[1] not in keys_of(replaced)


def test_a_moved_paragraph_keeps_its_key():
    first, *rest = TEXT.split("\n\n")[1:3]
    moved = TEXT.replace(first + "\n\n", "") + "\n\n" + first

    before, after = changed(moved, TEXT)

    assert rest and after == [*before[1:], before[0]]


def test_equal_paragraphs_have_keys_of_their_own():
    before, after = changed("……\n\n一。\n\n……\n\n……\n\n……", "……\n\n一。\n\n……\n\n……")

    assert len(set(before)) == 4 and after[:4] == before and after[4] not in before


def test_even_a_huge_changed_paragraph_keeps_its_key():
    text = "".join(chr(0x4E00 + number * 7 % 3000) for number in range(500_000))

    before, after = changed(text[:250_000] + "改" + text[250_000:], text)

    assert after == before


def test_a_split_paragraph_leaves_its_key_with_the_larger_part():
    before, after = changed(
        "停下来，看一会儿窗外，再读下一页。\n\n然后睡了。", "停下来，看一会儿窗外，再读下一页。然后睡了。"
    )

    assert after[0] == before[0] and after[1] not in before


def test_only_the_emphasis_changed_is_no_change():
    before, after = changed("**停顿**也是阅读的[一部分](https://example.org)。", "停顿也是阅读的一部分。")

    assert after == before


def test_many_revisions_never_give_the_key_of_other_words():
    """Whatever is done to an article: a key that comes back comes back with words it had before."""
    chance = random.Random(5)
    words: dict[str, set[str]] = {}
    html = keyed(TEXT)
    for turn in range(60):
        paragraphs = ["".join(chance.choices("一二三四五六七八九十", k=12)) for _ in range(6)]
        if turn % 3:
            paragraphs = [words_of(block) for block in blocks_of(html) if block.key]
            place = chance.randrange(len(paragraphs))
            paragraphs[place] = paragraphs[place][1:] + chance.choice("甲乙丙丁")
        gone = set(words) - set(keys_of(html))
        html = keyed("\n\n".join(paragraphs), html)
        for block in blocks_of(html):
            assert block.key not in gone or words_of(block) in words[block.key]
            words.setdefault(block.key, set()).add(words_of(block))


def test_text_without_words_cannot_be_pointed_at():
    assert keys_of(with_keys("<p></p>\n<p> \n</p>\n<ul>\n<li></li>\n</ul>\n<pre><code>\n</code></pre>")) == []
    assert with_keys("") == "" and blocks_of("") == []


@pytest.mark.parametrize(
    "html",
    [
        "text",
        "a</p><p>b",
        "<p>a",
        "</div>",
        "<p>a</p>b<p>c</p>",
        "<",
        "<<<p>",
        "<p id='p-aaaa'>x</p>",
        "\x00",
        "<p><div>",
    ],
)
def test_html_that_is_not_ours_is_left_as_it_is(html):
    assert "".join(map(str, blocks_of(html))) == html


@pytest.mark.parametrize(
    "html", ["<p" * 300_000, '<p "' * 200_000, "<p>" * 100_000, "</p>" * 100_000, '<a "' + '"' * 500_000]
)
def test_even_spoilt_html_is_read_in_one_go(html):
    """What goes back and forth in half a megabyte would not come to its end."""
    assert "".join(map(str, blocks_of(html))) == html


def test_a_megabyte_gets_its_keys_and_keeps_them():
    html = render_article("\n\n".join(f"第 {number} 段，" + "字" * 90 for number in range(5000)))
    revised = html.replace("第 2500 段", "改了的第 2500 段")

    first = with_keys(html)
    second = with_keys(revised, first)

    assert keys_of(first) == keys_of(second) and len(set(keys_of(first))) == 5000


def test_thousands_of_equal_paragraphs_get_keys_of_their_own():
    html = "<p>……</p>\n" * 20_000

    first = with_keys(html)
    second = with_keys(html + "<p>……</p>\n" * 20_000, first)

    assert len(set(keys_of(first))) == 20_000 and len(set(keys_of(second))) == 40_000
    assert keys_of(second)[:20_000] == keys_of(first)
