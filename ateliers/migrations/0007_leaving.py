"""Somebody who leaves the portal is forgotten by what never changes, and by nothing else of it.

`candidature_keeps_number`: the number of a draw may come to be nobody's, a person under efface.invalid, and no other's.
`remarque_adopted_stays`: a remark may lose its words too, once or as it loses whose it was.
"""

from django.db import migrations

FORWARD = """
CREATE OR REPLACE FUNCTION ateliers_candidature_keeps_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.number, NEW.atelier_id) IS NOT DISTINCT FROM (OLD.number, OLD.atelier_id) AND EXISTS (
        SELECT FROM comptes_personne WHERE id = NEW.personne_id AND email LIKE '%@efface.invalid'
    ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Le numéro % est celui de sa candidature, pour toujours.', OLD.number
        USING ERRCODE = 'check_violation', CONSTRAINT = 'candidature_keeps_number';
END $$;

CREATE OR REPLACE FUNCTION ateliers_adopted_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    row_is jsonb := to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END);
    held text;
BEGIN
    IF TG_TABLE_NAME = 'ateliers_remarque' AND TG_OP = 'UPDATE'
        AND row_is ->> 'inscription_id' IS NULL
        AND row_is ->> 'words' IN ('', to_jsonb(OLD) ->> 'words')
        AND row_is - 'inscription_id' - 'words' = to_jsonb(OLD) - 'inscription_id' - 'words' THEN
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
"""

BACKWARD = """
CREATE OR REPLACE FUNCTION ateliers_candidature_keeps_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Le numéro % est celui de sa candidature, pour toujours.', OLD.number
        USING ERRCODE = 'check_violation', CONSTRAINT = 'candidature_keeps_number';
END $$;

CREATE OR REPLACE FUNCTION ateliers_adopted_stays() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""


class Migration(migrations.Migration):
    dependencies = [("ateliers", "0006_composition"), ("comptes", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
