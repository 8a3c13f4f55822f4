"""A compte rendu that is adopted stays as it is, with its points, its remarks and what was read for the absent.

`compte_rendu_adopted_stays`, `point_adopted_stays`, `remarque_adopted_stays`, `lecture_adopted_stays`: neither
rewritten nor deleted, nothing added; a remark alone may lose its link to a person who leaves the portal.
`compte_rendu_remarks_answered`: none is adopted while a remark waits for its answer. What adds a remark holds the row
of the compte rendu meanwhile, so that an adoption at the same moment waits and counts it.
`lecture_once_per_atelier`: what was read at one séance is not read at another of the same atelier, unless the group
kept it for later. What adds a lecture holds the row of the atelier meanwhile.

Its files are rows of `publications`, which names them from outside: the row of what is adopted never changes.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION ateliers_compte_rendu_adopted_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Le compte rendu de la séance % est adopté : il reste tel quel.', OLD.seance_id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'compte_rendu_adopted_stays';
END $$;

CREATE TRIGGER compte_rendu_adopted_stays BEFORE UPDATE OR DELETE ON ateliers_compterendu
    FOR EACH ROW WHEN (OLD.state = 'adopte') EXECUTE FUNCTION ateliers_compte_rendu_adopted_stays();

CREATE FUNCTION ateliers_compte_rendu_remarks_answered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM ateliers_remarque WHERE compte_rendu_id = NEW.seance_id AND answered_at IS NULL) THEN
        RAISE EXCEPTION 'Une remarque sur le compte rendu de la séance % attend sa réponse.', NEW.seance_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'compte_rendu_remarks_answered';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER compte_rendu_remarks_answered BEFORE UPDATE OF state ON ateliers_compterendu
    FOR EACH ROW WHEN (NEW.state = 'adopte' AND OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION ateliers_compte_rendu_remarks_answered();

-- The argument of the trigger is the column that holds the séance.
CREATE FUNCTION ateliers_adopted_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    row_is jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
    held text;
BEGIN
    IF TG_TABLE_NAME = 'ateliers_remarque' AND TG_OP = 'UPDATE'
        AND row_is ->> 'inscription_id' IS NULL AND row_is - 'inscription_id' = to_jsonb(OLD) - 'inscription_id' THEN
        RETURN NEW;
    END IF;
    SELECT state INTO held FROM ateliers_compterendu
        WHERE seance_id IN ((row_is ->> TG_ARGV[0])::bigint, (to_jsonb(OLD) ->> TG_ARGV[0])::bigint)
        ORDER BY state = 'adopte' DESC, seance_id LIMIT 1 FOR SHARE;
    IF held = 'adopte' THEN
        RAISE EXCEPTION 'Le compte rendu de cette séance est adopté : ce qui s’y rattache reste tel quel.'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[1];
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER point_adopted_stays BEFORE INSERT OR UPDATE OR DELETE ON ateliers_point
    FOR EACH ROW EXECUTE FUNCTION ateliers_adopted_stays('compte_rendu_id', 'point_adopted_stays');
CREATE TRIGGER remarque_adopted_stays BEFORE INSERT OR UPDATE OR DELETE ON ateliers_remarque
    FOR EACH ROW EXECUTE FUNCTION ateliers_adopted_stays('compte_rendu_id', 'remarque_adopted_stays');
CREATE TRIGGER lecture_adopted_stays BEFORE INSERT OR UPDATE OR DELETE ON ateliers_lecture
    FOR EACH ROW EXECUTE FUNCTION ateliers_adopted_stays('seance_id', 'lecture_adopted_stays');

CREATE FUNCTION ateliers_lecture_once_per_atelier() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    its_atelier bigint;
BEGIN
    SELECT a.id INTO its_atelier FROM ateliers_atelier a
        WHERE a.id = (SELECT atelier_id FROM ateliers_seance WHERE rencontre_id = NEW.seance_id) FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM ateliers_lecture l JOIN ateliers_seance s ON s.rencontre_id = l.seance_id
        WHERE l.contribution_id = NEW.contribution_id AND l.seance_id <> NEW.seance_id
            AND s.atelier_id = its_atelier AND l.outcome <> 'reportee'
    ) THEN
        RAISE EXCEPTION 'La contribution % a déjà été lue à une séance de cet atelier.', NEW.contribution_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'lecture_once_per_atelier';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER lecture_once_per_atelier BEFORE INSERT ON ateliers_lecture
    FOR EACH ROW EXECUTE FUNCTION ateliers_lecture_once_per_atelier();
"""

BACKWARD = """
DROP TRIGGER lecture_once_per_atelier ON ateliers_lecture;
DROP FUNCTION ateliers_lecture_once_per_atelier();
DROP TRIGGER lecture_adopted_stays ON ateliers_lecture;
DROP TRIGGER remarque_adopted_stays ON ateliers_remarque;
DROP TRIGGER point_adopted_stays ON ateliers_point;
DROP FUNCTION ateliers_adopted_stays();
DROP TRIGGER compte_rendu_remarks_answered ON ateliers_compterendu;
DROP FUNCTION ateliers_compte_rendu_remarks_answered();
DROP TRIGGER compte_rendu_adopted_stays ON ateliers_compterendu;
DROP FUNCTION ateliers_compte_rendu_adopted_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("ateliers", "0002_rooms")]

    operations = [
        migrations.RemoveField(model_name="compterendu", name="docx"),
        migrations.RemoveField(model_name="compterendu", name="pdf"),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
