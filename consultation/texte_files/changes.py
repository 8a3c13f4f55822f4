"""What makes the public files of a texte stale (settings.PUBLICATION_CHANGES)."""

from __future__ import annotations

from django.db import connection

# A contribution of its démarche, received in time or cited, was taken down, put back or masked: the annex tells them
# all. The day before: no transaction is that long.
_COUNTED = """
WITH asked AS MATERIALIZED (
    SELECT p.id, p.asked_at - interval '1 day' AS since, t.demarche_id, v.id AS version, v.received_before
    FROM publications_publication p
    JOIN consultation_texte t ON t.id::text = p.key
    JOIN consultation_texteversion v ON v.id = t.current_id
    WHERE p.kind = 'texte'
        AND CASE WHEN %(only)s::bigint IS NULL THEN p.document_id IS NOT NULL ELSE p.id = %(only)s END
), changed AS MATERIALIZED (
    SELECT contribution_id, decided_at AS at FROM consultation_decision
    WHERE decided_at > (SELECT min(since) FROM asked) AND 'retiree' IN (from_state, to_state)
    UNION ALL
    SELECT contribution_id, replaced_at FROM consultation_version WHERE replaced_at > (SELECT min(since) FROM asked)
)
SELECT asked.id, count(c.id) FROM asked
LEFT JOIN (changed JOIN consultation_contribution c ON c.id = changed.contribution_id)
    ON c.demarche_id = asked.demarche_id AND changed.at > asked.since AND (
        c.submitted_at < asked.received_before
        OR EXISTS (SELECT FROM consultation_cited_by(asked.version) cited WHERE cited.contribution_id = c.id)
    )
GROUP BY asked.id
"""


def count(only: int | None) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, {"only": only})
        return dict(cursor.fetchall())
