"""What a contribution comes from: a production of an atelier says which contributions it takes up."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from consultation.choices import How

from .contribution import STORED_BODY_LENGTH, Contribution


class CitationQuerySet(models.QuerySet["Citation"]):
    def of_published(self) -> CitationQuerySet:
        """Both sides can be read by anyone."""
        published = Contribution.objects.published()
        return self.filter(citing__in=published, cited__in=published)


class Citation(models.Model):
    """`citing` takes up `cited`, in the words quoted where some are. On screen « sources »."""

    demarche_path = "citing__demarche"

    citing = models.ForeignKey(
        Contribution, models.CASCADE, related_name="citations", verbose_name="contribution qui reprend"
    )
    cited = models.ForeignKey(
        Contribution, models.PROTECT, related_name="cited_by", verbose_name="contribution reprise"
    )
    how = models.CharField("comment", max_length=10, choices=How, default=How.TAKES_UP)
    quote = models.TextField("mots repris", max_length=STORED_BODY_LENGTH, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="par",
        help_text="Vide : le groupe lui-même.",
    )
    created_at = models.DateTimeField("citée le", default=timezone.now, editable=False)

    objects = CitationQuerySet.as_manager()

    class Meta:
        verbose_name = "citation"
        ordering = ["citing", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["citing", "cited"],
                name="citation_once",
                violation_error_message="Cette contribution est déjà citée ici.",
            ),
            models.CheckConstraint(
                condition=~Q(citing=F("cited")),
                name="citation_of_another",
                violation_error_message="Une contribution ne se cite pas elle-même.",
            ),
        ]

    def __str__(self) -> str:
        return f"citation {self.pk}"
