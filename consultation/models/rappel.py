"""The reminders of a rencontre: which are due, which were decided on, and what became of each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.db.models.functions import Now

from socle.courriels.models import Envoi

from .inscription import Inscription

LEAVES_AT = "08:00"  # on the clock of the portal's time zone, so many days before the day of the rencontre


class WhyNot(models.TextChoices):
    """Why a reminder that was due is not sent."""

    LATE = "inscription_tardive", "sa date était passée quand la place a été prise"
    TOLD = "changement_dit", "sa date était passée quand le changement a été annoncé"
    CLOSER = "plus_proche", "un rappel plus proche de la date est parti à sa place"


# One row for each (inscription, lead) of what is to come; all is counted by the database: its clock, its days.
# `days` is a day of the calendar, not 24 hours: the nights when the clocks change are days like the others.
_LEADS = """
WITH clock AS (SELECT coalesce(%(at)s::timestamptz, statement_timestamp()) AS now),
lead AS (
    SELECT i.id AS inscription_id, i.personne_id, r.id AS rencontre_id, r.starts_at, asked.days,
        ((r.starts_at AT TIME ZONE %(zone)s)::date - asked.days + %(leaves_at)s::time) AT TIME ZONE %(zone)s AS due_at,
        min(asked.days) OVER (PARTITION BY i.id) AS last_days,
        greatest(i.created_at, i.promoted_at) AS held_since,
        (SELECT max(c.changed_at) FROM consultation_datechange c WHERE c.rencontre_id = r.id) AS moved_at
    FROM consultation_inscription i
    JOIN comptes_personne p ON p.id = i.personne_id
    JOIN consultation_rencontre r ON r.id = i.rencontre_id
    JOIN consultation_demarche d ON d.id = r.demarche_id
    CROSS JOIN LATERAL (
        SELECT DISTINCT days::integer AS days
        FROM unnest(string_to_array(coalesce(nullif(r.reminder_days, ''), d.reminder_days), ',')) AS days
        WHERE days::integer > 0
    ) asked
    WHERE i.state = 'confirmee' AND p.confirmed_at IS NOT NULL AND r.state = 'publiee' AND d.state = 'publiee'
        AND r.precision IN ('heure', 'jour') AND r.starts_at > (SELECT now FROM clock)
        AND (%(rencontres)s::bigint[] IS NULL OR r.id = ANY(%(rencontres)s::bigint[]))
),
passed AS (
    SELECT *, min(days) OVER (PARTITION BY inscription_id) AS closest
    FROM lead WHERE due_at <= (SELECT now FROM clock)
),
due AS (
    SELECT inscription_id, personne_id, rencontre_id, starts_at, days,
        CASE
            WHEN days > closest THEN 'plus_proche'
            WHEN due_at < held_since AND days > last_days THEN 'inscription_tardive'
            WHEN due_at <= moved_at AND held_since <= moved_at THEN 'changement_dit'
            ELSE ''
        END AS why_not
    FROM passed
    WHERE NOT EXISTS (
        SELECT FROM consultation_rappel done
        WHERE done.inscription_id = passed.inscription_id AND done.days = passed.days
            AND done.starts_at = passed.starts_at
    )
)
"""
_READ = "SELECT inscription_id, personne_id, rencontre_id, starts_at, days, why_not FROM due ORDER BY 2, 1, 5"
# In one order, so that two sweeps wait for each other and never in a ring; the second finds nothing left to take.
_CLAIM = """
INSERT INTO consultation_rappel (inscription_id, days, starts_at, why_not)
SELECT inscription_id, days, starts_at, why_not FROM due
WHERE personne_id IN (SELECT DISTINCT personne_id FROM due ORDER BY personne_id LIMIT %(people)s)
ORDER BY personne_id, inscription_id, days
ON CONFLICT DO NOTHING
RETURNING id
"""


@dataclass(frozen=True)
class Due:
    """A reminder that is due and not decided on; `why_not` is empty where it would be sent."""

    inscription_id: int
    personne_id: int
    rencontre_id: int
    starts_at: datetime
    days: int
    why_not: str


class RappelQuerySet(models.QuerySet["Rappel"]):
    def due(self, rencontres: Collection[int] | None = None, at: datetime | None = None) -> list[Due]:
        """What a sweep would decide on now, of these rencontres or of all; nothing is written.

        A reminder is due at LEAVES_AT, `days` before the day of the rencontre, to those who hold a place and whose
        address is proved. Of several that are due, the closest to the date leaves. One that was past when the place
        was taken is skipped, except the last one; one that was past when the date moved is, for the message about
        the change said it.
        """
        with connection.cursor() as cursor:
            cursor.execute(_LEADS + _READ, _values(rencontres, at))
            return [Due(*row) for row in cursor.fetchall()]

    def claim_due(self, rencontres: Collection[int], people: int, at: datetime | None = None) -> list[int]:
        """Write what is due, for at most so many people; the rows that are ours: what another sweep took is its own."""
        with connection.cursor() as cursor:
            cursor.execute(_LEADS + _CLAIM, _values(rencontres, at) | {"people": people})
            return [pk for (pk,) in cursor.fetchall()]

    def to_send(self) -> RappelQuerySet:
        return self.filter(why_not="", envoi__isnull=True)


def _values(rencontres: Collection[int] | None, at: datetime | None) -> dict[str, Any]:
    listed = None if rencontres is None else list(rencontres)
    return {"at": at, "zone": settings.TIME_ZONE, "leaves_at": LEAVES_AT, "rencontres": listed}


class Rappel(models.Model):
    """One reminder, decided once: of one inscription, so many days before one date. Several may leave in one mail."""

    demarche_path = "inscription__rencontre__demarche"

    inscription = models.ForeignKey(Inscription, models.CASCADE, related_name="rappels", verbose_name="inscription")
    days = models.PositiveSmallIntegerField("jours avant")
    starts_at = models.DateTimeField("date rappelée")
    why_not = models.CharField("pourquoi non envoyé", max_length=24, choices=WhyNot, blank=True)
    envoi = models.ForeignKey(
        Envoi, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="courriel", editable=False
    )
    decided_at = models.DateTimeField("décidé le", db_default=Now())

    objects = RappelQuerySet.as_manager()

    class Meta:
        verbose_name = "rappel"
        ordering = ["inscription", "-days"]
        constraints = [
            models.UniqueConstraint(
                fields=["inscription", "days", "starts_at"],
                name="rappel_once",
                violation_error_message="Ce rappel est déjà décidé.",
            )
        ]

    def __str__(self) -> str:
        return f"rappel {self.pk}"
