"""A second reader: some of what a texte treats, drawn at random, read again by somebody who did not write it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import BooleanField, F, Func, Q
from django.utils import timezone

from .contribution import Contribution
from .texte import REASON_LENGTH, Texte, TexteVersion

USER = settings.AUTH_USER_MODEL


class Echantillon(models.Model):
    """What was drawn of a version, and how: the seed and the numbers of the contributions give the order
    (`consultation.coverage.RULE`). It is never drawn again; another may be added."""

    demarche_path = "version__texte__demarche"

    version = models.ForeignKey(TexteVersion, models.CASCADE, related_name="echantillons", verbose_name="version")
    seed = models.CharField("graine", max_length=64, editable=False)
    pool = models.PositiveIntegerField("tirées parmi", editable=False)
    size = models.PositiveIntegerField("tirées")
    drawn_at = models.DateTimeField("tirées le", default=timezone.now, editable=False)
    by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, editable=False, related_name="+", verbose_name="par"
    )

    class Meta:
        verbose_name = "échantillon à relire"
        verbose_name_plural = "échantillons à relire"
        ordering = ["version", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(size__gte=1, size__lte=F("pool")),
                name="echantillon_within_pool",
                violation_error_message="On tire au moins une contribution, et pas plus qu’il n’y en a.",
            )
        ]

    def __str__(self) -> str:
        return f"échantillon {self.pk}"


class Wrote(Func):
    """Whether a user cited or answered, in the version, the contribution of the row."""

    function = "consultation_wrote_of"
    output_field = BooleanField()


class RelectureQuerySet(models.QuerySet["Relecture"]):
    def unread_for(self, version: TexteVersion, user_pk: int) -> RelectureQuerySet:
        """Of its texte, what they may read while this version is written: what they did not write in it. What was
        drawn of an earlier version, and not read, still is to be."""
        rows = self.filter(texte=version.texte_id, agrees__isnull=True)
        wrote = Wrote(models.Value(version.pk), F("contribution"), models.Value(user_pk))
        return rows.filter(~Q(wrote)).order_by("echantillon", "rank")

    def to_settle(self) -> RelectureQuerySet:
        """Disagreements that the rédacteurs have not taken up yet."""
        return self.filter(agrees=False, settled_at__isnull=True)


class Relecture(models.Model):
    """One contribution of a sample: whether who reads again agrees with what the texte makes of it, and what the
    rédacteurs did of a disagreement."""

    demarche_path = "texte__demarche"

    echantillon = models.ForeignKey(Echantillon, models.CASCADE, related_name="relectures", verbose_name="échantillon")
    # That of its sample (trigger): a contribution is drawn once in a texte, whatever the version.
    texte = models.ForeignKey(Texte, models.CASCADE, related_name="relectures", verbose_name="texte")
    contribution = models.ForeignKey(
        Contribution, models.PROTECT, related_name="relectures", verbose_name="contribution"
    )
    rank = models.PositiveIntegerField("rang")
    agrees = models.BooleanField("d’accord", null=True)
    reason = models.TextField("pourquoi", max_length=REASON_LENGTH, blank=True)
    by = models.ForeignKey(USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="relue par")
    read_at = models.DateTimeField("relue le", null=True)
    settlement = models.TextField("ce qui en est fait", max_length=REASON_LENGTH, blank=True)
    settled_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="reprise par"
    )
    settled_at = models.DateTimeField("reprise le", null=True)

    objects = RelectureQuerySet.as_manager()

    class Meta:
        verbose_name = "relecture"
        ordering = ["echantillon", "rank"]
        constraints = [
            models.UniqueConstraint(
                fields=["texte", "contribution"],
                name="relecture_once",
                violation_error_message="Cette contribution est déjà tirée au sort dans ce texte.",
            ),
            models.CheckConstraint(
                condition=Q(agrees__isnull=True, by__isnull=True, read_at__isnull=True)
                | Q(agrees__isnull=False, by__isnull=False, read_at__isnull=False),
                name="relecture_by_someone",
                violation_error_message="Une relecture dit qui l’a faite, et quand.",
            ),
            models.CheckConstraint(
                condition=Q(agrees__isnull=True) | Q(agrees=True) | ~Q(reason=""),
                name="relecture_says_why",
                violation_error_message="Dites pourquoi vous n’êtes pas d’accord : le rédacteur le lira.",
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settlement="")
                | (Q(settled_at__isnull=False, agrees=False) & ~Q(settlement="")),
                name="relecture_settled_in_words",
                violation_error_message="Dites ce que vous avez fait de ce désaccord.",
            ),
        ]

    def __str__(self) -> str:
        return f"relecture {self.pk}"
