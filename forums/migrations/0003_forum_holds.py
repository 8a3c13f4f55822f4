"""What must never be false at a forum, whoever writes.

`moment_brings_its_group`: a restitution brings productions of its own atelier, and stays that of their atelier.
`croisement_of_groups`: what is published crosses productions of two groups at least, of one démarche, published then.
`croisement_published_stays`: it is neither rewritten nor deleted, nor are its productions; it is withdrawn, once.
`intervention_of_its_forum`: a remark is said at its forum, of a production or of a published passage, one of the two.
`droit_de_regard_stays`: once open it reads the same version, and closes no sooner than it said.
`objection_of_its_group`: a member objects to how a production of their own group was taken up, while it is open.
`objection_answer_stays`: an answer that was given may be corrected, not taken back.
`said_at_forum_stays`: the contribution of a remark, of an objection, stays what it answers and where it was said.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION forums_moment_brings() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_atelier bigint;
BEGIN
    -- The moment cannot become another atelier's meanwhile.
    SELECT atelier_id INTO of_atelier FROM forums_moment WHERE id = NEW.moment_id FOR SHARE;
    IF of_atelier IS NULL OR NOT EXISTS (
        SELECT FROM ateliers_production p JOIN ateliers_seance s ON s.rencontre_id = p.seance_id
        WHERE p.contribution_id = NEW.production_id AND s.atelier_id = of_atelier
    ) THEN
        RAISE EXCEPTION 'Une restitution apporte les productions de son atelier.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'moment_brings_its_group';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER moment_brings_its_group BEFORE INSERT OR UPDATE ON forums_moment_productions
    FOR EACH ROW EXECUTE FUNCTION forums_moment_brings();

CREATE FUNCTION forums_moment_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM forums_moment_productions WHERE moment_id = NEW.id) THEN
        RAISE EXCEPTION 'Ce moment apporte des productions de son atelier : retirez-les d’abord.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'moment_brings_its_group';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER moment_stays_of_its_group BEFORE UPDATE OF atelier_id, forum_id ON forums_moment FOR EACH ROW
    WHEN ((OLD.atelier_id, OLD.forum_id) IS DISTINCT FROM (NEW.atelier_id, NEW.forum_id))
    EXECUTE FUNCTION forums_moment_stays();

CREATE FUNCTION forums_moment_of_demarche() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM consultation_rencontre r JOIN ateliers_atelier a ON a.demarche_id = r.demarche_id
        WHERE r.id = NEW.forum_id AND a.id = NEW.atelier_id
    ) THEN
        RAISE EXCEPTION 'Un forum restitue les ateliers de sa démarche.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'moment_brings_its_group';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER moment_of_its_demarche BEFORE INSERT OR UPDATE OF atelier_id, forum_id ON forums_moment FOR EACH ROW
    WHEN (NEW.atelier_id IS NOT NULL) EXECUTE FUNCTION forums_moment_of_demarche();

CREATE FUNCTION forums_croisement_check(croisement bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    groups integer;
    strangers integer;
BEGIN
    SELECT count(DISTINCT s.atelier_id), count(*) FILTER (WHERE c.demarche_id <> r.demarche_id)
    INTO groups, strangers
    FROM forums_croisement x
    JOIN consultation_rencontre r ON r.id = x.forum_id
    JOIN forums_croisement_productions m ON m.croisement_id = x.id
    JOIN ateliers_production p ON p.contribution_id = m.production_id
    JOIN consultation_contribution c ON c.id = p.contribution_id
    JOIN ateliers_seance s ON s.rencontre_id = p.seance_id
    WHERE x.id = croisement AND x.published_at IS NOT NULL;
    IF EXISTS (SELECT FROM forums_croisement WHERE id = croisement AND published_at IS NOT NULL)
        AND (groups < 2 OR strangers > 0)
    THEN
        RAISE EXCEPTION 'Un croisement publié réunit des productions de deux groupes au moins, de sa démarche.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'croisement_of_groups';
    END IF;
END $$;

CREATE FUNCTION forums_croisement_of_groups() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM forums_croisement_check(NEW.id);
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER croisement_of_groups AFTER INSERT OR UPDATE ON forums_croisement
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION forums_croisement_of_groups();

CREATE FUNCTION forums_croisement_appears() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM forums_croisement_productions m JOIN consultation_contribution c ON c.id = m.production_id
        WHERE m.croisement_id = NEW.id AND c.state <> 'publiee'
    ) THEN
        RAISE EXCEPTION 'Une production de ce croisement n’est pas publiée.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'croisement_of_groups';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER croisement_appears BEFORE UPDATE OF published_at ON forums_croisement FOR EACH ROW
    WHEN (OLD.published_at IS NULL AND NEW.published_at IS NOT NULL) EXECUTE FUNCTION forums_croisement_appears();

CREATE FUNCTION forums_croisement_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL
        AND (OLD.forum_id, OLD.kind, OLD.sentence, OLD.published_at, OLD.made_at, OLD.by_id)
            IS NOT DISTINCT FROM (NEW.forum_id, NEW.kind, NEW.sentence, NEW.published_at, NEW.made_at, NEW.by_id)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Le croisement % a paru : il ne se récrit pas. Retirez-le, et composez-en un autre.', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'croisement_published_stays';
END $$;

CREATE TRIGGER croisement_published_stays BEFORE UPDATE OR DELETE ON forums_croisement FOR EACH ROW
    WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION forums_croisement_stays();

CREATE FUNCTION forums_crossed_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one bigint;
BEGIN
    -- Whoever publishes it meanwhile comes before, or after.
    FOREACH one IN ARRAY CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.croisement_id]
        WHEN 'DELETE' THEN ARRAY[OLD.croisement_id] ELSE ARRAY[OLD.croisement_id, NEW.croisement_id] END
    LOOP
        PERFORM FROM forums_croisement WHERE id = one FOR SHARE;
        IF EXISTS (SELECT FROM forums_croisement WHERE id = one AND published_at IS NOT NULL) THEN
            RAISE EXCEPTION 'Le croisement % a paru : ses productions ne changent plus.', one
                USING ERRCODE = 'check_violation', CONSTRAINT = 'croisement_published_stays';
        END IF;
    END LOOP;
    RETURN coalesce(NEW, OLD);
END $$;

CREATE TRIGGER crossed_published_stays BEFORE INSERT OR UPDATE OR DELETE ON forums_croisement_productions
    FOR EACH ROW EXECUTE FUNCTION forums_crossed_stays();

CREATE FUNCTION forums_intervention_of_its_forum() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM consultation_contribution c JOIN consultation_rencontre r ON r.id = c.rencontre_id
        WHERE c.id = NEW.contribution_id AND r.id = NEW.forum_id AND c.demarche_id = r.demarche_id AND (
            (NEW.passage_id IS NULL AND c.parent_id IN (SELECT contribution_id FROM ateliers_production))
            OR (c.parent_id IS NULL AND EXISTS (
                SELECT FROM consultation_passage p JOIN consultation_texteversion v ON v.id = p.version_id
                JOIN consultation_texte t ON t.id = v.texte_id
                WHERE p.id = NEW.passage_id AND v.state <> 'brouillon' AND t.demarche_id = c.demarche_id
            ))
        )
    ) THEN
        RAISE EXCEPTION 'La remarque % est dite à son forum, d’une production ou d’un passage paru.', NEW.contribution_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'intervention_of_its_forum';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER intervention_of_its_forum BEFORE INSERT OR UPDATE ON forums_intervention
    FOR EACH ROW EXECUTE FUNCTION forums_intervention_of_its_forum();

CREATE FUNCTION forums_droit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.forum_id, OLD.version_id, OLD.opened_at) IS DISTINCT FROM (NEW.forum_id, NEW.version_id, NEW.opened_at)
        OR NEW.closes_at < OLD.closes_at
    THEN
        RAISE EXCEPTION 'Le droit de regard est ouvert : on le prolonge, on ne le change pas.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'droit_de_regard_stays';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER droit_de_regard_stays BEFORE UPDATE ON forums_droitderegard
    FOR EACH ROW EXECUTE FUNCTION forums_droit_stays();

CREATE FUNCTION forums_objection_of_its_group() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM consultation_contribution c
        JOIN ateliers_production p ON p.contribution_id = c.parent_id
        JOIN ateliers_seance s ON s.rencontre_id = p.seance_id
        JOIN ateliers_membre m ON m.id = NEW.membre_id AND m.atelier_id = s.atelier_id
        JOIN forums_droitderegard d ON d.forum_id = NEW.droit_id
        JOIN consultation_rencontre r ON r.id = d.forum_id AND r.demarche_id = c.demarche_id
        WHERE c.id = NEW.contribution_id AND c.submitted_at >= d.opened_at AND c.submitted_at < d.closes_at
            AND (NEW.passage_id IS NULL OR EXISTS (
                SELECT FROM consultation_passage WHERE id = NEW.passage_id AND version_id = d.version_id
            ))
    ) THEN
        RAISE EXCEPTION 'L’objection % est d’un membre du groupe, sur une de ses productions, dans le délai.',
            NEW.contribution_id USING ERRCODE = 'check_violation', CONSTRAINT = 'objection_of_its_group';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER objection_of_its_group BEFORE INSERT ON forums_objection
    FOR EACH ROW EXECUTE FUNCTION forums_objection_of_its_group();

CREATE FUNCTION forums_answer_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'La réponse à l’objection % est donnée : elle se corrige, elle ne se reprend pas.', OLD.contribution_id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'objection_answer_stays';
END $$;

CREATE TRIGGER objection_answer_stays BEFORE UPDATE ON forums_objection FOR EACH ROW
    WHEN ((OLD.answered_at IS NOT NULL AND NEW.answered_at IS DISTINCT FROM OLD.answered_at)
        OR NEW.droit_id <> OLD.droit_id)
    EXECUTE FUNCTION forums_answer_stays();

CREATE FUNCTION forums_said_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM forums_intervention WHERE contribution_id = NEW.id)
        OR EXISTS (SELECT FROM forums_objection WHERE contribution_id = NEW.id)
    THEN
        RAISE EXCEPTION 'La contribution % a été dite au forum : elle y reste.', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'said_at_forum_stays';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER said_at_forum_stays BEFORE UPDATE OF parent_id, rencontre_id, demarche_id
    ON consultation_contribution FOR EACH ROW
    WHEN ((OLD.parent_id, OLD.rencontre_id, OLD.demarche_id) IS DISTINCT FROM
        (NEW.parent_id, NEW.rencontre_id, NEW.demarche_id))
    EXECUTE FUNCTION forums_said_stays();
"""

BACKWARD = """
DROP TRIGGER said_at_forum_stays ON consultation_contribution;
DROP FUNCTION forums_said_stays();
DROP TRIGGER objection_answer_stays ON forums_objection;
DROP FUNCTION forums_answer_stays();
DROP TRIGGER objection_of_its_group ON forums_objection;
DROP FUNCTION forums_objection_of_its_group();
DROP TRIGGER droit_de_regard_stays ON forums_droitderegard;
DROP FUNCTION forums_droit_stays();
DROP TRIGGER intervention_of_its_forum ON forums_intervention;
DROP FUNCTION forums_intervention_of_its_forum();
DROP TRIGGER crossed_published_stays ON forums_croisement_productions;
DROP FUNCTION forums_crossed_stays();
DROP TRIGGER croisement_published_stays ON forums_croisement;
DROP FUNCTION forums_croisement_stays();
DROP TRIGGER croisement_appears ON forums_croisement;
DROP FUNCTION forums_croisement_appears();
DROP TRIGGER croisement_of_groups ON forums_croisement;
DROP FUNCTION forums_croisement_of_groups();
DROP FUNCTION forums_croisement_check(bigint);
DROP TRIGGER moment_of_its_demarche ON forums_moment;
DROP FUNCTION forums_moment_of_demarche();
DROP TRIGGER moment_stays_of_its_group ON forums_moment;
DROP FUNCTION forums_moment_stays();
DROP TRIGGER moment_brings_its_group ON forums_moment_productions;
DROP FUNCTION forums_moment_brings();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("forums", "0002_forum_day"),
        ("ateliers", "0007_leaving"),
        ("consultation", "0024_textes_hold"),
    ]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
