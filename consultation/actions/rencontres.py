"""Places: who has one, who waits, and whom to remind. The rencontre's row is the only lock."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from consultation.choices import InscriptionState
from consultation.emails import rencontres as emails
from consultation.models import Inscription, Rencontre
from socle.comptes.models import Personne

REMINDER_LEAD = timedelta(days=7)
REMINDER_BATCH = 500


@transaction.atomic
def register(personne: Personne, rencontre_pk: int) -> Inscription:
    """A place, or the next rank of the waiting list; the one already held where there is one."""
    rencontre = Rencontre.objects.select_for_update().get(pk=rencontre_pk)
    inscription = Inscription.objects.filter(rencontre=rencontre, personne=personne).first()
    if inscription and inscription.state != InscriptionState.CANCELLED:
        return inscription
    inscription = inscription or Inscription(rencontre=rencontre, personne=personne)
    inscription.state = InscriptionState.CONFIRMED if _has_room(rencontre) else InscriptionState.WAITING
    inscription.created_at = timezone.now()
    inscription.save()
    return inscription


def _has_room(rencontre: Rencontre) -> bool:
    """The rencontre's row must be locked, or the answer may be false by the time it is used."""
    if rencontre.capacity is None:
        return True
    taken = Inscription.objects.filter(rencontre=rencontre, sur_place=False).confirmed().count()
    return taken < rencontre.capacity


@transaction.atomic
def remind_due() -> int:
    """Write the reminders that are due and not written yet; returns how many. Safe to ring twice, or at once."""
    due = Inscription.objects.reminder_due(REMINDER_LEAD)[:REMINDER_BATCH]
    for inscription in due:
        emails.reminder(inscription, inscription.reminder_key)  # type: ignore[attr-defined]  # annotated
    return len(due)
