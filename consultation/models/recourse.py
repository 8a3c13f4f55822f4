"""What can be asked after a decision: the author contests it, a reader points at what is published."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from consultation.choices import ContributionState, ReexamenOutcome, SignalementOutcome, SignalementReason
from socle.comptes.models import Personne

from .contribution import Contribution
from .moderation import Decision

# The two months one has to contest an administrative decision (code de justice administrative, article R. 421-1).
REEXAMEN_WITHIN = timedelta(days=61)
# What the team decides against what somebody wrote.
AGAINST = (ContributionState.REFUSED, ContributionState.WITHDRAWN)


class ReexamenQuerySet(models.QuerySet["Reexamen"]):
    def waiting(self) -> ReexamenQuerySet:
        return self.filter(decided_at__isnull=True).order_by("asked_at", "pk")


class Reexamen(models.Model):
    """The author of a contribution asks, once, that another moderator look at the decision again."""

    demarche_path = "contribution__demarche"

    contribution = models.OneToOneField(
        Contribution, models.PROTECT, related_name="reexamen", verbose_name="contribution"
    )
    decision = models.OneToOneField(Decision, models.PROTECT, related_name="+", verbose_name="décision contestée")
    words = models.TextField("ce que dit l’auteur", max_length=2000)
    asked_at = models.DateTimeField("demandé le", default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="décidé par"
    )
    decided_at = models.DateTimeField("décidé le", null=True, blank=True)
    outcome = models.CharField("issue", max_length=12, choices=ReexamenOutcome, blank=True)
    answer = models.TextField("réponse à l’auteur", max_length=2000, blank=True)

    objects = ReexamenQuerySet.as_manager()

    class Meta:
        verbose_name = "réexamen"
        verbose_name_plural = "réexamens"
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, outcome="")
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(outcome="") & ~Q(answer="")),
                name="reexamen_whole",
                violation_error_message="Un réexamen décidé a une date, une personne, une issue et une réponse.",
            )
        ]

    def __str__(self) -> str:
        return f"réexamen {self.pk}"

    @classmethod
    def contestable(cls, contribution: Contribution, day: date | None = None) -> Decision | None:
        """The refusal, or the taking down, that its author may still contest; None once it was done, or too late."""
        if contribution.state not in AGAINST or cls.objects.filter(contribution=contribution).exists():
            return None
        decision = contribution.decisions.last()
        if decision is None or decision.by_id is None:
            return None
        return decision if (day or timezone.localdate()) <= cls.last_day(decision) else None

    @staticmethod
    def last_day(decision: Decision) -> date:
        """Until the end of that day a decision may be contested."""
        return timezone.localdate(decision.decided_at + REEXAMEN_WITHIN)


class SignalementQuerySet(models.QuerySet["Signalement"]):
    def waiting(self) -> SignalementQuerySet:
        return self.filter(decided_at__isnull=True).order_by("received_at", "pk")

    def received_since(self, at: datetime) -> SignalementQuerySet:
        return self.filter(received_at__gte=at)


class Signalement(models.Model):
    """A reader says that a published contribution should not be there, or not so."""

    demarche_path = "contribution__demarche"

    contribution = models.ForeignKey(
        Contribution, models.PROTECT, related_name="signalements", verbose_name="contribution"
    )
    reason = models.CharField("motif", max_length=12, choices=SignalementReason)
    words = models.TextField("ce qui est signalé", max_length=2000, blank=True)
    personne = models.ForeignKey(
        Personne, models.SET_NULL, null=True, blank=True, related_name="signalements", verbose_name="personne"
    )
    received_at = models.DateTimeField("reçu le", default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="traité par"
    )
    decided_at = models.DateTimeField("traité le", null=True, blank=True)
    outcome = models.CharField("issue", max_length=12, choices=SignalementOutcome, blank=True)
    answer = models.TextField("réponse", max_length=2000, blank=True)
    submission_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    tracking_hash = models.BinaryField(max_length=32, null=True, unique=True, editable=False)

    objects = SignalementQuerySet.as_manager()

    class Meta:
        verbose_name = "signalement"
        ordering = ["received_at", "pk"]
        indexes = [
            models.Index(fields=["received_at", "id"], name="signalement_queue", condition=Q(decided_at__isnull=True))
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, outcome="")
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(outcome="")),
                name="signalement_whole",
                violation_error_message="Un signalement traité a une date, une personne et une issue.",
            )
        ]

    def __str__(self) -> str:
        return f"signalement {self.pk}"
