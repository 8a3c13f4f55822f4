"""Who comes into a group, who leaves it, who comes back; and the séances that go with it.

The atelier's row is the lock of its group; places have their own, the rencontre's row, taken after it. People are
written before either: a registration under way has its personne, then waits for the rencontre.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import BaseModelFormSet
from django.utils import timezone

from ateliers.emails import composition as emails
from ateliers.groups import free_registrants, pks_to_come, seances_to_come
from ateliers.models import Atelier, CameBy, Membre, MembreEvent, MembreEventKind, Seance
from consultation.actions.inscriptions import cancel_all, register_all
from consultation.choices import DemarcheState
from consultation.models import Inscription, Rencontre
from socle.comptes.actions import personnes_for
from socle.comptes.models import Personne, User
from socle.pagecache.actions import bump

LEFT = "A quitté le groupe."


class CompositionError(ValidationError):
    """The group cannot be changed so; the sentence says why, and what to do."""


@dataclass(frozen=True)
class Someone:
    """What the team knows of a person: an address, and whatever else was said. `number` is that of a draw."""

    email: str
    name: str = ""
    college_pk: int | None = None
    commune_pk: str | None = None
    organisation: str = ""
    number: int | None = None


@dataclass
class Composed:
    """What became of a list of people, and of their places, by rencontre."""

    joined: int = 0
    back: int = 0
    already: int = 0
    confirmed: Counter[int] = field(default_factory=Counter)
    waiting: Counter[int] = field(default_factory=Counter)

    def seat(self, inscriptions: Iterable[Inscription]) -> None:
        for one in inscriptions:
            (self.confirmed if one.is_confirmed else self.waiting)[one.rencontre_id] += 1


@transaction.atomic
def compose(atelier: Atelier, people: Collection[Someone], came_by: str, by: User) -> Composed:
    """Each becomes a member, with a place or a rank at each séance still to come, and one message that says it.

    Who is a member already is left as they are, the places they gave back too: the same list again changes nothing.
    """
    refuse_unpublished(atelier)
    found = personnes_for(someone.email for someone in people)
    lock_group(atelier)
    held = {one.personne_id: one for one in Membre.objects.filter(atelier=atelier, personne__in=found.values())}
    seances, composed = seances_to_come(atelier), Composed()
    for someone in people:
        personne = found[someone.email.strip().lower()]
        membre, kind = _enter(held.get(personne.pk), atelier, personne, someone, came_by)
        held[personne.pk] = membre
        if kind is None:
            composed.already += 1
            continue
        composed.joined += kind == MembreEventKind.JOINED
        composed.back += kind == MembreEventKind.BACK
        MembreEvent.objects.create(membre=membre, kind=kind, by=by)
        inscriptions = _seat(membre, seances, by, tell=False)
        composed.seat(inscriptions)
        emails.joined(membre, inscriptions, someone.number)
    bump()
    return composed


def lock_group(atelier: Atelier) -> Atelier:
    """Two members of the team at once: the second sees what the first wrote."""
    return Atelier.objects.select_for_update(no_key=True).get(pk=atelier.pk)


def refuse_unpublished(atelier: Atelier) -> None:
    if atelier.demarche.state != DemarcheState.PUBLISHED:
        raise CompositionError(
            "Cette démarche n’est pas ouverte : personne n’a été ajouté, et personne n’a reçu de message. "
            "Ouvrez-la d’abord ; les membres apprendront alors ce qu’ils peuvent lire."
        )


def _enter(
    membre: Membre | None, atelier: Atelier, personne: Personne, someone: Someone, came_by: str
) -> tuple[Membre, MembreEventKind | None]:
    """None for who is there already. What was known of who comes back stays, where nothing newer is said."""
    if membre and membre.left_at is None:
        return membre, None
    kind = MembreEventKind.BACK if membre else MembreEventKind.JOINED
    membre = membre or Membre(atelier=atelier, personne=personne)
    membre.atelier, membre.personne = atelier, personne
    membre.came_by, membre.joined_at, membre.left_at = came_by, timezone.now(), None
    membre.name = someone.name or membre.name
    membre.college_id = someone.college_pk or membre.college_id
    membre.commune_id = someone.commune_pk or membre.commune_id
    membre.organisation = someone.organisation or membre.organisation
    membre.save()
    return membre, kind


def _seat(membre: Membre, seances: Collection[Seance], by: User | None, *, tell: bool) -> list[Inscription]:
    """A place, or a rank, at each; the name goes with it, for the sheet of the evening."""
    pks = [seance.pk for seance in seances]
    register_all(membre.personne, pks, by=by, tell=tell)
    rows = Inscription.objects.filter(personne=membre.personne, rencontre__in=pks)
    if membre.name:
        rows.filter(name="").update(name=membre.name)
    return list(rows.with_rank().select_related("rencontre__lieu").order_by("rencontre__starts_at", "pk"))


@transaction.atomic
def leave(membre: Membre, by: User | None = None) -> int:
    """How many places go back to the line; those of séances that were held stay. Without `by`, the person says it."""
    atelier = lock_group(membre.atelier)
    membre.refresh_from_db(fields=["left_at"])
    if membre.left_at is not None:
        return 0
    membre.left_at = timezone.now()
    membre.save(update_fields=["left_at"])
    MembreEvent.objects.create(membre=membre, kind=MembreEventKind.LEFT, by=by)
    held = Inscription.objects.active().filter(personne=membre.personne, rencontre__in=pks_to_come(atelier))
    returned = cancel_all(held, by, LEFT, tell=False)
    emails.left(membre, by_team=by is not None)
    bump()
    return returned


@transaction.atomic
def come_back(membre: Membre, by: User) -> Composed:
    return compose(membre.atelier, [Someone(membre.personne.email)], membre.came_by, by)


@transaction.atomic
def catch_up(atelier: Atelier, by: User | None = None, only: Seance | None = None) -> Composed:
    """Members who were never registered for a séance to come (for this one `only`) are; who gave a place back is not
    asked again.

    Nothing more is sent to an address that nobody has proved.
    """
    lock_group(atelier)
    composed = Composed()
    seances = [one for one in seances_to_come(atelier) if only in (None, one)]
    membres = Membre.objects.present().filter(atelier=atelier).select_related("personne").order_by("pk")
    rows = Inscription.objects.filter(rencontre__in=[seance.pk for seance in seances])
    known = set(rows.values_list("personne", "rencontre"))
    for membre in membres:
        missing = [seance for seance in seances if (membre.personne_id, seance.pk) not in known]
        if missing:
            composed.seat(_seat(membre, missing, by, tell=membre.personne.is_confirmed))
    return composed


@transaction.atomic
def open_rest(atelier: Atelier, *, opened: bool) -> int:
    """Whether all may register for the séances to come, for the places that are left; how many séances it changed."""
    lock_group(atelier)
    wanted = Rencontre.objects.filter(pk__in=pks_to_come(atelier)).exclude(takes_inscriptions=opened)
    changed = [rencontre.pk for rencontre in wanted.order_by("pk").select_for_update(of=("self",))]
    Rencontre.objects.filter(pk__in=changed).update(takes_inscriptions=opened)
    bump()
    return len(changed)


@transaction.atomic
def aim_at(atelier: Atelier, cibles: BaseModelFormSet) -> bool:
    """Whether the places meant for each could be written; looked at under the lock, for another may be writing too."""
    lock_group(atelier)
    if not cibles.is_valid():
        return False
    cibles.save()
    bump()
    return True


def take_registrants(atelier: Atelier, by: User) -> Composed:
    """Who registered freely for every séance to come composes the group, once the team says so.

    Not by itself: one may come to a single evening without being of the group, and the trunk, which registers, knows
    nothing of groups.
    """
    people = [Someone(personne.email) for personne in free_registrants(atelier)]
    return compose(atelier, people, CameBy.LIBRE, by)
