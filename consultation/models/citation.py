"""What a passage, or a production of an atelier, comes from: the contributions and the earlier passages it takes up."""

from __future__ import annotations

from hashlib import sha256

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from consultation.choices import How

from .contribution import STORED_BODY_LENGTH, Contribution
from .texte import Passage


class CitationQuerySet(models.QuerySet["Citation"]):
    def of_published(self) -> CitationQuerySet:
        """Between two contributions that anyone can read."""
        published = Contribution.objects.published()
        return self.filter(citing__in=published, cited__in=published)


class Citation(models.Model):
    """What cites takes up what it cites, in the words quoted where some are. On screen « sources ».

    One of the two on each side: `citing` (a production) or `citing_passage`, `cited` or `cited_passage`.
    """

    demarche_path = "citing__demarche"

    citing = models.ForeignKey(
        Contribution,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="citations",
        verbose_name="contribution qui reprend",
    )
    citing_passage = models.ForeignKey(
        Passage,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="citations",
        verbose_name="passage qui reprend",
    )
    cited = models.ForeignKey(
        Contribution,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cited_by",
        verbose_name="contribution reprise",
    )
    cited_passage = models.ForeignKey(
        Passage, models.PROTECT, null=True, blank=True, related_name="cited_by", verbose_name="passage repris"
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
    # By a production: those who wrote what it takes up know it. What a passage takes up is told with its texte.
    authors_told_at = models.DateTimeField("auteurs prévenus le", null=True, editable=False)

    objects = CitationQuerySet.as_manager()

    class Meta:
        verbose_name = "citation"
        ordering = ["citing", "pk"]
        indexes = [
            models.Index(
                fields=["citing"],
                condition=Q(citing__isnull=False, authors_told_at__isnull=True),
                name="citation_to_tell",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["citing", "cited"],
                name="citation_once",
                violation_error_message="Cette contribution est déjà citée ici.",
            ),
            models.UniqueConstraint(
                fields=["citing_passage", "cited"],
                name="citation_by_passage_once",
                violation_error_message="Cette contribution est déjà citée ici.",
            ),
            models.UniqueConstraint(
                fields=["citing_passage", "cited_passage"],
                name="citation_of_passage_once",
                violation_error_message="Ce passage est déjà cité ici.",
            ),
            models.UniqueConstraint(
                fields=["citing", "cited_passage"],
                name="citation_of_passage_by_production_once",
                violation_error_message="Ce passage est déjà cité ici.",
            ),
            models.CheckConstraint(
                condition=Q(citing__isnull=True, citing_passage__isnull=False)
                | Q(citing__isnull=False, citing_passage__isnull=True),
                name="citation_by_one",
                violation_error_message="Une citation vient d’un passage ou d’une production, pas des deux.",
            ),
            models.CheckConstraint(
                condition=Q(cited__isnull=True, cited_passage__isnull=False)
                | Q(cited__isnull=False, cited_passage__isnull=True),
                name="citation_of_one",
                violation_error_message="Une citation reprend une contribution ou un passage, pas les deux.",
            ),
            models.CheckConstraint(
                condition=~Q(citing=F("cited")),
                name="citation_of_another",
                violation_error_message="Une contribution ne se cite pas elle-même.",
            ),
        ]

    def __str__(self) -> str:
        return f"citation {self.pk}"

    @property
    def seal(self) -> str:
        """Of what was read of it, by whoever says it in other words."""
        return sha256(f"{self.how}\0{self.quote}".encode()).hexdigest()[:32]
