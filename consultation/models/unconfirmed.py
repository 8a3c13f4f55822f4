"""Contributions whose author gave an address and never opened the mail: they are reminded, listed, never lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat, Now

from consultation.choices import ContributionState, DemarcheState
from socle.courriels.models import Envoi


class UnconfirmedRows(models.QuerySet):
    def unconfirmed(self) -> Self:
        """Oldest first."""
        return self.filter(state=ContributionState.TO_CONFIRM).order_by("submitted_at", "pk")

    def sent_before(self, age: timedelta, at: datetime | None = None) -> Self:
        """Counted by the database's clock."""
        return self.filter(submitted_at__lte=(at or Now()) - age)

    def confirmation_reminder_due(self, lead: timedelta, useless_after: timedelta) -> Self:
        """Unconfirmed for `lead`, not for `useless_after`, and whose reminder is not written."""
        key = Concat(
            Value("contribution:"), Cast("pk", models.TextField()), Value(":confirmation:rappel"),
            output_field=models.TextField(),
        )  # fmt: skip
        return (
            self.filter(
                state=ContributionState.TO_CONFIRM,
                personne__isnull=False,
                demarche__state=DemarcheState.PUBLISHED,
                submitted_at__gt=Now() - useless_after,
            )
            .sent_before(lead)
            .annotate(reminder_key=key)
            .exclude(Exists(Envoi.objects.filter(dedupe_key=OuterRef("reminder_key"))))
            .select_related("personne", "demarche")
            .order_by("pk")
        )
