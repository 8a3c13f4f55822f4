"""A public file to be made once: what it is of, and the document once it is there."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from socle.documents.models import Document, MediaType


class PublicationQuerySet(models.QuerySet["Publication"]):
    def of(self, kind: str, key: str) -> PublicationQuerySet:
        return self.filter(kind=kind, key=key)

    def ready(self) -> PublicationQuerySet:
        return self.filter(document__isnull=False)

    def due(self) -> PublicationQuerySet:
        """What a worker may take; a claim that ran out is due again."""
        return self.filter(document__isnull=True, next_attempt_at__lte=Now()).order_by("next_attempt_at", "pk")


class Publication(models.Model):
    """`kind` names a builder of settings.PUBLICATION_BUILDERS, `key` is what that builder makes a file of.

    `seen`: how many changes were there as the file was begun (`builders.Changes`).
    `next_attempt_at` is also when the claim of a worker that vanished runs out.
    """

    kind = models.CharField("genre", max_length=40)
    key = models.CharField("de quoi", max_length=80)
    media_type = models.CharField("type", max_length=80, choices=MediaType)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="publié par",
        help_text="Vide : par une commande.",
    )
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="fichier"
    )
    asked_at = models.DateTimeField("demandé le", db_default=Now())
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    seen = models.PositiveIntegerField("changements vus", null=True, blank=True)
    next_attempt_at = models.DateTimeField("prochain essai", db_default=Now())

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = "fichier public"
        verbose_name_plural = "fichiers publics"
        ordering = ["asked_at", "pk"]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                name="publication_due",
                condition=models.Q(document__isnull=True),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key", "media_type"],
                name="publication_once",
                violation_error_message="Ce fichier est déjà demandé.",
            )
        ]

    def __str__(self) -> str:
        return f"fichier public {self.pk}"
