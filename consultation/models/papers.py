"""Contributions that come with a paper: what was sent by hand, by post or said by telephone, and positions in PDF."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from socle.documents.models import Document

from .contribution import Contribution


class TranscriptionQuerySet(models.QuerySet["Transcription"]):
    def to_read(self) -> TranscriptionQuerySet:
        """Those that wait for their second reader, oldest first."""
        return self.filter(read_at__isnull=True).order_by("entered_at", "pk")

    def holding_back(self) -> TranscriptionQuerySet:
        """Those whose contribution may not appear yet (trigger `contribution_second_reading`)."""
        return self.filter(read_at__isnull=True, contribution__demarche__second_reading=True)

    def scan_over(self, at: datetime | None = None) -> TranscriptionQuerySet:
        """Those whose scan is kept past SCAN_DAYS after the closing; after the entry, where no closing is fixed."""
        ended = Coalesce("contribution__demarche__contributions_close_at", "entered_at")
        kept = timedelta(days=settings.SCAN_DAYS)
        return self.alias(ended=ended).filter(scan__isnull=False, ended__lte=(at or timezone.now()) - kept)


class Transcription(models.Model):
    """How a contribution that did not come online was typed in: from what, by whom, read again by whom."""

    demarche_path = "contribution__demarche"

    contribution = models.OneToOneField(
        Contribution, models.CASCADE, related_name="transcription", primary_key=True, verbose_name="contribution"
    )
    received_on = models.DateField("reçue le", help_text="Le jour où le papier ou l’appel est arrivé.")
    scan = models.ForeignKey(
        Document, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="image du papier"
    )
    transcriber = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="saisie par"
    )
    entered_at = models.DateTimeField("saisie le", default=timezone.now)
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="relue par"
    )
    read_at = models.DateTimeField("relue le", null=True, blank=True)

    objects = TranscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = "saisie"
        constraints = [
            models.CheckConstraint(
                condition=Q(reader__isnull=True) | ~Q(reader=F("transcriber")),
                name="transcription_read_by_another",
                violation_error_message="La seconde lecture est celle de quelqu’un d’autre.",
            ),
            models.CheckConstraint(
                condition=Q(reader__isnull=True, read_at__isnull=True) | Q(reader__isnull=False, read_at__isnull=False),
                name="transcription_reading_whole",
                violation_error_message="Une relecture a une date et une personne.",
            ),
        ]

    def __str__(self) -> str:
        return f"saisie de la contribution {self.pk}"


class CahierActeur(models.Model):
    """The position of an organisation: a contribution whose text is its summary, with the document it sent."""

    demarche_path = "contribution__demarche"

    contribution = models.OneToOneField(
        Contribution, models.CASCADE, related_name="cahier_acteur", primary_key=True, verbose_name="contribution"
    )
    document = models.ForeignKey(Document, models.PROTECT, related_name="+", verbose_name="document")
    received_on = models.DateField("reçu le")
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="vérifié par"
    )
    checked_at = models.DateTimeField("vérifié le", default=timezone.now)

    class Meta:
        verbose_name = "cahier d’acteur"
        verbose_name_plural = "cahiers d’acteurs"

    def __str__(self) -> str:
        return f"cahier d’acteur {self.pk}"
