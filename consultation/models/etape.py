"""The ordered steps of a démarche, their periods, and how these moved."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from consultation.etapes import REGLES, EtapeType, Regle
from socle.dates import Precision, period_label

from .demarche import Demarche


class EtapeQuerySet(models.QuerySet["Etape"]):
    def running(self, at: datetime | None = None) -> EtapeQuerySet:
        day = timezone.localdate(at)
        return self.filter(starts_on__lte=day, ends_on__gte=day)

    def coming(self, at: datetime | None = None) -> EtapeQuerySet:
        return self.filter(starts_on__gt=timezone.localdate(at)).order_by("starts_on", "rank")


class Etape(models.Model):
    """One of the ordered steps of a démarche. Étapes may overlap, and there may be none today."""

    demarche_path = "demarche"

    demarche = models.ForeignKey(Demarche, models.CASCADE, related_name="etapes", verbose_name="démarche")
    rank = models.PositiveSmallIntegerField("rang")
    type = models.CharField(
        "type", max_length=20, choices=EtapeType, help_text="Dit ce qui est ouvert tant qu’elle court."
    )
    title = models.CharField("titre", max_length=200)
    text = models.TextField("texte", blank=True)
    people_count = models.PositiveIntegerField("nombre de personnes", null=True, blank=True)
    people_label = models.CharField("qui elles sont", max_length=200, blank=True)
    starts_on = models.DateField("du")
    ends_on = models.DateField("au", help_text="Dernier jour compris.")
    precision = models.CharField("précision", max_length=8, choices=Precision, default=Precision.DAY)

    objects = EtapeQuerySet.as_manager()

    class Meta:
        verbose_name = "étape"
        ordering = ["demarche", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["demarche", "rank"],
                name="etape_rank_unique",
                violation_error_message="Une autre étape porte déjà ce rang.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="etape_period_order",
                violation_error_message="L’étape doit commencer avant de finir.",
            ),
            models.CheckConstraint(
                condition=Q(rank__gte=1), name="etape_rank_from_1", violation_error_message="Les rangs commencent à 1."
            ),
            models.CheckConstraint(
                condition=~Q(precision="heure"),
                name="etape_precision_not_hour",
                violation_error_message="Une étape se date au jour, au mois ou à la saison.",
            ),
        ]

    def __str__(self) -> str:
        return f"Étape {self.rank} – {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("etape", args=[self.demarche.slug, self.rank])

    @property
    def regle(self) -> Regle:
        return REGLES[self.type]

    def is_running(self, at: datetime | None = None) -> bool:
        return self.starts_on <= timezone.localdate(at) <= self.ends_on

    def is_past(self, at: datetime | None = None) -> bool:
        return self.ends_on < timezone.localdate(at)

    def opens(self, what: str, at: datetime | None = None) -> bool:
        """Whether `what` (a word of `consultation.etapes`) can be done now."""
        return what in self.regle.opens and self.is_running(at)

    @property
    def period_label(self) -> str:
        return period_label(self.starts_on, self.ends_on, self.precision)


class DateChange(models.Model):
    """A period or a date that was changed, with its reason; the planned one is what the first change replaced."""

    etape = models.ForeignKey(
        Etape, models.CASCADE, null=True, blank=True, related_name="date_changes", verbose_name="étape"
    )
    rencontre = models.ForeignKey(
        "consultation.Rencontre",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="date_changes",
        verbose_name="rencontre",
    )
    previous_label = models.CharField("auparavant", max_length=120)
    new_label = models.CharField("désormais", max_length=120)
    reason = models.CharField("raison", max_length=300)
    changed_at = models.DateTimeField("changée le", default=timezone.now)

    class Meta:
        verbose_name = "changement de date"
        verbose_name_plural = "changements de date"
        ordering = ["changed_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(etape__isnull=False, rencontre__isnull=True)
                | Q(etape__isnull=True, rencontre__isnull=False),
                name="datechange_one_subject",
                violation_error_message="Un changement de date concerne une étape ou une rencontre.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.previous_label} → {self.new_label}"
