"""The sea route as a drawing: where it lies on the map, how much of it is behind.

Ports and sea lanes come from the package ``searoute`` (Apache-2.0; ports by UN/LOCODE, lanes from
Eurostat's maritime network), the land from Natural Earth (public domain, tools/land-outlines).
Everything is drawn in a frame 1,000 units wide.
"""

from __future__ import annotations

import importlib
import math
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

WIDTH = 1000.0
FLATTEST, STEEPEST = 0.46, 0.62
"""Height of the frame as a part of its width."""
MARGIN = 0.13
"""Of the route's width, left free around it."""
NARROWEST = 300.0
"""World units (tenths of a degree): a short crossing is not blown up further."""
MAP_UNIT = 10.0
WORLD = 360 * MAP_UNIT
EDGE = 240.0
"""Closer to the frame's side than this, a label is written inwards."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Label:
    text: str
    x: float
    y: float
    anchor: str
    code: str = ""


@dataclass(frozen=True)
class Mark:
    """A port or the ship, with its label; ``heading`` is in degrees, clockwise from north."""

    x: float
    y: float
    label: Label
    heading: float = 0.0


@dataclass(frozen=True)
class Chart:
    """What the template draws. Paths are those of SVG."""

    height: float
    land: list[str]
    """A transformation for each copy of the world that reaches into the frame."""
    meridians: list[float]
    parallels: list[float]
    behind: str
    ahead: str
    start: Mark
    end: Mark
    ship: Mark | None


def chart(from_code: str, to_code: str, names: tuple[str, str, str], sailed: float) -> Chart | None:
    """The drawing; None where a port is unknown. ``names``: the two ports' and the ship's."""
    route = sea_route(from_code, to_code)
    if route is None:
        return None
    left, top, width, height = _frame(route)
    scale = WIDTH / width
    points = [((x - left) * scale, (y - top) * scale) for x, y in route]
    bottom = height * scale
    behind, ahead, here, heading = _cut(points, sailed)
    at_sea = 0 < sailed < 1
    return Chart(
        height=round(bottom, 1),
        land=[
            f"translate({(turn * WORLD - left) * scale:.1f} {-top * scale:.1f}) scale({scale:.4f})"
            for turn in (-1, 0, 1)
            if left < (turn + 0.5) * WORLD and left + width > (turn - 0.5) * WORLD
        ],
        meridians=[round((x - left) * scale, 1) for x in _lines(left, width)],
        parallels=[round((y - top) * scale, 1) for y in _parallels(top, height)],
        behind=_path(behind),
        ahead=_path(ahead),
        start=_port(points[0], points[1], names[0], from_code, bottom),
        end=_port(points[-1], points[-2], names[1], to_code, bottom),
        ship=_ship(here, heading, names[2], bottom) if at_sea else None,
    )


@lru_cache(maxsize=256)
def sea_route(from_code: str, to_code: str) -> tuple[Point, ...] | None:
    """The way between two ports in map units, from east to west without a leap; None if unknown."""
    ports = _ports()
    if from_code not in ports or to_code not in ports or from_code == to_code:
        return None
    start, end = ports[from_code], ports[to_code]
    way = _library().searoute(start, end)["geometry"]["coordinates"]
    unwrapped: list[Point] = []
    turn = 0.0
    for longitude, latitude in [start, *way, end]:
        if unwrapped:
            before = unwrapped[-1][0] / MAP_UNIT
            turn = round((before - longitude) / 360) * 360.0
        unwrapped.append((_x(longitude + turn), _y(latitude)))
    return tuple(unwrapped)


def _library() -> Any:
    # Not imported above: it takes a second and tens of megabytes, which commands, the worker and
    # most requests have no use for.
    return importlib.import_module("searoute")


@cache
def _ports() -> dict[str, Point]:
    nodes = importlib.import_module("searoute.data.ports_dict").node_list
    return {node["port"]: place for place, node in nodes.items() if node.get("port")}


def _x(longitude: float) -> float:
    return longitude * MAP_UNIT


def _y(latitude: float) -> float:
    """Mercator, downwards, in units that equal those of longitude at the equator."""
    return -math.degrees(math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2))) * MAP_UNIT


def _frame(route: tuple[Point, ...]) -> tuple[float, float, float, float]:
    """Left, top, width and height of what is shown, in map units."""
    xs, ys = [x for x, _ in route], [y for _, y in route]
    width = max(max(xs) - min(xs), NARROWEST)
    margin = width * MARGIN
    width, height = width + 2 * margin, max(ys) - min(ys) + 2 * margin
    width = max(width, height / STEEPEST)
    height = max(height, width * FLATTEST)
    return (
        (min(xs) + max(xs) - width) / 2,
        (min(ys) + max(ys) - height) / 2,
        width,
        height,
    )


def _lines(left: float, width: float) -> list[float]:
    step = (20 if width > 900 else 10 if width > 400 else 5) * MAP_UNIT
    first = math.ceil(left / step)
    return [number * step for number in range(first, math.floor((left + width) / step) + 1)]


def _parallels(top: float, height: float) -> list[float]:
    return [y for latitude in range(-80, 81, 10) if top < (y := _y(latitude)) < top + height]


def _cut(points: list[Point], sailed: float) -> tuple[list[Point], list[Point], Point, float]:
    """The points behind and ahead, where they meet, and the heading there."""
    lengths = [math.dist(a, b) for a, b in pairwise(points)]
    left = sum(lengths) * sailed
    for number, length in enumerate(lengths):
        a, b = points[number], points[number + 1]
        if left <= length and length > 0:
            part = left / length
            here = (a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part)
            behind, ahead = [*points[: number + 1], here], [here, *points[number + 1 :]]
            return behind, ahead, here, _heading(points, number)
        left -= length
    return points, [], points[-1], 0.0


def _heading(points: list[Point], number: int) -> float:
    """Of a longer stretch, so that one short kink does not turn the ship."""
    a, b = points[max(number - 1, 0)], points[min(number + 2, len(points) - 1)]
    return round(math.degrees(math.atan2(b[0] - a[0], a[1] - b[1])), 1)


def _path(points: list[Point]) -> str:
    if len(points) < 2:
        return ""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _port(here: Point, neighbour: Point, name: str, code: str, bottom: float) -> Mark:
    """The label stands where the route does not leave: above, unless it leads upwards."""
    x, y = here
    below = neighbour[1] < y or y < 70
    if y > bottom - 70:
        below = False
    label = Label(name, _inward_x(x), round(y + (46 if below else -26), 1), _anchor(x), code)
    return Mark(round(x, 1), round(y, 1), label)


def _ship(here: Point, heading: float, name: str, bottom: float) -> Mark:
    x, y = here
    below = y < bottom * 0.55
    label = Label(name, _inward_x(x), round(y + (52 if below else -34), 1), _anchor(x))
    return Mark(round(x, 1), round(y, 1), label, heading)


def _anchor(x: float) -> str:
    if x < EDGE:
        return "start"
    return "end" if x > WIDTH - EDGE else "middle"


def _inward_x(x: float) -> float:
    shift = {"start": -14.0, "end": 14.0, "middle": 0.0}[_anchor(x)]
    return round(x + shift, 1)
