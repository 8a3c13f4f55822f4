"""The files of an adopted compte rendu are made again when words they hold have gone from the portal."""

from __future__ import annotations

from django.db import connection

from ateliers.actions.comptes_rendus import KIND
from socle.publications.actions import renew

# A contribution read in the room, or made there, was taken down, put back or masked after the file was asked for.
_CHANGED = """
SELECT DISTINCT c.seance_id
FROM ateliers_compterendu c
JOIN publications_publication p ON p.kind = %(kind)s AND p.key = c.seance_id::text
JOIN (
    SELECT seance_id, contribution_id FROM ateliers_lecture
    UNION SELECT seance_id, contribution_id FROM ateliers_production
    UNION SELECT seance_id, production_id FROM ateliers_productionversion
    UNION SELECT seance_id, production_id FROM ateliers_devenir
) said USING (seance_id)
WHERE c.state = 'adopte' AND (
    EXISTS (
        SELECT FROM consultation_decision d WHERE d.contribution_id = said.contribution_id AND d.decided_at > p.asked_at
    )
    OR EXISTS (
        SELECT FROM consultation_version v WHERE v.contribution_id = said.contribution_id AND v.replaced_at > p.asked_at
    )
)
ORDER BY 1
"""


def renew_files() -> int:
    """How many comptes rendus; what says those words is no longer given, from now on."""
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED, {"kind": KIND})
        found = [pk for (pk,) in cursor.fetchall()]
    for pk in found:
        renew(KIND, str(pk))
    return len(found)
