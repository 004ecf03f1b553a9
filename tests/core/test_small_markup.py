"""What stays as it was typed in a reply, and what becomes a link."""

import pytest

from core.markup import render_comment

AS_TYPED = [
    "1986. 那年",
    "2. 接着第二点",
    "3) 三",
    "---",
    "* * *",
    "- - -",
    "-",
    "1.",
    "# 标题",
    "标题<br>===",
    "    缩进四格",
    "　　全角缩进",
    "\t制表",
    "一  <br>   二",
    "| 表 | 格 |<br>|---|---|",
    "[甲][乙]",
    "[甲]: 乙",
    "![图](b.png)",
    "[字](别处)",
    "[字](/comments/3)",
    "[字](//example.org/)",
    "[字](javascript:alert)",
    "readme.md www.example.org a@example.org",
]


@pytest.mark.parametrize("html", AS_TYPED)
def test_this_stays_as_typed(html):
    assert render_comment(html.replace("<br>", "\n")) == f"<p>{html}</p>\n"


def test_a_list_begins_with_one_and_goes_on():
    assert render_comment("1. 甲\n2. 乙\n\n- 丙\n  - 丁").count("<li>") == 4


def test_words_that_are_to_be_links_are_links_but_not_in_code_and_not_in_links():
    links = {"3楼": "/comments/7", "13楼": "/comments/9"}

    html = render_comment("3楼，**13楼**，113楼，`3楼`，[3楼](https://example.org)", links)

    assert html.count('<a href="/comments/7" rel="nofollow ugc noopener">3楼</a>') == 1
    assert html.count('<strong><a href="/comments/9" rel="nofollow ugc noopener">13楼</a></strong>') == 1
    assert "113楼" in html and "<code>3楼</code>" in html


def test_a_picture_is_its_text_and_an_exclamation_mark_at_the_end_is_nothing_special():
    assert render_comment("[甲](https://example.org)!") == (
        '<p><a href="https://example.org" rel="nofollow ugc noopener">甲</a>!</p>\n'
    )
    assert "<img" not in render_comment("![甲](https://example.org/a.png)")
