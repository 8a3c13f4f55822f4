"""Counts what the moderation of a démarche did; the worker does it each hour, the public page reads the row."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.utils import timezone

from consultation.models import Demarche, ModerationFigures

# Réactions are counted apart; origins are never added together.
_RECEIVED = """
SELECT CASE WHEN parent_id IS NULL THEN origine ELSE 'reaction' END AS kind, count(*),
    count(*) FILTER (WHERE state = 'en_attente'), count(*) FILTER (WHERE state = 'publiee'),
    count(*) FILTER (WHERE state = 'refusee'), count(*) FILTER (WHERE withdrawn_by = 'moderation'),
    count(*) FILTER (WHERE withdrawn_by = 'auteur')
FROM consultation_contribution WHERE demarche_id = %s AND state <> 'a_confirmer' GROUP BY kind
"""
_BY_REASON = """
SELECT d.to_state, r.label, count(*)
FROM consultation_decision d
JOIN consultation_contribution c ON c.id = d.contribution_id
JOIN consultation_refusalreason r ON r.id = d.reason_id
WHERE c.demarche_id = %s AND d.to_state IN ('refusee', 'retiree')
GROUP BY d.to_state, r.label ORDER BY count(*) DESC, r.label
"""
# From the moment when a moderator could read it: its address was confirmed, or it was sent without one.
_WAIT = """
SELECT count(*), extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY d.decided_at - coalesce(
    (SELECT max(b.decided_at) FROM consultation_decision b
        WHERE b.contribution_id = c.id AND b.to_state = 'en_attente'), c.submitted_at)))
FROM consultation_decision d JOIN consultation_contribution c ON c.id = d.contribution_id
WHERE c.demarche_id = %s AND c.origine = 'en_ligne' AND d.from_state = 'en_attente' AND d.by_id IS NOT NULL
"""
_SIGNALEMENTS = """
SELECT s.outcome, count(*) FROM consultation_signalement s
JOIN consultation_contribution c ON c.id = s.contribution_id WHERE c.demarche_id = %s GROUP BY s.outcome
"""
_SIGNALEMENTS_WAIT = """
SELECT count(*), extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY s.decided_at - s.received_at))
FROM consultation_signalement s JOIN consultation_contribution c ON c.id = s.contribution_id
WHERE c.demarche_id = %s AND s.decided_at IS NOT NULL
"""
_REEXAMENS = """
SELECT r.outcome, count(*) FROM consultation_reexamen r
JOIN consultation_contribution c ON c.id = r.contribution_id WHERE c.demarche_id = %s GROUP BY r.outcome
"""


def count_all() -> int:
    """For each démarche that anyone may read; how many."""
    demarches = list(Demarche.objects.published())
    for demarche in demarches:
        count(demarche)
    return len(demarches)


def count(demarche: Demarche) -> ModerationFigures:
    counted_at = timezone.now()
    by_reason = _rows(_BY_REASON, demarche)
    found = {
        "received": {kind: numbers for kind, *numbers in _rows(_RECEIVED, demarche)},
        "refused": [[label, number] for state, label, number in by_reason if state == "refusee"],
        "taken_down": [[label, number] for state, label, number in by_reason if state == "retiree"],
        "wait": _median(_WAIT, demarche),
        "signalements": dict(_rows(_SIGNALEMENTS, demarche)),
        "signalements_wait": _median(_SIGNALEMENTS_WAIT, demarche),
        "reexamens": dict(_rows(_REEXAMENS, demarche)),
    }
    said = {"counted_at": counted_at, "figures": found}
    return ModerationFigures.objects.update_or_create(demarche=demarche, defaults=said)[0]


def _median(sql: str, demarche: Demarche) -> list[int]:
    """Of how many, and the seconds."""
    ((number, seconds),) = _rows(sql, demarche)
    return [number, int(seconds or 0)]


def _rows(sql: str, demarche: Demarche) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [demarche.pk])
        return cursor.fetchall()
