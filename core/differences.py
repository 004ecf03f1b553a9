"""What changed between two texts: which paragraphs came and went, and which words inside the changed ones.

The work is bounded: what is too long or too tangled to be compared closely is told more coarsely.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import regex

STEPS_MAX = 1_200_000  # how often two paragraphs or two words may be compared, in all
CLOSELY = 256 * 256  # up to here two runs are compared each with each; longer ones are cut where a word is the only one
ALIKE = 0.4  # the share of pairs of characters that two texts of one paragraph have in common
SAMPLE = 4000  # characters that are looked at to tell whether two paragraphs are alike
ISLAND = 8  # characters left alone between two longer changes belong to them
CONTEXT = 1  # unchanged paragraphs shown beside a change

_WORD = regex.compile(r"[[\p{L}\p{N}\p{M}'’_]--[\p{Han}\p{Hiragana}\p{Katakana}]]+|[^\S\n]+|\X", regex.V1)

Pair = tuple[int, int]
Gap = tuple[int, int, int, int]  # where it begins and ends in the old text, where in the new one


class Line(NamedTuple):
    """One paragraph of a comparison: `same`, `added`, `removed`, `changed`; or `folded`: so many `paragraphs` that nobody touched.

    The pieces are its text in order, each `same`, `added` or `removed`; a folded line has none.
    """

    kind: str
    pieces: tuple[tuple[str, str], ...]
    paragraphs: int = 1


class _Steps:
    """How much may still be compared."""

    def __init__(self) -> None:
        self._left = STEPS_MAX

    def take(self, count: int) -> bool:
        enough = count <= self._left
        self._left -= count if enough else 0
        return enough


def differences(before: str, after: str) -> list[Line]:
    """Return the paragraphs of both texts in reading order, long runs of unchanged ones folded; nothing for equal texts."""
    if before == after:
        return []
    old, new, steps, lines = before.split("\n\n"), after.split("\n\n"), _Steps(), list[Line]()
    for here, there in aligned(old, new):
        if there is None:
            lines.append(_whole("removed", old[here or 0]))
        elif here is None:
            lines.append(_whole("added", new[there]))
        else:
            lines += _compared(old[here], new[there], steps)
    return list(_folded(lines))


def aligned(old: Sequence[str], new: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """Return the places of two lists of paragraphs side by side, in reading order: equal and alike ones in pairs, None for none."""
    steps, sides = _Steps(), list[tuple[int | None, int | None]]()
    begin = start = 0
    for end, stop in [*_matched(old, new, steps), (len(old), len(new))]:
        for here, there in [*_alike(old, new, (begin, end, start, stop), steps), (end, stop)]:
            sides += [(place, None) for place in range(begin, here)]
            sides += [(None, place) for place in range(start, there)]
            sides.append((here, there))
            begin, start = here + 1, there + 1
    return sides[:-1]


def _whole(kind: str, text: str) -> Line:
    return Line(kind, ((kind, text),))


def _compared(before: str, after: str, steps: _Steps) -> list[Line]:
    """Return one changed paragraph, or two where hardly a word stayed."""
    if before == after:
        return [_whole("same", before)]
    apart = [_whole("removed", before), _whole("added", after)]
    if not steps.take(len(before) + len(after)):
        return apart
    old, new = _WORD.findall(before), _WORD.findall(after)
    pieces = _pieces(old, new, _matched(old, new, steps))
    stayed = sum(len(text) for kind, text in pieces if kind == "same")
    return [Line("changed", tuple(pieces))] if stayed >= ALIKE / 2 * max(len(before), len(after)) else apart


def _pieces(old: Sequence[str], new: Sequence[str], pairs: Sequence[Pair]) -> list[tuple[str, str]]:
    changes: list[tuple[str, str, str]] = []  # what went, what came, what stayed behind it
    begin = start = 0
    for end, stop, count in [*_runs(pairs), (len(old), len(new), 0)]:
        went, came, stayed = ("".join(words) for words in (old[begin:end], new[start:stop], old[end : end + count]))
        if changes and (went or came) and _is_island(changes[-1], went, came):
            before = changes.pop()
            went, came = before[0] + before[2] + went, before[1] + before[2] + came
        changes.append((went, came, stayed))
        begin, start = end + count, stop + count
    spelled = (zip(("removed", "added", "same"), change, strict=True) for change in changes)
    return [(kind, text) for change in spelled for kind, text in change if text]


def _runs(pairs: Sequence[Pair]) -> Iterator[tuple[int, int, int]]:
    """Yield where equal words begin on both sides, and how many follow one another."""
    steady = groupby(enumerate(pairs), key=lambda one: (one[1][0] - one[0], one[1][1] - one[0]))
    for _distance, run in steady:
        places = [pair for _number, pair in run]
        yield *places[0], len(places)


def _is_island(before: tuple[str, str, str], went: str, came: str) -> bool:
    longest = min(ISLAND, max(len(before[0]), len(before[1])), max(len(went), len(came)))
    return len(before[2]) <= longest


def _matched(old: Sequence[str], new: Sequence[str], steps: _Steps) -> list[Pair]:
    """Return the places of equal elements, rising on both sides."""
    pairs: list[Pair] = []
    gaps: list[Gap] = [(0, len(old), 0, len(new))]
    while gaps:
        begin, end, start, stop = gaps.pop()
        while begin < end and start < stop and old[begin] == new[start]:
            pairs.append((begin, start))
            begin, start = begin + 1, start + 1
        while begin < end and start < stop and old[end - 1] == new[stop - 1]:
            end, stop = end - 1, stop - 1
            pairs.append((end, stop))
        gap, cells = (begin, end, start, stop), (end - begin) * (stop - start)
        if cells and cells <= CLOSELY and steps.take(cells):
            pairs += _common(old, new, gap)
        elif cells and steps.take(5 * (end - begin + stop - start)):
            anchors = _anchors(old, new, gap)
            pairs += anchors
            gaps += _between(anchors, gap) if anchors else []
    return sorted(pairs)


def _between(anchors: Sequence[Pair], gap: Gap) -> Iterator[Gap]:
    begin, end, start, stop = gap
    for here, there in anchors:
        yield begin, here, start, there
        begin, start = here + 1, there + 1
    yield begin, end, start, stop


def _anchors(old: Sequence[str], new: Sequence[str], gap: Gap) -> list[Pair]:
    """Return what stands exactly once on both sides and in the same order: Bram Cohen's patience diff."""
    begin, end, start, stop = gap
    here, there = Counter(old[begin:end]), Counter(new[start:stop])
    only = {old[place]: place for place in range(begin, end) if here[old[place]] == 1 == there[old[place]]}
    piles: list[int] = []
    tops: list[tuple[Pair, int]] = []  # each pair with the place, in this list, of the one before it
    heads: list[int] = []
    for place in (place for place in range(start, stop) if new[place] in only):
        pile = bisect_left(piles, only[new[place]])
        tops.append(((only[new[place]], place), heads[pile - 1] if pile else -1))
        piles[pile : pile + 1] = [only[new[place]]]
        heads[pile : pile + 1] = [len(tops) - 1]
    pairs, top = [], heads[-1] if heads else -1
    while top >= 0:
        pair, top = tops[top]
        pairs.append(pair)
    return pairs[::-1]


def _common(old: Sequence[str], new: Sequence[str], gap: Gap) -> list[Pair]:
    """Return the longest common subsequence of a gap."""
    begin, end, start, stop = gap
    rows = [[0] * (stop - start + 1)]
    for here in range(end - 1, begin - 1, -1):
        below, row, word = rows[-1], [0], old[here]
        for place, there in enumerate(range(stop - 1, start - 1, -1)):
            row.append(below[place] + 1 if word == new[there] else max(below[place + 1], row[place]))
        rows.append(row)
    pairs = []
    while begin < end and start < stop:
        if old[begin] == new[start]:
            pairs.append((begin, start))
            begin, start = begin + 1, start + 1
        elif rows[end - begin - 1][stop - start] >= rows[end - begin][stop - start - 1]:
            begin += 1
        else:
            start += 1
    return pairs


def _alike(old: Sequence[str], new: Sequence[str], gap: Gap, steps: _Steps) -> list[Pair]:
    """Return the pairs of paragraphs in a gap that are two texts of one, rising on both sides."""
    begin, end, start, stop = gap
    characters = sum(min(len(text), SAMPLE) for text in (*old[begin:end], *new[start:stop]))
    if begin == end or start == stop or not steps.take(4 * characters):
        return []
    here, there = [_couples(text) for text in old[begin:end]], [_couples(text) for text in new[start:stop]]
    couples = min(sum(map(len, here)) * len(there), sum(map(len, there)) * len(here))
    if steps.take(couples + 10 * len(here) * len(there)):
        pairs = _heaviest([[_likeness(one, other) for other in there] for one in here])
    else:
        beside = range(min(len(here), len(there)))
        pairs = [(place, place) for place in beside if _likeness(here[place], there[place])]
    return [(begin + place, start + other) for place, other in pairs]


def _couples(text: str) -> set[str]:
    """Return the pairs of characters next to each other; of a long text those at its ends."""
    if len(text) > SAMPLE:
        text = text[: SAMPLE // 2] + text[-SAMPLE // 2 :]
    return {text[place : place + 2] for place in range(max(len(text) - 1, 1))}


def _likeness(one: set[str], other: set[str]) -> float:
    """Return the share of what two texts have in common (Sørensen and Dice), 0 where it is too little."""
    share = 2 * len(one & other) / (len(one) + len(other))
    return share if share >= ALIKE else 0


def _heaviest(weights: Sequence[Sequence[float]]) -> list[Pair]:
    """Return the places, rising in rows and columns, whose weights come to most; those of weight 0 never."""
    sums = [[0.0] * (len(weights[0]) + 1) for _ in range(len(weights) + 1)]
    for row in range(len(weights) - 1, -1, -1):
        for column in range(len(weights[0]) - 1, -1, -1):
            taken = sums[row + 1][column + 1] + weights[row][column]
            sums[row][column] = max(taken, sums[row + 1][column], sums[row][column + 1])
    pairs, row, column = [], 0, 0
    while row < len(weights) and column < len(weights[0]):
        if weights[row][column] and sums[row][column] == sums[row + 1][column + 1] + weights[row][column]:
            pairs.append((row, column))
            row, column = row + 1, column + 1
        elif sums[row + 1][column] >= sums[row][column + 1]:
            row += 1
        else:
            column += 1
    return pairs


def _folded(lines: Sequence[Line]) -> Iterator[Line]:
    for is_same, run in groupby(enumerate(lines), key=lambda one: one[1].kind == "same"):
        numbers, alone = zip(*run, strict=True)
        head = CONTEXT if numbers[0] > 0 else 0
        tail = len(alone) - (CONTEXT if numbers[-1] < len(lines) - 1 else 0)
        if is_same and tail - head > 1:
            yield from (*alone[:head], Line("folded", (), tail - head), *alone[tail:])
        else:
            yield from alone
