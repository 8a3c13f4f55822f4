"""What a texte owes, said once: the triggers of the next migration and the pages of the team both ask here.

`consultation_cited_by`: the contributions that a version cites, directly or through the published productions it cites.
`consultation_cites`: whether it cites this very one; it climbs from the contribution, so that a page of a long list
costs what its rows cost.
`consultation_earlier`: the textes whose definitive version already answers for what it treats; later ones need not.
`consultation_treatments`: each contribution that a version has to treat, and what it got: `reprise`, `reponse`, `lot`
or `reste`. They are the published ones received before its closing that no earlier texte has treated; a question
counts only where it is cited (a service owes it an answer), a réaction is read with what it answers.
`consultation_bare_passages`: those, other than the liaisons, without a source that can still be read.
`consultation_texte_figures`: the numbers of all that.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION consultation_cited_by(of_version bigint) RETURNS TABLE (contribution_id bigint) LANGUAGE sql STABLE AS $$
    WITH RECURSIVE down(id) AS (
        SELECT ci.cited_id FROM consultation_passage p JOIN consultation_citation ci ON ci.citing_passage_id = p.id
        WHERE p.version_id = of_version AND ci.cited_id IS NOT NULL
        UNION
        SELECT ci.cited_id FROM down
        JOIN consultation_citation ci ON ci.citing_id = down.id AND ci.cited_id IS NOT NULL
        JOIN consultation_contribution c ON c.id = down.id AND c.state = 'publiee'
    )
    SELECT id FROM down
$$;

CREATE FUNCTION consultation_cites(of_version bigint, of_contribution bigint) RETURNS boolean
    LANGUAGE sql STABLE COST 1000 AS $$
    WITH RECURSIVE up(id) AS (
        SELECT of_contribution
        UNION
        SELECT ci.citing_id FROM up
        JOIN consultation_citation ci ON ci.cited_id = up.id
        JOIN consultation_contribution c ON c.id = ci.citing_id AND c.state = 'publiee'
    )
    SELECT EXISTS (
        SELECT FROM up JOIN consultation_citation ci ON ci.cited_id = up.id
        JOIN consultation_passage p ON p.id = ci.citing_passage_id AND p.version_id = of_version
    )
$$;

CREATE FUNCTION consultation_earlier(of_version bigint)
    RETURNS TABLE (texte_id bigint, version_id bigint, number integer) LANGUAGE sql STABLE AS $$
    SELECT o.id, ov.id, ov.number::integer
    FROM consultation_texteversion v
    JOIN consultation_texte t ON t.id = v.texte_id
    JOIN consultation_texte o ON o.demarche_id = t.demarche_id AND o.id <> t.id
        AND (t.first_published_at IS NULL OR o.first_published_at < t.first_published_at)
    JOIN consultation_texteversion ov ON ov.id = o.current_id AND ov.state = 'definitive'
    WHERE v.id = of_version
$$;

CREATE FUNCTION consultation_treatments(of_version bigint)
    RETURNS TABLE (contribution_id bigint, origine varchar, outcome text, kind varchar) LANGUAGE sql STABLE AS $$
    WITH before AS (
        SELECT cited.contribution_id AS id
        FROM consultation_earlier(of_version) e, consultation_cited_by(e.version_id) cited
        UNION
        SELECT r.contribution_id FROM consultation_earlier(of_version) e
        JOIN consultation_reponse r ON r.texte_id = e.texte_id
            AND r.since <= e.number AND (r.until IS NULL OR r.until > e.number)
    ), cited AS (
        SELECT cited.contribution_id AS id FROM consultation_cited_by(of_version) cited
    )
    SELECT c.id, c.origine,
        CASE WHEN cited.id IS NOT NULL THEN 'reprise' WHEN r.id IS NULL THEN 'reste'
            WHEN r.lot IS NULL THEN 'reponse' ELSE 'lot' END,
        CASE WHEN cited.id IS NULL THEN r.kind END
    FROM consultation_texteversion v
    JOIN consultation_texte t ON t.id = v.texte_id
    JOIN consultation_contribution c ON c.demarche_id = t.demarche_id AND c.state = 'publiee' AND c.parent_id IS NULL
        AND c.submitted_at < v.received_before
    LEFT JOIN cited ON cited.id = c.id
    LEFT JOIN consultation_reponse r ON r.texte_id = t.id AND r.contribution_id = c.id
        AND r.since <= v.number AND (r.until IS NULL OR r.until > v.number)
    WHERE v.id = of_version AND (c.nature <> 'question' OR cited.id IS NOT NULL)
        AND NOT EXISTS (SELECT FROM before WHERE before.id = c.id)
$$;

CREATE FUNCTION consultation_bare_passages(of_version bigint) RETURNS TABLE (passage_id bigint, number integer)
    LANGUAGE sql STABLE AS $$
    SELECT p.id, p.number FROM consultation_passage p
    WHERE p.version_id = of_version AND NOT p.liaison AND NOT EXISTS (
        SELECT FROM consultation_citation ci
        JOIN consultation_contribution c ON c.id = ci.cited_id AND c.state = 'publiee'
        WHERE ci.citing_passage_id = p.id
    ) AND NOT EXISTS (
        SELECT FROM consultation_citation ci
        JOIN consultation_passage q ON q.id = ci.cited_passage_id
        JOIN consultation_texteversion qv ON qv.id = q.version_id
        JOIN consultation_texte qt ON qt.id = qv.texte_id
        JOIN consultation_passage now_is ON now_is.version_id = qt.current_id AND now_is.key = q.key
        WHERE ci.citing_passage_id = p.id
    )
$$;

-- Quoted words that their contribution does not say any more.
CREATE FUNCTION consultation_lost_quotes(of_version bigint) RETURNS TABLE (citation_id bigint, number integer)
    LANGUAGE sql STABLE AS $$
    SELECT ci.id, p.number FROM consultation_passage p
    JOIN consultation_citation ci ON ci.citing_passage_id = p.id AND ci.quote <> ''
    JOIN consultation_contribution c ON c.id = ci.cited_id
    WHERE p.version_id = of_version AND position(ci.quote IN c.title) = 0 AND position(ci.quote IN c.body) = 0
$$;

CREATE FUNCTION consultation_texte_figures(of_version bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$
    WITH each AS MATERIALIZED (SELECT * FROM consultation_treatments(of_version)), said AS (
        SELECT c.state, count(*) AS number FROM consultation_texteversion v
        JOIN consultation_texte t ON t.id = v.texte_id
        JOIN consultation_contribution c ON c.demarche_id = t.demarche_id AND c.submitted_at < v.received_before
            AND c.parent_id IS NULL AND c.nature <> 'question' AND c.state IN ('en_attente', 'refusee', 'retiree')
        WHERE v.id = of_version GROUP BY c.state
    )
    SELECT jsonb_build_object(
        'origines', coalesce((SELECT jsonb_object_agg(origine, number)
            FROM (SELECT origine, count(*) AS number FROM each GROUP BY origine) by_origine), '{}'),
        'reponses', coalesce((SELECT jsonb_object_agg(kind, number)
            FROM (SELECT kind, count(*) AS number FROM each WHERE kind IS NOT NULL GROUP BY kind) by_kind), '{}'),
        'reprises', (SELECT count(*) FROM each WHERE outcome = 'reprise'),
        'lot', (SELECT count(*) FROM each WHERE outcome = 'lot'),
        'reste', (SELECT count(*) FROM each WHERE outcome = 'reste'),
        'en_attente', coalesce((SELECT number FROM said WHERE state = 'en_attente'), 0),
        'refusees', coalesce((SELECT number FROM said WHERE state = 'refusee'), 0),
        'retirees', coalesce((SELECT number FROM said WHERE state = 'retiree'), 0),
        'passages', (SELECT count(*) FROM consultation_passage WHERE version_id = of_version),
        'sans_source', (SELECT count(*) FROM consultation_bare_passages(of_version))
    )
$$;
"""

BACKWARD = """
DROP FUNCTION consultation_texte_figures(bigint);
DROP FUNCTION consultation_lost_quotes(bigint);
DROP FUNCTION consultation_bare_passages(bigint);
DROP FUNCTION consultation_treatments(bigint);
DROP FUNCTION consultation_earlier(bigint);
DROP FUNCTION consultation_cites(bigint, bigint);
DROP FUNCTION consultation_cited_by(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("consultation", "0022_textes")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
