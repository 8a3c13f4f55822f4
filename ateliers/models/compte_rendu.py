"""The minutes of a séance, what those who were there say of them, and what was read for the absent."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from consultation.models import Contribution, Inscription
from socle.documents.models import Document

from .atelier import Seance


class CompteRenduState(models.TextChoices):
    DRAFT = "brouillon", "brouillon"
    OPENED = "ouvert", "ouvert aux présents"
    ADOPTED = "adopte", "adopté"


class CompteRendu(models.Model):
    """The minutes of a séance: draft, opened to those who were there, adopted and public.

    `remarks_until` is the last day on which they may answer; `figures` are the counts of those present, as they were
    at the adoption ({"salle": 31, "distance": 2, "sur_place": 4}): names are never in it.
    """

    demarche_path = "seance__atelier__demarche"

    seance = models.OneToOneField(
        Seance, models.PROTECT, primary_key=True, related_name="compte_rendu", verbose_name="séance"
    )
    state = models.CharField("état", max_length=12, choices=CompteRenduState, default=CompteRenduState.DRAFT)
    introduction = models.TextField("ce qui s’est passé", max_length=10_000, blank=True)
    next_steps = models.TextField("la suite", max_length=10_000, blank=True)
    opened_at = models.DateTimeField("ouvert le", null=True, blank=True, editable=False)
    remarks_until = models.DateField("remarques jusqu’au", null=True, blank=True, help_text="Dernier jour compris.")
    adopted_at = models.DateTimeField("adopté le", null=True, blank=True, editable=False)
    adopted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="adopté par",
        editable=False,
    )
    figures = models.JSONField("présents", default=dict, editable=False)
    pdf = models.ForeignKey(Document, models.SET_NULL, null=True, blank=True, related_name="+", editable=False)
    docx = models.ForeignKey(Document, models.SET_NULL, null=True, blank=True, related_name="+", editable=False)

    class Meta:
        verbose_name = "compte rendu"
        verbose_name_plural = "comptes rendus"
        constraints = [
            models.CheckConstraint(
                condition=Q(state=CompteRenduState.DRAFT) | Q(opened_at__isnull=False, remarks_until__isnull=False),
                name="compte_rendu_opened_dated",
                violation_error_message="Un compte rendu ouvert a une date et un dernier jour pour les remarques.",
            ),
            models.CheckConstraint(
                condition=Q(state=CompteRenduState.ADOPTED, adopted_at__isnull=False, adopted_by__isnull=False)
                | (~Q(state=CompteRenduState.ADOPTED) & Q(adopted_at__isnull=True, adopted_by__isnull=True)),
                name="compte_rendu_adopted_dated",
                violation_error_message="Un compte rendu adopté a une date et quelqu’un qui l’a fait.",
            ),
        ]

    def __str__(self) -> str:
        return f"compte rendu {self.pk}"


class Point(models.Model):
    """One point of the minutes."""

    demarche_path = "compte_rendu__seance__atelier__demarche"

    compte_rendu = models.ForeignKey(CompteRendu, models.CASCADE, related_name="points", verbose_name="compte rendu")
    rank = models.PositiveSmallIntegerField("rang")
    title = models.CharField("titre", max_length=200)
    text = models.TextField("texte", max_length=10_000, blank=True)

    class Meta:
        verbose_name = "point"
        ordering = ["compte_rendu", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["compte_rendu", "rank"],
                name="point_rank_unique",
                violation_error_message="Un autre point porte déjà ce rang.",
            )
        ]

    def __str__(self) -> str:
        return f"point {self.rank}"


class Remarque(models.Model):
    """What somebody who was there says of the minutes; each is answered before the adoption."""

    demarche_path = "compte_rendu__seance__atelier__demarche"

    compte_rendu = models.ForeignKey(CompteRendu, models.CASCADE, related_name="remarques", verbose_name="compte rendu")
    inscription = models.ForeignKey(
        Inscription, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="inscription"
    )
    words = models.TextField("remarque", max_length=4000)
    received_at = models.DateTimeField("reçue le", default=timezone.now, editable=False)
    answer = models.TextField("réponse", max_length=4000, blank=True)
    taken_up = models.BooleanField("le compte rendu a été changé", null=True, blank=True)
    answered_at = models.DateTimeField("répondue le", null=True, blank=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    submission_key = models.UUIDField(unique=True, editable=False)

    class Meta:
        verbose_name = "remarque"
        ordering = ["received_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True)
                | (Q(answered_by__isnull=False, taken_up__isnull=False) & ~Q(answer="")),
                name="remarque_answered_whole",
                violation_error_message="Une réponse a son texte, et dit si le compte rendu a été changé.",
            )
        ]

    def __str__(self) -> str:
        return f"remarque {self.pk}"


class Outcome(models.TextChoices):
    """What a group did with what the absent had said."""

    TAKEN_UP = "reprise", "reprise dans nos productions"
    DISCUSSED = "discutee", "discutée, sans être reprise"
    SET_ASIDE = "ecartee", "écartée"
    LATER = "reportee", "gardée pour la séance suivante"


class Lecture(models.Model):
    """A contribution that was printed to be read in the room at a séance, and what the group did with it."""

    demarche_path = "seance__atelier__demarche"

    seance = models.ForeignKey(Seance, models.CASCADE, related_name="lectures", verbose_name="séance")
    contribution = models.ForeignKey(Contribution, models.PROTECT, related_name="+", verbose_name="contribution")
    number = models.PositiveSmallIntegerField("numéro", help_text="Celui de la feuille lue dans la salle.")
    printed_at = models.DateTimeField("imprimée le", default=timezone.now, editable=False)
    outcome = models.CharField("ce que le groupe en a fait", max_length=12, choices=Outcome, blank=True)
    words = models.TextField("en quelques mots", max_length=1000, blank=True)
    answered_at = models.DateTimeField("dit le", null=True, blank=True, editable=False)
    told_at = models.DateTimeField("son auteur averti le", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "lecture"
        ordering = ["seance", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["seance", "contribution"],
                name="lecture_once",
                violation_error_message="Cette contribution est déjà lue à cette séance.",
            ),
            models.UniqueConstraint(
                fields=["seance", "number"],
                name="lecture_number_unique",
                violation_error_message="Ce numéro est déjà celui d’une autre lecture.",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.SET_ASIDE) | ~Q(words=""),
                name="lecture_set_aside_says_why",
                violation_error_message="Dites pourquoi le groupe l’a écartée.",
            ),
        ]

    def __str__(self) -> str:
        return f"lecture {self.pk}"
