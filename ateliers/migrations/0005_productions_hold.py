"""What must never be false of productions, whoever writes.

`production_of_its_seance`: a production is a contribution gathered in its séance, typed at a table of that séance; and
its contribution stays so. `production_version_in_turn`: words are those of a séance of its atelier, its first or later.
`production_version_stays`: words that were written are not written over. `devenir_in_turn`: a group decides on what
came from an earlier séance of its own; what is merged goes into a production of the same atelier that existed by then,
and nothing comes back into itself (two mergings that would meet wait for each other at the row of the atelier).
`seance_keeps_its_rank`: where a group has written, the order of its séances stays.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION ateliers_production_of_its_seance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM consultation_contribution c
        JOIN ateliers_seance s ON s.rencontre_id = NEW.seance_id
        JOIN ateliers_atelier a ON a.id = s.atelier_id
        WHERE c.id = NEW.contribution_id AND c.origine = 'seance' AND c.rencontre_id = NEW.seance_id
            AND c.demarche_id = a.demarche_id
    ) OR (NEW.table_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM ateliers_table WHERE id = NEW.table_id AND seance_id = NEW.seance_id
    )) THEN
        RAISE EXCEPTION 'La production % n’est pas une contribution de sa séance.', NEW.contribution_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'production_of_its_seance';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER production_of_its_seance BEFORE INSERT OR UPDATE OF contribution_id, seance_id, table_id
    ON ateliers_production FOR EACH ROW EXECUTE FUNCTION ateliers_production_of_its_seance();

CREATE FUNCTION ateliers_contribution_stays_production() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM ateliers_production WHERE contribution_id = NEW.id) THEN
        RAISE EXCEPTION 'La contribution % est une production : elle reste celle de sa séance.', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'production_of_its_seance';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER contribution_stays_production BEFORE UPDATE OF origine, rencontre_id, demarche_id
    ON consultation_contribution FOR EACH ROW
    WHEN ((OLD.origine, OLD.rencontre_id, OLD.demarche_id) IS DISTINCT FROM
        (NEW.origine, NEW.rencontre_id, NEW.demarche_id))
    EXECUTE FUNCTION ateliers_contribution_stays_production();

CREATE FUNCTION ateliers_version_in_turn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM ateliers_production p
        JOIN ateliers_seance born ON born.rencontre_id = p.seance_id
        JOIN ateliers_seance s ON s.rencontre_id = NEW.seance_id
        WHERE p.contribution_id = NEW.production_id AND s.atelier_id = born.atelier_id AND s.rank >= born.rank
    ) THEN
        RAISE EXCEPTION 'Une version est d’une séance de son atelier, celle où la production est née ou une suivante.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'production_version_in_turn';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER production_version_in_turn BEFORE INSERT OR UPDATE OF production_id, seance_id
    ON ateliers_productionversion FOR EACH ROW EXECUTE FUNCTION ateliers_version_in_turn();

CREATE FUNCTION ateliers_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Les mots de la version % ne se récrivent pas.', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'production_version_stays';
END $$;

CREATE TRIGGER production_version_stays BEFORE UPDATE OF title, body ON ateliers_productionversion
    FOR EACH ROW WHEN ((OLD.title, OLD.body) IS DISTINCT FROM (NEW.title, NEW.body))
    EXECUTE FUNCTION ateliers_version_stays();

CREATE FUNCTION ateliers_devenir_in_turn() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_atelier bigint;
    of_rank integer;
BEGIN
    SELECT s.atelier_id, s.rank INTO of_atelier, of_rank FROM ateliers_seance s WHERE s.rencontre_id = NEW.seance_id;
    IF NOT EXISTS (
        SELECT FROM ateliers_production p JOIN ateliers_seance born ON born.rencontre_id = p.seance_id
        WHERE p.contribution_id = NEW.production_id AND born.atelier_id = of_atelier AND born.rank < of_rank
    ) THEN
        RAISE EXCEPTION 'Un groupe décide de ce qui vient d’une de ses séances d’avant.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'devenir_in_turn';
    END IF;
    IF NEW.into_id IS NULL THEN
        RETURN NEW;
    END IF;
    PERFORM FROM ateliers_atelier WHERE id = of_atelier FOR NO KEY UPDATE;
    IF NOT EXISTS (
        SELECT FROM ateliers_production p JOIN ateliers_seance born ON born.rencontre_id = p.seance_id
        WHERE p.contribution_id = NEW.into_id AND born.atelier_id = of_atelier AND born.rank <= of_rank
    ) THEN
        RAISE EXCEPTION 'Une production se fusionne dans une autre du même atelier.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'devenir_in_turn';
    END IF;
    IF NEW.undone_at IS NULL AND EXISTS (
        WITH RECURSIVE onward(production_id) AS (
            SELECT NEW.into_id
            UNION
            SELECT d.into_id FROM ateliers_devenir d JOIN onward USING (production_id)
            WHERE d.into_id IS NOT NULL AND d.undone_at IS NULL AND d.id IS DISTINCT FROM NEW.id
        )
        SELECT FROM onward WHERE production_id = NEW.production_id
    ) THEN
        RAISE EXCEPTION 'Cette fusion reviendrait sur elle-même.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'devenir_no_circle';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER devenir_in_turn BEFORE INSERT OR UPDATE OF production_id, seance_id, into_id, undone_at
    ON ateliers_devenir FOR EACH ROW EXECUTE FUNCTION ateliers_devenir_in_turn();

CREATE FUNCTION ateliers_seance_keeps_its_rank() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM ateliers_productionversion WHERE seance_id = NEW.rencontre_id)
        OR EXISTS (SELECT FROM ateliers_devenir WHERE seance_id = NEW.rencontre_id) THEN
        RAISE EXCEPTION 'Le groupe a écrit à cette séance : son atelier et son rang ne changent plus.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'seance_keeps_its_rank';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER seance_keeps_its_rank BEFORE UPDATE OF atelier_id, rank ON ateliers_seance FOR EACH ROW
    WHEN ((OLD.atelier_id, OLD.rank) IS DISTINCT FROM (NEW.atelier_id, NEW.rank))
    EXECUTE FUNCTION ateliers_seance_keeps_its_rank();
"""

BACKWARD = """
DROP TRIGGER seance_keeps_its_rank ON ateliers_seance;
DROP FUNCTION ateliers_seance_keeps_its_rank();
DROP TRIGGER devenir_in_turn ON ateliers_devenir;
DROP FUNCTION ateliers_devenir_in_turn();
DROP TRIGGER production_version_stays ON ateliers_productionversion;
DROP FUNCTION ateliers_version_stays();
DROP TRIGGER production_version_in_turn ON ateliers_productionversion;
DROP FUNCTION ateliers_version_in_turn();
DROP TRIGGER contribution_stays_production ON consultation_contribution;
DROP FUNCTION ateliers_contribution_stays_production();
DROP TRIGGER production_of_its_seance ON ateliers_production;
DROP FUNCTION ateliers_production_of_its_seance();
"""


class Migration(migrations.Migration):
    dependencies = [("ateliers", "0004_productions"), ("consultation", "0017_reworded_in_seance")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
