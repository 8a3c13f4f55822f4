"""Who in the team may do what, on which démarche."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from consultation.choices import RoleKind

from .demarche import Demarche


class RoleQuerySet(models.QuerySet["Role"]):
    def active(self, day: date | None = None) -> RoleQuerySet:
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day or timezone.localdate()))


class Role(models.Model):
    """What one member of staff may do on one démarche."""

    demarche_path = "demarche"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="roles", verbose_name="compte")
    demarche = models.ForeignKey(Demarche, models.CASCADE, related_name="roles", verbose_name="démarche")
    kind = models.CharField("rôle", max_length=12, choices=RoleKind)
    ends_on = models.DateField(
        "jusqu’au", null=True, blank=True, help_text="Dernier jour compris. Vide : sans fin fixée."
    )

    objects = RoleQuerySet.as_manager()

    class Meta:
        verbose_name = "rôle"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "demarche", "kind"],
                name="role_unique",
                violation_error_message="Cette personne a déjà ce rôle.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} : {self.demarche}"
