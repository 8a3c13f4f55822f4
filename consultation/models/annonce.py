"""What the author of a contribution was told of it, so that it is told once."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from consultation.choices import AnnonceOutcome
from socle.courriels.models import Envoi

from .contribution import Contribution
from .reserve import Archivage
from .suite import SuiteChange
from .texte import Texte

ABOUT_ONE = (
    Q(outcome__in=["reprise", "reponse", "vote"], texte__isnull=False, change__isnull=True, archivage__isnull=True)
    | Q(outcome="suite", texte__isnull=True, change__isnull=False, archivage__isnull=True)
    | Q(outcome="archive", texte__isnull=True, change__isnull=True, archivage__isnull=False)
)


class Annonce(models.Model):
    """The author of a contribution was told what became of it, once: what a texte makes of it or how it was voted
    (`texte`), how far it is carried out (`change`), that its démarche is over (`archivage`)."""

    demarche_path = "contribution__demarche"

    texte = models.ForeignKey(Texte, models.CASCADE, null=True, related_name="annonces", verbose_name="texte")
    change = models.ForeignKey(SuiteChange, models.CASCADE, null=True, related_name="+", verbose_name="suite")
    archivage = models.ForeignKey(Archivage, models.CASCADE, null=True, related_name="+", verbose_name="archivage")
    contribution = models.ForeignKey(Contribution, models.CASCADE, related_name="annonces", verbose_name="contribution")
    outcome = models.CharField("ce qui en est fait", max_length=8, choices=AnnonceOutcome)
    envoi = models.ForeignKey(Envoi, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="courriel")
    told_at = models.DateTimeField("dit le", default=timezone.now)

    class Meta:
        verbose_name = "annonce à un auteur"
        verbose_name_plural = "annonces aux auteurs"
        constraints = [
            models.UniqueConstraint(
                fields=["texte", "change", "archivage", "contribution", "outcome"],
                name="annonce_once",
                nulls_distinct=False,
                violation_error_message="Cela a déjà été dit à son auteur.",
            ),
            models.CheckConstraint(
                condition=ABOUT_ONE,
                name="annonce_about_one",
                violation_error_message="Une annonce dit une seule chose.",
            ),
        ]

    def __str__(self) -> str:
        return f"annonce {self.pk}"
