"""Reminders: written once each, called back when what they say is no longer true."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby

from django.conf import settings
from django.db import connection, transaction

from consultation.emails import rencontres as emails
from consultation.models import Inscription, Rappel
from consultation.models.rappel import RappelQuerySet
from consultation.programmes import ordres_du_jour
from socle.courriels.actions import cancel_one, enqueue_many
from socle.courriels.models import Envoi

PEOPLE = 200  # written to in one transaction: the rencontres are locked for that long


@transaction.atomic
def remind_due(at: datetime | None = None) -> int:
    """Decide on the reminders that are due; returns on how many. Safe to ring twice, or at once.

    What is due to one person on one day, for one démarche, leaves as one mail: all becomes due at the same hour.
    Who takes a place later that day, and is due a reminder by it, gets it in a mail of its own rather than not at all.
    """
    due = Rappel.objects.due(at=at)
    if not due:
        return 0
    rencontres = sorted({one.rencontre_id for one in due})
    _share(rencontres)  # whoever moves or cancels one waits for us, or has changed what is counted now
    claimed = Rappel.objects.claim_due(rencontres, PEOPLE, at)
    _write(Rappel.objects.filter(pk__in=claimed).to_send(), _today(at))
    return len(claimed)


def _share(rencontre_pks: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM consultation_rencontre WHERE id = ANY(%s) ORDER BY id FOR SHARE", [rencontre_pks])


def _today(at: datetime | None) -> date:
    """The day it is for the database, in the portal's time zone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (coalesce(%s::timestamptz, statement_timestamp()) AT TIME ZONE %s)::date", [at, settings.TIME_ZONE]
        )
        return cursor.fetchone()[0]


def _write(rappels: RappelQuerySet, today: date) -> None:
    rows = list(
        rappels.select_related(
            "inscription__personne", "inscription__rencontre__demarche", "inscription__rencontre__lieu"
        ).order_by("inscription__personne", "inscription__rencontre__demarche", "starts_at", "pk")
    )
    about = ordres_du_jour({row.inscription.rencontre_id for row in rows})
    letters = {f"rappel:{group[0].pk}": group for group in _grouped(rows)}
    enqueue_many(_letter(key, group, about, today) for key, group in letters.items())
    written = dict(Envoi.objects.filter(dedupe_key__in=letters).values_list("dedupe_key", "pk"))
    for key, group in letters.items():
        for row in group:
            row.envoi_id = written[key]
    Rappel.objects.bulk_update(rows, ["envoi"])


def _grouped(rows: list[Rappel]) -> list[list[Rappel]]:
    """Those of one person and one démarche; the rows come in that order."""

    def of(row: Rappel) -> tuple[int, int]:
        return row.inscription.personne_id, row.inscription.rencontre.demarche_id

    return [list(group) for _, group in groupby(rows, of)]


def _letter(key: str, group: list[Rappel], about: dict[int, str], today: date) -> Envoi:
    inscriptions = [row.inscription for row in group]
    comings = [
        emails.Coming(
            one, emails.soon_label(one.rencontre.starts_at, today), ordre_du_jour=about.get(one.rencontre_id, "")
        )
        for one in inscriptions
    ]
    return emails.reminder(inscriptions[0].personne, comings, key)


@transaction.atomic
def call_back(inscriptions: Iterable[Inscription], reason: str) -> int:
    """Their reminders that have not left do not; what shared a mail with one of them is decided on anew.

    A mail that leaves at this very moment is left to be shown as sent, with all it spoke of.
    """
    gone = {inscription.pk for inscription in inscriptions}
    told = Rappel.objects.filter(inscription__in=gone, envoi__in=Envoi.objects.unfinished().values("pk"))
    cancelled = [envoi for envoi in Envoi.objects.filter(pk__in=told.values("envoi")) if cancel_one(envoi, reason)]
    Rappel.objects.filter(envoi__in=cancelled).exclude(inscription__in=gone).delete()
    return len(cancelled)
