"""Who came back: of those who came to an atelier, how many came once, twice, three times; small numbers are masked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from ateliers.models import Atelier, Membre, Seance
from consultation.choices import RencontreState
from consultation.models import Inscription, Rencontre, Venue
from socle.dates import local_midnight
from socle.smallnumbers import FEWEST, TOTAL, masked

NOT_SAID = "Non précisé"
type Group = tuple[int, str]  # where it sorts, what it is called
UNSAID: Group = (10_000, NOT_SAID)


@dataclass(frozen=True)
class Line:
    """A collège, or a territory: how many came once, twice…, and in all; None where the number is masked."""

    label: str
    numbers: list[int | None]
    total: int | None


@dataclass(frozen=True)
class Participation:
    """Of the séances that are over. `once_and_more`: how many came to one, to two… of them; empty where it is masked.

    Those who came without registering are counted apart, by séance: nobody knows who came back among them.
    """

    seances: list[Seance]
    once_and_more: list[int] = field(default_factory=list)
    colleges: list[Line] = field(default_factory=list)
    territories: list[Line] = field(default_factory=list)
    sur_place: list[tuple[Seance, int]] = field(default_factory=list)

    @property
    def people(self) -> int:
        return sum(self.once_and_more)


def participation(atelier: Atelier) -> Participation:
    """In three queries. A day that is not over is not counted: nobody watches people arrive one by one."""
    seances = list(_over(atelier))
    came = Inscription.objects.filter(rencontre__in=[seance.pk for seance in seances], attended_at__isnull=False)
    rows = list(came.values_list("personne", "rencontre", "sur_place", "college__rank", "college__label"))
    times = Counter(personne for personne, _, sur_place, *_ in rows if not sur_place)
    walked_in = Counter(rencontre for _, rencontre, sur_place, *_ in rows if sur_place)
    apart = [(seance, walked_in[seance.pk] + seance.venue_count) for seance in seances]
    apart = [(seance, number) for seance, number in apart if number]
    totals = _spread(times.values(), len(seances))
    # What is said elsewhere of each séance gives the number of comings: with it, two numbers of these could be found.
    if any(0 < number < FEWEST for number in totals):
        return Participation(seances, sur_place=apart)
    membres = {row.personne_id: row for row in _membres(atelier)}
    said = {personne: (rank, label) for personne, *_, rank, label in rows if label}  # at the door
    colleges = _lines(times, len(seances), lambda pk: _college(membres.get(pk)) or said.get(pk, UNSAID))
    territories = _lines(times, len(seances), lambda pk: _territory(membres.get(pk)))
    return Participation(seances, totals, colleges, territories, apart)


def attended() -> QuerySet[Inscription]:
    """Of those who came to the atelier of an outer query: whether there are any says whether its page has a subject."""
    seances = Seance.objects.filter(atelier=OuterRef(OuterRef("pk")), rencontre__in=_held()).values("pk")
    return Inscription.objects.filter(rencontre__in=seances, attended_at__isnull=False)


def _held() -> QuerySet[Rencontre]:
    """On the days that are over."""
    held = Rencontre.objects.published().exclude(state=RencontreState.CANCELLED)
    return held.filter(starts_at__lt=local_midnight(timezone.localdate()))


def _over(atelier: Atelier) -> QuerySet[Any]:
    venues = Venue.objects.counted().filter(rencontre=OuterRef("pk")).order_by().values("rencontre")
    venues = venues.annotate(n=Count("pk"))
    count = Coalesce(Subquery(venues.values("n"), output_field=IntegerField()), 0)
    return Seance.objects.filter(atelier=atelier, rencontre__in=_held()).annotate(venue_count=count).order_by("rank")


def _membres(atelier: Atelier) -> Iterable[Membre]:
    """Those who left came too."""
    return Membre.objects.filter(atelier=atelier).select_related("college", "commune")


def _spread(times: Iterable[int], seances: int) -> list[int]:
    """How many ones, twos… up to the number of séances."""
    counts = Counter(times)
    return [counts[number] for number in range(1, seances + 1)]


def _college(membre: Membre | None) -> Group | None:
    return (membre.college.rank, membre.college.label) if membre and membre.college else None


def _territory(membre: Membre | None) -> Group:
    name = membre.commune.epci_name if membre and membre.commune else ""
    return (0, name) if name else UNSAID


def _lines(times: Counter[int], seances: int, group_of: Callable[[int], Group]) -> list[Line]:
    groups: dict[Group, list[int]] = {}
    for personne, number in times.items():
        groups.setdefault(group_of(personne), []).append(number)
    rows = [(label, _spread(numbers, seances)) for (_, label), numbers in sorted(groups.items())]
    hidden = masked([numbers for _, numbers in rows])
    return [
        Line(label, _shown(numbers, rank, hidden), None if (rank, TOTAL) in hidden else sum(numbers))
        for rank, (label, numbers) in enumerate(rows)
    ]


def _shown(numbers: Sequence[int], rank: int, hidden: set[tuple[int, int]]) -> list[int | None]:
    return [None if (rank, column) in hidden else number for column, number in enumerate(numbers)]
