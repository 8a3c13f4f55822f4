"""What becomes of the passages of an adopted policy: who does what, by when, how far it is, and why it is not done."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from consultation.choices_adoption import SuiteState
from socle.dates import Precision, day_label, local_midnight, moment_label, season_start

from .adoption import Adoption
from .demarche import Demarche
from .rencontre import Rencontre
from .texte import REASON_LENGTH, Passage, Texte
from .theme import Enjeu

PROMISED = (SuiteState.ANNOUNCED, SuiteState.ENGAGED)
DAYS = [(Precision.DAY, "au jour"), (Precision.MONTH, "au mois"), (Precision.SEASON, "à la saison")]
A_DAY_AND_ITS_PRECISION = "Une échéance a un jour et sa précision, ou n’est pas fixée."


def day_said(day: date | None, precision: str) -> str:
    """« 14 mars 2012 », « juin 2012 », « automne 2012 »; empty where there is none."""
    if day is None:
        return ""
    if precision == Precision.DAY:
        return day_label(day, weekday=False)
    return moment_label(local_midnight(day), None, precision)


def a_year_before(at: date | None = None) -> date:
    """The same day a year earlier; the 28th for a 29 February."""
    day = at or timezone.localdate()
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _late(at: date | None) -> Q:
    day = at or timezone.localdate()
    over = (
        Q(due_precision=Precision.DAY, due_on__lt=day)
        | Q(due_precision=Precision.MONTH, due_on__lt=day.replace(day=1))
        | Q(due_precision=Precision.SEASON, due_on__lt=season_start(day))
    )
    return over & Q(state__in=PROMISED)


class SuiteQuerySet(models.QuerySet["Suite"]):
    def shown(self) -> SuiteQuerySet:
        """Of the policies that anyone may read."""
        return self.filter(passage__version__texte__demarche__in=Demarche.objects.published())

    def of_demarche(self, demarche: Demarche | OuterRef | int) -> SuiteQuerySet:
        return self.filter(passage__version__texte__demarche=demarche)

    def of_texte(self, texte: Texte) -> SuiteQuerySet:
        """Of this policy, whatever its version."""
        return self.filter(passage__version__texte=texte)

    def owed_a_year_after(self, demarche: Demarche | OuterRef, at: date | None = None) -> SuiteQuerySet:
        """Promised and not begun, or late, a year after the vote: the accueil says so."""
        voted = Adoption.objects.filter(
            politique=OuterRef("passage__version__texte"), deliberation_on__lte=a_year_before(at)
        )
        rows = self.shown().of_demarche(demarche)
        return rows.filter(Q(state=SuiteState.ANNOUNCED) | _late(at), Exists(voted))

    def late(self, at: date | None = None) -> SuiteQuerySet:
        """Promised for a day, a month or a season that is over, and not done."""
        return self.filter(_late(at))


class Suite(models.Model):
    """One thing that is done of an article of the policy. Its state and its échéance are those of its last
    `SuiteChange` (trigger `suite_state_said`)."""

    demarche_path = "passage__version__texte__demarche"

    # Followed by its key, whatever the version of the policy.
    passage = models.ForeignKey(Passage, models.PROTECT, related_name="suites", verbose_name="article de la politique")
    title = models.CharField("ce qui est fait", max_length=200)
    text = models.TextField("en quelques mots", max_length=REASON_LENGTH, blank=True)
    enjeu = models.ForeignKey(
        Enjeu, models.SET_NULL, null=True, blank=True, related_name="suites", verbose_name="enjeu"
    )
    in_charge = models.CharField(
        "qui en est chargé", max_length=160, help_text="Un service ou un organisme, jamais une personne."
    )
    url = models.URLField("adresse pour en savoir plus", max_length=500, blank=True)
    state = models.CharField("état", max_length=12, choices=SuiteState, default=SuiteState.ANNOUNCED, editable=False)
    due_on = models.DateField("échéance", null=True, blank=True, editable=False)
    due_precision = models.CharField("précision", max_length=8, choices=DAYS, blank=True, editable=False)
    rencontres = models.ManyToManyField(
        Rencontre,
        blank=True,
        related_name="suites",
        verbose_name="présentée à",
        help_text="Les réunions publiques où cette suite est présentée ; chacune le dit sur sa page.",
    )

    objects = SuiteQuerySet.as_manager()

    class Meta:
        verbose_name = "suite donnée"
        verbose_name_plural = "suites données"
        ordering = ["passage__number", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(in_charge=""),
                name="suite_whole",
                violation_error_message="Dites ce qui est fait, et qui en est chargé.",
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True, due_precision="") | Q(due_on__isnull=False) & ~Q(due_precision=""),
                name="suite_due_with_precision",
                violation_error_message=A_DAY_AND_ITS_PRECISION,
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("suite", args=[self.pk])

    @property
    def due_label(self) -> str:
        return day_said(self.due_on, self.due_precision)

    def is_late(self, at: date | None = None) -> bool:
        """`SuiteQuerySet.late`."""
        if self.due_on is None or self.state not in PROMISED:
            return False
        day = at or timezone.localdate()
        starts = {Precision.MONTH: day.replace(day=1), Precision.SEASON: season_start(day)}
        return self.due_on < starts.get(Precision(self.due_precision), day)


class SuiteChange(models.Model):
    """A suite was announced, moved on, or its échéance was put off; dated, and kept as it is (trigger
    `suite_change_stays`)."""

    demarche_path = "suite__passage__version__texte__demarche"

    suite = models.ForeignKey(Suite, models.CASCADE, related_name="changes", verbose_name="suite")
    state = models.CharField("état", max_length=12, choices=SuiteState)
    due_on = models.DateField("échéance", null=True, blank=True)
    due_precision = models.CharField("précision", max_length=8, choices=DAYS, blank=True)
    reason = models.TextField("raison", max_length=REASON_LENGTH, blank=True)
    url = models.URLField("adresse", max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="par")
    at = models.DateTimeField("dit le", default=timezone.now, editable=False)
    authors_told_at = models.DateTimeField("auteurs prévenus le", null=True, editable=False)

    class Meta:
        verbose_name = "changement d’une suite"
        verbose_name_plural = "changements des suites"
        ordering = ["suite", "pk"]
        indexes = [
            models.Index(fields=["id"], condition=Q(authors_told_at__isnull=True), name="suite_change_to_tell"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="abandonnee") | ~Q(reason=""),
                name="suite_given_up_says_why",
                violation_error_message="Dites pourquoi elle est abandonnée : la raison est publique.",
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True, due_precision="") | Q(due_on__isnull=False) & ~Q(due_precision=""),
                name="suite_change_due_with_precision",
                violation_error_message=A_DAY_AND_ITS_PRECISION,
            ),
        ]

    def __str__(self) -> str:
        return f"changement {self.pk}"

    @property
    def due_label(self) -> str:
        return day_said(self.due_on, self.due_precision)


class Jalon(models.Model):
    """A step on the way of a suite: when it is planned, when it was reached."""

    demarche_path = "suite__passage__version__texte__demarche"

    suite = models.ForeignKey(Suite, models.CASCADE, related_name="jalons", verbose_name="suite")
    label = models.CharField("étape", max_length=200)
    planned_on = models.DateField("prévue le", null=True, blank=True)
    precision = models.CharField("précision", max_length=8, choices=DAYS, default=Precision.DAY)
    done_on = models.DateField("faite le", null=True, blank=True)
    url = models.URLField("adresse", max_length=500, blank=True)

    class Meta:
        verbose_name = "étape d’une suite"
        verbose_name_plural = "étapes d’une suite"
        ordering = ["suite", F("planned_on").asc(nulls_last=True), "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(planned_on__isnull=False) | Q(done_on__isnull=False),
                name="jalon_dated",
                violation_error_message="Dites quand cette étape est prévue, ou quand elle a été faite.",
            )
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def planned_label(self) -> str:
        return day_said(self.planned_on, self.precision)
