"""The authors of contributions hear what becomes of them: once each, grouped, one mail a day at most."""

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
READ_WITH = (
    *("production__demarche", "texte__adoption", "change__suite", "archivage"),
    *("contribution__demarche", "contribution__personne"),
)

# What is public and whose authors are still to be told (a production that cites them, a texte, each act of the adoption
# of a report, a suite that moved, a démarche archived without what it owed), and has not been said to an author whose
# address is proved; but for those who had such a mail today (of the database's clock, in the portal's time): tomorrow,
# then. Who wants it in a digest waits for the morning, or the Monday, after it appeared; who wants none is never due.
_DUE = """
WITH shown AS (
    SELECT v.id, v.texte_id, v.number, v.published_at FROM consultation_texteversion v
    JOIN consultation_texte t ON t.current_id = v.id WHERE v.authors_told_at IS NULL
), said AS (
    SELECT ci.citing_id AS production_id, NULL::bigint AS texte_id, NULL::bigint AS change_id,
        NULL::bigint AS archivage_id, ci.cited_id AS contribution_id, 'production' AS outcome,
        greatest(made.published_at, ci.created_at) AS at
    FROM consultation_citation ci
    JOIN consultation_contribution made ON made.id = ci.citing_id AND made.state = 'publiee'
    WHERE ci.citing_id IS NOT NULL AND ci.authors_told_at IS NULL
    UNION ALL
    SELECT NULL, shown.texte_id, NULL, NULL, behind.contribution_id, 'reprise', shown.published_at
    FROM shown, consultation_behind(ARRAY(SELECT id FROM consultation_passage WHERE version_id = shown.id)) behind
    UNION ALL
    SELECT NULL, r.texte_id, NULL, NULL, r.contribution_id, 'reponse', shown.published_at FROM shown
    JOIN consultation_reponse r ON r.texte_id = shown.texte_id
        AND r.since <= shown.number AND (r.until IS NULL OR r.until > shown.number)
    UNION ALL
    SELECT NULL, a.texte_id, NULL, NULL, behind.contribution_id, act.outcome,
        (act.day + 1)::timestamp AT TIME ZONE %(zone)s
    FROM consultation_adoption a CROSS JOIN LATERAL (VALUES
        ('presente', a.presented_on, a.presentation_told_at), ('avis', a.avis_on, a.avis_told_at),
        ('vote', a.deliberation_on, a.authors_told_at)
    ) act(outcome, day, told_at) CROSS JOIN LATERAL
        consultation_behind(ARRAY(SELECT id FROM consultation_passage WHERE version_id = a.version_id)) behind
    WHERE act.day IS NOT NULL AND act.told_at IS NULL
    UNION ALL
    SELECT NULL, NULL, ch.id, NULL, behind.contribution_id, 'suite', ch.at FROM consultation_suitechange ch
    JOIN consultation_suite s ON s.id = ch.suite_id, consultation_behind(ARRAY[s.passage_id]) behind
    WHERE ch.authors_told_at IS NULL
    UNION ALL
    SELECT NULL, NULL, NULL, ar.id, c.id, 'archive', ar.at FROM consultation_archivage ar
    JOIN consultation_contribution c ON c.demarche_id = ar.demarche_id
    WHERE ar.authors_told_at IS NULL AND ar.reopened_at IS NULL AND ar.reason <> ''
), due AS (
    SELECT c.personne_id, said.*,
        CASE p.rhythm WHEN 'jour' THEN said.at <= %(morning)s WHEN 'semaine' THEN said.at <= %(monday)s ELSE true END
        AS ready
    FROM said
    JOIN consultation_contribution c ON c.id = said.contribution_id AND c.state = 'publiee'
    JOIN comptes_personne p ON p.id = c.personne_id AND p.confirmed_at IS NOT NULL
        AND p.rhythm <> 'jamais'
    WHERE NOT EXISTS (SELECT FROM consultation_annonce a WHERE a.contribution_id = said.contribution_id
        AND a.outcome = said.outcome AND (a.production_id, a.texte_id, a.change_id, a.archivage_id)
            IS NOT DISTINCT FROM (said.production_id, said.texte_id, said.change_id, said.archivage_id))
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
_CLAIM = f"""{_DUE} INSERT INTO consultation_annonce
    (production_id, texte_id, change_id, archivage_id, contribution_id, outcome, told_at)
SELECT production_id, texte_id, change_id, archivage_id, contribution_id, outcome, statement_timestamp() FROM due
WHERE personne_id = ANY(%(held)s) AND ready AND NOT {_TODAY}
ORDER BY at, outcome = 'vote', outcome = 'avis'
ON CONFLICT DO NOTHING RETURNING id"""  # noqa: S608
# What nobody waits for any more: the table, its column that says so, which of its rows are public, and who would still
# be due of each.
_PUBLISHED = "EXISTS (SELECT FROM consultation_contribution WHERE id = t.citing_id AND state = 'publiee')"
_CITED = "(production_id, contribution_id) = (t.citing_id, t.cited_id)"
_OF_TEXTE = "due.texte_id = t.texte_id AND outcome"
_TOLD = (
    ("citation", "authors_told_at", f"t.citing_id IS NOT NULL AND {_PUBLISHED}", _CITED),
    ("texteversion", "authors_told_at", "t.id IN (SELECT id FROM shown)", f"{_OF_TEXTE} IN ('reprise', 'reponse')"),
    ("adoption", "presentation_told_at", "true", f"{_OF_TEXTE} = 'presente'"),
    ("adoption", "avis_told_at", "t.avis_on IS NOT NULL", f"{_OF_TEXTE} = 'avis'"),
    ("adoption", "authors_told_at", "t.deliberation_on IS NOT NULL", f"{_OF_TEXTE} = 'vote'"),
    ("suitechange", "authors_told_at", "true", "change_id = t.id"),
    ("archivage", "authors_told_at", "true", "archivage_id = t.id"),
)
_DONE = [
    f"""{_DUE} UPDATE consultation_{table} t SET {column} = now()
    WHERE t.{column} IS NULL AND {is_public} AND NOT EXISTS (SELECT FROM due WHERE {of})"""  # noqa: S608
    for table, column, is_public, of in _TOLD
]


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
            for done in _DONE:
                cursor.execute(done, said)
    _write(claimed)
    return len(held)


def _write(claimed: list[int]) -> None:
    rows = Annonce.objects.filter(pk__in=claimed).select_related(*READ_WITH)
    rows = rows.defer("contribution__body", "production__body")
    # What the groups made first, then one texte after the other, with its acts in their order.
    rows = rows.order_by("contribution__personne_id", "contribution_id", "production_id", "texte_id", "pk")
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
