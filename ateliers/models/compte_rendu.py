"""The minutes of a séance, what those who were there say of them, and what was read for the absent."""

from __future__ import annotations

from datetime import date
from hashlib import sha256

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from consultation.choices import Origine
from consultation.models import Contribution, Inscription, Rencontre
from consultation.models.contribution import ContributionQuerySet

from .atelier import Seance


class CompteRenduState(models.TextChoices):
    DRAFT = "brouillon", "brouillon"
    OPENED = "ouvert", "ouvert aux présents"
    ADOPTED = "adopte", "adopté"


class CompteRenduQuerySet(models.QuerySet["CompteRendu"]):
    def adopted(self) -> CompteRenduQuerySet:
        return self.filter(state=CompteRenduState.ADOPTED)

    def published(self) -> CompteRenduQuerySet:
        """What anyone may read: adopted, of a rencontre that anyone may read."""
        return self.adopted().filter(seance__rencontre__in=Rencontre.objects.published())


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

    objects = CompteRenduQuerySet.as_manager()

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

    @property
    def is_adopted(self) -> bool:
        return self.state == CompteRenduState.ADOPTED

    @property
    def is_opened(self) -> bool:
        """To the remarks of those who were there, and to the answers they are owed."""
        return self.state == CompteRenduState.OPENED

    def takes_remarks(self, day: date | None = None) -> bool:
        """The last day is included, in the portal's time zone."""
        until = self.remarks_until
        return self.is_opened and until is not None and (day or timezone.localdate()) <= until

    @property
    def seal(self) -> str:
        """What whoever read these words sends back with others: written over other words, they are refused."""
        points = [] if self._state.adding else [(point.rank, point.title, point.text) for point in self.points.all()]
        return sha256(repr((self.state, self.introduction, self.next_steps, points)).encode()).hexdigest()[:32]


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


# From whom was not in the room. What another tool held was said long before, and to somebody else.
ABSENT = (Origine.ONLINE, Origine.PAPER, Origine.POST, Origine.PHONE)


class LectureQuerySet(models.QuerySet["Lecture"]):
    def shown(self) -> LectureQuerySet:
        """What is no longer published disappears from the sheet and from the pages; its number is not given again."""
        return self.filter(contribution__in=Contribution.objects.published())

    def without_outcome(self) -> LectureQuerySet:
        return self.shown().filter(outcome="")

    def waiting_for(self, seance: Seance) -> ContributionQuerySet:
        """What the absent have said on the thèmes of its atelier, and no séance of it has taken for its own yet.

        Decided by rows, not by dates: what a group kept for the next séance (« reportée ») comes back, once. Questions
        wait for the answer of a service, réactions are read with what they answer: neither is read here.
        """
        taken = self.model.objects.filter(contribution=OuterRef("pk"), seance__atelier=seance.atelier_id)
        settled = taken.filter(Q(seance=seance.pk) | ~Q(outcome=Outcome.LATER))
        said = Contribution.objects.for_synthese().filter(origine__in=ABSENT, demarche=seance.atelier.demarche_id)
        return said.filter(~Exists(settled), theme__in=seance.atelier.themes.all())


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

    objects = LectureQuerySet.as_manager()

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
