"""What became of a contribution: who takes it up, in the trunk by one recursive query; each floor above tells its own
steps (settings.PARCOURS)."""

from __future__ import annotations

import json

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from consultation.models import Contribution
from consultation.parcours_steps import Public, told


def parcours(contribution: Contribution) -> list[Public]:
    """One query for the trunk, one for each floor above; its démarche is loaded with the row."""
    said = [step for path in settings.PARCOURS for step in import_string(path)(contribution)]
    return taken_up(contribution) + said


# From the contribution, upwards: the published productions that take it up, the passages of the textes as the public
# reads them, what takes these up in turn; a passage is followed by its key, whatever the version that was cited. UNION
# keeps each once: a circle, which no citation closes (trigger `citation_holds`), would end too.
UP = """
WITH RECURSIVE up(contribution_id, passage_id) AS (
    SELECT %(pk)s::bigint, NULL::bigint
    UNION
    SELECT ci.citing_id, ci.citing_passage_id FROM up
    CROSS JOIN LATERAL (
        SELECT citing_id, citing_passage_id FROM consultation_citation WHERE cited_id = up.contribution_id
        UNION ALL
        SELECT ci.citing_id, ci.citing_passage_id FROM consultation_passage p
        JOIN consultation_texteversion v ON v.id = p.version_id
        JOIN consultation_texteversion w ON w.texte_id = v.texte_id AND w.state <> 'brouillon'
        JOIN consultation_passage q ON q.version_id = w.id AND q.key = p.key
        JOIN consultation_citation ci ON ci.cited_passage_id = q.id
        WHERE p.id = up.passage_id
    ) ci
    LEFT JOIN consultation_contribution c ON c.id = ci.citing_id AND c.state = 'publiee'
    LEFT JOIN consultation_passage p ON p.id = ci.citing_passage_id
    LEFT JOIN consultation_texte t ON t.current_id = p.version_id
    WHERE c.id IS NOT NULL OR t.id IS NOT NULL
), reached AS (
    -- What is said of them, voted or carried out is about one version: the passages are followed by their keys.
    SELECT DISTINCT q.id, q.version_id, q.title, q.key, q.number, v.texte_id, w.published_at
    FROM up JOIN consultation_passage p ON p.id = up.passage_id
    JOIN consultation_texteversion v ON v.id = p.version_id
    JOIN consultation_texteversion w ON w.texte_id = v.texte_id AND w.state <> 'brouillon'
    JOIN consultation_passage q ON q.version_id = w.id AND q.key = p.key
)
"""
# Each with its instant, and what its sentence needs. Days have no hour: those of a vote come after the report that they
# are about, and in their order. Rows of the large tables are looked up by their keys (OFFSET 0): how many a recursion
# finds cannot be guessed, and a plan that expects many reads them all.
_UP = f"""{UP}
SELECT 'production' AS what, c.published_at AS at, d.code || '-' || c.id AS place, jsonb_build_object(
    'title', c.title, 'group', c.organisation,
    'others', (SELECT count(*) FROM consultation_citation x WHERE x.citing_id = c.id AND x.cited_id <> %(pk)s),
    'how', (SELECT x.how FROM consultation_citation x WHERE x.citing_id = c.id AND x.cited_id = %(pk)s)) AS said
FROM up JOIN consultation_contribution c ON c.id = up.contribution_id
JOIN consultation_demarche d ON d.id = c.demarche_id WHERE c.id <> %(pk)s
UNION ALL
-- Since the first version in which it came of that, whatever was corrected later.
SELECT 'passage', coalesce((
        SELECT min(q.published_at) FROM reached q WHERE (q.texte_id, q.key) = (t.id, p.key) AND (
            EXISTS (SELECT FROM up u CROSS JOIN LATERAL (SELECT FROM consultation_citation x
                WHERE x.citing_passage_id = q.id AND x.cited_id = u.contribution_id OFFSET 0) said)
            OR EXISTS (SELECT FROM reached u CROSS JOIN LATERAL (SELECT FROM consultation_citation x
                WHERE x.citing_passage_id = q.id AND x.cited_passage_id = u.id OFFSET 0) said))
    ), v.published_at), p.key::text, jsonb_build_object(
    'title', p.title, 'texte', t.id, 'kind', t.kind, 'state', v.state, 'number', p.number,
    'others', (SELECT count(*) FROM consultation_citation x WHERE x.citing_passage_id = p.id AND x.cited_id <> %(pk)s),
    'how', (SELECT x.how FROM consultation_citation x WHERE x.citing_passage_id = p.id AND x.cited_id = %(pk)s))
FROM up JOIN consultation_passage p ON p.id = up.passage_id
JOIN consultation_texteversion v ON v.id = p.version_id JOIN consultation_texte t ON t.id = v.texte_id
UNION ALL
SELECT 'reponse', since.published_at, t.id::text, jsonb_build_object(
    'texte_kind', t.kind, 'kind', r.kind, 'reason', r.reason, 'passed_to', r.passed_to)
FROM consultation_reponse r JOIN consultation_texte t ON t.id = r.texte_id
JOIN consultation_texteversion now_is ON now_is.id = t.current_id
JOIN consultation_texteversion since ON since.texte_id = t.id AND since.number = r.since
WHERE r.contribution_id = %(pk)s AND r.since <= now_is.number AND (r.until IS NULL OR r.until > now_is.number)
UNION ALL
SELECT act.what, greatest(act.day::timestamp AT TIME ZONE %(zone)s, r.published_at) + act.after * interval '1 ms',
    r.texte_id::text, jsonb_build_object('avis', a.avis, 'adopted', a.adopted, 'number', a.deliberation_number,
        'votes', ARRAY[a.votes_for, a.votes_against, a.abstentions])
FROM (SELECT DISTINCT version_id, texte_id, published_at FROM reached) r
JOIN consultation_adoption a ON a.version_id = r.version_id
CROSS JOIN LATERAL (
    VALUES ('presentation', a.presented_on, 1), ('avis', a.avis_on, 3), ('deliberation', a.deliberation_on, 4)
) act(what, day, after)
-- The délibération is told by what it decides of each passage, once that is written.
WHERE act.day IS NOT NULL AND (act.what <> 'deliberation' OR NOT EXISTS (
    SELECT FROM reached p JOIN consultation_article ar ON ar.passage_id = p.id WHERE p.version_id = r.version_id))
UNION ALL
SELECT 'amendement', greatest(am.filed_on::timestamp AT TIME ZONE %(zone)s, p.published_at) + interval '2 ms',
    p.key::text, jsonb_build_object('texte', p.texte_id, 'number', am.number, 'of', p.number, 'author', am.author,
        'state', am.state)
FROM reached p JOIN consultation_amendement am ON am.passage_id = p.id AND am.kind = 'modifie'
UNION ALL
SELECT 'article', greatest(a.deliberation_on::timestamp AT TIME ZONE %(zone)s, p.published_at) + interval '4 ms',
    p.key::text, jsonb_build_object('texte', p.texte_id, 'of', p.number, 'outcome', ar.outcome, 'reason', ar.reason,
        'number', a.deliberation_number)
FROM reached p JOIN consultation_article ar ON ar.passage_id = p.id
JOIN consultation_adoption a ON a.id = ar.adoption_id
UNION ALL
SELECT 'suite', ch.at, s.id::text, jsonb_build_object(
    'title', s.title, 'in_charge', s.in_charge, 'of', p.number, 'state', ch.state, 'reason', ch.reason,
    'due_on', ch.due_on, 'due_precision', ch.due_precision,
    'before', (SELECT b.state FROM consultation_suitechange b WHERE b.suite_id = s.id AND b.id < ch.id
        ORDER BY b.id DESC LIMIT 1),
    'last', NOT EXISTS (SELECT FROM consultation_suitechange b WHERE b.suite_id = s.id AND b.id > ch.id))
FROM reached p JOIN consultation_suite s ON s.passage_id = p.id JOIN consultation_suitechange ch ON ch.suite_id = s.id
ORDER BY 2, 3
"""  # noqa: S608 (constants of this file)


def taken_up(contribution: Contribution) -> list[Public]:
    """In the order in which it happened."""
    with connection.cursor() as cursor:
        cursor.execute(_UP, {"pk": contribution.pk, "zone": settings.TIME_ZONE})
        return [told(what, at, place, json.loads(said)) for what, at, place, said in cursor.fetchall()]
