"""Who came: noted by the team on the evening, from several telephones at once, or afterwards from the paper.

A tap may come late, twice, or after somebody else's: each says when it was made, and what was corrected since stays.
The rencontre's row is the lock, as for places. Whatever is noted or corrected is an InscriptionEvent; a line without
an address is a Venue, which is erased and never deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from consultation.actions.forgetting import NAMES_KEPT
from consultation.actions.images import note_refusal
from consultation.actions.inscriptions import offer
from consultation.choices import InscriptionEventKind as Kind
from consultation.choices import InscriptionState, Mode, Presence
from consultation.models import College, Inscription, InscriptionEvent, Rencontre, Venue
from consultation.places import filling
from socle.comptes.actions import personne_for
from socle.comptes.models import Personne, User
from socle.dates import day_label, local_midnight

STATE_OF = {
    Kind.CONFIRMED: InscriptionState.CONFIRMED,
    Kind.PROMOTED: InscriptionState.CONFIRMED,
    Kind.WAITING: InscriptionState.WAITING,
    Kind.CANCELLED: InscriptionState.CANCELLED,
    Kind.RELEASED: InscriptionState.CANCELLED,
}
AT_THE_DOOR = ["state", "sur_place", "attended_at", "presence", "cancelled_at"]  # what the door decides of a row
NOTHING = "Rien n’a été noté."
CORRECTED = f"{NOTHING} Quelqu’un de l’équipe a corrigé cette ligne depuis : regardez-la avant de la changer."
CANCELLED = f"{NOTHING} Cette rencontre est annulée."
NO_DAY = f"{NOTHING} Le jour de cette rencontre n’est pas fixé."
OTHER_LINE = f"{NOTHING} Cette ligne est celle d’une autre rencontre : rechargez la page."


class PresenceRefusedError(ValidationError):
    """Nothing was noted; the sentence says why, and what to do."""


@dataclass(frozen=True)
class Newcomer:
    """Somebody at the door who is on no list. Without an address they are a line of the sheet, and nobody else's."""

    name: str = ""
    email: str = ""
    college: College | None = None
    image_refused: bool = False


@dataclass(frozen=True)
class Said:
    """What is said of an arrival: by whom (nobody: by the person), when, and what differs from what was expected."""

    by: User | None
    at: datetime
    came_at: datetime | None = None
    presence: Presence | None = None
    note: str = ""


@transaction.atomic
def arrive(
    rencontre_pk: int,
    inscription_pk: int,
    by: User | None,
    *,
    at: datetime | None = None,
    came_at: datetime | None = None,
    presence: Presence | None = None,
    note: str = "",
) -> Inscription:
    """They are here; again is harmless. `at` is when it was said, `came_at` when they came, where it is another.

    Raises PresenceRefusedError, and Inscription.DoesNotExist for somebody of another rencontre.
    """
    rencontre, at = _lock(rencontre_pk), at or timezone.now()
    _check_day(rencontre)
    inscription = _mine(rencontre, inscription_pk)
    _check_not_corrected(inscription, at)
    _note(inscription, Said(by, at, came_at, presence, note))
    return inscription


@transaction.atomic
def take_back(rencontre_pk: int, inscription_pk: int, by: User, *, at: datetime | None = None) -> Inscription:
    """They are not here after all: they have again what they had before, a place, a rank, or nothing."""
    rencontre, at = _lock(rencontre_pk), at or timezone.now()
    inscription = _mine(rencontre, inscription_pk)
    if inscription.attended_at is None:
        return inscription
    if inscription.attended_at > at:
        raise PresenceRefusedError(CORRECTED)
    inscription.attended_at = None
    before = _before_the_door(inscription)
    if before is not None:
        inscription.state, inscription.sur_place = before, False
        inscription.cancelled_at = timezone.now() if before == InscriptionState.CANCELLED else None
    inscription.save(update_fields=AT_THE_DOOR)
    _write(inscription, Kind.NOT_ATTENDED, by, at=at)
    if before is not None:
        offer(rencontre)
    return inscription


@transaction.atomic
def walk_in(
    rencontre_pk: int,
    newcomer: Newcomer,
    by: User,
    key: UUID,
    *,
    at: datetime | None = None,
    came_at: datetime | None = None,
    note: str = "",
) -> Inscription | Venue:
    """Somebody of no list: with an address an inscription, a place where one is free; without, a line of the sheet.

    The same key again, or the same address, is the same person. Nothing is written to an address typed at the door.
    """
    personne = personne_for(newcomer.email) if newcomer.email else None
    rencontre, at = _lock(rencontre_pk), at or timezone.now()
    _check_day(rencontre)
    if personne is None:
        return _line(rencontre, newcomer, by, key, came_at or at)
    inscription = _known(rencontre, personne, newcomer)
    _check_not_corrected(inscription, at)
    _note(inscription, Said(by, at, came_at, Presence.ROOM, note))
    if newcomer.image_refused:
        note_refusal(inscription, by, refused=True)
    return inscription


def _lock(rencontre_pk: int) -> Rencontre:
    rows = Rencontre.objects.select_related("demarche", "lieu")
    return rows.select_for_update(of=("self",)).get(pk=rencontre_pk)


def _check_day(rencontre: Rencontre) -> None:
    """The wrong séance is easily opened: nobody has come to one that is for another day."""
    if rencontre.is_cancelled:
        raise PresenceRefusedError(CANCELLED)
    if not rencontre.has_day:
        raise PresenceRefusedError(NO_DAY)
    day = timezone.localdate(rencontre.starts_at)
    if timezone.localdate() < day:
        raise PresenceRefusedError(f"{NOTHING} Cette rencontre est le {day_label(day)} : est-ce la bonne ?")


def _mine(rencontre: Rencontre, inscription_pk: int) -> Inscription:
    inscription = rencontre.inscriptions.select_related("personne").get(pk=inscription_pk)
    inscription.rencontre = rencontre
    return inscription


def _known(rencontre: Rencontre, personne: Personne, newcomer: Newcomer) -> Inscription:
    """Theirs where they have one already, else a new one, not yet saved."""
    found = rencontre.inscriptions.filter(personne=personne).first()
    inscription = found or Inscription(state=InscriptionState.CANCELLED)
    inscription.rencontre, inscription.personne = rencontre, personne
    inscription.name = inscription.name or newcomer.name
    inscription.college = inscription.college or newcomer.college
    if found:
        found.save(update_fields=["name", "college"])
    return inscription


def _check_not_corrected(inscription: Inscription, at: datetime) -> None:
    """A tap that waited for the network does not undo what somebody put right meanwhile."""
    if inscription.pk and inscription.events.filter(kind=Kind.NOT_ATTENDED, at__gt=at).exists():
        raise PresenceRefusedError(CORRECTED)


def _note(inscription: Inscription, said: Said) -> None:
    rencontre, presence = inscription.rencontre, said.presence
    if rencontre.mode != Mode.BOTH:
        presence = Presence.REMOTE if rencontre.mode == Mode.REMOTE else Presence.ROOM
    if inscription.attended_at is not None and presence in (None, inscription.presence):
        return
    inscription.presence = presence or Presence(inscription.presence)
    welcomed = not inscription.is_confirmed
    if welcomed:
        _welcome(inscription)
    if inscription.attended_at is None:
        day = local_midnight(timezone.localdate(rencontre.starts_at))
        inscription.attended_at = max(said.came_at or said.at, day)
    inscription.save(update_fields=AT_THE_DOOR if inscription.pk else None)
    if welcomed:
        _write(inscription, Kind.ON_THE_SPOT, said.by)
    where = inscription.get_presence_display() if rencontre.mode == Mode.BOTH else ""
    _write(inscription, Kind.ATTENDED, said.by, at=said.at, note=said.note or where)


def _welcome(inscription: Inscription) -> None:
    """A place where one is free, and nobody who waits comes before them; `sur_place` beyond. The row is locked."""
    places = filling(inscription.rencontre)
    waits = inscription.is_waiting
    room = places.free is None or (places.free > 0 if waits else places.has_room)
    inscription.state, inscription.cancelled_at = InscriptionState.CONFIRMED, None
    inscription.sur_place = not room


def _before_the_door(inscription: Inscription) -> InscriptionState | None:
    """The state that the door changed; None where they had their place."""
    states = inscription.events.filter(kind__in=(*STATE_OF, Kind.ON_THE_SPOT))
    kinds = [Kind(kind) for kind in states.order_by("-pk").values_list("kind", flat=True)]
    if not kinds or kinds[0] != Kind.ON_THE_SPOT:
        return None
    return next((STATE_OF[kind] for kind in kinds if kind != Kind.ON_THE_SPOT), InscriptionState.CANCELLED)


def _line(rencontre: Rencontre, newcomer: Newcomer, by: User, key: UUID, at: datetime) -> Venue:
    said = {"name": newcomer.name, "college": newcomer.college, "image_refused": newcomer.image_refused}
    venue, _ = Venue.objects.get_or_create(
        submission_key=key, defaults={"rencontre": rencontre, "by": by, "arrived_at": at, **said}
    )
    if venue.rencontre_id != rencontre.pk:
        raise PresenceRefusedError(OTHER_LINE)
    return venue


@transaction.atomic
def erase_line(rencontre_pk: int, venue_pk: int, by: User) -> Venue:
    """The line stays, with who erased it; it is not counted any more."""
    rows = Venue.objects.filter(rencontre=rencontre_pk, pk=venue_pk)
    rows.counted().update(erased_at=timezone.now(), erased_by=by)
    return rows.get()


@transaction.atomic
def refuse_image(rencontre_pk: int, inscription_pk: int, by: User, *, refused: bool) -> Inscription:
    rows = Inscription.objects.select_related("personne", "rencontre__demarche")
    inscription = rows.get(rencontre=rencontre_pk, pk=inscription_pk)
    note_refusal(inscription, by, refused=refused)
    return inscription


def refuse_image_of_line(rencontre_pk: int, venue_pk: int, *, refused: bool) -> Venue:
    rows = Venue.objects.filter(rencontre=rencontre_pk, pk=venue_pk)
    rows.update(image_refused=refused)
    return rows.get()


def _write(
    inscription: Inscription, kind: Kind, by: User | None, *, at: datetime | None = None, note: str = ""
) -> None:
    said = {"at": at} if at else {}
    InscriptionEvent.objects.create(inscription=inscription, kind=kind, by=by, note=note, **said)


def rename(personne: Personne, name: str) -> int:
    """The name by which they are welcomed, at all that they still hold."""
    kept = Rencontre.objects.past(timezone.now() - NAMES_KEPT).order_by()
    mine = Inscription.objects.active().filter(personne=personne).exclude(rencontre__in=kept.values("pk"))
    return mine.exclude(name=name).update(name=name)
