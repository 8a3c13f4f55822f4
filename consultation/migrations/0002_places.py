"""The belt behind the lock: no writer, raw SQL included, confirms more people than there are places.

`inscription_places` takes the rencontre's row (the one lock for places) before it counts;
`rencontre_places` refuses a capacity below the number already confirmed.
People who came without registering (`sur_place`) are counted apart.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION consultation_inscription_places() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    places integer;
    taken integer;
BEGIN
    IF NEW.state <> 'confirmee' OR NEW.sur_place THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.state = 'confirmee' AND NOT OLD.sur_place AND OLD.rencontre_id = NEW.rencontre_id THEN
        RETURN NEW;
    END IF;
    SELECT capacity INTO places FROM consultation_rencontre WHERE id = NEW.rencontre_id FOR UPDATE;
    IF places IS NULL THEN
        RETURN NEW;
    END IF;
    SELECT count(*) INTO taken FROM consultation_inscription
        WHERE rencontre_id = NEW.rencontre_id AND state = 'confirmee' AND NOT sur_place AND id IS DISTINCT FROM NEW.id;
    IF taken >= places THEN
        RAISE EXCEPTION 'Cette rencontre est complète : % places, % personnes confirmées.', places, taken
            USING ERRCODE = 'check_violation', CONSTRAINT = 'inscription_places';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER inscription_places BEFORE INSERT OR UPDATE ON consultation_inscription
    FOR EACH ROW EXECUTE FUNCTION consultation_inscription_places();

CREATE FUNCTION consultation_rencontre_places() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    taken integer;
BEGIN
    SELECT count(*) INTO taken FROM consultation_inscription
        WHERE rencontre_id = NEW.id AND state = 'confirmee' AND NOT sur_place;
    IF taken > NEW.capacity THEN
        RAISE EXCEPTION '% personnes sont déjà confirmées : la capacité ne peut descendre à %.', taken, NEW.capacity
            USING ERRCODE = 'check_violation', CONSTRAINT = 'rencontre_places';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER rencontre_places BEFORE UPDATE OF capacity ON consultation_rencontre
    FOR EACH ROW WHEN (NEW.capacity IS NOT NULL) EXECUTE FUNCTION consultation_rencontre_places();
"""

BACKWARD = """
DROP TRIGGER rencontre_places ON consultation_rencontre;
DROP FUNCTION consultation_rencontre_places();
DROP TRIGGER inscription_places ON consultation_inscription;
DROP FUNCTION consultation_inscription_places();
"""


class Migration(migrations.Migration):
    dependencies = [("consultation", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
