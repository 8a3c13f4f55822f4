"""The sheet that is signed: prepared once for each list of people, typed in afterwards by its numbers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone

from consultation.actions.presence import Newcomer, arrive, refuse_image, walk_in
from consultation.choices import Presence
from consultation.guests import by_name
from consultation.models import Feuille, Inscription, Rencontre
from socle.comptes.models import User


@dataclass(frozen=True)
class Entered:
    """What a sheet added; who was noted already is counted apart, and nothing of them changed."""

    noted: int
    already: int
    newcomers: int


@dataclass(frozen=True)
class Typed:
    """The numbers of those who signed, those who ticked « photo », and the spare lines."""

    present: frozenset[int]
    image_refused: frozenset[int] = frozenset()
    newcomers: Sequence[Newcomer] = ()


@transaction.atomic
def prepare(rencontre_pk: int, by: User) -> Feuille:
    """The last sheet while nobody came or went since; else the next one, whose numbers are its own."""
    rencontre = Rencontre.objects.select_for_update(of=("self",)).get(pk=rencontre_pk)
    holders, waiting = _lists(rencontre)
    last = rencontre.feuilles.order_by("rank").last()
    if last and (last.holders, last.waiting) == (holders, waiting):
        return last
    rank = last.rank + 1 if last else 1
    return Feuille.objects.create(rencontre=rencontre, rank=rank, holders=holders, waiting=waiting, printed_by=by)


def _lists(rencontre: Rencontre) -> tuple[list[int], list[int]]:
    """Those who are expected in the room, by name, then those who wait, by rank. Nobody signs from a distance."""
    people = Inscription.objects.filter(rencontre=rencontre).exclude(presence=Presence.REMOTE)
    holders = by_name(people.confirmed().select_related("personne"))
    return [one.pk for one in holders], list(people.waiting().values_list("pk", flat=True))


def who(feuille: Feuille, numbers: Collection[int]) -> dict[int, Inscription]:
    """The people of these numbers; one erased since the printing is left out."""
    pks = feuille.lines
    wanted = {pks[number - 1]: number for number in numbers}
    rows = Inscription.objects.filter(rencontre=feuille.rencontre_id, pk__in=wanted).select_related("personne")
    return dict(sorted((wanted[one.pk], one) for one in rows))


@transaction.atomic
def enter(feuille: Feuille, typed: Typed, by: User, key: UUID) -> Entered:
    """Note all of a sheet, or nothing. Who was noted at the door and did not sign stays: it only adds.

    Typed twice, it is typed once: `key` is the form's. Raises PresenceRefusedError.
    """
    rencontre = feuille.rencontre
    came_at = rencontre.starts_at if rencontre.has_hour and rencontre.has_begun() else timezone.now()
    signed = who(feuille, typed.present)
    new = {number: one for number, one in signed.items() if one.attended_at is None}
    for number, one in new.items():
        arrive(rencontre.pk, one.pk, by, came_at=came_at, presence=Presence.ROOM, note=_line(feuille, number))
    for one in who(feuille, typed.image_refused).values():
        refuse_image(rencontre.pk, one.pk, by, refused=True)
    for number, newcomer in enumerate(typed.newcomers, 1):
        note = f"Feuille {feuille.rank}, ligne libre {number}"
        walk_in(rencontre.pk, newcomer, by, uuid5(key, str(number)), came_at=came_at, note=note)
    return Entered(len(new), len(signed) - len(new), len(typed.newcomers))


def _line(feuille: Feuille, number: int) -> str:
    return f"Feuille {feuille.rank}, ligne {number}"
