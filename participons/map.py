"""The drawn map of the towns: no tiles, nothing from elsewhere, a shape around the places themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, radians

from ateliers.models import Atelier

WIDTH = 360.0  # units of the drawing; on a telephone one is a little under one pixel
MARGIN = 42.0  # so that the land goes round the outermost towns
LAND = 60.0  # width of the stroke that rounds the shape
RADIUS = 11.0
TEXT = 15.0  # height of a label
LETTER = 8.4  # width of a letter, on the generous side: no font is ours

type Box = tuple[float, float, float, float]  # left, top, right, bottom
type Side = tuple[float, float, str, Box]  # where the label is written, its anchor, the room it takes


@dataclass(frozen=True)
class Town:
    ranks: str
    name: str
    x: float
    y: float
    label_x: float | None = None  # None: the label found no room, the list beside says it
    label_y: float | None = None
    anchor: str = "start"

    @property
    def rank_y(self) -> float:
        return self.y + 4.5


@dataclass(frozen=True)
class Drawing:
    width: float
    height: float
    land: str
    towns: list[Town]
    stroke: float = LAND
    radius: float = RADIUS


def draw(ateliers: Iterable[Atelier]) -> Drawing | None:
    """None under three places that are known: a map of two points tells nothing."""
    places = _places(ateliers)
    if len(places) < 3:
        return None
    points, height = _project(list(places))
    names = [(", ".join(str(atelier.rank) for atelier in here), here[0].town) for here in places.values()]
    land = " ".join(f"{x:.0f},{y:.0f}" for x, y in _hull(points))
    return Drawing(WIDTH, round(height), land, _labelled(points, names, height))


def _places(ateliers: Iterable[Atelier]) -> dict[tuple[float, float], list[Atelier]]:
    """Ateliers by longitude and latitude (degrees, to about a kilometre)."""
    places: dict[tuple[float, float], list[Atelier]] = {}
    for atelier in ateliers:
        lieu = atelier.lieu
        if lieu and lieu.longitude is not None and lieu.latitude is not None:
            places.setdefault((round(lieu.longitude, 2), round(lieu.latitude, 2)), []).append(atelier)
    return places


def _project(degrees: list[tuple[float, float]]) -> tuple[list[tuple[float, float]], float]:
    """Equirectangular, north up: points in the drawing's units, and its height."""
    middle = sum(latitude for _, latitude in degrees) / len(degrees)
    flat = [(longitude * cos(radians(middle)), -latitude) for longitude, latitude in degrees]
    left, top = min(x for x, _ in flat), min(y for _, y in flat)
    wide, high = max(x for x, _ in flat) - left, max(y for _, y in flat) - top
    scale = (WIDTH - 2 * MARGIN) / max(wide, high, 1e-9)
    inset = MARGIN + (WIDTH - 2 * MARGIN - wide * scale) / 2
    points = [(inset + (x - left) * scale, MARGIN + (y - top) * scale) for x, y in flat]
    return points, high * scale + 2 * MARGIN


def _hull(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The convex shape around the points (Andrew's monotone chain)."""

    def half(ordered: list[tuple[float, float]]) -> list[tuple[float, float]]:
        chain: list[tuple[float, float]] = []
        for point in ordered:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
                chain.pop()
            chain.append(point)
        return chain[:-1]

    ordered = sorted(points)
    return half(ordered) + half(ordered[::-1])


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _labelled(points: list[tuple[float, float]], names: list[tuple[str, str]], height: float) -> list[Town]:
    """The town with the least room chooses first; a label never meets a stop or another label."""
    taken: list[Box] = [(x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS) for x, y in points]
    sides = [_sides(x, y, len(name) * LETTER) for (x, y), (_, name) in zip(points, names, strict=True)]
    labels: dict[int, Side] = {}
    waiting = set(range(len(points)))
    while waiting:
        free = {index: _free(sides[index], taken, height) for index in waiting}
        index = min(waiting, key=lambda one: (len(free[one]), one))
        waiting.remove(index)
        if free[index]:
            labels[index] = free[index][0]
            taken.append(labels[index][3])
    return [
        Town(ranks, name, round(x, 1), round(y, 1), *_written(labels.get(index)))
        for index, ((x, y), (ranks, name)) in enumerate(zip(points, names, strict=True))
    ]


def _free(sides: list[Side], taken: list[Box], height: float) -> list[Side]:
    return [side for side in sides if _inside(side[3], height) and not any(_meet(side[3], box) for box in taken)]


def _written(side: Side | None) -> tuple[float | None, float | None, str]:
    return (round(side[0], 1), round(side[1], 1), side[2]) if side else (None, None, "start")


def _sides(x: float, y: float, width: float) -> list[Side]:
    """Above and below (centred, then to either side), right, left: where the label goes, and the room it takes."""
    gap = RADIUS + 4
    over, under, level = y - gap, y + gap + TEXT * 0.8, y + TEXT / 3
    spots = [(x, over, "middle"), (x, under, "middle"), (x + gap, level, "start"), (x - gap, level, "end")]
    spots += [(x + side * RADIUS, at, anchor) for side, anchor in ((1, "end"), (-1, "start")) for at in (over, under)]
    starts = {"middle": width / 2, "start": 0.0, "end": width}
    return [
        (at_x, at_y, anchor, (at_x - starts[anchor], at_y - TEXT, at_x - starts[anchor] + width, at_y + 3))
        for at_x, at_y, anchor in spots
    ]


def _inside(box: Box, height: float) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= WIDTH and box[3] <= height


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
