"""A group as it stands: its séances to come, how full they are, who could still come into it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from ateliers.models import Atelier, Membre, Seance
from consultation.choices import RencontreKind, RencontreState
from consultation.models import Inscription, Rencontre
from consultation.models.inscription import InscriptionQuerySet
from consultation.places import Filling, fillings
from socle.comptes.models import Personne


def seances_to_come(atelier: Atelier) -> list[Seance]:
    """Those that are announced and have not begun; by rank, each with its rencontre."""
    announced = Rencontre.objects.coming().order_by().filter(state=RencontreState.PUBLISHED)
    rows = Seance.objects.filter(atelier=atelier, rencontre__in=announced).select_related("rencontre__lieu")
    return [seance for seance in rows.order_by("rank") if not seance.rencontre.has_begun()]


def pks_to_come(atelier: Atelier) -> list[int]:
    return [seance.pk for seance in seances_to_come(atelier)]


@dataclass(frozen=True)
class Room:
    """A séance to come and its places; `wanted` is how many more people are about to be put down for it."""

    seance: Seance
    filling: Filling
    wanted: int = 0

    @property
    def seated(self) -> int:
        """How many of those who are wanted would have a place: who waits already comes before them."""
        if self.filling.free is None:
            return self.wanted
        return min(self.wanted, max(0, self.filling.free - self.filling.waiting))

    @property
    def in_line(self) -> int:
        return self.wanted - self.seated


def rooms(atelier: Atelier, wanted: int = 0) -> list[Room]:
    """Two queries. Before people are added, what would happen; the lock decides when they are."""
    seances = seances_to_come(atelier)
    found = fillings([seance.rencontre for seance in seances])
    return [Room(seance, found[seance.pk], wanted) for seance in seances]


def came_to_launch(atelier: Atelier) -> InscriptionQuerySet:
    """Who was seen at the launch of the démarche."""
    launch = Rencontre.objects.filter(demarche=atelier.demarche_id, kind=RencontreKind.LANCEMENT)
    return Inscription.objects.filter(rencontre__in=launch.order_by(), attended_at__isnull=False)


def in_line(atelier: Atelier) -> InscriptionQuerySet:
    """Who waits for a place at a séance to come."""
    return Inscription.objects.waiting().filter(rencontre__in=pks_to_come(atelier))


def free_registrants(atelier: Atelier) -> QuerySet[Personne]:
    """Who registered for every séance to come, their address proved, and is not of the group."""
    pks = pks_to_come(atelier)
    rows = Inscription.objects.active().filter(rencontre__in=pks).order_by()
    everywhere = rows.values("personne").annotate(n=Count("pk")).filter(n=len(pks)) if pks else rows.none()
    present = Membre.objects.present().filter(atelier=atelier)
    found = Personne.objects.confirmed().filter(pk__in=everywhere.values("personne"))
    return found.exclude(pk__in=present.values("personne")).order_by("pk")


def missing_count(membres: Collection[Membre], seances: Collection[Seance]) -> int:
    """How many members were never registered for some séance to come."""
    rows = Inscription.objects.filter(rencontre__in=[seance.pk for seance in seances])
    known = set(rows.filter(personne__in=[one.personne_id for one in membres]).values_list("personne", "rencontre"))
    return sum(any((one.personne_id, seance.pk) not in known for seance in seances) for one in membres)
