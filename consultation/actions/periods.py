"""A date that moves is said: the earlier label, the new one and the reason stay on the page."""

from __future__ import annotations

from django.db import models, transaction

from consultation.actions.entries import enter_date_change
from consultation.models import DateChange, Etape, Rencontre

MOVED_FIELDS = {
    Etape: ("starts_on", "ends_on", "precision"),
    Rencontre: ("starts_at", "ends_at", "precision"),
}


def label_of(subject: Etape | Rencontre) -> str:
    return subject.period_label if isinstance(subject, Etape) else subject.when_label


def moved_fields(subject: models.Model, changed: list[str]) -> list[str]:
    """Those of `changed` that move the subject's date."""
    return [name for name in MOVED_FIELDS.get(type(subject), ()) if name in changed]


@transaction.atomic
def record_date_change(subject: Etape | Rencontre, previous_label: str, reason: str) -> DateChange | None:
    """Write down that the dates of `subject` moved; nothing when what is read has not changed."""
    new_label = label_of(subject)
    if new_label == previous_label:
        return None
    key = "etape" if isinstance(subject, Etape) else "rencontre"
    change = DateChange.objects.create(
        **{key: subject}, previous_label=previous_label, new_label=new_label, reason=reason
    )
    enter_date_change(change, subject)
    return change
