"""Which contributions have copies, noted as they are published, so that the few of a long list are found at once.

`consultation_find_copies`: notes all there are; `consultation_note_copies`: those of some contributions.
`contribution_repeated`, `contributions_repeated` call it as one appears or its words change, and forget one that goes.
Nobody waits for anybody: whoever publishes the same words at the same moment is not seen, but holds the lock of these
words, and who does not get it is noted without having been compared. Of two copies one at least is noted, in any order.
"""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION consultation_find_copies() RETURNS void LANGUAGE sql AS $$
    INSERT INTO consultation_repeated (contribution_id, demarche_id)
    SELECT id, demarche_id FROM (
        SELECT id, demarche_id, count(*) OVER (
            PARTITION BY demarche_id, hash_array_extended(tsvector_to_array(search), 0)) AS number
        FROM consultation_contribution WHERE state = 'publiee' AND parent_id IS NULL
    ) each
    WHERE number > 1 AND NOT EXISTS (SELECT FROM consultation_repeated r WHERE r.contribution_id = each.id)
$$;

-- 20110629: one of 1,024 locks for each text, so that a long import never fills the table of locks. Each statement sees
-- what was committed before it: the locks are asked for first.
CREATE FUNCTION consultation_note_copies(of_contributions bigint[]) RETURNS void LANGUAGE plpgsql
    SET enable_seqscan = off AS $$
DECLARE
    crowded integer[];
BEGIN
    crowded := ARRAY(
        SELECT bucket FROM (
            SELECT DISTINCT (hash_array_extended(tsvector_to_array(search), 0) & 1023)::integer AS bucket
            FROM consultation_contribution WHERE id = ANY (of_contributions)
        ) asked WHERE NOT pg_try_advisory_xact_lock(20110629, bucket)
    );
    INSERT INTO consultation_repeated (contribution_id, demarche_id)
    SELECT DISTINCT noted.id, said.demarche_id
    FROM (
        SELECT id, demarche_id, hash_array_extended(tsvector_to_array(search), 0) AS likeness
        FROM consultation_contribution WHERE id = ANY (of_contributions) AND state = 'publiee' AND parent_id IS NULL
    ) said
    CROSS JOIN LATERAL (
        -- The first of its copies: where there are more, the others are noted already.
        SELECT ARRAY(
            SELECT o.id FROM consultation_contribution o
            WHERE o.demarche_id = said.demarche_id AND o.state = 'publiee' AND o.parent_id IS NULL
                AND hash_array_extended(tsvector_to_array(o.search), 0) = said.likeness AND o.id <> said.id
            ORDER BY o.id LIMIT 2
        ) AS ids
    ) copies
    CROSS JOIN LATERAL unnest(copies.ids || said.id) AS noted(id)
    WHERE (copies.ids <> '{}' OR (said.likeness & 1023)::integer = ANY (crowded))
        AND NOT EXISTS (SELECT FROM consultation_repeated r WHERE r.contribution_id = noted.id);
END $$;

CREATE FUNCTION consultation_contribution_repeated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM consultation_repeated WHERE contribution_id = NEW.id;
    IF NEW.state = 'publiee' AND NEW.parent_id IS NULL THEN
        PERFORM consultation_note_copies(ARRAY[NEW.id]);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER contribution_repeated AFTER UPDATE OF state, parent_id, demarche_id, title, body
    ON consultation_contribution FOR EACH ROW
    WHEN ('publiee' IN (OLD.state, NEW.state) AND (OLD.state, OLD.parent_id, OLD.demarche_id, OLD.title, OLD.body)
        IS DISTINCT FROM (NEW.state, NEW.parent_id, NEW.demarche_id, NEW.title, NEW.body))
    EXECUTE FUNCTION consultation_contribution_repeated();

CREATE FUNCTION consultation_contributions_repeated() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    published bigint[] := ARRAY(SELECT id FROM added WHERE state = 'publiee' AND parent_id IS NULL);
BEGIN
    IF published <> '{}' THEN
        PERFORM consultation_note_copies(published);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER contributions_repeated AFTER INSERT ON consultation_contribution
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION consultation_contributions_repeated();

SELECT consultation_find_copies();
"""

BACKWARD = """
DROP TRIGGER contributions_repeated ON consultation_contribution;
DROP FUNCTION consultation_contributions_repeated();
DROP TRIGGER contribution_repeated ON consultation_contribution;
DROP FUNCTION consultation_contribution_repeated();
DROP FUNCTION consultation_note_copies(bigint[]);
DROP FUNCTION consultation_find_copies();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("consultation", "0031_textes_settled"),
    ]

    operations = [
        migrations.CreateModel(
            name="Repeated",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "contribution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="consultation.contribution",
                        verbose_name="contribution",
                    ),
                ),
                (
                    "demarche",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="consultation.demarche",
                        verbose_name="démarche",
                    ),
                ),
            ],
            options={
                "verbose_name": "contribution qui se répète",
                "verbose_name_plural": "contributions qui se répètent",
                "indexes": [models.Index(fields=["demarche", "contribution"], name="repeated_list")],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
