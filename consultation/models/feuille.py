"""The sheet that is signed at the door: whom each of its numbers stands for."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from .rencontre import Rencontre


class Feuille(models.Model):
    """One émargement as it was printed: somebody who registers later is on the next one, and no number shifts."""

    demarche_path = "rencontre__demarche"

    rencontre = models.ForeignKey(Rencontre, models.CASCADE, related_name="feuilles", verbose_name="rencontre")
    rank = models.PositiveSmallIntegerField("feuille no")
    # The keys of the inscriptions; the place in the list, from 1, is the number on the sheet.
    holders = models.JSONField("ceux qui ont une place")
    waiting = models.JSONField("ceux qui attendent", default=list)
    printed_at = models.DateTimeField("préparée le", default=timezone.now)
    printed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="préparée par"
    )

    class Meta:
        verbose_name = "feuille d’émargement"
        verbose_name_plural = "feuilles d’émargement"
        ordering = ["rencontre", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["rencontre", "rank"],
                name="feuille_rank_once",
                violation_error_message="Cette feuille existe déjà.",
            )
        ]

    def __str__(self) -> str:
        return f"feuille {self.pk}"

    @property
    def lines(self) -> list[int]:
        return [*self.holders, *self.waiting]

    @property
    def highest(self) -> int:
        return len(self.holders) + len(self.waiting)
