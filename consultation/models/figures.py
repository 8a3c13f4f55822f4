"""What is counted in the background, for pages that must not read a million rows."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from .demarche import Demarche


class ModerationFigures(models.Model):
    """The public figures of the moderation of one démarche, as they were counted last."""

    demarche_path = "demarche"

    demarche = models.OneToOneField(
        Demarche, models.CASCADE, related_name="moderation_figures", primary_key=True, verbose_name="démarche"
    )
    counted_at = models.DateTimeField("comptés le", default=timezone.now)
    figures = models.JSONField("chiffres", default=dict)

    class Meta:
        verbose_name = "chiffres de la modération"
        verbose_name_plural = "chiffres de la modération"

    def __str__(self) -> str:
        return f"chiffres de la démarche {self.pk}"
