"""What people thought of a rencontre: asked once the day after, kept without a trace, published by five at least."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid5

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from consultation.choices import Answering
from consultation.emails import evaluations as emails
from consultation.evaluations import DAYS_OPEN, counted, followed, takes_answers
from consultation.models import Evaluation, EvaluationFigures, Inscription, Rencontre
from socle.courriels.actions import enqueue_many
from socle.pagecache.actions import bump

PEOPLE = 200  # written to in one transaction
LEAVES_AT = "08:00"  # on the clock of the portal's time zone, the day after
# By the database's clock and calendar, as reminders are; the outbox says who has been asked.
_DUE = """
WITH clock AS (SELECT coalesce(%(at)s::timestamptz, statement_timestamp()) AS now),
past AS (
    SELECT r.id, (coalesce(r.ends_at, r.starts_at) AT TIME ZONE %(zone)s)::date AS day
    FROM consultation_rencontre r JOIN consultation_demarche d ON d.id = r.demarche_id
    WHERE r.state = 'publiee' AND d.state <> 'brouillon' AND r.precision IN ('heure', 'jour')
        AND r.starts_at < (SELECT now FROM clock)
)
SELECT i.id
FROM past
JOIN consultation_inscription i ON i.rencontre_id = past.id
JOIN comptes_personne p ON p.id = i.personne_id
WHERE i.attended_at IS NOT NULL AND NOT i.has_evaluated AND p.confirmed_at IS NOT NULL
    AND (past.day + 1 + %(leaves_at)s::time) AT TIME ZONE %(zone)s <= (SELECT now FROM clock)
    AND (SELECT now FROM clock) < (past.day + %(days)s + 1)::timestamp AT TIME ZONE %(zone)s
    AND NOT EXISTS (SELECT FROM courriels_envoi e WHERE e.dedupe_key = %(prefix)s || i.id)
ORDER BY i.id LIMIT %(people)s
"""


class Received(StrEnum):
    YES = "recu"
    ALREADY = "deja"
    CLOSED = "clos"


@transaction.atomic
def ask_due(at: datetime | None = None) -> int:
    """Write to those who came, once each; how many. Safe to ring twice, or at once: the key of the mail is theirs."""
    asked = {
        "at": at,
        "zone": settings.TIME_ZONE,
        "leaves_at": LEAVES_AT,
        "days": DAYS_OPEN,
        "prefix": emails.PREFIX,
        "people": PEOPLE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DUE, asked)
        due = [pk for (pk,) in cursor.fetchall()]
    if due:
        rows = Inscription.objects.filter(pk__in=due).select_related("personne", "rencontre__lieu")
        enqueue_many(emails.asked(inscription) for inscription in rows)
    return len(due)


@transaction.atomic
def answer(inscription: Inscription, marks: dict[str, int | None]) -> Received:
    """Note that this person has answered, and put the answers among the others; nothing tells which are theirs."""
    rencontre = Rencontre.objects.select_for_update().get(pk=inscription.rencontre_id)
    if not takes_answers(rencontre):
        return Received.CLOSED
    theirs = Inscription.objects.filter(pk=inscription.pk, attended_at__isnull=False, has_evaluated=False)
    if not theirs.update(has_evaluated=True):
        return Received.ALREADY
    Evaluation.objects.drop_in(rencontre, marks)
    return Received.YES


@transaction.atomic
def enter_papers(rencontre: Rencontre, key: UUID, papers: Sequence[dict[str, int | None]]) -> int:
    """The answers of a pile of papers; how many. The same form sent twice is one pile: 0 the second time."""
    Rencontre.objects.select_for_update().get(pk=rencontre.pk)
    rows = [
        Evaluation(pk=uuid5(key, str(rank)), rencontre=rencontre, source=Answering.PAPER, **marks)
        for rank, marks in enumerate(papers)
    ]
    if Evaluation.objects.filter(pk__in=[row.pk for row in rows]).exists():
        return 0
    return len(Evaluation.objects.bulk_create(rows))


def publish_due(at: datetime | None = None) -> int:
    """Once a day for each rencontre, make public what may be; how many moved. Outside of any transaction."""
    today = timezone.localdate(at)
    done = EvaluationFigures.objects.filter(published_on__gte=today)
    waiting = Evaluation.objects.exclude(rencontre__in=done.values("pk")).order_by()
    return sum(publish(pk, today) for pk in waiting.values_list("rencontre", flat=True).distinct())


@transaction.atomic
def publish(rencontre_pk: int, today: date) -> bool:
    """Whether the public figures have changed (see `followed`); a day that changed nothing may still change them."""
    rencontre = Rencontre.objects.select_for_update().get(pk=rencontre_pk)
    row = EvaluationFigures.objects.filter(pk=rencontre_pk).first()
    if row and row.published_on >= today:
        return False
    public = row.figures if row else {}
    figures = followed(public, counted(rencontre))
    if figures == public or not any(sum(numbers) for series in figures.values() for numbers in series.values()):
        return False
    EvaluationFigures.objects.update_or_create(
        rencontre=rencontre, defaults={"figures": figures, "published_on": today}
    )
    bump()
    return True
