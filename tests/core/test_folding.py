"""Folding long texts."""

from core.folding import folded
from core.markup import render_comment


def paragraphs(*sizes):
    return "\n\n".join("字" * size for size in sizes)


def test_a_text_is_cut_at_the_end_of_a_paragraph_after_600_characters():
    parts = folded(render_comment(paragraphs(250, 250, 250, 250, 250)))

    assert (parts.head.count("<p>"), parts.tail.count("<p>")) == (3, 2)
    assert (parts.paragraphs, parts.characters) == (2, 500)


def test_nothing_is_folded_when_little_remains_or_there_is_one_paragraph():
    for sizes in [(600, 300), (599,), (5000,), (2000, 300)]:
        html = render_comment(paragraphs(*sizes))
        parts = folded(html)
        assert (parts.head, parts.tail, parts.paragraphs) == (html, "", 0)
    assert folded(render_comment(paragraphs(600, 301))).characters == 301


def test_lists_quotes_and_code_are_not_cut_through():
    items = "\n".join(f"- {'字' * 200}" for _ in range(6))
    parts = folded(render_comment(f"{items}\n\n{paragraphs(400)}"))

    assert parts.head.count("<li>") == 6 and parts.tail.count("<p>") == 1


def test_characters_are_counted_as_a_reader_sees_them():
    assert folded(render_comment(f"{'&' * 700}\n\n{'👨‍👩‍👧' * 400}")).characters == 400


def test_nobody_types_the_mark_of_a_fold():
    html = render_comment("<!--fold 3 900-->\n\n" + paragraphs(10))

    assert folded(html).paragraphs == 0
