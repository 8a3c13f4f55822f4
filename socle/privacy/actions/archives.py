"""Public records are destroyed under a recorded visa, and by nothing else: proposed, printed, signed, carried out."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models.functions import Now

from socle.comptes.models import User
from socle.privacy.models import Visa
from socle.privacy.records import record_of


class NothingToDestroyError(Exception):
    """These documents are not there, or their time has not come."""


@transaction.atomic
def propose(kind: str, subject: str, by: User) -> Visa:
    """Counted now, printed for whoever signs; the same one where it is asked already. Raises NothingToDestroyError."""
    record = record_of(kind)
    name = record.subjects().get(subject)
    rows = record.count(subject) if name else 0
    if not (name and rows):
        raise NothingToDestroyError
    said = {"what": f"{record.label}, {name}"[:300], "rows": rows, "proposed_by": by}
    return Visa.objects.get_or_create(record=kind, subject=subject, destroyed_at=None, defaults=said)[0]


def sign(visa: Visa, *, reference: str, signed_by: str, signed_on: date, by: User) -> bool:
    """Written down once; False where it was, by somebody else."""
    waiting = Visa.objects.filter(pk=visa.pk, signed_on__isnull=True)
    return bool(waiting.update(reference=reference, signed_by=signed_by, signed_on=signed_on, recorded_by=by))


@transaction.atomic
def destroy_next() -> bool:
    """Carry one signed visa out, with its trace; False when there is none whose documents may still go."""
    for visa in Visa.objects.to_carry_out().select_for_update(skip_locked=True):
        record = record_of(visa.record)
        if visa.subject in record.subjects():  # a démarche that was opened again keeps its documents meanwhile
            rows = record.destroy(visa.subject)
            Visa.objects.filter(pk=visa.pk).update(destroyed_at=Now(), destroyed_rows=rows)
            return True
    return False
