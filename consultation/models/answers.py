"""What others make of a contribution: the answer of a service to a question, the support of a person."""

from __future__ import annotations

from hashlib import sha256

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from socle.comptes.models import Personne

from .contribution import Contribution, ContributionQuerySet


class QuestionManager(models.Manager["Question"]):
    def get_queryset(self) -> ContributionQuerySet:
        return ContributionQuerySet(self.model, using=self._db).questions()


class Question(Contribution):
    """A published question, as the staff page that answers it sees it."""

    objects = QuestionManager()  # type: ignore[assignment,misc]

    class Meta:
        proxy = True
        verbose_name = "question"


class ServiceAnswer(models.Model):
    """The public answer of a named service to a question; a draft until it is published."""

    demarche_path = "contribution__demarche"

    contribution = models.OneToOneField(
        Contribution, models.CASCADE, related_name="service_answer", primary_key=True, verbose_name="question"
    )
    service = models.CharField(
        "service",
        max_length=160,
        help_text="Le nom du service qui répond ; il est public, celui des agents ne l’est pas.",
    )
    body = models.TextField("réponse", max_length=10_000, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="écrite par"
    )
    published_at = models.DateTimeField("publiée le", null=True, blank=True, editable=False)
    corrected_at = models.DateTimeField("corrigée le", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "réponse d’un service"
        verbose_name_plural = "réponses des services"
        constraints = [
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | (~Q(body="") & ~Q(service="")),
                name="service_answer_published_whole",
                violation_error_message="Une réponse publiée a un texte, et le nom du service qui répond.",
            )
        ]

    def __str__(self) -> str:
        return f"réponse à la contribution {self.pk}"

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @property
    def seal(self) -> str:
        """What whoever read this answer sends back with the next one; empty while nothing is written."""
        return sha256(f"{self.service}\0{self.body}".encode()).hexdigest()[:32] if self.service or self.body else ""


class Soutien(models.Model):
    """One confirmed person supports one contribution; the counter of the contribution moves with it, in SQL."""

    demarche_path = "contribution__demarche"

    contribution = models.ForeignKey(Contribution, models.CASCADE, related_name="soutiens", verbose_name="contribution")
    # An erased person leaves their support behind, and nothing of themselves.
    personne = models.ForeignKey(Personne, models.SET_NULL, null=True, related_name="soutiens", verbose_name="personne")
    given_at = models.DateTimeField("donné le", default=timezone.now)

    class Meta:
        verbose_name = "soutien"
        constraints = [
            models.UniqueConstraint(
                fields=["contribution", "personne"],
                name="soutien_once",
                violation_error_message="Cette personne soutient déjà cette contribution.",
            )
        ]

    def __str__(self) -> str:
        return f"soutien {self.pk}"
