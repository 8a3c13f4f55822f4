"""What makes the files of an adopted compte rendu stale (settings.PUBLICATION_CHANGES)."""

from __future__ import annotations

from django.db import connection

# A contribution read in the room, or made there, was decided about or masked. The day before: no transaction is that
# long.
_COUNTED = """
WITH asked AS MATERIALIZED (
    SELECT p.id, p.asked_at - interval '1 day' AS since, c.seance_id
    FROM publications_publication p JOIN ateliers_compterendu c ON c.seance_id::text = p.key AND c.state = 'adopte'
    WHERE p.kind = 'compte_rendu'
        AND CASE WHEN %(only)s::bigint IS NULL THEN p.document_id IS NOT NULL ELSE p.id = %(only)s END
), said AS (
    SELECT seance_id, contribution_id FROM ateliers_lecture
    UNION SELECT seance_id, contribution_id FROM ateliers_production
    UNION SELECT seance_id, production_id FROM ateliers_productionversion
    UNION SELECT seance_id, production_id FROM ateliers_devenir
)
SELECT asked.id, count(changed.at) FROM asked LEFT JOIN said USING (seance_id) LEFT JOIN LATERAL (
    SELECT decided_at AS at FROM consultation_decision d
    WHERE d.contribution_id = said.contribution_id AND d.decided_at > asked.since
    UNION ALL
    SELECT replaced_at FROM consultation_version v
    WHERE v.contribution_id = said.contribution_id AND v.replaced_at > asked.since
) changed ON true
GROUP BY asked.id
"""


def count(only: int | None) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, {"only": only})
        return dict(cursor.fetchall())
