"""What the productions of several groups say together: nothing is merged, the originals stand under it."""

from __future__ import annotations

from hashlib import sha256

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from ateliers.models import Production

from .forum import Forum

CROSSED_MAX = 20  # productions that one sentence can speak of


class CroisementKind(models.TextChoices):
    CONVERGENCE = "convergence", "convergence"
    COMPLEMENTARITE = "complementarite", "complémentarité"
    DIVERGENCE = "divergence", "divergence"


class CroisementQuerySet(models.QuerySet["Croisement"]):
    def published(self) -> CroisementQuerySet:
        return self.filter(published_at__isnull=False, withdrawn_at__isnull=True)

    def appeared(self) -> CroisementQuerySet:
        """Published, or withdrawn since: it keeps its address."""
        return self.filter(published_at__isnull=False)


class Croisement(models.Model):
    """Productions of two groups or more put side by side. Published it is not written over: it is withdrawn, with the
    reason, and another one is made."""

    demarche_path = "forum__rencontre__demarche"

    forum = models.ForeignKey(Forum, models.PROTECT, related_name="croisements", verbose_name="forum")
    kind = models.CharField("nature", max_length=16, choices=CroisementKind)
    sentence = models.TextField("en une phrase", max_length=600)
    productions = models.ManyToManyField(Production, related_name="+", verbose_name="productions")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="par"
    )
    made_at = models.DateTimeField("composé le", default=timezone.now, editable=False)
    published_at = models.DateTimeField("publié le", null=True, editable=False)
    withdrawn_at = models.DateTimeField("retiré le", null=True, editable=False)
    withdrawn_reason = models.TextField("raison du retrait", max_length=1000, blank=True, default="")

    objects = CroisementQuerySet.as_manager()

    class Meta:
        verbose_name = "croisement"
        ordering = ["forum", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(sentence=""),
                name="croisement_says_what",
                violation_error_message="Dites en une phrase ce que ces productions ont à voir.",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | (Q(published_at__isnull=False) & ~Q(withdrawn_reason="")),
                name="croisement_withdrawn_says_why",
                violation_error_message="Dites pourquoi ce croisement est retiré : la raison est publique.",
            ),
        ]

    def __str__(self) -> str:
        return f"croisement {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("croisement", args=[self.pk])

    @property
    def is_published(self) -> bool:
        return self.published_at is not None and self.withdrawn_at is None

    @property
    def seal(self) -> str:
        """What whoever read it sends back: on other words nothing is written. `productions` are prefetched, or read."""
        keys = " ".join(str(one.pk) for one in sorted(self.productions.all(), key=lambda one: one.pk))
        return sha256(f"{self.kind}\0{self.sentence}\0{keys}".encode()).hexdigest()[:32]
