"""The droit de regard: before a forum each group sees how its words were taken up, and may object."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from ateliers.models import Membre
from consultation.choices import ContributionState, WithdrawnBy
from consultation.models import Contribution, Passage, TexteVersion
from socle.dates import local_midnight

from .forum import Forum

ANSWER_LENGTH = 3000
DAYS_MAX = 90


class DroitDeRegardQuerySet(models.QuerySet["DroitDeRegard"]):
    def open(self, at: datetime | None = None) -> DroitDeRegardQuerySet:
        at = at or timezone.now()
        return self.filter(opened_at__lte=at, closes_at__gt=at)


class DroitDeRegard(models.Model):
    """So many days, dated, during which the members of the groups read one version of a texte and object to it.

    Once open it is only ever made longer (trigger `droit_de_regard_stays`).
    """

    demarche_path = "forum__rencontre__demarche"

    forum = models.OneToOneField(Forum, models.PROTECT, primary_key=True, related_name="regard", verbose_name="forum")
    version = models.ForeignKey(TexteVersion, models.PROTECT, related_name="+", verbose_name="version à lire")
    days = models.PositiveSmallIntegerField("jours")
    opened_at = models.DateTimeField("ouvert le", default=timezone.now, editable=False)
    # The first instant that is too late: the local midnight after the last day.
    closes_at = models.DateTimeField("se ferme le")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+", verbose_name="par"
    )

    objects = DroitDeRegardQuerySet.as_manager()

    class Meta:
        verbose_name = "droit de regard"
        verbose_name_plural = "droits de regard"
        constraints = [
            models.CheckConstraint(
                condition=Q(days__range=(1, DAYS_MAX)),
                name="droit_de_regard_days",
                violation_error_message="Le droit de regard dure de 1 à 90 jours.",
            ),
            models.CheckConstraint(
                condition=Q(closes_at__gt=F("opened_at")),
                name="droit_de_regard_in_order",
                violation_error_message="Le droit de regard se ferme après s’être ouvert.",
            ),
        ]

    def __str__(self) -> str:
        return f"droit de regard {self.pk}"

    def is_open(self, at: datetime | None = None) -> bool:
        return self.opened_at <= (at or timezone.now()) < self.closes_at

    @property
    def is_longer(self) -> bool:
        """Than was first said."""
        return self.closes_at > local_midnight(timezone.localdate(self.opened_at) + timedelta(days=self.days + 1))

    @property
    def last_day(self) -> date:
        return timezone.localdate(self.closes_at - timedelta(seconds=1))


_WITHDRAWN = Q(contribution__state=ContributionState.WITHDRAWN)
_TAKEN_BACK = _WITHDRAWN & Q(contribution__withdrawn_by=WithdrawnBy.AUTHOR)
# Published, refused, or taken down by the team: none of the three does away with the answer.
_DECIDED = Q(contribution__state__in=(ContributionState.PUBLISHED, ContributionState.REFUSED)) | (
    _WITHDRAWN & Q(contribution__withdrawn_by=WithdrawnBy.MODERATION)
)


class AnnonceRegard(models.Model):
    """A member was told that the droit de regard of their group is open, and until when: once, whatever the mails of
    their other groups say; once more where it is made longer."""

    demarche_path = "droit__forum__rencontre__demarche"

    droit = models.ForeignKey(DroitDeRegard, models.CASCADE, related_name="annonces", verbose_name="droit de regard")
    membre = models.ForeignKey(Membre, models.CASCADE, related_name="+", verbose_name="membre")
    closes_at = models.DateTimeField("jusqu’au")
    told_at = models.DateTimeField("prévenu le", default=timezone.now)

    class Meta:
        verbose_name = "annonce du droit de regard"
        verbose_name_plural = "annonces du droit de regard"
        ordering = ["droit", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["droit", "membre", "closes_at"],
                name="annonce_regard_once",
                violation_error_message="Ce membre a déjà été prévenu.",
            )
        ]

    def __str__(self) -> str:
        return f"annonce {self.pk}"


class ObjectionQuerySet(models.QuerySet["Objection"]):
    def unanswered(self) -> ObjectionQuerySet:
        return self.filter(answered_at__isnull=True)

    def owed(self) -> ObjectionQuerySet:
        """An answer, by now: their text was decided upon. What its author took back is owed none."""
        return self.unanswered().filter(_DECIDED)

    def waiting(self) -> ObjectionQuerySet:
        """For their moderation, or for their answer."""
        return self.unanswered().exclude(_TAKEN_BACK)

    def public(self) -> ObjectionQuerySet:
        """Their text appeared, even if the team took it down since; or it did not, and was answered all the same."""
        appeared = Q(contribution__published_at__isnull=False) & _DECIDED
        return self.filter(appeared | Q(answered_at__isnull=False))


class Objection(models.Model):
    """What a member says of how a production of their group was taken up: a contribution, and a public answer."""

    demarche_path = "contribution__demarche"

    contribution = models.OneToOneField(
        Contribution, models.CASCADE, primary_key=True, related_name="+", verbose_name="contribution"
    )
    droit = models.ForeignKey(DroitDeRegard, models.PROTECT, related_name="objections", verbose_name="droit de regard")
    membre = models.ForeignKey(Membre, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="membre")
    passage = models.ForeignKey(
        Passage, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="sur le passage"
    )
    answer = models.TextField("réponse", max_length=ANSWER_LENGTH, blank=True, default="")
    answered_at = models.DateTimeField("répondue le", null=True, blank=True)
    corrected_at = models.DateTimeField("réponse corrigée le", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="par"
    )

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = "objection"
        ordering = ["droit", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer="", answered_by__isnull=True)
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="objection_answered_whole",
                violation_error_message="Une réponse a ses mots, sa date et qui l’a écrite.",
            )
        ]

    def __str__(self) -> str:
        return f"objection {self.pk}"

    @property
    def is_taken_back(self) -> bool:
        """By its author; what the team takes down is still owed an answer."""
        return self.contribution.withdrawn_by == WithdrawnBy.AUTHOR

    @property
    def takes_answer(self) -> bool:
        """Its text was decided upon. An answer that was given is corrected, whatever becomes of the text."""
        pending = self.contribution.state in (ContributionState.TO_CONFIRM, ContributionState.WAITING)
        return self.answered_at is not None or not (pending or self.is_taken_back)
