"""What was typed from a paper does not appear before another has read it, where the démarche asks it; whoever writes."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION consultation_second_reading() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM consultation_transcription t JOIN consultation_demarche d ON d.id = NEW.demarche_id
        WHERE t.contribution_id = NEW.id AND t.read_at IS NULL AND d.second_reading
    ) THEN
        RAISE EXCEPTION 'La contribution % attend sa seconde lecture.', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'contribution_second_reading';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER contribution_second_reading BEFORE UPDATE OF state ON consultation_contribution
    FOR EACH ROW WHEN (NEW.state = 'publiee' AND OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION consultation_second_reading();
"""

BACKWARD = """
DROP TRIGGER contribution_second_reading ON consultation_contribution;
DROP FUNCTION consultation_second_reading();
"""


class Migration(migrations.Migration):
    dependencies = [("consultation", "0010_recourse")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
