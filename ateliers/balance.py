"""How a group is composed, for all to read: how many, by which ways, how balanced. Never who.

The rule of small numbers, for a group of about sixty people:
- two lists, by collège and by territory, never crossed: a (collège, commune) pair would point at somebody;
- under 11 members (design §9), no list at all;
- a number from 1 to 4 is « moins de 5 »;
- where the other numbers and the total would still give it back, the next smallest is not said either;
- a territory is an EPCI, never a commune; who has none is « territoire non dit ».
The number of the whole group is said as it is: it is the number of chairs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from ateliers.models import Atelier, CameBy, Cible, Membre
from consultation.models import Commune

type Line = tuple[str, int, int | None]  # what it is of, how many, how many are meant

FEW = 5
WHOLE = 11  # members under which nothing is detailed
SMALL, UNSAID = f"moins de {FEW}", "non dit"
NO_COLLEGE, NO_TERRITORY = "Collège non dit", "Territoire non dit"


@dataclass(frozen=True)
class Bar:
    """One line of the drawing and of its table; `count` is None where it is masked. Widths are out of 100."""

    label: str
    count: int | None
    said: str
    target: int | None = None
    width: int = 0
    mark: int | None = None


@dataclass(frozen=True)
class Balance:
    total: int
    left: str  # how many left, as it is said; empty where nobody did
    ways: list[Bar]
    colleges: list[Bar]
    territories: list[Bar]


def masked(counts: Sequence[int]) -> list[str | None]:
    """What is said in place of each number; None where it is said as it is. The total of all is public."""
    small = [count for count in counts if 0 < count < FEW]
    if not _given_back(small):
        return [SMALL if 0 < count < FEW else None for count in counts]
    # All that are as small as the next one: which of two equal numbers was kept back would be known by its place.
    limit = min((count for count in counts if count >= FEW), default=0)
    # The same words for all: « moins de 5 » beside it would say that the next one is not.
    return [UNSAID if 0 < count <= max(limit, FEW - 1) else None for count in counts]


def _given_back(small: Sequence[int]) -> bool:
    """Whether the sum of these gives them: one alone, or all of them at one end of 1 to 4."""
    return len(small) == 1 or (bool(small) and sum(small) in (len(small), len(small) * (FEW - 1)))


def balance(atelier: Atelier) -> Balance:
    """Two queries, whatever the size of the group."""
    known = ("left_at", "came_by", "college__rank", "college__label", "commune__epci_code", "commune__epci_name")
    rows = list(Membre.objects.filter(atelier=atelier).values_list(*known))
    present = [row[1:] for row in rows if row[0] is None]
    gone = len(rows) - len(present)
    shown = len(present) >= WHOLE
    cibles = list(_cibles(atelier))
    return Balance(
        total=len(present),
        left=(SMALL if gone < FEW else str(gone)) if gone else "",
        ways=_bars([(label, found, None) for label, found in _ways(present)]) if shown else [],
        colleges=_bars(_colleges([row[1:3] for row in present], cibles), shown=shown),
        territories=_bars(_territories([row[3:] for row in present], cibles), shown=shown),
    )


def _cibles(atelier: Atelier) -> QuerySet[Cible]:
    """Each with its collège, or the name of its territory."""
    named = Commune.objects.filter(epci_code=OuterRef("epci_code")).order_by().values("epci_name")[:1]
    return Cible.objects.filter(atelier=atelier).select_related("college").annotate(epci_name=Subquery(named))


def _ways(present: Iterable[tuple]) -> list[tuple[str, int]]:
    found = Counter(row[0] for row in present)
    return [(CameBy(way).label, found[way]) for way in CameBy.values if found[way]]


def _colleges(present: Iterable[tuple], cibles: Iterable[Any]) -> list[Line]:
    """In the order of the démarche; (rank, label) is (None, None) for who said none. Nothing where nobody did."""
    found = Counter(present)
    targets = {(one.college.rank, one.college.label): one.places for one in cibles if one.college}
    unsaid = found.pop((None, None), 0)
    lines: list[Line] = [(key[1], found[key], targets.get(key)) for key in sorted(found.keys() | targets.keys())]
    return lines + ([(NO_COLLEGE, unsaid, None)] if lines and unsaid else [])


def _territories(present: Iterable[tuple], cibles: Iterable[Any]) -> list[Line]:
    """Those with the most places meant for them first, then by name."""
    found = Counter(code or "" for code, _ in present)
    targets = {one.epci_code: one.places for one in cibles if one.epci_code}
    names = {one.epci_code: one.epci_name for one in cibles} | dict(present)
    unsaid = found.pop("", 0)
    codes = sorted(found.keys() | targets.keys(), key=lambda code: (-(targets.get(code) or 0), names.get(code) or code))
    lines: list[Line] = [(names.get(code) or f"EPCI {code}", found[code], targets.get(code)) for code in codes]
    return lines + ([(NO_TERRITORY, unsaid, None)] if lines and unsaid else [])


def _bars(lines: Sequence[Line], *, shown: bool = True) -> list[Bar]:
    """Where nothing is shown of the people, the targets are."""
    if not shown:
        return [Bar(label, None, "", target) for label, _, target in lines if target is not None]
    words = masked([count for _, count, _ in lines])
    scale = max([1, *(max(count, target or 0) for _, count, target in lines)])
    return [
        Bar(
            label,
            None if word else count,
            word or str(count),
            target,
            0 if word else round(100 * count / scale),
            None if target is None else round(100 * target / scale),
        )
        for (label, count, target), word in zip(lines, words, strict=True)
    ]
