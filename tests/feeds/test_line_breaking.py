"""Where the lines of a title end."""

import pytest

from blueprints.feeds.line_breaking import NEVER_FIRST, NEVER_LAST, lines_of

TITLES = [
    "从社交做电商，易！从电商做社交，难！",
    "“写给编辑的信”：关于《纸上》的三个问题（以及一些没有答案的话）……",
    "为什么——在手机上——读不完一本书？",
    "How to read slowly on paper, and why it matters",
    "用 Python 3.13 写一个（很小的）网站：从 SQLite 到 PostgreSQL",
    "他说：“慢一点。”她说：“好。”",
]


def width(text):
    return sum(1.0 if character > "\u2000" else 0.5 for character in text)


@pytest.mark.parametrize("room", [6, 8, 11, 15])
@pytest.mark.parametrize("title", TITLES)
def test_no_line_begins_or_ends_with_what_may_not_stand_there(title, room):
    lines = lines_of(title, width, room)

    assert "".join(lines).replace(" ", "") == title.replace(" ", "")
    assert not [line for line in lines[1:] if line[0] in NEVER_FIRST]
    assert not [line for line in lines[:-1] if line[-1] in NEVER_LAST]
    assert all(width(line) <= room + 2 for line in lines), lines


def test_a_word_is_not_cut():
    assert lines_of("How to read slowly on paper", width, 7) == ["How to read", "slowly on", "paper"]


def test_a_word_longer_than_a_line_is_cut():
    assert "".join(lines_of("x" * 100, width, 10)) == "x" * 100
    assert max(width(line) for line in lines_of("x" * 100, width, 10)) <= 10


def test_lines_are_about_equally_long():
    assert lines_of("一二三四五六七八九十甲", width, 10) == ["一二三四五六", "七八九十甲"]


def test_nothing_is_one_empty_line():
    assert lines_of("", width, 10) == [""]
