"""« D’où vient ce passage »: climbed down to the contributions, counted by origin, collège, territory and atelier."""

from __future__ import annotations

from collections import defaultdict

from django.db import connection

from consultation.choices import Origine
from consultation.models import Passage

# Each contribution is looked up by its key: how many a recursion will find cannot be guessed, and a plan that expects
# many reads them all.
# Every published contribution that leads to the passage: cited by it, by a production it cites, by an earlier passage.
_DOWN = """
WITH RECURSIVE down(contribution_id, passage_id) AS (
    SELECT NULL::bigint, %s::bigint
    UNION
    SELECT ci.cited_id, ci.cited_passage_id FROM down
    CROSS JOIN LATERAL (
        SELECT cited_id, cited_passage_id FROM consultation_citation WHERE citing_passage_id = down.passage_id
        UNION ALL
        SELECT cited_id, cited_passage_id FROM consultation_citation WHERE citing_id = down.contribution_id
    ) ci
    WHERE ci.cited_id IS NULL
        OR (SELECT c.state FROM consultation_contribution c WHERE c.id = ci.cited_id) = 'publiee'
), said AS (
    SELECT c.origine, coalesce(g.label, 'non indiqué') AS college,
        coalesce(nullif(m.epci_name, ''), m.departement, 'non indiqué') AS territory,
        CASE WHEN a.id IS NOT NULL THEN 'Atelier ' || a.rank || ' – ' || a.town END AS atelier
    FROM down CROSS JOIN LATERAL (
        SELECT origine, college_id, commune_id, rencontre_id FROM consultation_contribution
        WHERE id = down.contribution_id OFFSET 0
    ) c
    LEFT JOIN consultation_college g ON g.id = c.college_id
    LEFT JOIN consultation_commune m ON m.insee_code = c.commune_id
    LEFT JOIN ateliers_seance s ON s.rencontre_id = c.rencontre_id AND c.origine = 'seance'
    LEFT JOIN ateliers_atelier a ON a.id = s.atelier_id
)
SELECT CASE 0 WHEN grouping(origine) THEN 'origine' WHEN grouping(college) THEN 'college'
        WHEN grouping(territory) THEN 'territory' ELSE 'atelier' END AS by_what,
    coalesce(origine, college, territory, atelier) AS label, count(*) AS number
FROM said GROUP BY GROUPING SETS ((origine), (college), (territory), (atelier))
HAVING coalesce(origine, college, territory, atelier) IS NOT NULL
ORDER BY number DESC, label
"""
UNSAID = "non indiqué"
HEADINGS = {"origine": "Origine", "college": "Collège", "territory": "Territoire", "atelier": "Atelier"}


def origins_of(passage: Passage) -> list[tuple[str, list[tuple[str, int]]]]:
    """(what it is counted by, its labels and their numbers); one query. Where all is unsaid, nothing is shown."""
    found = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_DOWN, [passage.pk])
        for by_what, label, number in cursor.fetchall():
            found[by_what].append((str(Origine(label).label) if by_what == "origine" else label, number))
    return [(said, found[name]) for name, said in HEADINGS.items() if {label for label, _ in found[name]} - {UNSAID}]
