"""What staff do with a contribution: decide, ask each other, ask its author, mask; and its earlier words."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from consultation.choices import Advice, ContributionState, DecisionCause, VersionCause

from .contribution import STORED_BODY_LENGTH, STORED_TITLE_LENGTH, Contribution


class RefusalReason(models.Model):
    """A reason for which a contribution is not published; staff edit the list."""

    label = models.CharField("motif", max_length=160, unique=True)
    explanation = models.TextField("explication envoyée à l’auteur")
    rank = models.PositiveSmallIntegerField("rang", default=0)
    is_active = models.BooleanField("proposé", default=True)

    class Meta:
        verbose_name = "motif de refus"
        verbose_name_plural = "motifs de refus"
        ordering = ["rank", "label"]

    def __str__(self) -> str:
        return self.label


class Decision(models.Model):
    """One change of state of a contribution: who, when, why, and what the author was told."""

    contribution = models.ForeignKey(
        Contribution, models.PROTECT, related_name="decisions", verbose_name="contribution"
    )
    cause = models.CharField("prise", max_length=12, choices=DecisionCause, default=DecisionCause.MODERATION)
    from_state = models.CharField("de", max_length=12, choices=ContributionState)
    to_state = models.CharField("à", max_length=12, choices=ContributionState)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
        verbose_name="par",
        help_text="Vide : l’auteur lui-même, ou la règle de la démarche.",
    )
    reason = models.ForeignKey(
        RefusalReason, models.PROTECT, null=True, blank=True, related_name="decisions", verbose_name="motif"
    )
    message = models.TextField("mot à l’auteur", max_length=2000, blank=True)
    decided_at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "décision"
        ordering = ["decided_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(to_state="refusee") | Q(reason__isnull=False),
                name="decision_refusal_has_reason",
                violation_error_message="Un refus se motive.",
            ),
            models.CheckConstraint(
                condition=~Q(to_state="retiree") | Q(cause="auteur") | Q(reason__isnull=False),
                name="decision_taking_down_has_reason",
                violation_error_message="Un retrait se motive.",
            ),
            models.CheckConstraint(
                condition=Q(by__isnull=False) | Q(cause__in=["auteur", "regle"]),
                name="decision_taken_by_someone",
                violation_error_message="Une décision de l’équipe a été prise par quelqu’un.",
            ),
        ]

    def __str__(self) -> str:
        return f"décision {self.pk}"


class Version(models.Model):
    """The words of a contribution before they were replaced; staff read them until their retention ends."""

    demarche_path = "contribution__demarche"

    contribution = models.ForeignKey(Contribution, models.CASCADE, related_name="versions", verbose_name="contribution")
    title = models.CharField("titre", max_length=STORED_TITLE_LENGTH)
    body = models.TextField("texte", max_length=STORED_BODY_LENGTH)
    cause = models.CharField("remplacée pour", max_length=14, choices=VersionCause)
    reason = models.CharField("raison", max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="par",
        help_text="Vide : l’auteur lui-même.",
    )
    replaced_at = models.DateTimeField("remplacée le", default=timezone.now)

    class Meta:
        verbose_name = "version"
        ordering = ["replaced_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(cause="masquage") | (Q(by__isnull=False) & ~Q(reason="")),
                name="version_masking_has_reason",
                violation_error_message="Un masquage a une raison, et quelqu’un qui l’a fait.",
            )
        ]

    def __str__(self) -> str:
        return f"version {self.pk}"


class ModerationNote(models.Model):
    """A word between colleagues about a contribution; never shown to anyone else."""

    demarche_path = "contribution__demarche"

    contribution = models.ForeignKey(
        Contribution, models.CASCADE, related_name="moderation_notes", verbose_name="contribution"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="par")
    body = models.TextField("note", max_length=2000)
    written_at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "note interne"
        verbose_name_plural = "notes internes"
        ordering = ["written_at", "pk"]

    def __str__(self) -> str:
        return f"note {self.pk}"


class SecondOpinionQuerySet(models.QuerySet["SecondOpinion"]):
    def open(self) -> SecondOpinionQuerySet:
        """Those asked on what still waits for a decision, and not given."""
        return self.filter(given_at__isnull=True, contribution__state=ContributionState.WAITING)


class SecondOpinion(models.Model):
    """A moderator who hesitates asks another one; one question at a time for a contribution."""

    demarche_path = "contribution__demarche"

    contribution = models.ForeignKey(
        Contribution, models.CASCADE, related_name="second_opinions", verbose_name="contribution"
    )
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="demandé par")
    question = models.TextField("question", max_length=2000, blank=True)
    asked_at = models.DateTimeField("demandé le", default=timezone.now)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="donné par"
    )
    given_at = models.DateTimeField("donné le", null=True, blank=True)
    advice = models.CharField("avis", max_length=16, choices=Advice, blank=True)
    words = models.TextField("en quelques mots", max_length=2000, blank=True)

    objects = SecondOpinionQuerySet.as_manager()

    class Meta:
        verbose_name = "second avis"
        verbose_name_plural = "seconds avis"
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["contribution"],
                condition=Q(given_at__isnull=True),
                name="second_opinion_one_open",
                violation_error_message="Un second avis est déjà demandé sur cette contribution.",
            ),
            models.CheckConstraint(
                condition=Q(given_by__isnull=True) | ~Q(given_by=F("asked_by")),
                name="second_opinion_by_another",
                violation_error_message="Un second avis est celui de quelqu’un d’autre.",
            ),
            models.CheckConstraint(
                condition=Q(given_at__isnull=True, given_by__isnull=True, advice="")
                | (Q(given_at__isnull=False, given_by__isnull=False) & ~Q(advice="")),
                name="second_opinion_whole",
                violation_error_message="Un avis donné a une date, une personne et un sens.",
            ),
        ]

    def __str__(self) -> str:
        return f"second avis {self.pk}"


class ReformulationQuerySet(models.QuerySet["Reformulation"]):
    def open(self, day: date | None = None) -> ReformulationQuerySet:
        """Those whose author still has time to answer; the last day is included."""
        return self.filter(answered_at__isnull=True, due_on__gte=day or timezone.localdate())


class Reformulation(models.Model):
    """The author is asked for other words, until a date; past it the contribution is decided as it is."""

    demarche_path = "contribution__demarche"

    contribution = models.ForeignKey(
        Contribution, models.CASCADE, related_name="reformulations", verbose_name="contribution"
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="demandée par"
    )
    request = models.TextField("ce qui est demandé", max_length=2000)
    due_on = models.DateField("réponse attendue jusqu’au")
    asked_at = models.DateTimeField("demandée le", default=timezone.now)
    answered_at = models.DateTimeField("répondue le", null=True, blank=True)

    objects = ReformulationQuerySet.as_manager()

    class Meta:
        verbose_name = "demande de reformulation"
        verbose_name_plural = "demandes de reformulation"
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["contribution"],
                condition=Q(answered_at__isnull=True),
                name="reformulation_one_open",
                violation_error_message="Une reformulation est déjà demandée à l’auteur.",
            )
        ]

    def __str__(self) -> str:
        return f"reformulation {self.pk}"

    @property
    def is_open(self) -> bool:
        """`objects.open`, of one row."""
        return self.answered_at is None and self.due_on >= timezone.localdate()


class ModerationKeys(models.Model):
    """The keys with which one moderator works; none unless they ask for them."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", primary_key=True, verbose_name="compte"
    )
    enabled = models.BooleanField("utiliser les touches", default=False)
    bindings = models.JSONField("touches", default=dict, blank=True)

    class Meta:
        verbose_name = "touches de modération"
        verbose_name_plural = "touches de modération"

    def __str__(self) -> str:
        return f"touches {self.pk}"
