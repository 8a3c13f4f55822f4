"""One file to build: who asked, what for, where it stands."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from socle.comptes.models import User


class State(models.TextChoices):
    WAITING = "en_attente", "en attente"
    BUILDING = "en_cours", "en cours"
    READY = "pret", "prêt"
    FAILED = "echec", "échec"
    EXPIRED = "expire", "expiré"


UNFINISHED = (State.WAITING, State.BUILDING)


class ExportQuerySet(models.QuerySet["Export"]):
    def unfinished(self) -> ExportQuerySet:
        return self.filter(state__in=UNFINISHED)

    def owned_by(self, user: User) -> ExportQuerySet:
        return self.filter(owner_id=user.pk)


class Export(models.Model):
    """`kind` names a builder of settings.EXPORT_BUILDERS; `file` is a random name in settings.EXPORT_STORAGE."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="exports", verbose_name="demandé par"
    )
    kind = models.CharField("genre", max_length=40)
    label = models.CharField("fichier", max_length=200)
    params = models.JSONField("paramètres", default=dict)
    state = models.CharField("état", max_length=12, choices=State, default=State.WAITING)
    rows = models.PositiveIntegerField("lignes écrites", default=0)
    total = models.PositiveIntegerField("lignes à écrire", default=0, help_text="0 : on ne le sait pas d’avance.")
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    error = models.CharField("ce qui s’est passé", max_length=300, blank=True)
    file = models.CharField(max_length=80, blank=True, editable=False)
    download_name = models.CharField("nom du fichier", max_length=120, blank=True)
    created_at = models.DateTimeField("demandé le", default=timezone.now, editable=False)
    started_at = models.DateTimeField("commencé le", null=True, blank=True)
    ended_at = models.DateTimeField("fini le", null=True, blank=True)
    expires_at = models.DateTimeField("disponible jusqu’au", null=True, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = "fichier"
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["created_at", "id"], name="export_queue", condition=Q(state__in=UNFINISHED)),
            models.Index(fields=["expires_at"], name="export_expiry", condition=Q(state="pret")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="pret") | (Q(expires_at__isnull=False) & ~Q(file="")),
                name="export_ready_has_file",
                violation_error_message="Un fichier prêt a un nom et une date de fin.",
            )
        ]

    def __str__(self) -> str:
        return f"fichier {self.pk}"

    @property
    def percent(self) -> int | None:
        """How far it is, while it is built; None where that is not known."""
        if self.state != State.BUILDING or not self.total:
            return None
        return min(99, self.rows * 100 // self.total)

    @property
    def is_available(self) -> bool:
        return self.state == State.READY and self.expires_at is not None and timezone.now() < self.expires_at
