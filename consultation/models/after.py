"""What stays of a rencontre once it is over: what people thought of it, photographs, recordings."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from consultation.choices import Answering, MediaKind
from socle.documents.models import Document

from .rencontre import Rencontre

QUESTIONS = ("clear", "heard", "fair", "useful", "again")
MARKS = (1, 4)  # from « pas du tout » to « tout à fait »


def _mark(question: str) -> models.PositiveSmallIntegerField:
    lowest, highest = MARKS
    return models.PositiveSmallIntegerField(
        question, null=True, blank=True, validators=[MinValueValidator(lowest), MaxValueValidator(highest)]
    )


class Evaluation(models.Model):
    """One person's answers to the five questions, without a trace of who it was: no order, no hour, no link."""

    demarche_path = "rencontre__demarche"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rencontre = models.ForeignKey(Rencontre, models.CASCADE, related_name="evaluations", verbose_name="rencontre")
    clear = _mark("L’objet de la rencontre était clair")
    heard = _mark("J’ai pu dire ce que j’avais à dire")
    fair = _mark("Chacun a été écouté")
    useful = _mark("Je pense que ce que nous avons dit sera utile")
    again = _mark("Je reviendrais à une rencontre comme celle-ci")
    source = models.CharField("reçue", max_length=8, choices=Answering, default=Answering.LINK)

    class Meta:
        verbose_name = "évaluation"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(*((f"{name}__isnull", False) for name in QUESTIONS), _connector=Q.OR),
                name="evaluation_says_something",
                violation_error_message="Une évaluation répond à une question au moins.",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__range": MARKS}),
                    name=f"evaluation_{name}_mark",
                    violation_error_message="Une réponse va de 1 à 4.",
                )
                for name in QUESTIONS
            ),
        ]

    def __str__(self) -> str:
        return f"évaluation {self.pk}"


class MediaQuerySet(models.QuerySet["Media"]):
    def shown(self) -> MediaQuerySet:
        """What anyone may see: published, its rights checked, at a rencontre that anyone may read."""
        return self.filter(published_at__isnull=False, rencontre__in=Rencontre.objects.published())


class Media(models.Model):
    """A photograph or a recording of a rencontre, put in by staff; shown once its rights were checked."""

    demarche_path = "rencontre__demarche"

    rencontre = models.ForeignKey(Rencontre, models.CASCADE, related_name="medias", verbose_name="rencontre")
    kind = models.CharField("nature", max_length=16, choices=MediaKind, default=MediaKind.PHOTO)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="photographie"
    )
    url = models.URLField("adresse de l’enregistrement", max_length=500, blank=True)
    alternative = models.TextField(
        "texte de remplacement",
        max_length=1000,
        help_text="Ce que l’image montre, ou ce qui est dit, pour qui ne la voit ou ne l’entend pas.",
    )
    credit = models.CharField("crédit", max_length=160)
    rank = models.PositiveSmallIntegerField("rang", default=1)
    rights_checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="droits vérifiés par",
    )
    rights_checked_at = models.DateTimeField("droits vérifiés le", null=True, blank=True)
    published_at = models.DateTimeField("publiée le", null=True, blank=True)
    created_at = models.DateTimeField("déposée le", default=timezone.now, editable=False)

    objects = MediaQuerySet.as_manager()

    class Meta:
        verbose_name = "photographie ou enregistrement"
        verbose_name_plural = "photographies et enregistrements"
        ordering = ["rencontre", "rank", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=MediaKind.PHOTO, document__isnull=False, url="")
                | (Q(kind=MediaKind.RECORDING, document__isnull=True) & ~Q(url="")),
                name="media_photo_or_recording",
                violation_error_message="Une photographie est un fichier, un enregistrement est une adresse.",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True)
                | (
                    Q(rights_checked_at__isnull=False, rights_checked_by__isnull=False)
                    & ~Q(alternative="")
                    & ~Q(credit="")
                ),
                name="media_published_checked",
                violation_error_message="Avant de publier : droits vérifiés, texte de remplacement et crédit.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"
