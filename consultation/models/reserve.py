"""What holds a démarche back, and what it owes before it closes: the période de réserve, its archiving."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from socle.dates import day_label, local_midnight

from .demarche import Demarche
from .texte import REASON_LENGTH


class ReserveQuerySet(models.QuerySet["Reserve"]):
    def running(self, at: date | None = None) -> ReserveQuerySet:
        """First and last day included, until it is lifted."""
        day = at or timezone.localdate()
        return self.filter(starts_on__lte=day, ends_on__gte=day, lifted_at__isnull=True)


class Reserve(models.Model):
    """Days before an election on which a démarche announces no success (Code électoral, L52-1): what would be one
    waits, or is confirmed by somebody who says why.

    Once it has begun, its first day stays and it is lifted, not deleted: what leaves after it is counted from then.
    """

    demarche_path = "demarche"

    demarche = models.ForeignKey(Demarche, models.CASCADE, related_name="reserves", verbose_name="démarche")
    starts_on = models.DateField("premier jour")
    ends_on = models.DateField("dernier jour")
    reason = models.CharField("pourquoi", max_length=200, help_text="Par exemple : élections régionales des 13 et 20.")
    # What appeared on its first day before it was set has appeared.
    set_at = models.DateTimeField("fixée le", default=timezone.now, editable=False)
    lifted_at = models.DateTimeField("levée le", null=True, blank=True, editable=False)

    objects = ReserveQuerySet.as_manager()

    class Meta:
        verbose_name = "période de réserve"
        verbose_name_plural = "périodes de réserve"
        ordering = ["demarche", "starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="reserve_order",
                violation_error_message="La période de réserve commence avant de finir.",
            )
        ]

    def __str__(self) -> str:
        return f"du {day_label(self.starts_on, weekday=False)} au {day_label(self.ends_on, weekday=False)}"

    @property
    def holds_from(self) -> datetime:
        return max(local_midnight(self.starts_on), self.set_at)

    @property
    def released_at(self) -> datetime:
        """The first instant at which it holds nothing any more."""
        over = local_midnight(self.ends_on + timedelta(days=1))
        return min(over, self.lifted_at) if self.lifted_at else over

    def has_begun(self, at: datetime | None = None) -> bool:
        return self.holds_from <= (at or timezone.now())

    def is_over(self, at: datetime | None = None) -> bool:
        return self.released_at <= (at or timezone.now())

    def holds(self, at: datetime) -> bool:
        return self.holds_from <= at < self.released_at


class Confirmation(models.Model):
    """Somebody answers for what is said all the same during a période de réserve: an actualité, a suite réalisée."""

    demarche_path = "demarche"

    demarche = models.ForeignKey(Demarche, models.CASCADE, related_name="confirmations", verbose_name="démarche")
    subject = models.CharField("au sujet de", max_length=40)  # « actualite:12 », « suite:4 »
    reason = models.TextField("raison", max_length=REASON_LENGTH)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="par")
    at = models.DateTimeField("confirmé le", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "confirmation en période de réserve"
        verbose_name_plural = "confirmations en période de réserve"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["subject"], name="confirmation_subject")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="confirmation_says_why",
                violation_error_message="Dites pourquoi cela paraît pendant la période de réserve.",
            )
        ]

    def __str__(self) -> str:
        return f"confirmation {self.pk}"


class Archivage(models.Model):
    """A démarche was archived: owing nothing, or with the reason why what it owes will not come (CRPA, L131-1)."""

    demarche_path = "demarche"

    demarche = models.ForeignKey(Demarche, models.CASCADE, related_name="archivages", verbose_name="démarche")
    missing = models.JSONField("ce qui manquait", default=list, editable=False)
    reason = models.TextField("raison", max_length=REASON_LENGTH, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="par")
    at = models.DateTimeField("archivée le", default=timezone.now, editable=False)
    reopened_at = models.DateTimeField("rouverte le", null=True, editable=False)
    authors_told_at = models.DateTimeField("auteurs prévenus le", null=True, editable=False)

    class Meta:
        verbose_name = "archivage"
        ordering = ["demarche", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["demarche"],
                condition=Q(reopened_at__isnull=True),
                name="archivage_one_at_a_time",
                violation_error_message="Cette démarche est déjà archivée.",
            ),
            models.CheckConstraint(
                condition=Q(missing=[]) | ~Q(reason=""),
                name="archivage_says_why",
                violation_error_message="Dites pourquoi elle est archivée sans ce qu’elle doit : c’est public.",
            ),
        ]

    def __str__(self) -> str:
        return f"archivage {self.pk}"
