"""« M’opposer »: written down once, answered by the team with its reason (GDPR, articles 12 and 21)."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from socle.comptes.models import Personne, User
from socle.privacy import emails
from socle.privacy.models import Opposition


class AnsweredError(Exception):
    """Somebody of the team answered first; nothing was changed."""


@transaction.atomic
def oppose(personne: Personne, words: str, key: UUID) -> Opposition:
    """Kept once for each form."""
    opposition, new = Opposition.objects.get_or_create(
        submission_key=key, defaults={"personne": personne, "words": words}
    )
    if new:
        emails.opposition_received(opposition, personne)
    return opposition


@transaction.atomic
def answer(opposition: Opposition, *, outcome: str, words: str, by: User) -> None:
    """Raises AnsweredError."""
    waiting = Opposition.objects.waiting().filter(pk=opposition.pk)
    if not waiting.update(outcome=outcome, answer=words, answered_at=timezone.now(), answered_by=by):
        raise AnsweredError
    opposition.refresh_from_db()
    emails.opposition_answered(opposition)
