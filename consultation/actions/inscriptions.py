"""Who gets a place, who waits, who gives theirs back. The rencontre's row is the one lock; of several, in pk order.

Whatever happens to an inscription is written as an InscriptionEvent in the same transaction: read again from the
first, they give the list as it stands. No bump: the figures of places are those of a minute ago (design §5).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone

from consultation import desk
from consultation.actions.images import say_images
from consultation.actions.rappels import call_back
from consultation.choices import InscriptionEventKind as Kind
from consultation.choices import InscriptionState, Mode, Presence, RencontreState
from consultation.emails import inscriptions as emails
from consultation.models import Inscription, InscriptionEvent, Rencontre, Service
from consultation.organisers import organisers
from consultation.places import Filling, filling
from socle.comptes.models import Personne, User
from socle.courriels.actions import cancel_one
from socle.courriels.models import Envoi

LEVELS = (100, 80, 50)  # percent of the places at which the organisers are told
FIRST_KIND = {InscriptionState.CONFIRMED: Kind.CONFIRMED, InscriptionState.WAITING: Kind.WAITING}
GIVEN_BACK = "La personne a rendu sa place."
BEGUN = "La rencontre a commencé."
CANCELLED = "La rencontre est annulée."
UNREACHED = "Son adresse n’existe plus : les courriels reviennent."


class TooFewPlacesError(ValidationError):
    """The capacity cannot go below the people who were promised a place; the sentence has the figures."""


class ReleasedForNothingError(ValidationError):
    """More people would lose their place than the new capacity asks for."""


@dataclass(frozen=True)
class Asked:
    """How one comes: what to prepare, and where to call if it changes at the last minute."""

    at_distance: bool = False
    phone: str = ""
    service_pks: frozenset[int] = frozenset()
    name: str = ""
    images: bool = False


def register(
    personne: Personne, rencontre_pk: int, asked: Asked | None = None, *, by: User | None = None
) -> Inscription:
    """A place, or the next rank of the waiting list; the one already held where there is one."""
    register_all(personne, [rencontre_pk], asked, by=by)
    return Inscription.objects.with_rank().get(personne=personne, rencontre=rencontre_pk)


@transaction.atomic
def register_all(
    personne: Personne,
    rencontre_pks: Iterable[int],
    asked: Asked | None = None,
    *,
    by: User | None = None,
    tell: bool = True,
) -> list[Inscription]:
    """One transaction: of each a place, or a rank on its own waiting list; again is harmless.

    To be called once the address is proved. Those that take no names now are left out: ask `places.refusal`.
    The team (`by`) may still put somebody down. Who cancelled comes back at the end of the line.
    Without `tell`, whoever calls writes to the person.
    """
    rencontres = [one for one in desk.lock(rencontre_pks) if by or one.takes_names()]
    registered = [_register(personne, rencontre, asked, by) for rencontre in rencontres]
    found = [inscription for inscription, _ in registered]
    if tell and any(changed for _, changed in registered):
        emails.registered(personne, found, by_team=by is not None)
    return found


def _register(
    personne: Personne, rencontre: Rencontre, asked: Asked | None, by: User | None
) -> tuple[Inscription, bool]:
    """What they hold, with its rank, and whether anything changed. The rencontre's row is locked."""
    before, mine = desk.look(rencontre, personne)
    held = Inscription.objects.with_rank().get(pk=mine) if mine else None
    inscription = held or Inscription(rencontre=rencontre, personne=personne)
    inscription.rencontre, inscription.personne = rencontre, personne
    if held and held.state != InscriptionState.CANCELLED:
        return held, _keep(held, asked)
    _enter(inscription, before, asked, by)
    if inscription.is_confirmed:
        _tell_filling(rencontre, before.taken + 1)
    elif before.free:  # free, and not given: whoever is before them cannot be reached
        _promote(rencontre)
        inscription.refresh_from_db(fields=["state", "promoted_at"])
    return inscription, True


def _enter(inscription: Inscription, before: Filling, asked: Asked | None, by: User | None) -> None:
    """At the end of the line, or with a place where one is left for them; anew, where they had given theirs back."""
    asked = asked or Asked()
    inscription.state = InscriptionState.CONFIRMED if before.has_room else InscriptionState.WAITING
    inscription.presence, inscription.phone = _presence(inscription.rencontre, asked), asked.phone
    inscription.name = asked.name
    kind = FIRST_KIND[InscriptionState(inscription.state)]
    if inscription.pk is None:
        desk.enter(inscription, kind, by)
    else:
        inscription.created_at = Now()  # the database's clock, as at the desk
        inscription.promoted_at = inscription.cancelled_at = None
        inscription.sur_place = False
        inscription.save()
        _write(inscription, kind, by)
    if asked.service_pks:
        inscription.services.set(_offered(inscription.rencontre, asked))
    if asked.images:
        say_images(inscription, agreed=True)
    inscription.rank = before.waiting + 1  # type: ignore[attr-defined]  # as `with_rank`


def _presence(rencontre: Rencontre, asked: Asked) -> Presence:
    at_distance = rencontre.mode == Mode.REMOTE or (rencontre.mode == Mode.BOTH and asked.at_distance)
    return Presence.REMOTE if at_distance else Presence.ROOM


def _offered(rencontre: Rencontre, asked: Asked) -> set[Service]:
    return set(rencontre.services.filter(pk__in=asked.service_pks, is_active=True)) if asked.service_pks else set()


def _keep(inscription: Inscription, asked: Asked | None) -> bool:
    """What they now say of how they come, where it is offered; whether it is not what was said before."""
    if asked is None:
        return False
    presence, offered = _presence(inscription.rencontre, asked), _offered(inscription.rencontre, asked)
    say_images(inscription, agreed=asked.images)  # no mail repeats it: « Mes inscriptions » does
    said = (presence, asked.phone, asked.name, offered)
    if said == (inscription.presence, inscription.phone, inscription.name, set(inscription.services.all())):
        return False
    inscription.presence, inscription.phone, inscription.name = presence, asked.phone, asked.name
    inscription.save(update_fields=["presence", "phone", "name"])
    inscription.services.set(offered)
    return True


def _write(inscription: Inscription, kind: Kind, by: User | None = None, note: str = "") -> None:
    InscriptionEvent.objects.create(inscription=inscription, kind=kind, by=by, note=note)


def cancel(inscription: Inscription, by: User | None = None, note: str = "") -> bool:
    """Give the place back, and give it in the same transaction to the first in line; False where there is none."""
    return cancel_all([inscription], by, note) == 1


@transaction.atomic
def cancel_all(
    inscriptions: Iterable[Inscription], by: User | None = None, note: str = "", *, tell: bool = True
) -> int:
    """How many were given back; a place that served, or could have, stays. `tell` the person what the team does."""
    wanted = {one.rencontre_id: one.pk for one in inscriptions}
    return sum(_cancel(rencontre, wanted[rencontre.pk], by, note, tell=tell) for rencontre in desk.lock(wanted))


def _cancel(
    rencontre: Rencontre, inscription_pk: int, by: User | None, note: str, *, promote: bool = True, tell: bool = True
) -> bool:
    inscription = Inscription.objects.select_related("personne").get(pk=inscription_pk)
    inscription.rencontre = rencontre
    gone = inscription.state == InscriptionState.CANCELLED or inscription.attended_at is not None
    if gone or (by is None and rencontre.has_begun()):
        return False
    inscription.state, inscription.cancelled_at = InscriptionState.CANCELLED, timezone.now()
    inscription.phone, inscription.name, inscription.image_agreed_at = "", "", None
    inscription.save(update_fields=["state", "cancelled_at", "phone", "name", "image_agreed_at"])
    inscription.services.clear()
    _write(inscription, Kind.RELEASED if by else Kind.CANCELLED, by, note)
    _call_back(inscription)
    if by and tell:
        emails.released(inscription, note)
    if promote:
        _promote(rencontre)
    return True


def _call_back(inscription: Inscription) -> None:
    """Its reminders, and the place it was given, where these mails have not left."""
    call_back([inscription], GIVEN_BACK)
    mails = Envoi.objects.unfinished().filter(subject_key=emails.subject_key(inscription.rencontre))
    for envoi in mails.filter(to__iexact=inscription.personne.email):
        cancel_one(envoi, GIVEN_BACK)


def _promote(rencontre: Rencontre) -> None:
    """What is free goes to the line, first come first; the rencontre's row is locked."""
    now = filling(rencontre)
    free = now.waiting if now.free is None else min(now.free, now.waiting)
    if not free:
        return
    line = Inscription.objects.filter(rencontre=rencontre).waiting().select_related("personne")
    if reason := _withheld(rencontre):
        _not_offered(line[:free], reason)
        return
    dead = Envoi.objects.bounced_for_good().filter(to__iexact=OuterRef("personne__email"))
    promoted = list(line.exclude(Exists(dead))[:free])
    for inscription in promoted:
        _give(inscription, rencontre)
    last = promoted[-1] if promoted else None
    ahead = line.filter(Exists(dead))
    _not_offered(ahead.filter(created_at__lte=last.created_at) if last else ahead[:free], UNREACHED)
    _tell_filling(rencontre, now.taken + len(promoted))


def offer(rencontre: Rencontre) -> None:
    """Where something else than a place given back may have freed one; the rencontre's row is locked."""
    _promote(rencontre)


def _withheld(rencontre: Rencontre) -> str:
    """Why a free place is offered to nobody."""
    if rencontre.state == RencontreState.CANCELLED:
        return CANCELLED
    return BEGUN if rencontre.has_begun() else ""


def _give(inscription: Inscription, rencontre: Rencontre) -> None:
    inscription.state, inscription.promoted_at = InscriptionState.CONFIRMED, timezone.now()
    inscription.rencontre = rencontre
    inscription.save(update_fields=["state", "promoted_at"])
    _write(inscription, Kind.PROMOTED)
    emails.promoted(inscription)


def _not_offered(line: Iterable[Inscription], reason: str) -> None:
    """So that the team sees why; said once for each reason."""
    for inscription in line:
        if not inscription.events.filter(kind=Kind.NOT_OFFERED, note=reason).exists():
            _write(inscription, Kind.NOT_OFFERED, note=reason)


@transaction.atomic
def change_capacity(
    rencontre_pk: int, capacity: int | None, by: User, releasing: Iterable[Inscription] = (), note: str = ""
) -> None:
    """More places go to the line at once; fewer than the confirmed are refused, or given back by name (`releasing`).

    Raises TooFewPlacesError or ReleasedForNothingError, and nothing is changed: meanwhile somebody may have come, or
    given their place back, and whoever was named to make up the number keeps theirs.
    """
    [rencontre] = desk.lock([rencontre_pk])
    taken = filling(rencontre).taken
    over = 0 if capacity is None else max(0, taken - capacity)
    named = Inscription.objects.filter(rencontre=rencontre, pk__in=[one.pk for one in releasing]).releasable()
    released = list(named.values_list("pk", flat=True))
    if len(released) < over:
        raise TooFewPlacesError(too_few(taken, capacity, len(released)))
    if len(released) > over:
        raise ReleasedForNothingError(_for_nothing(over, len(released)))
    for pk in released:
        _cancel(rencontre, pk, by, note, promote=False)
    rencontre.capacity = capacity
    rencontre.fill_told = 0 if capacity is None else _level(taken - over, capacity)
    rencontre.save(update_fields=["capacity", "fill_told"])
    _promote(rencontre)


def too_few(taken: int, capacity: int | None, named: int = 0) -> str:
    if named:
        return f"Il faut rendre {taken - (capacity or 0)} places, et vous en avez coché {named}. Rien n’a été changé."
    return (
        f"{taken} personnes sont déjà confirmées : la capacité ne peut descendre à {capacity}. Rien n’a été changé. "
        "Pour aller plus bas, rendez d’abord des places, par leur nom."
    )


def _for_nothing(over: int, named: int) -> str:
    needed = f"il en suffit de {over}" if over else "il n’est besoin d’en rendre aucune"
    return f"Vous avez coché {named} place{'s' if named > 1 else ''}, et {needed}. Rien n’a été changé."


def _level(taken: int, capacity: int) -> int:
    return next((level for level in LEVELS if capacity and taken * 100 >= level * capacity), 0)


def _tell_filling(rencontre: Rencontre, taken: int) -> None:
    """The organisers hear once of each level, again if the number of places has changed since."""
    level = _level(taken, rencontre.capacity) if rencontre.capacity else 0
    rows = Rencontre.objects.filter(pk=rencontre.pk, fill_told__lt=level)
    if level > rencontre.fill_told and rows.update(fill_told=level):
        rencontre.fill_told = level
        for user in organisers(rencontre):
            emails.filled(rencontre, level, taken, user)
