"""Who in the team looked at a list of people, or took one away; who gave a role, and to whom.

Nothing personal but the keys of accounts. The triggers of 0001_initial keep each row as it was written.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

KEPT = timedelta(days=365)  # what was looked at and taken; the trigger says the same. Roles stay.


class Act(models.TextChoices):
    LOOKED = "vue", "liste regardée"
    TAKEN = "export", "liste emportée"
    GIVEN = "role_donne", "rôle donné"
    CHANGED = "role_change", "rôle changé"
    ENDED = "role_fini", "rôle fini"


ABOUT_PEOPLE = (Act.LOOKED, Act.TAKEN)


class TraceQuerySet(models.QuerySet["Trace"]):
    def within(self, scopes: Iterable[str]) -> TraceQuerySet:
        return self.filter(scope__in=scopes)

    def outlived(self) -> TraceQuerySet:
        return self.filter(act__in=ABOUT_PEOPLE, at__lt=Now() - KEPT)


class Trace(models.Model):
    """`scope` and `subject` are keys the floors above give: of what, and of which row (`demarche:3`, `rencontre:12`).

    The accounts are kept by their key alone, so that a trace outlives them.
    """

    at = models.DateTimeField("le", db_default=Now(), editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
        verbose_name="par",
    )
    act = models.CharField("acte", max_length=12, choices=Act)
    what = models.CharField("liste ou rôle", max_length=120)
    scope = models.CharField("étendue", max_length=40, blank=True)
    subject = models.CharField("objet", max_length=40, blank=True)
    rows = models.PositiveIntegerField("lignes", null=True)
    whom = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="+",
        verbose_name="à",
    )

    objects = TraceQuerySet.as_manager()

    class Meta:
        verbose_name = "trace d’accès"
        verbose_name_plural = "traces d’accès"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["by", "what", "at"], name="access_again"),
            models.Index(fields=["scope", "id"], name="access_scope"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(act__in=ABOUT_PEOPLE, rows__isnull=False, whom__isnull=True)
                | (~Q(act__in=ABOUT_PEOPLE) & Q(rows__isnull=True, whom__isnull=False)),
                name="access_of_rows_or_of_somebody",
                violation_error_message="Une trace dit combien de lignes, ou à qui le rôle.",
            )
        ]

    def __str__(self) -> str:
        return f"trace {self.pk}"
