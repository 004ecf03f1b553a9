"""What long texts have beside plain Markdown: headings with addresses, notes, figures, readings, sources, tables, contents."""

import re

import pytest

from core.contents import contents_of
from core.markup import first_unsupported, render_article, render_comment
from core.note_markup import WAYS_BACK_MAX, NoteWords
from core.paragraphs import blocks_of, with_keys, words_of
from core.picture_markup import Sizes, picture_path, pictures_in
from core.text import reading_minutes

NAME, OTHER = "0123456789abcdef" * 2, "f" * 32
OURS, UNKNOWN = f"/pictures/{NAME}-960.webp", f"/pictures/{OTHER}-960.webp"
PICTURES = {NAME: Sizes(1440, 900, [480, 960, 1440])}


def ids(html):
    return re.findall(r' id="([^"]+)"', html)


def test_a_heading_has_an_address_made_of_its_words():
    html = render_article("# 停顿 与*呼吸*\n\n## Slow, reading: `x`\n\n### 停顿 与呼吸\n\n## ？！\n\n# " + "长" * 100)

    assert ids(html) == ["h-停顿-与呼吸", "h-slow-reading-x", "h-停顿-与呼吸-2", "h-x", "h-" + "长" * 40]


def test_addresses_of_headings_stay_apart_whatever_they_are_called():
    html = render_article("# a\n\n# a 2\n\n# a\n\n# a\n\n# a 2")

    assert len(set(ids(html))) == 5


def test_a_note_is_linked_there_and_back():
    html = render_article("一[^甲]二[^b]三[^甲]。\n\n[^b]: 乙注\n\n[^甲]: 甲注\n\n    第二段")

    marks = re.findall(r'<sup><a href="#(note-\d)" id="([^"]+)"[^>]*>(\d)</a></sup>', html)
    back = re.findall(r'<a href="#([^"]+)" role="doc-backlink"', html)
    assert marks == [("note-1", "note-1-mark", "1"), ("note-2", "note-2-mark", "2"), ("note-1", "note-1-mark-2", "1")]
    assert back == ["note-1-mark", "note-1-mark-2", "note-2-mark"]
    assert re.findall(r'<li id="(note-\d)"><p>(..)', html) == [("note-1", "甲注"), ("note-2", "乙注")]
    assert html.rstrip().endswith("</section>") and html.count("<section") == 1


def test_notes_are_named_in_the_language_of_the_text():
    html = render_article("a[^1]\n\n[^1]: b", note_words=NoteWords("Notes", "Note {}", "Back to note {}"))

    assert re.findall(r'aria-label="([^"]+)"', html) == ["Note 1", "Notes", "Back to note 1"]


def test_what_is_no_note_stays_text():
    assert render_article("一[^无]") == "<p>一[^无]</p>\n"
    assert "<section" not in render_article("一\n\n[^没人提到]: 注")
    assert render_article("`[^a]`\n\n[^a]: b") == "<p><code>[^a]</code></p>\n"


def test_a_note_leads_back_to_no_more_places_than_anybody_follows():
    html = render_article("[^a]" * 100 + "\n\n[^a]: b")

    assert html.count("doc-noteref") == 100 and html.count("doc-backlink") == html.count("-mark") // 2 == WAYS_BACK_MAX


def test_a_picture_alone_is_a_figure_with_its_title_below():
    html = render_article(f'![窗外](/pictures/{NAME}-480.webp "图一，<窗>")', PICTURES)

    assert html.startswith(f'<figure><img src="/pictures/{NAME}-1440.webp" srcset="')
    assert f"{picture_path(NAME, 480)} 480w, {picture_path(NAME, 960)} 960w, {picture_path(NAME, 1440)} 1440w" in html
    assert 'width="1440" height="900" alt="窗外" decoding="async"' in html
    assert html.rstrip().endswith("<figcaption>图一，&lt;窗&gt;</figcaption></figure>")


def test_only_pictures_below_the_first_wait_until_they_are_near():
    html = render_article(f"![一]({OURS})\n![二]({OURS})\n\n文字 ![三]({OURS}) 文字", PICTURES)

    assert [" loading=" in picture for picture in re.findall("<img[^>]+>", html)] == [False, True, True]
    assert html.count("<figure>") == 2 and html.count("<p>") == 1


def test_a_picture_of_one_width_needs_no_choice():
    assert "srcset" not in render_article(f"![一]({OURS})", {NAME: Sizes(300, 200, [300])})


@pytest.mark.parametrize(
    "address",
    [
        UNKNOWN,
        "https://foreign.example/a.png",
        f"//foreign.example{OURS}",
        f"https://foreign.example{OURS}",
        f"{OURS}?a=1",
        f"{OURS}#a",
        "/pictures/../site.db",
        f"/pictures/{NAME}-960.svg",
        "data:image/png;base64,iVBORw0KGgo=",
        "",
    ],
)
def test_what_is_no_picture_of_ours_is_its_words(address):
    assert render_article(f"前![*窗* 外]({address} 'x')", PICTURES) == "<p>前窗 外</p>\n"


def test_a_picture_in_a_reply_stays_text():
    assert "<img" not in render_comment(f"![x]({OURS})")


def test_the_first_foreign_picture_is_told_with_its_line():
    found = first_unsupported(f"一\n\n![x]({OURS})\n\n> 二\n> ![y](https://foreign.example/y.png)\n\n![z](/z.png)")

    assert found == (5, "a picture that is not one of this site's")
    assert first_unsupported(f"[^a] ![x]({OURS}) `![y](/y.png)`\n\n[^a]: b") is None


def test_the_pictures_of_a_text_are_found_with_their_words():
    source = f"![]({OURS})\n\n- ![窗 *外*][a]\n\n[a]: /else.png"

    assert [tuple(picture) for picture in pictures_in(source)] == [(1, "", NAME), (3, "窗 外", "")]


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        (
            "{汉字|hàn zì}",
            "<ruby>汉<rp>（</rp><rt>hàn</rt><rp>）</rp>字<rp>（</rp><rt>zì</rt><rp>）</rp></ruby>",
        ),
        ("{重庆|Chóngqìng}", "<ruby>重庆<rp>（</rp><rt>Chóngqìng</rt><rp>）</rp></ruby>"),
        ("**{行|xíng}**", "<strong><ruby>行<rp>（</rp><rt>xíng</rt><rp>）</rp></ruby></strong>"),
        (r"\{汉|hàn}", "{汉|hàn}"),
        ("{a|b}", "{a|b}"),
        ("{汉| }", "{汉| }"),
        ("{汉|hàn", "{汉|hàn"),
        ("{|hàn}", "{|hàn}"),
        ("`{汉|hàn}`", "<code>{汉|hàn}</code>"),
    ],
)
def test_a_reading_stands_over_each_character_or_over_them_all(typed, printed):
    assert render_article(typed) == f"<p>{printed}</p>\n"


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("> 慢\n> ——《书》", "<p>慢</p>\n<footer>——<cite>《书》</cite></footer>\n"),
        ("> 慢\n>\n> —— [书](/b)", '<p>慢</p>\n<footer>—— <cite><a href="/b" rel="noopener">书</a></cite></footer>\n'),
        ("> slow\n> — *Mei*", "<p>slow</p>\n<footer>— <cite><em>Mei</em></cite></footer>\n"),
        ("> —— 独白", "<p>—— 独白</p>\n"),
        ("> 慢\n> ——", "<p>慢\n——</p>\n"),
        ("> 慢\n> - 书", "<p>慢</p>\n<ul>\n<li>书</li>\n</ul>\n"),
        ("> *慢\n> —— 书*", "<p><em>慢\n—— 书</em></p>\n"),
    ],
)
def test_a_quotation_ends_with_its_source(typed, printed):
    assert render_article(typed) == f"<blockquote>\n{printed}</blockquote>\n"


def test_a_table_says_what_its_cells_belong_to_and_holds_no_style():
    html = render_article("|a|b|c|\n|:-|:-:|-:|\n|1|2|3|")

    assert re.findall(r'<th scope="col" align="(\w+)">', html) == ["left", "center", "right"]
    assert re.findall(r'<td align="(\w+)">', html) == ["left", "center", "right"] and "style" not in html


def test_code_says_its_language_and_nothing_else():
    assert '<code class="language-c++">' in render_article("```c++ onclick=x\na\n```")
    assert '<code class="' not in render_article('```a"b\na\n```') + render_article("``` " + "a" * 60 + "\na\n```")


def test_figures_and_notes_get_along_with_keys_of_paragraphs():
    source = f'一[^a]。\n\n![窗外]({OURS} "图一")\n\n![]({OURS})\n\n## 二\n\n[^a]: 注'
    blocks = blocks_of(with_keys(render_article(source, PICTURES)))

    assert [(block.tag, bool(block.key)) for block in blocks] == [
        ("p", True),
        ("figure", True),
        ("figure", False),
        ("h2", False),
        ("section", False),
    ]
    assert words_of(blocks[0]) == "一。" and words_of(blocks[1]) == "窗外\n图一"


def test_a_paragraph_keeps_its_key_when_a_note_or_a_picture_comes_before_it():
    before = with_keys(render_article("一二三[^a]\n\n四五六\n\n[^a]: 注"))

    after = with_keys(
        render_article(f"![窗]({OURS})\n\n零[^b]一二三[^a]\n\n四五六\n\n[^a]: 注\n\n[^b]: 注", PICTURES), before
    )

    keys = {words_of(block): block.key for block in blocks_of(before)}
    kept = {words_of(block): block.key for block in blocks_of(after)}
    assert kept["零一二三"] == keys["一二三"] and kept["四五六"] == keys["四五六"]


def test_a_table_of_contents_has_the_words_of_three_headings_or_more():
    html = render_article("# 一[^a] & {二|èr}\n\n## b\n\n### c\n\n# \n\n[^a]: 注")

    assert [tuple(heading) for heading in contents_of(html)] == [
        (2, "h-一-二", "一 & 二"),
        (2, "h-b", "b"),
        (3, "h-c", "c"),
    ]
    assert contents_of(render_article("# 一\n\n# 二")) == []


def test_reading_takes_longer_by_code_and_pictures_and_not_by_their_addresses():
    text = "字" * 800

    assert reading_minutes(text) == 2
    assert reading_minutes(text + "\n\n```py\n" + "a b c d e\n" * 40 + "```\n") == 4
    assert reading_minutes(text + f"\n\n![窗]({OURS})" * 6) == 3
    assert reading_minutes(text + "\n\n[a](https://a.example/b/c/d/e/f) https://a.example/b-c-d-e-f-g-h" * 20) == 2
    assert reading_minutes("") == 1
