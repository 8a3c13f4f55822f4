"""What stays of a rencontre once it is over: what people thought of it, photographs, recordings."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone

from consultation.choices import Answering, Mark, MediaKind
from socle.documents.models import Document

from .rencontre import Rencontre

QUESTIONS = ("clear", "heard", "fair", "useful", "again")
MARKS = (min(Mark.values), max(Mark.values))
# The ballot box is emptied on the table and filled again in another order: what the database keeps of a row beside its
# columns (the transaction that wrote it, its place in the file) is the same for all, or says nothing.
_SHUFFLE = f"""
WITH taken AS (
    DELETE FROM consultation_evaluation WHERE rencontre_id = %(rencontre)s AND source = %(source)s
    RETURNING {", ".join(QUESTIONS)}
),
box AS (
    SELECT * FROM taken UNION ALL SELECT {", ".join(f"%({name})s::smallint" for name in QUESTIONS)}
)
INSERT INTO consultation_evaluation (id, rencontre_id, source, {", ".join(QUESTIONS)})
SELECT gen_random_uuid(), %(rencontre)s, %(source)s, box.* FROM box ORDER BY random()
"""  # noqa: S608 (the names of our own columns)


def _mark(question: str) -> models.PositiveSmallIntegerField:
    lowest, highest = MARKS
    return models.PositiveSmallIntegerField(
        question, null=True, blank=True, validators=[MinValueValidator(lowest), MaxValueValidator(highest)]
    )


class EvaluationQuerySet(models.QuerySet["Evaluation"]):
    def drop_in(self, rencontre: Rencontre, marks: dict[str, int | None]) -> None:
        """One more answer among those that came by the link, all of them written again in an order of chance.

        Hold the lock of the rencontre: of two that come at once, one would be left alone in its transaction.
        """
        said: dict[str, Any] = dict.fromkeys(QUESTIONS) | marks
        with connection.cursor() as cursor:
            cursor.execute(_SHUFFLE, {"rencontre": rencontre.pk, "source": Answering.LINK, **said})


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

    objects = EvaluationQuerySet.as_manager()

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

    @classmethod
    def sentences(cls) -> dict[str, str]:
        """What is asked, in order: on the screen, on paper and beside the results."""
        return {field.name: str(field.verbose_name) for field in cls._meta.fields if field.name in QUESTIONS}


class EvaluationFigures(models.Model):
    """What is public of the évaluations of a rencontre, which follows them at a distance (`actions.evaluations`).

    `figures`: by source (`Answering`), how many evaluations, and by question how many of each mark, from 4 to 1:
    {"lien": {"evaluations": [12], "clear": [6, 4, 1, 1], …}, "papier": {…}}.
    """

    demarche_path = "rencontre__demarche"

    rencontre = models.OneToOneField(
        Rencontre, models.CASCADE, related_name="evaluation_figures", primary_key=True, verbose_name="rencontre"
    )
    figures = models.JSONField("chiffres", default=dict)
    published_on = models.DateField("publiés le")

    class Meta:
        verbose_name = "chiffres des évaluations"
        verbose_name_plural = "chiffres des évaluations"

    def __str__(self) -> str:
        return f"chiffres de la rencontre {self.pk}"


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
    thumbnail = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="vignette", editable=False
    )
    url = models.URLField("adresse de l’enregistrement", max_length=500, blank=True)
    alternative = models.TextField(
        "texte de remplacement",
        max_length=20_000,
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
                condition=Q(kind=MediaKind.PHOTO, document__isnull=False, thumbnail__isnull=False, url="")
                | Q(
                    kind=MediaKind.RECORDING, document__isnull=True, thumbnail__isnull=True, url__startswith="https://"
                ),
                name="media_photo_or_recording",
                violation_error_message="Une photographie est un fichier, un enregistrement est une adresse https.",
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
