"""Bars by month as an SVG drawing: pure geometry; the template draws it (no style attributes)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 960, 260
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 12, 34
MOST_LABELS = 12


@dataclass(frozen=True)
class Bar:
    """One part of a month's column; ``pattern`` numbers its fill, told apart without colour."""

    x: float
    y: float
    width: float
    height: float
    pattern: int


@dataclass(frozen=True)
class Drawing:
    bars: list[Bar]
    ticks: list[tuple[float, int]]
    """Height of a line, and its number."""
    labels: list[tuple[float, str]]
    """Middle of a column, and its month."""
    floor: float = HEIGHT - BOTTOM


def stacked(labels: Sequence[str], series: Sequence[Sequence[int]]) -> Drawing:
    """Columns of several parts on top of each other: one series for each part."""
    totals = [sum(column) for column in zip(*series, strict=True)]
    top = nice_top(max(totals, default=0))
    step, bars = _step(len(labels)), []
    for place in range(len(labels)):
        below = 0
        for pattern, values in enumerate(series):
            if values[place]:
                x, width = LEFT + step * (place + 0.18), step * 0.64
                bars.append(_bar(x, width, below, values[place], top, pattern))
            below += values[place]
    return _drawing(bars, labels, top)


def side_by_side(labels: Sequence[str], series: Sequence[Sequence[int]]) -> Drawing:
    """One column for each series in each month."""
    top = nice_top(max((value for values in series for value in values), default=0))
    step, bars = _step(len(labels)), []
    width = step * 0.72 / max(1, len(series))
    for place in range(len(labels)):
        for pattern, values in enumerate(series):
            if values[place]:
                x = LEFT + step * (place + 0.14) + pattern * width
                bars.append(_bar(x, width * 0.92, 0, values[place], top, pattern))
    return _drawing(bars, labels, top)


def nice_top(most: int) -> int:
    """A round number that is not below ``most`` and parts into four."""
    if most <= 4:
        return 4
    power = 10 ** math.floor(math.log10(most))
    return next(
        top
        for factor in (1, 2, 4, 6, 8, 10, 20)
        if (top := math.ceil(power * factor / 4) * 4) >= most
    )


def _step(count: int) -> float:
    return (WIDTH - LEFT - RIGHT) / max(1, count)


def _y(value: float, top: int) -> float:
    return HEIGHT - BOTTOM - value / top * (HEIGHT - BOTTOM - TOP)


def _bar(x: float, width: float, below: int, value: int, top: int, pattern: int) -> Bar:
    upper, lower = _y(below + value, top), _y(below, top)
    return Bar(round(x, 1), round(upper, 1), round(width, 1), round(lower - upper, 1), pattern)


def _drawing(bars: list[Bar], labels: Sequence[str], top: int) -> Drawing:
    step = _step(len(labels))
    every = math.ceil(len(labels) / MOST_LABELS)
    return Drawing(
        bars,
        [(round(_y(top * part / 4, top), 1), top * part // 4) for part in range(5)],
        [
            (round(LEFT + step * (place + 0.5), 1), label)
            for place, label in enumerate(labels)
            if (len(labels) - 1 - place) % every == 0
        ],
    )
