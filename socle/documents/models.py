"""A file that staff put in: what it is was read from its content, never from its name."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class MediaType(models.TextChoices):
    PDF = "application/pdf", "PDF"
    JPEG = "image/jpeg", "JPEG"
    PNG = "image/png", "PNG"


class Document(models.Model):
    """One file under DOCUMENT_STORAGE, whose name there says nothing. Who may read it is said by what points to it."""

    path = models.CharField("fichier", max_length=100, unique=True, editable=False)
    media_type = models.CharField("type", max_length=20, choices=MediaType, editable=False)
    size = models.PositiveIntegerField("taille", help_text="En octets.", editable=False)
    pages = models.PositiveSmallIntegerField("pages", default=1, editable=False)
    sha256 = models.CharField("empreinte", max_length=64, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name="déposé par"
    )
    created_at = models.DateTimeField("déposé le", db_default=Now(), editable=False)

    class Meta:
        verbose_name = "document"

    def __str__(self) -> str:
        return f"document {self.pk}"
