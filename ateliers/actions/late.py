"""Whoever runs an atelier is reminded of minutes that nobody has opened, 3 and 7 days after the séance."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from ateliers.emails import comptes_rendus as emails
from ateliers.models import Seance
from consultation.models.rappel import LEAVES_AT
from socle.comptes.models import User
from socle.courriels.actions import enqueue_many

LEADS = (3, 7)  # days of the calendar after the day of the séance
LATEST = 14  # days: a portal that was stopped for longer reminds nobody of what is old
BATCH = 200

# All by the database: its clock, the calendar of the portal. Of the reminders that are past the last alone leaves. To
# those who run the atelier; where nobody does, to the responsables of the démarche.
_DUE = """
WITH clock AS (SELECT coalesce(%(at)s::timestamptz, statement_timestamp()) AS now),
held AS (
    SELECT s.rencontre_id AS seance_id, s.atelier_id, r.demarche_id,
        (r.starts_at AT TIME ZONE %(zone)s)::date AS day
    FROM ateliers_seance s
    JOIN consultation_rencontre r ON r.id = s.rencontre_id
    JOIN consultation_demarche d ON d.id = r.demarche_id
    LEFT JOIN ateliers_compterendu c ON c.seance_id = s.rencontre_id
    WHERE r.state = 'publiee' AND d.state = 'publiee' AND r.precision IN ('heure', 'jour') AND c.opened_at IS NULL
),
due AS (
    SELECT held.*, max(lead.days) AS days
    FROM held CROSS JOIN unnest(%(leads)s::integer[]) AS lead(days), clock
    WHERE (day + lead.days + %(leaves_at)s::time) AT TIME ZONE %(zone)s <= clock.now
        AND day + %(latest)s >= (clock.now AT TIME ZONE %(zone)s)::date
    GROUP BY seance_id, atelier_id, demarche_id, day
),
runs AS (
    SELECT due.seance_id, due.days, a.user_id
    FROM due JOIN ateliers_animation a USING (atelier_id) JOIN comptes_user u ON u.id = a.user_id, clock
    WHERE u.is_active AND (a.ends_on IS NULL OR a.ends_on >= (clock.now AT TIME ZONE %(zone)s)::date)
),
asked AS (
    SELECT * FROM runs
    UNION
    SELECT due.seance_id, due.days, o.user_id
    FROM due JOIN consultation_role o USING (demarche_id) JOIN comptes_user u ON u.id = o.user_id, clock
    WHERE o.kind = 'responsable' AND u.is_active
        AND (o.ends_on IS NULL OR o.ends_on >= (clock.now AT TIME ZONE %(zone)s)::date)
        AND NOT EXISTS (SELECT FROM runs WHERE runs.seance_id = due.seance_id)
)
SELECT seance_id, days, user_id FROM asked
WHERE NOT EXISTS (
    SELECT FROM courriels_envoi
    WHERE dedupe_key = 'compte-rendu:' || seance_id || ':retard:' || days || ':' || user_id
)
ORDER BY seance_id, user_id LIMIT %(batch)s
"""


@transaction.atomic
def remind_late(at: datetime | None = None) -> int:
    """Write the reminders that are due; how many. Safe to ring twice, or at once: each has its key."""
    found = due(at)
    seances = Seance.objects.select_related("rencontre", "atelier__demarche").in_bulk({pk for pk, _, _ in found})
    users = User.objects.in_bulk({pk for _, _, pk in found})
    enqueue_many(emails.late(seances[seance], days, users[user]) for seance, days, user in found)
    return len(found)


def due(at: datetime | None = None) -> list[tuple[int, int, int]]:
    """(séance, days, account) of those that a sweep would write now."""
    values = {"at": at, "zone": settings.TIME_ZONE, "leads": list(LEADS), "leaves_at": LEAVES_AT}
    with connection.cursor() as cursor:
        cursor.execute(_DUE, values | {"latest": LATEST, "batch": BATCH})
        return cursor.fetchall()
