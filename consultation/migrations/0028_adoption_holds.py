"""What must never be false of an adoption, of the suites given to it, and of the end of a démarche, whoever writes.

`consultation_vote_lacks`: what the vote of a report still leaves unsaid, passage by passage; the pages ask it too.
`politique_as_voted`: no policy appears without the délibération that adopted it, nor with other articles than those
that were voted, in their order, each citing the passage of the report that it comes from.
`adoption_stays`, `amendement_stays`, `article_stays`: what was voted stays, once the policy has appeared.
`adoption_holds`, `amendement_of_its_report`, `article_of_its_report`: each is about the report that was presented.
`suite_holds`, `suite_state_said`, `suite_change_stays`: a suite is about an article of a published policy; what it is
and when it is due is what was said last, and what was said stays.
`consultation_demarche_lacks`: what a démarche owes before it closes (CRPA, L131-1).
`demarche_archived_whole`: none is archived without it, or without the reason, which stays (`archivage_stays`).
`consultation_behind`: the published contributions that lead to passages, through productions and earlier textes.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION consultation_behind(of_passages bigint[]) RETURNS TABLE (contribution_id bigint)
    LANGUAGE sql STABLE AS $$
    WITH RECURSIVE down(contribution_id, passage_id) AS (
        SELECT NULL::bigint, unnest(of_passages)
        UNION
        SELECT ci.cited_id, ci.cited_passage_id FROM down
        CROSS JOIN LATERAL (
            SELECT cited_id, cited_passage_id FROM consultation_citation WHERE citing_passage_id = down.passage_id
            UNION ALL
            SELECT cited_id, cited_passage_id FROM consultation_citation WHERE citing_id = down.contribution_id
        ) ci
        LEFT JOIN consultation_contribution c ON c.id = ci.cited_id
        WHERE ci.cited_id IS NULL OR c.state = 'publiee'
    )
    SELECT contribution_id FROM down WHERE contribution_id IS NOT NULL
$$;

CREATE FUNCTION consultation_vote_lacks(of_adoption bigint) RETURNS TABLE (number integer, why text)
    LANGUAGE sql STABLE AS $$
    WITH voted AS (
        SELECT p.number, p.id, p.title AS report_title, p.text AS report_text, ar.outcome, ar.title, ar.text,
            (SELECT count(*) FROM consultation_amendement am
                WHERE am.passage_id = p.id AND am.adoption_id = a.id AND am.state = 'adopte') AS amended,
            (SELECT count(*) FROM consultation_amendement am
                WHERE am.passage_id = p.id AND am.adoption_id = a.id AND am.state = 'depose') AS open,
            EXISTS (SELECT FROM consultation_amendement am WHERE am.passage_id = p.id AND am.adoption_id = a.id
                AND am.state = 'adopte' AND (am.title, am.text) = (ar.title, ar.text)) AS as_amended
        FROM consultation_adoption a
        JOIN consultation_passage p ON p.version_id = a.version_id
        LEFT JOIN consultation_article ar ON ar.passage_id = p.id AND ar.adoption_id = a.id
        WHERE a.id = of_adoption
    )
    SELECT number, 'sans_decision' FROM voted WHERE outcome IS NULL
    UNION ALL SELECT number, 'amendement_ouvert' FROM voted WHERE open > 0
    UNION ALL SELECT number, 'amendement_oublie' FROM voted WHERE outcome = 'tel_quel' AND amended > 0
    UNION ALL SELECT number, 'sans_amendement' FROM voted WHERE outcome = 'amende' AND amended = 0
    UNION ALL SELECT number, 'autres_mots' FROM voted WHERE outcome = 'amende' AND amended = 1 AND NOT as_amended
    UNION ALL SELECT number, 'mots_du_rapport' FROM voted
        WHERE outcome = 'en_partie' AND (title, text) = (report_title, report_text)
    ORDER BY 1, 2
$$;

-- By rank: the articles that were voted beside those that a version of the policy has.
CREATE FUNCTION consultation_policy_differs(of_version bigint) RETURNS TABLE (number integer, why text)
    LANGUAGE sql STABLE AS $$
    WITH voted AS (
        SELECT row_number() OVER (ORDER BY p.number) AS rank, p.id,
            CASE ar.outcome WHEN 'tel_quel' THEN p.title ELSE ar.title END AS title,
            CASE ar.outcome WHEN 'tel_quel' THEN p.text ELSE ar.text END AS text, p.liaison
        FROM consultation_texteversion v
        JOIN consultation_adoption a ON a.politique_id = v.texte_id
        JOIN consultation_article ar ON ar.adoption_id = a.id AND ar.outcome <> 'non_retenu'
        JOIN consultation_passage p ON p.id = ar.passage_id
        WHERE v.id = of_version
    ), written AS (
        SELECT row_number() OVER (ORDER BY number) AS rank, id, title, text, liaison
        FROM consultation_passage WHERE version_id = of_version
    )
    SELECT coalesce(w.rank, o.rank)::integer, CASE
        WHEN w.rank IS NULL THEN 'absent' WHEN o.rank IS NULL THEN 'en_trop'
        WHEN (w.title, w.text) <> (o.title, o.text) THEN 'autres_mots'
        WHEN w.liaison <> o.liaison THEN 'liaison' ELSE 'sans_origine' END
    FROM written w FULL JOIN voted o ON o.rank = w.rank
    WHERE w.rank IS NULL OR o.rank IS NULL OR (w.title, w.text, w.liaison) <> (o.title, o.text, o.liaison)
        OR NOT EXISTS (SELECT FROM consultation_citation ci
            WHERE ci.citing_passage_id = w.id AND ci.cited_passage_id = o.id)
    ORDER BY 1
$$;

CREATE FUNCTION consultation_politique_as_voted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_adoption consultation_adoption;
    said text;
BEGIN
    IF NOT EXISTS (SELECT FROM consultation_texte WHERE id = NEW.texte_id AND kind = 'politique') THEN
        RETURN NEW;
    END IF;
    -- Who writes an amendment or a decision shares this row, and waits.
    SELECT * INTO of_adoption FROM consultation_adoption WHERE politique_id = NEW.texte_id FOR UPDATE;
    IF of_adoption.adopted IS NOT TRUE THEN
        PERFORM consultation_texte_refused(
            'La politique ne paraît pas sans la délibération qui l’a adoptée.', 'politique_as_voted');
    END IF;
    SELECT string_agg(number::text, ', ') INTO said FROM (
        SELECT DISTINCT number FROM consultation_vote_lacks(of_adoption.id) ORDER BY 1) owed;
    IF said IS NOT NULL THEN
        PERFORM consultation_texte_refused(
            format('Le vote n’est pas entier : orientations %s.', said), 'politique_as_voted');
    END IF;
    SELECT string_agg(number::text, ', ') INTO said FROM consultation_policy_differs(NEW.id);
    IF said IS NOT NULL THEN
        PERFORM consultation_texte_refused(
            format('La politique ne dit pas ce qui a été voté : articles %s.', said), 'politique_as_voted');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER politique_as_voted BEFORE UPDATE OF state ON consultation_texteversion FOR EACH ROW
    WHEN (OLD.state = 'brouillon' AND NEW.state <> 'brouillon') EXECUTE FUNCTION consultation_politique_as_voted();

CREATE FUNCTION consultation_is_voted(of_adoption bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM consultation_adoption a JOIN consultation_texte t ON t.id = a.politique_id
        WHERE a.id = of_adoption AND t.current_id IS NOT NULL)
$$;

CREATE FUNCTION consultation_adoption_holds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_demarche bigint;
BEGIN
    IF TG_OP <> 'INSERT' AND consultation_is_voted(OLD.id)
        AND (TG_OP = 'DELETE' OR to_jsonb(NEW) - 'authors_told_at' - 'seance_id'
            IS DISTINCT FROM to_jsonb(OLD) - 'authors_told_at' - 'seance_id') THEN
        PERFORM consultation_texte_refused('La politique a paru : ce qui a été voté reste.', 'adoption_stays');
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    SELECT t.demarche_id INTO of_demarche FROM consultation_texteversion v JOIN consultation_texte t ON t.id = v.texte_id
        WHERE v.id = NEW.version_id AND t.id = NEW.texte_id AND t.kind = 'rapport' AND v.state <> 'brouillon';
    IF of_demarche IS NULL OR (TG_OP = 'UPDATE' AND NEW.version_id <> OLD.version_id AND EXISTS (
        SELECT FROM consultation_amendement WHERE adoption_id = NEW.id
        UNION ALL SELECT FROM consultation_article WHERE adoption_id = NEW.id)) THEN
        PERFORM consultation_texte_refused(
            'On présente une version publiée du rapport ; ses amendements et ses votes restent les siens.',
            'adoption_of_report');
    END IF;
    IF NEW.politique_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM consultation_texte WHERE id = NEW.politique_id AND kind = 'politique' AND demarche_id = of_demarche
    ) THEN
        PERFORM consultation_texte_refused('La politique est celle de la même démarche.', 'adoption_of_report');
    END IF;
    IF NEW.seance_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM consultation_rencontre WHERE id = NEW.seance_id AND demarche_id = of_demarche
    ) THEN
        PERFORM consultation_texte_refused('La séance commune est celle de la même démarche.', 'adoption_of_report');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER adoption_holds BEFORE INSERT OR UPDATE OR DELETE ON consultation_adoption
    FOR EACH ROW EXECUTE FUNCTION consultation_adoption_holds();

-- Of a row that hangs on an adoption; its arguments are the two constraints.
CREATE FUNCTION consultation_of_adoption_holds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    mine consultation_adoption;
    row_is record;
BEGIN
    IF TG_OP = 'DELETE' THEN row_is := OLD; ELSE row_is := NEW; END IF;
    IF TG_OP = 'UPDATE' AND NEW.adoption_id <> OLD.adoption_id THEN
        PERFORM consultation_texte_refused('On ne change pas d’adoption.', TG_ARGV[1]);
    END IF;
    SELECT * INTO mine FROM consultation_adoption WHERE id = row_is.adoption_id FOR SHARE;
    IF consultation_is_voted(mine.id) THEN
        PERFORM consultation_texte_refused('La politique a paru : ce qui a été voté reste.', TG_ARGV[0]);
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NOT EXISTS (SELECT FROM consultation_passage WHERE id = NEW.passage_id AND version_id = mine.version_id) THEN
        PERFORM consultation_texte_refused('Elle est du rapport qui a été présenté.', TG_ARGV[1]);
    END IF;
    IF TG_TABLE_NAME = 'consultation_article' AND mine.adopted IS NOT TRUE THEN
        PERFORM consultation_texte_refused('La délibération qui adopte vient d’abord.', TG_ARGV[1]);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER amendement_holds BEFORE INSERT OR UPDATE OR DELETE ON consultation_amendement FOR EACH ROW
    EXECUTE FUNCTION consultation_of_adoption_holds('amendement_stays', 'amendement_of_its_report');
CREATE TRIGGER article_holds BEFORE INSERT OR UPDATE OR DELETE ON consultation_article FOR EACH ROW
    EXECUTE FUNCTION consultation_of_adoption_holds('article_stays', 'article_of_its_report');

CREATE FUNCTION consultation_suite_holds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_demarche bigint;
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM consultation_texte_refused('Une suite annoncée ne disparaît pas : elle est abandonnée, avec la raison.',
            'suite_holds');
    END IF;
    SELECT t.demarche_id INTO of_demarche FROM consultation_passage p
        JOIN consultation_texteversion v ON v.id = p.version_id AND v.state <> 'brouillon'
        JOIN consultation_texte t ON t.id = v.texte_id AND t.kind = 'politique'
        WHERE p.id = NEW.passage_id;
    IF of_demarche IS NULL OR (NEW.enjeu_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM consultation_enjeu WHERE id = NEW.enjeu_id AND demarche_id = of_demarche)) THEN
        PERFORM consultation_texte_refused(
            'Une suite est donnée à un article d’une politique publiée, pour un enjeu de sa démarche.', 'suite_holds');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER suite_holds BEFORE INSERT OR DELETE OR UPDATE OF passage_id, enjeu_id ON consultation_suite
    FOR EACH ROW EXECUTE FUNCTION consultation_suite_holds();

CREATE FUNCTION consultation_suite_rencontre_holds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM consultation_suite s JOIN consultation_passage p ON p.id = s.passage_id
        JOIN consultation_texteversion v ON v.id = p.version_id JOIN consultation_texte t ON t.id = v.texte_id
        JOIN consultation_rencontre r ON r.id = NEW.rencontre_id AND r.demarche_id = t.demarche_id
        WHERE s.id = NEW.suite_id
    ) THEN
        PERFORM consultation_texte_refused('Une suite est présentée à une rencontre de sa démarche.', 'suite_holds');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER suite_rencontre_holds BEFORE INSERT OR UPDATE ON consultation_suite_rencontres
    FOR EACH ROW EXECUTE FUNCTION consultation_suite_rencontre_holds();

CREATE FUNCTION consultation_suite_state_said() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_suite bigint := CASE TG_TABLE_NAME WHEN 'consultation_suite' THEN (to_jsonb(NEW) ->> 'id')::bigint
        ELSE (to_jsonb(NEW) ->> 'suite_id')::bigint END;
BEGIN
    IF EXISTS (
        SELECT FROM consultation_suite s LEFT JOIN LATERAL (
            SELECT * FROM consultation_suitechange WHERE suite_id = s.id ORDER BY id DESC LIMIT 1
        ) said ON true
        WHERE s.id = of_suite
            AND (s.state, s.due_on, s.due_precision) IS DISTINCT FROM (said.state, said.due_on, said.due_precision)
    ) THEN
        PERFORM consultation_texte_refused(
            'L’état et l’échéance d’une suite sont ceux qui ont été dits en dernier.', 'suite_state_said');
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER suite_state_said AFTER INSERT OR UPDATE OF state, due_on, due_precision ON consultation_suite
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION consultation_suite_state_said();
CREATE CONSTRAINT TRIGGER suite_change_said AFTER INSERT ON consultation_suitechange
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION consultation_suite_state_said();

-- Its argument is the constraint; the columns that a row may still receive follow.
CREATE FUNCTION consultation_row_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - TG_ARGV[1:TG_NARGS - 1] = to_jsonb(OLD) - TG_ARGV[1:TG_NARGS - 1] THEN
        RETURN NEW;
    END IF;
    PERFORM consultation_texte_refused('Ce qui a été dit reste tel quel.', TG_ARGV[0]);
    RETURN NULL;
END $$;

CREATE TRIGGER suite_change_stays BEFORE UPDATE OR DELETE ON consultation_suitechange FOR EACH ROW
    EXECUTE FUNCTION consultation_row_stays('suite_change_stays', 'authors_told_at');
CREATE TRIGGER archivage_stays BEFORE UPDATE OR DELETE ON consultation_archivage FOR EACH ROW
    EXECUTE FUNCTION consultation_row_stays('archivage_stays', 'authors_told_at', 'reopened_at');
CREATE TRIGGER confirmation_stays BEFORE UPDATE OR DELETE ON consultation_confirmation FOR EACH ROW
    EXECUTE FUNCTION consultation_row_stays('confirmation_stays');

CREATE FUNCTION consultation_demarche_lacks(of_demarche bigint) RETURNS TABLE (what text) LANGUAGE sql STABLE AS $$
    SELECT 'synthese' WHERE NOT EXISTS (
        SELECT FROM consultation_texte t JOIN consultation_texteversion v ON v.id = t.current_id
        WHERE t.demarche_id = of_demarche AND t.kind IN ('synthese', 'synthese_intermediaire')
            AND v.state = 'definitive')
    UNION ALL
    SELECT 'suites' WHERE NOT EXISTS (
        SELECT FROM consultation_suite s JOIN consultation_passage p ON p.id = s.passage_id
        JOIN consultation_texteversion v ON v.id = p.version_id JOIN consultation_texte t ON t.id = v.texte_id
        WHERE t.demarche_id = of_demarche)
    UNION ALL
    SELECT 'articles:' || string_agg(p.number::text, ', ' ORDER BY p.number)
    FROM consultation_texte t JOIN consultation_passage p ON p.version_id = t.current_id AND NOT p.liaison
    WHERE t.demarche_id = of_demarche AND t.kind = 'politique' AND NOT EXISTS (
        SELECT FROM consultation_texteversion v JOIN consultation_passage q ON q.version_id = v.id AND q.key = p.key
        JOIN consultation_suite s ON s.passage_id = q.id WHERE v.texte_id = t.id)
    HAVING count(*) > 0
$$;

CREATE FUNCTION consultation_demarche_archived_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    owed text;
BEGIN
    IF OLD.state = 'archivee' THEN
        UPDATE consultation_archivage SET reopened_at = now() WHERE demarche_id = NEW.id AND reopened_at IS NULL;
        RETURN NEW;
    END IF;
    SELECT string_agg(what, ' ; ') INTO owed FROM consultation_demarche_lacks(NEW.id);
    IF NOT EXISTS (
        SELECT FROM consultation_archivage
        WHERE demarche_id = NEW.id AND reopened_at IS NULL AND (reason <> '' OR owed IS NULL)
    ) THEN
        PERFORM consultation_texte_refused(
            format('La démarche doit encore ce que la loi demande, ou la raison : %s.', coalesce(owed, 'sa date')),
            'demarche_archived_whole');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER demarche_archived_whole BEFORE UPDATE OF state ON consultation_demarche FOR EACH ROW
    WHEN ((OLD.state = 'archivee') <> (NEW.state = 'archivee'))
    EXECUTE FUNCTION consultation_demarche_archived_whole();
"""

BACKWARD = """
DROP TRIGGER demarche_archived_whole ON consultation_demarche;
DROP FUNCTION consultation_demarche_archived_whole();
DROP FUNCTION consultation_demarche_lacks(bigint);
DROP TRIGGER confirmation_stays ON consultation_confirmation;
DROP TRIGGER archivage_stays ON consultation_archivage;
DROP TRIGGER suite_change_stays ON consultation_suitechange;
DROP FUNCTION consultation_row_stays();
DROP TRIGGER suite_change_said ON consultation_suitechange;
DROP TRIGGER suite_state_said ON consultation_suite;
DROP FUNCTION consultation_suite_state_said();
DROP TRIGGER suite_rencontre_holds ON consultation_suite_rencontres;
DROP FUNCTION consultation_suite_rencontre_holds();
DROP TRIGGER suite_holds ON consultation_suite;
DROP FUNCTION consultation_suite_holds();
DROP TRIGGER article_holds ON consultation_article;
DROP TRIGGER amendement_holds ON consultation_amendement;
DROP FUNCTION consultation_of_adoption_holds();
DROP TRIGGER adoption_holds ON consultation_adoption;
DROP FUNCTION consultation_adoption_holds();
DROP FUNCTION consultation_is_voted(bigint);
DROP TRIGGER politique_as_voted ON consultation_texteversion;
DROP FUNCTION consultation_politique_as_voted();
DROP FUNCTION consultation_policy_differs(bigint);
DROP FUNCTION consultation_vote_lacks(bigint);
DROP FUNCTION consultation_behind(bigint[]);
"""


class Migration(migrations.Migration):
    dependencies = [("consultation", "0027_adoption")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
