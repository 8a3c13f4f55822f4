"""How full a rencontre is, and why one cannot register; the same answer for every page, mail and action."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from consultation.choices import DemarcheState, InscriptionState, RencontreKind
from consultation.models import Inscription, Rencontre
from consultation.models.rencontre import RencontreQuerySet

NBSP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Filling:
    """`capacity` is None where the places are not limited. Who walked in (`sur_place`) is counted apart."""

    capacity: int | None
    taken: int = 0
    waiting: int = 0

    @property
    def free(self) -> int | None:
        return None if self.capacity is None else max(0, self.capacity - self.taken)

    @property
    def has_room(self) -> bool:
        """For one more person: whoever waits comes before them."""
        return self.free is None or self.free > self.waiting

    @property
    def label(self) -> str:
        """« 12 places restent », « Complet : 3 personnes attendent »; nothing where places are not limited."""
        if self.free is None:
            return ""
        if not self.has_room:
            few = {0: "personne n’attend", 1: "une personne attend"}
            return f"Complet{NBSP}: {few.get(self.waiting, f'{self.waiting} personnes attendent')}"
        left = self.free - self.waiting
        return "Une place reste" if left == 1 else f"{left} places restent"

    @property
    def taken_label(self) -> str:
        """As the team reads it: « 12 places prises sur 30, 3 personnes attendent »."""
        taken = f"{self.taken} place{'s' if self.taken > 1 else ''} prise{'s' if self.taken > 1 else ''}"
        said = [taken if self.capacity is None else f"{taken} sur {self.capacity}"]
        if self.waiting:
            said.append("1 personne attend" if self.waiting == 1 else f"{self.waiting} personnes attendent")
        return ", ".join(said)


COUNTS = {
    "taken": Count("pk", filter=Q(state=InscriptionState.CONFIRMED, sur_place=False)),
    "waiting": Count("pk", filter=Q(state=InscriptionState.WAITING)),
}


def with_filling(rencontres: RencontreQuerySet) -> RencontreQuerySet:
    """With their counts, in the query that reads them: for the pages, never to decide by."""
    confirmed = Q(inscriptions__state=InscriptionState.CONFIRMED, inscriptions__sur_place=False)
    waiting = Q(inscriptions__state=InscriptionState.WAITING)
    counts = {"taken": Count("inscriptions", filter=confirmed), "waiting": Count("inscriptions", filter=waiting)}
    return rencontres.annotate(**counts)


def filling(rencontre: Rencontre) -> Filling:
    """To decide by, lock the rencontre's row first: the answer may be false by the time it is used."""
    return Filling(rencontre.capacity, **Inscription.objects.filter(rencontre=rencontre).aggregate(**COUNTS))


def fillings(rencontres: Iterable[Rencontre]) -> dict[int, Filling]:
    """Of several, in one query."""
    found = {rencontre.pk: Filling(rencontre.capacity) for rencontre in rencontres}
    rows = Inscription.objects.filter(rencontre__in=found).order_by().values("rencontre").annotate(**COUNTS)
    for pk, taken, waiting in rows.values_list("rencontre", *COUNTS):
        found[pk] = Filling(found[pk].capacity, taken, waiting)
    return found


def refusal(rencontre: Rencontre, at: datetime | None = None) -> str:
    """Why nobody can register now, as it is said to them; nothing where one can."""
    if rencontre.is_cancelled:
        return "Ce rendez-vous est annulé. Ne vous déplacez pas."
    if rencontre.has_begun(at) or rencontre.demarche.state == DemarcheState.ARCHIVED:
        return "Ce rendez-vous est passé, ou vient de commencer."
    if not rencontre.takes_inscriptions:
        if rencontre.kind == RencontreKind.SEANCE:
            return "Le groupe de cet atelier est déjà composé."
        return "On vient à ce rendez-vous sans s’inscrire."
    return "" if rencontre.takes_names(at) else "Les inscriptions à ce rendez-vous sont closes."
