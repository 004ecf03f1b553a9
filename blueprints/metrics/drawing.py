"""Drawing counts as lines: where each lies on the sheet, and where its label finds room."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 360, 150
LEFT, TOP, BASE = 6, 16, 118
DATES_AT = 140
ROOM_FOR_NUMBER, ROOM_FOR_WORDS = 104, 140  # "119 minutes", "Let through 1,240"
LABEL_HEIGHT = 19
BESIDE = 10  # from the last point to its label

Values = Sequence[int | None]


@dataclass(frozen=True)
class Line:
    """One series: its path, the place of its last point, and the height its label stands at."""

    path: str
    x: float
    y: float
    label_y: float


@dataclass(frozen=True)
class Drawing:
    """Lines on a sheet of WIDTH × HEIGHT; `right` is where the newest points lie."""

    lines: Sequence[Line]
    right: float


def draw(series: Sequence[Values]) -> Drawing:
    """Draw series of equally many values, the oldest first, on one scale that begins at 0; None leaves a gap.

    The last value of each is there.
    """
    right = WIDTH - (ROOM_FOR_NUMBER if len(series) == 1 else ROOM_FOR_WORDS)
    most = max((value for values in series for value in values if value is not None), default=0) or 1
    points = [_points(values, most, right) for values in series]
    label_ys = _apart([place[-1][1] for place in points if place[-1] is not None])
    lines = [
        Line(_path(place), *place[-1], label_y)
        for place, label_y in zip(points, label_ys, strict=True)
        if place[-1] is not None
    ]
    return Drawing(lines, right)


Point = tuple[float, float] | None


def _points(values: Values, most: int, right: float) -> list[Point]:
    step = (right - LEFT) / max(len(values) - 1, 1)
    return [
        None if value is None else (round(LEFT + number * step, 1), round(BASE - (BASE - TOP) * value / most, 1))
        for number, value in enumerate(values)
    ]


def _path(points: Sequence[Point]) -> str:
    pieces, before = [], None
    for point in points:
        if point is not None:
            pieces.append(f"{'M' if before is None else 'L'}{point[0]} {point[1]}")
        before = point
    return " ".join(pieces)


def _apart(ys: Sequence[float]) -> list[float]:
    """Move heights so far apart that labels do not cover each other, and no further; none leaves the sheet."""
    order = sorted(range(len(ys)), key=lambda number: ys[number])
    placed = dict.fromkeys(order, 0.0)
    lowest_free = 0.0
    for number in order:
        placed[number] = max(ys[number], lowest_free)
        lowest_free = placed[number] + LABEL_HEIGHT
    highest_taken = float(BASE + LABEL_HEIGHT)
    for number in reversed(order):
        placed[number] = min(placed[number], highest_taken - LABEL_HEIGHT)
        highest_taken = placed[number]
    return [placed[number] for number in range(len(ys))]
