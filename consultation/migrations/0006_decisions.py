"""No contribution changes state without the decision that says so, whoever writes.

`contribution_state_decided` looks when the transaction ends: the last decision of the contribution leads to the state
it is in, and none appears by the rule alone where the démarche moderates before publication.
`contribution_one_level`: a réaction answers a contribution of its démarche that is not itself a réaction.
`reexamen_by_another`: whoever took a decision does not look at it again.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION consultation_state_decided() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    now_in text;
    moderation text;
    decided record;
BEGIN
    SELECT c.state, d.moderation INTO now_in, moderation
        FROM consultation_contribution c JOIN consultation_demarche d ON d.id = c.demarche_id WHERE c.id = NEW.id;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT to_state, cause INTO decided FROM consultation_decision WHERE contribution_id = NEW.id
        ORDER BY id DESC LIMIT 1;
    IF decided.to_state IS DISTINCT FROM now_in THEN
        RAISE EXCEPTION 'La contribution % est passée à « % » sans décision.', NEW.id, now_in
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contribution_state_decided';
    END IF;
    IF now_in = 'publiee' AND decided.cause = 'regle' AND moderation = 'avant' THEN
        RAISE EXCEPTION 'La contribution % paraîtrait sans avoir été modérée.', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contribution_state_decided';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER contribution_state_decided AFTER UPDATE OF state ON consultation_contribution
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION consultation_state_decided();

CREATE FUNCTION consultation_one_level() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM consultation_contribution
        WHERE id = NEW.parent_id AND parent_id IS NULL AND demarche_id = NEW.demarche_id FOR SHARE
    ) OR EXISTS (SELECT FROM consultation_contribution WHERE parent_id = NEW.id) THEN
        RAISE EXCEPTION 'On réagit à une contribution de la même démarche, pas à une réaction.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contribution_one_level';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER contribution_one_level BEFORE INSERT OR UPDATE OF parent_id, demarche_id ON consultation_contribution
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION consultation_one_level();

CREATE FUNCTION consultation_reexamen_by_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM consultation_decision WHERE id = NEW.decision_id AND by_id = NEW.decided_by_id) THEN
        RAISE EXCEPTION 'Le réexamen revient à quelqu’un d’autre que l’auteur de la décision.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reexamen_by_another';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER reexamen_by_another BEFORE INSERT OR UPDATE ON consultation_reexamen
    FOR EACH ROW WHEN (NEW.decided_by_id IS NOT NULL) EXECUTE FUNCTION consultation_reexamen_by_another();
"""

BACKWARD = """
DROP TRIGGER reexamen_by_another ON consultation_reexamen;
DROP FUNCTION consultation_reexamen_by_another();
DROP TRIGGER contribution_one_level ON consultation_contribution;
DROP FUNCTION consultation_one_level();
DROP TRIGGER contribution_state_decided ON consultation_contribution;
DROP FUNCTION consultation_state_decided();
"""


class Migration(migrations.Migration):
    dependencies = [("consultation", "0005_contribution_life")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
