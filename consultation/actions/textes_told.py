"""The authors of contributions hear what a texte makes of them: once each, grouped, one mail a day at most."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from consultation.actions.digests import last_morning
from consultation.emails.textes import moved
from consultation.models import Annonce
from socle.comptes.models import Rhythm
from socle.courriels.actions import enqueue_many
from socle.courriels.models import Envoi

PEOPLE = 200  # written to in one transaction

# What is public of the textes whose authors are still to be told, and has not been said to an author whose address is
# proved; but for those who had such a mail today (of the database's clock, in the portal's time): tomorrow, then. Who
# wants it in a digest waits for the morning, or the Monday, after the texte appeared; who wants none is never due.
_DUE = """
WITH shown AS (
    SELECT v.id, v.texte_id, v.number, v.published_at FROM consultation_texteversion v
    JOIN consultation_texte t ON t.current_id = v.id WHERE v.authors_told_at IS NULL
), said AS (
    SELECT shown.texte_id, shown.published_at, cited.contribution_id, 'reprise' AS outcome
    FROM shown, consultation_cited_by(shown.id) cited
    UNION ALL
    SELECT r.texte_id, shown.published_at, r.contribution_id, 'reponse' FROM shown
    JOIN consultation_reponse r ON r.texte_id = shown.texte_id
        AND r.since <= shown.number AND (r.until IS NULL OR r.until > shown.number)
), due AS (
    SELECT c.personne_id, said.texte_id, said.contribution_id, said.outcome, said.published_at <= CASE p.rhythm
        WHEN 'jour' THEN %(morning)s WHEN 'semaine' THEN %(monday)s ELSE statement_timestamp() END AS ready
    FROM said
    JOIN consultation_contribution c ON c.id = said.contribution_id AND c.state = 'publiee'
    JOIN comptes_personne p ON p.id = c.personne_id AND p.confirmed_at IS NOT NULL
        AND p.rhythm <> 'jamais'
    WHERE NOT EXISTS (SELECT FROM consultation_annonce a WHERE a.texte_id = said.texte_id
        AND a.contribution_id = said.contribution_id AND a.outcome = said.outcome)
)
"""
_TODAY = """EXISTS (
    SELECT FROM consultation_annonce a JOIN consultation_contribution c ON c.id = a.contribution_id
    WHERE c.personne_id = due.personne_id
        AND (a.told_at AT TIME ZONE %(zone)s)::date = (statement_timestamp() AT TIME ZONE %(zone)s)::date
)"""
_PEOPLE = f"""{_DUE} SELECT id FROM comptes_personne
WHERE id IN (SELECT personne_id FROM due WHERE ready AND NOT {_TODAY} ORDER BY 1 LIMIT %(people)s)
ORDER BY id FOR UPDATE SKIP LOCKED"""  # noqa: S608 (constants of this file)
# Asked again once they are held: another worker may have written to them meanwhile.
_CLAIM = f"""{_DUE} INSERT INTO consultation_annonce (texte_id, contribution_id, outcome, told_at)
SELECT texte_id, contribution_id, outcome, statement_timestamp() FROM due
WHERE personne_id = ANY(%(held)s) AND ready AND NOT {_TODAY}
ON CONFLICT DO NOTHING RETURNING id"""  # noqa: S608
_DONE = f"""{_DUE} UPDATE consultation_texteversion SET authors_told_at = now()
WHERE id IN (SELECT id FROM shown WHERE texte_id NOT IN (SELECT texte_id FROM due))"""  # noqa: S608


@transaction.atomic
def tell_due() -> int:
    """Write to some of those who are due; returns to how many. Safe to ring twice, or at once."""
    said: dict[str, Any] = {
        "zone": settings.TIME_ZONE,
        "morning": last_morning(Rhythm.DAILY),
        "monday": last_morning(Rhythm.WEEKLY),
    }
    with connection.cursor() as cursor:
        cursor.execute(_PEOPLE, said | {"people": PEOPLE})
        held = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(_CLAIM, said | {"held": held})
        claimed = [pk for (pk,) in cursor.fetchall()]
        if not held:
            cursor.execute(_DONE, said)
    _write(claimed)
    return len(held)


def _write(claimed: list[int]) -> None:
    rows = Annonce.objects.filter(pk__in=claimed).select_related(
        "texte__current", "contribution__demarche", "contribution__personne"
    )
    rows = rows.defer("contribution__body").order_by("contribution__personne", "contribution", "texte", "pk")
    letters = {}
    for personne, found in groupby(rows, key=lambda row: row.contribution.personne):
        group = list(found)
        if personne:
            # The day is the database's, as the one that was asked for above.
            letters[f"parcours:{personne.pk}:{timezone.localdate(group[0].told_at)}"] = (personne, group)
    enqueue_many(moved(personne, group, key) for key, (personne, group) in letters.items())
    written = dict(Envoi.objects.filter(dedupe_key__in=letters).values_list("dedupe_key", "pk"))
    for key, (_, group) in letters.items():
        Annonce.objects.filter(pk__in=[row.pk for row in group]).update(envoi=written[key])
