"""The croisements by pairs of thèmes: a cell holds those that cross productions of the one with productions of the
other, of different groups."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from consultation.models import Theme
from forums.models import Croisement, CroisementKind, Forum

OTHER = 0  # the rank of « autre sujet »: productions that have no thème


@dataclass(frozen=True)
class Cell:
    """`first` and `second` are ranks of thèmes, the smaller one first; `kinds` counts by nature."""

    first: int
    second: int
    kinds: list[tuple[str, str, int]]

    @property
    def count(self) -> int:
        return sum(count for _, _, count in self.kinds)


@dataclass(frozen=True)
class Heading:
    rank: int
    question: str


@dataclass(frozen=True)
class Matrix:
    headings: list[Heading]
    rows: list[tuple[Heading, list[Cell]]]

    @property
    def filled(self) -> list[tuple[Heading, Heading, Cell]]:
        """Each pair once, in order: what a narrow screen reads instead of the table."""
        known = {heading.rank: heading for heading in self.headings}
        cells = [cell for heading, row in self.rows for cell in row if cell.count and cell.first == heading.rank]
        return [(known[cell.first], known[cell.second], cell) for cell in cells if cell.first in known]


def matrix(forum: Forum) -> Matrix:
    """Two queries, whatever the number of croisements."""
    kinds: dict[tuple[int, int], Counter] = defaultdict(Counter)
    seen: set[int] = set()
    for kind, pairs in _pairs(forum).values():
        for pair in pairs:
            kinds[pair][kind] += 1
            seen.update(pair)
    themes = Theme.objects.filter(demarche=forum.rencontre.demarche_id).order_by("rank")
    headings = [Heading(theme.rank, theme.question) for theme in themes]
    if OTHER in seen or not headings:
        headings.append(Heading(OTHER, "Autre sujet"))
    rows = [(one, [_cell(kinds, one.rank, other.rank) for other in headings]) for one in headings]
    return Matrix(headings, rows)


def _cell(kinds: dict[tuple[int, int], Counter], one: int, other: int) -> Cell:
    first, second = sorted((one, other))
    counted = kinds.get((first, second), Counter())
    labels = [(kind.value, str(kind.label), counted[kind.value]) for kind in CroisementKind if counted[kind.value]]
    return Cell(first, second, labels)


def of_cell(forum: Forum, first: int, second: int) -> list[int]:
    """The keys of the croisements of a cell. One query."""
    return [pk for pk, (_, pairs) in _pairs(forum).items() if (first, second) in pairs]


def _pairs(forum: Forum) -> dict[int, tuple[str, set[tuple[int, int]]]]:
    """By croisement that is published: its nature, and the pairs of thèmes that it joins from one group to another."""
    names = ("pk", "kind", "productions__contribution__theme__rank", "productions__seance__atelier")
    crossed: dict[int, tuple[str, list[tuple[int, int]]]] = {}
    for pk, kind, rank, atelier in (
        Croisement.objects.published().filter(forum=forum).order_by("pk").values_list(*names)
    ):
        crossed.setdefault(pk, (kind, []))[1].append((rank or OTHER, atelier))
    return {pk: (kind, set(_joined(places))) for pk, (kind, places) in crossed.items()}


def _joined(places: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for (rank, atelier), (other, group) in combinations(places, 2):
        if atelier != group:
            yield (rank, other) if rank <= other else (other, rank)
