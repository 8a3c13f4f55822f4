"""The words of productions: what of them may still be shown, why one does not appear."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import OuterRef, QuerySet

from ateliers.models import Production
from consultation.choices import ContributionState, VersionCause
from consultation.models import Contribution, Decision, Version


def maskings(contribution: Contribution | OuterRef) -> QuerySet[Version]:
    """Each hid a passage of its earlier words for good: they are shown to nobody any more."""
    return Version.objects.filter(contribution=contribution, cause=VersionCause.MASKING)


def was_masked(contribution: Contribution) -> bool:
    return maskings(contribution).exists()


def with_refusals(rows: Iterable[Production]) -> None:
    """Gives each of those that were refused its `refusal`, the decision: one query."""
    refused = {row.pk: row for row in rows if row.contribution.state == ContributionState.REFUSED}
    decisions = Decision.objects.filter(contribution__in=refused, to_state=ContributionState.REFUSED)
    for decision in decisions.select_related("reason").order_by("pk"):
        refused[decision.contribution_id].refusal = decision
