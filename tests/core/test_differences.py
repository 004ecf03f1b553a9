"""What the comparison of two texts shows, and that its work is bounded."""

import random

import pytest

from core.differences import aligned, differences

BEFORE = "一个小和尚问方丈：“师父，我念经的时候可以吸烟吗？”\n\n现实中这绝不仅仅是个一笑而过的段子。\n\n不过用户会买账吗？\n\n完"
AFTER = "一个老和尚问方丈：“师父，我念经的时候能吸烟吗？”\n\n新来的一段。\n\n现实中这绝不仅仅是个一笑而过的段子。\n\n完"

HAN = [chr(0x4E00 + number) for number in range(3000)]
CHANCE = random.Random(7)


def some(count, alphabet):
    return "".join(CHANCE.choice(alphabet) for _ in range(count))


NUMBERS = [str(number) for number in range(12_000)]
PARAGRAPHS = [some(60, HAN) for _ in range(1000)]
TANGLED = {
    "two letters in turn": ("ab" * 32_768, "ba" * 32_768),
    "two letters by chance": (some(65_536, "ab"), some(65_536, "ab")),
    "two letters in lines": ("\n\n".join(some(21_845, "ab")), "\n\n".join(some(21_845, "ab"))),
    "characters by chance": (some(65_536, HAN), some(65_536, HAN)),
    "characters backwards": ("".join(HAN) * 8, "".join(reversed(HAN)) * 8),
    "words shuffled": (" ".join(NUMBERS), " ".join(CHANCE.sample(NUMBERS, len(NUMBERS)))),
    "lines shuffled": ("\n\n".join(NUMBERS), "\n\n".join(CHANCE.sample(NUMBERS, len(NUMBERS)))),
    "words between words": (" ".join(NUMBERS), " ".join(word for one in NUMBERS for word in (one, "q"))),
    "every paragraph changed": ("\n\n".join(PARAGRAPHS), "\n\n".join(one[:20] + "改" + one[21:] for one in PARAGRAPHS)),
    "newlines": ("\n" * 65_536, "\n" * 65_530 + "a"),
    "marks": ("a" + "\u0301" * 65_535, "a" + "\u0301" * 65_530),
    "nothing and everything": ("", some(65_536, HAN)),
}
LARGE = {
    "one letter in a megabyte": ("字" * 1_000_000, "字" * 500_000 + "子" + "字" * 499_999),
    "lines of one letter": ("\n\n".join("ab" * 60_000), "\n\n".join("ba" * 60_000)),
    "everything else": (some(1_000_000, HAN), some(1_000_000, HAN)),
}


def side(lines, text, left_out):
    """Return a text put together from the comparison; what is folded is taken from the text itself."""
    paragraphs, told = text.split("\n\n"), list[str]()
    for line in lines:
        if line.kind == "folded":
            told += paragraphs[len(told) : len(told) + line.paragraphs]
        elif line.kind != left_out:
            told.append("".join(words for kind, words in line.pieces if kind != left_out))
    return "\n\n".join(told)


def test_paragraphs_that_came_and_went_stand_in_reading_order():
    kinds = [line.kind for line in differences(BEFORE, AFTER)]

    assert kinds == ["changed", "added", "same", "removed", "same"]


def test_the_words_of_a_changed_paragraph_are_told_apart():
    first = differences(BEFORE, AFTER)[0]

    assert first.pieces == (
        ("same", "一个"),
        ("removed", "小"),
        ("added", "老"),
        ("same", "和尚问方丈：“师父，我念经的时候"),
        ("removed", "可以"),
        ("added", "能"),
        ("same", "吸烟吗？”"),
    )


def test_a_word_left_alone_between_changes_belongs_to_them():
    (line,) = differences("The quick brown fox jumps over the lazy dog.", "The quick red fox leaps over the lazy dog.")

    assert line.pieces == (
        ("same", "The quick "),
        ("removed", "brown fox jumps"),
        ("added", "red fox leaps"),
        ("same", " over the lazy dog."),
    )


def test_a_paragraph_of_which_hardly_a_word_stayed_is_two():
    assert [line.kind for line in differences("春天来得很慢，雪还没有化。", "他把旧书一本一本搬下楼去。")] == [
        "removed",
        "added",
    ]


def test_what_looks_like_one_character_is_never_torn():
    (line,) = differences(
        "一家 👨‍👩‍👧 去看 e\u0301 海，带了伞，走得很慢。", "一家 👨‍👩‍👦 去看 e 海，带了伞，走得很慢。"
    )

    pieces = [text for kind, text in line.pieces if kind != "same"]
    assert pieces == ["👨‍👩‍👧", "👨‍👩‍👦", "e\u0301", "e"]


def test_equal_texts_have_no_differences():
    assert differences(BEFORE, BEFORE) == []


@pytest.mark.parametrize(
    ("before", "after"), [("", "一"), ("一", ""), ("一\n二", "一\n\n二"), ("a  b", "a b"), ("一", "一\n")]
)
def test_even_the_smallest_change_is_told(before, after):
    lines = differences(before, after)

    assert {line.kind for line in lines} - {"same", "folded"}
    assert (side(lines, before, "added"), side(lines, after, "removed")) == (before, after)


def test_long_runs_of_unchanged_paragraphs_are_folded_to_one_on_each_side_of_a_change():
    before = [f"第 {number} 段，写得不长。" for number in range(30)]
    after = [*before[:15], "这里多了一段。", *before[15:]]

    lines = differences("\n\n".join(before), "\n\n".join(after))

    assert [(line.kind, line.paragraphs) for line in lines] == [
        ("folded", 14),
        ("same", 1),
        ("added", 1),
        ("same", 1),
        ("folded", 14),
    ]


def test_one_paragraph_is_not_worth_folding():
    lines = differences("一\n\n二\n\n三\n\n四", "一\n\n二\n\n三\n\n五。")

    assert [line.kind for line in lines] == ["folded", "same", "removed", "added"]
    assert [line.kind for line in differences("一\n\n二\n\n四", "一\n\n二\n\n五。")][:2] == ["same", "same"]


def test_paragraphs_are_laid_side_by_side_equal_and_alike():
    old = ["一二三四五六", "甲乙丙丁", "同", "子丑寅卯"]
    new = ["同样的开头", "一二三四五七", "同", "子丑寅卯辰", "完"]

    assert aligned(old, new) == [(None, 0), (0, 1), (1, None), (2, 2), (3, 3), (None, 4)]


@pytest.mark.parametrize("seed", range(40))
def test_nothing_is_lost_or_made_up(seed):
    chance = random.Random(seed)
    before = ["".join(chance.choices("一二三 ab\n，。", k=chance.randrange(12))) for _ in range(12)]
    after = [*before, "完"]
    for _ in range(chance.randrange(9)):
        place = chance.randrange(len(after))
        after[place : place + chance.randrange(3)] = ["".join(chance.choices("一二三四 abc", k=9))]
    first, second = "\n\n".join(before), "\n\n".join(after)

    lines = differences(first, second)

    assert side(lines, first, "added") == first
    assert side(lines, second, "removed") == second


@pytest.mark.parametrize("kind", TANGLED)
def test_64_kilobytes_of_anything_are_compared(kind):
    before, after = TANGLED[kind]

    lines = differences(before, after)

    assert (side(lines, before, "added"), side(lines, after, "removed")) == (before, after)


@pytest.mark.parametrize("kind", LARGE)
def test_a_megabyte_is_compared_more_coarsely(kind):
    before, after = LARGE[kind]

    lines = differences(before, after)

    assert (side(lines, before, "added"), side(lines, after, "removed")) == (before, after)
