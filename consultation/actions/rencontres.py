"""A rencontre that is announced, moves or is cancelled: changed once, told once to everyone concerned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from consultation.actions.entries import enter_cancellation
from consultation.actions.periods import record_date_change
from consultation.actions.rappels import call_back
from consultation.choices import DemarcheState, InscriptionEventKind, RencontreState
from consultation.emails import rencontres as emails
from consultation.models import Call, Inscription, InscriptionEvent, Rencontre
from consultation.models.inscription import InscriptionQuerySet
from socle.comptes.models import User
from socle.courriels import actions as courriels
from socle.courriels.models import Envoi

MOVED = "La rencontre a changé : un autre message le dit."
CANCELLED = "La rencontre est annulée."


@dataclass(frozen=True)
class Known:
    """What people knew of a rencontre before it changed."""

    when: str
    where: str
    starts_at: datetime
    was_announced: bool

    @classmethod
    def of(cls, rencontre: Rencontre) -> Known:
        announced = rencontre.state == RencontreState.PUBLISHED and rencontre.demarche.state == DemarcheState.PUBLISHED
        return cls(rencontre.when_label, emails.where_label(rencontre), rencontre.starts_at, announced)


@dataclass(frozen=True)
class Told:
    """How many were written to, and how many could not be: their address was never proved."""

    written: int = 0
    unreached: int = 0


@transaction.atomic
def tell_announced(rencontre: Rencontre, by: User) -> list[str]:
    """A draft, locked and already saved as published: whoever has to come to it is put down by the floors above
    (settings.ANNOUNCED). What they did, in the sentences that `by` reads."""
    said = [import_string(path)(rencontre, by) for path in settings.ANNOUNCED]
    return [sentence for sentence in said if sentence]


@transaction.atomic
def tell_moved(rencontre: Rencontre, known: Known, reason: str, by: User) -> Told:
    """Say of a rencontre, locked and already saved, that its date, its place or how it is held is not what it was.

    The earlier date and the reason stay on its page; calendars follow; the reminders of what is no longer true are
    called back, and those of the new date come in their time. Nobody is written to about what is past.
    """
    record_date_change(rencontre, known.when, reason)
    change = emails.Change(
        previous_when="" if known.when == rencontre.when_label else known.when,
        previous_where="" if known.where == emails.where_label(rencontre) else known.where,
        reason=reason,
    )
    if not (change.previous_when or change.previous_where):
        return Told()
    _raise_sequence(rencontre)
    call_back(rencontre.inscriptions.active(), MOVED)
    if not _concerns(rencontre, known):
        return Told()
    courriels.cancel(emails.change_key(rencontre), MOVED)
    return _tell(rencontre, lambda inscription: emails.moved(inscription, change), reason, by)


@transaction.atomic
def tell_cancelled(rencontre: Rencontre, known: Known, by: User) -> Told:
    """Say of a rencontre, locked and already saved as cancelled, that it will not be held. There is no way back:
    people have been told not to come; another rencontre is announced in its stead."""
    _raise_sequence(rencontre)
    enter_cancellation(rencontre, by)
    call_back(rencontre.inscriptions.active(), CANCELLED)
    if not _concerns(rencontre, known):
        return Told()
    courriels.cancel(emails.subject_key(rencontre), CANCELLED)
    courriels.cancel(emails.change_key(rencontre), CANCELLED)
    return _tell(rencontre, emails.cancelled, rencontre.cancel_reason, by)


def _raise_sequence(rencontre: Rencontre) -> None:
    Rencontre.objects.filter(pk=rencontre.pk).update(ics_sequence=F("ics_sequence") + 1)
    rencontre.refresh_from_db(fields=["ics_sequence"])


def _concerns(rencontre: Rencontre, known: Known, at: datetime | None = None) -> bool:
    """Whether somebody may have counted on what was announced, or may count on what now is."""
    at = at or timezone.now()
    over = timezone.localdate(max(known.starts_at, rencontre.starts_at)) < timezone.localdate(at)
    return known.was_announced and not (over and rencontre.has_day)


def _tell(rencontre: Rencontre, letter: Callable[[Inscription], Envoi], reason: str, by: User) -> Told:
    concerned = list(_people(rencontre))
    reached = [inscription for inscription in concerned if inscription.personne.confirmed_at]
    for inscription in reached:
        inscription.rencontre = rencontre
    courriels.enqueue_many(letter(inscription) for inscription in reached)
    InscriptionEvent.objects.bulk_create(
        InscriptionEvent(inscription=inscription, kind=InscriptionEventKind.MOVED, by=by, note=reason[:300])
        for inscription in reached
    )
    return Told(len(reached), len(concerned) - len(reached))


def _people(rencontre: Rencontre) -> InscriptionQuerySet:
    """Those who have a place and those who wait for one."""
    return rencontre.inscriptions.active().select_related("personne").order_by("pk")


def record_call(inscription: Inscription, by: User, *, reached: bool) -> Call:
    """Somebody called about a change of the last minute; each try is kept until the numbers are erased."""
    return Call.objects.create(inscription=inscription, by=by, reached=reached)
