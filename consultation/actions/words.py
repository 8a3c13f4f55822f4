"""The words of a contribution are replaced; those before stay with staff."""

from __future__ import annotations

from django.db import transaction

from consultation.actions.contributions import stale
from consultation.masking import MARK
from consultation.models import Contribution, Version
from socle.comptes.models import User
from socle.pagecache.actions import bump


@transaction.atomic
def replace_words(
    contribution: Contribution, *, title: str, body: str, cause: str, by: User | None = None, reason: str = ""
) -> Version:
    """Other words for those with which `contribution` was read; raises StaleState when its words or its state moved.

    `by` is None where its author does it.
    """
    before = {"title": contribution.title, "body": contribution.body}
    rows = Contribution.objects.filter(pk=contribution.pk, state=contribution.state, **before)
    if not rows.update(title=title, body=body):
        raise stale(contribution)
    if MARK not in title + body:  # what was hidden is not there any more: the page says nothing of it
        Contribution.objects.filter(pk=contribution.pk).update(masked_at=None)
    contribution.title, contribution.body = title, body
    version = Version.objects.create(contribution=contribution, cause=cause, by=by, reason=reason, **before)
    if contribution.is_published:
        bump()
    return version
