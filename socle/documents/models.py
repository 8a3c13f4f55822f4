"""A file that staff put in: what it is was read from its content, never from its name."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

LEFT_AFTER = timedelta(days=1)


class MediaType(models.TextChoices):
    PDF = "application/pdf", "PDF"
    JPEG = "image/jpeg", "JPEG"
    PNG = "image/png", "PNG"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "DOCX"
    ODT = "application/vnd.oasis.opendocument.text", "ODT"
    ZIP = "application/zip", "ZIP"


EXTENSIONS = {
    MediaType.PDF: "pdf",
    MediaType.JPEG: "jpg",
    MediaType.PNG: "png",
    MediaType.DOCX: "docx",
    MediaType.ODT: "odt",
    MediaType.ZIP: "zip",
}


class DocumentQuerySet(models.QuerySet["Document"]):
    def unused(self, at: datetime | None = None) -> DocumentQuerySet:
        """Those that no row points to, a day after they were taken in: the form they came with was left."""
        rows = self.filter(created_at__lt=(at or timezone.now()) - LEFT_AFTER)
        for relation in self.model._meta.get_fields(include_hidden=True):
            if isinstance(relation, models.ManyToOneRel):
                rows_of: models.Manager = relation.related_model.objects  # type: ignore[attr-defined]
                used = rows_of.filter(**{f"{relation.field.name}__isnull": False})
                rows = rows.exclude(pk__in=used.values(relation.field.name))
        return rows


class Document(models.Model):
    """One file under DOCUMENT_STORAGE, whose name there says nothing. Who may read it is said by what points to it."""

    path = models.CharField("fichier", max_length=100, unique=True, editable=False)
    media_type = models.CharField("type", max_length=80, choices=MediaType, editable=False)
    size = models.PositiveIntegerField("taille", help_text="En octets.", editable=False)
    pages = models.PositiveSmallIntegerField(
        "pages", default=1, help_text="0 : il n’en a pas avant d’être ouvert.", editable=False
    )
    sha256 = models.CharField("empreinte", max_length=64, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        verbose_name="déposé par",
        help_text="Vide : fabriqué par le portail, pour personne.",
    )
    created_at = models.DateTimeField("déposé le", db_default=Now(), editable=False)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = "document"

    def __str__(self) -> str:
        return f"document {self.pk}"

    @property
    def extension(self) -> str:
        return EXTENSIONS[MediaType(self.media_type)]

    @property
    def page_numbers(self) -> range:
        return range(1, self.pages + 1)

    @property
    def label(self) -> str:
        """What a link says of it: « PDF, 12 pages, 1,4 Mo », « DOCX, 14 ko »."""
        many = f"{self.pages}\N{NO-BREAK SPACE}page{'s' if self.pages > 1 else ''}" if self.pages else ""
        return ", ".join(filter(None, [self.get_media_type_display(), many, self.weight]))

    @property
    def weight(self) -> str:
        return size_label(self.size)


def size_label(size: int) -> str:
    """« 640 ko », « 1,4 Mo »: in thousands, as French files are weighed."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))}\N{NO-BREAK SPACE}ko"
    return f"{size / 1_000_000:.1f}\N{NO-BREAK SPACE}Mo".replace(".", ",")
