"""A disagreement of the second reader is settled before the definitive version appears; a new passage typed once.

`texte_version_settled`: no definitive version while a disagreement of its texte waits for what the rédacteurs make of
it. A reading shares the row of its version, so that none comes in while it is published.
`relecture_settled_stays`: what they made of it stays said, and who reads again changes nothing of it afterwards.
`relecture_holds`: as before (0026), and what was drawn of a version that has appeared, unread, is read in the next one.
`consultation_texte_figures`: two more numbers, `a_reprendre`, the disagreements that wait, and `avant`, the earlier
textes that already answered to some of what was received.
`Passage.submission_key`: a form that is sent again, by itself or by hand, makes no second passage.
"""

from django.db import migrations, models

FORWARD = """
CREATE FUNCTION consultation_unsettled(of_texte bigint) RETURNS TABLE (contribution_id bigint) LANGUAGE sql STABLE AS $$
    SELECT contribution_id FROM consultation_relecture
    WHERE texte_id = of_texte AND NOT agrees AND settled_at IS NULL
$$;

CREATE FUNCTION consultation_texte_version_settled() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found integer;
    references_are text;
BEGIN
    SELECT count(*), string_agg(d.code || '-' || r.contribution_id, ', ' ORDER BY r.contribution_id)
        INTO found, references_are
        FROM consultation_unsettled(NEW.texte_id) r, consultation_texte t
        JOIN consultation_demarche d ON d.id = t.demarche_id WHERE t.id = NEW.texte_id;
    IF found > 0 THEN
        PERFORM consultation_texte_refused(
            format('Le texte ne peut pas paraître : %s désaccords de la seconde lecture attendent d’être repris (%s).',
                found, references_are), 'texte_version_settled');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER texte_version_settled BEFORE UPDATE OF state ON consultation_texteversion FOR EACH ROW
    WHEN (OLD.state = 'brouillon' AND NEW.state = 'definitive') EXECUTE FUNCTION consultation_texte_version_settled();

CREATE FUNCTION consultation_relecture_settled_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM consultation_texte_refused('Ce qui a été fait d’un désaccord reste dit.', 'relecture_settled_stays');
    RETURN NULL;
END $$;

CREATE TRIGGER relecture_settled_stays BEFORE UPDATE ON consultation_relecture FOR EACH ROW
    WHEN (OLD.settled_at IS NOT NULL AND (OLD.agrees, OLD.reason, OLD.read_at, OLD.settlement, OLD.settled_at)
        IS DISTINCT FROM (NEW.agrees, NEW.reason, NEW.read_at, NEW.settlement, NEW.settled_at))
    EXECUTE FUNCTION consultation_relecture_settled_stays();

CREATE OR REPLACE FUNCTION consultation_relecture_holds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_version bigint;
    of_texte bigint;
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT FROM consultation_texte WHERE id = OLD.texte_id AND current_id IS NOT NULL) THEN
            PERFORM consultation_texte_refused('Une relecture reste.', 'relecture_stays');
        END IF;
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND (NEW.echantillon_id, NEW.texte_id, NEW.contribution_id, NEW.rank)
        IS DISTINCT FROM (OLD.echantillon_id, OLD.texte_id, OLD.contribution_id, OLD.rank) THEN
        PERFORM consultation_texte_refused('Ce qui a été tiré au sort reste tel quel.', 'echantillon_stays');
    END IF;
    IF TG_OP = 'UPDATE' AND (NEW.agrees, NEW.reason, NEW.by_id, NEW.read_at)
        IS NOT DISTINCT FROM (OLD.agrees, OLD.reason, OLD.by_id, OLD.read_at) THEN
        RETURN NEW;  -- what the rédacteurs did of a disagreement may come after
    END IF;
    SELECT v.id, v.texte_id INTO of_version, of_texte FROM consultation_echantillon e
        JOIN consultation_texteversion v ON v.id = e.version_id WHERE e.id = NEW.echantillon_id;
    IF NEW.texte_id IS DISTINCT FROM of_texte THEN
        PERFORM consultation_texte_refused('Une relecture est du texte de son échantillon.', 'relecture_of_its_texte');
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.agrees IS NULL THEN
        -- Drawn of a version that has appeared since, it is read in the one that is being written.
        SELECT id INTO of_version FROM consultation_texteversion
            WHERE texte_id = of_texte AND state = 'brouillon' FOR SHARE;
        IF of_version IS NULL THEN
            PERFORM consultation_texte_refused('Une relecture se fait pendant qu’on écrit.', 'relecture_stays');
        END IF;
    ELSE
        PERFORM consultation_refuse_published(of_version, 'relecture_stays');
    END IF;
    IF NEW.by_id IS NOT NULL AND consultation_wrote_of(of_version, NEW.contribution_id, NEW.by_id) THEN
        PERFORM consultation_texte_refused(
            'On ne relit pas ce qu’on a écrit soi-même.', 'relecture_by_another');
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION consultation_texte_figures(of_version bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$
    WITH samples AS (
        SELECT e.* FROM consultation_texteversion v
        JOIN consultation_texteversion w ON w.texte_id = v.texte_id AND w.number <= v.number
        JOIN consultation_echantillon e ON e.version_id = w.id WHERE v.id = of_version
    ), readings AS (
        SELECT r.agrees, r.settled_at FROM samples JOIN consultation_relecture r ON r.echantillon_id = samples.id
    )
    SELECT consultation_texte_counts(of_version) || jsonb_build_object(
        'tirees', (SELECT count(*) FROM readings),
        'relues', (SELECT count(*) FROM readings WHERE agrees IS NOT NULL),
        'desaccords', (SELECT count(*) FROM readings WHERE NOT agrees),
        'a_reprendre', (SELECT count(*) FROM readings WHERE NOT agrees AND settled_at IS NULL),
        'avant', (SELECT count(*) FROM consultation_earlier(of_version) e
            JOIN consultation_texteversion w ON w.id = e.version_id AND w.figures -> 'origines' <> '{}'),
        'tirages', coalesce((SELECT jsonb_agg(jsonb_build_object(
            'graine', seed, 'parmi', pool, 'tirees', size, 'le', drawn_at) ORDER BY id) FROM samples), '[]')
    )
$$;
"""

BACKWARD = """
CREATE OR REPLACE FUNCTION consultation_texte_figures(of_version bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$
    WITH samples AS (
        SELECT e.* FROM consultation_texteversion v
        JOIN consultation_texteversion w ON w.texte_id = v.texte_id AND w.number <= v.number
        JOIN consultation_echantillon e ON e.version_id = w.id WHERE v.id = of_version
    ), readings AS (
        SELECT r.agrees FROM samples JOIN consultation_relecture r ON r.echantillon_id = samples.id
    )
    SELECT consultation_texte_counts(of_version) || jsonb_build_object(
        'tirees', (SELECT count(*) FROM readings),
        'relues', (SELECT count(*) FROM readings WHERE agrees IS NOT NULL),
        'desaccords', (SELECT count(*) FROM readings WHERE NOT agrees),
        'tirages', coalesce((SELECT jsonb_agg(jsonb_build_object(
            'graine', seed, 'parmi', pool, 'tirees', size, 'le', drawn_at) ORDER BY id) FROM samples), '[]')
    )
$$;
CREATE OR REPLACE FUNCTION consultation_relecture_holds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_version bigint;
    of_texte bigint;
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT FROM consultation_texte WHERE id = OLD.texte_id AND current_id IS NOT NULL) THEN
            PERFORM consultation_texte_refused('Une relecture reste.', 'relecture_stays');
        END IF;
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND (NEW.echantillon_id, NEW.texte_id, NEW.contribution_id, NEW.rank)
        IS DISTINCT FROM (OLD.echantillon_id, OLD.texte_id, OLD.contribution_id, OLD.rank) THEN
        PERFORM consultation_texte_refused('Ce qui a été tiré au sort reste tel quel.', 'echantillon_stays');
    END IF;
    IF TG_OP = 'UPDATE' AND (NEW.agrees, NEW.reason, NEW.by_id, NEW.read_at)
        IS NOT DISTINCT FROM (OLD.agrees, OLD.reason, OLD.by_id, OLD.read_at) THEN
        RETURN NEW;  -- what the rédacteurs did of a disagreement may come after
    END IF;
    SELECT v.id, v.texte_id INTO of_version, of_texte FROM consultation_echantillon e
        JOIN consultation_texteversion v ON v.id = e.version_id WHERE e.id = NEW.echantillon_id;
    IF NEW.texte_id IS DISTINCT FROM of_texte THEN
        PERFORM consultation_texte_refused('Une relecture est du texte de son échantillon.', 'relecture_of_its_texte');
    END IF;
    PERFORM consultation_refuse_published(of_version, 'relecture_stays');
    IF NEW.by_id IS NOT NULL AND consultation_wrote_of(of_version, NEW.contribution_id, NEW.by_id) THEN
        PERFORM consultation_texte_refused(
            'On ne relit pas ce qu’on a écrit soi-même.', 'relecture_by_another');
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER relecture_settled_stays ON consultation_relecture;
DROP FUNCTION consultation_relecture_settled_stays();
DROP TRIGGER texte_version_settled ON consultation_texteversion;
DROP FUNCTION consultation_texte_version_settled();
DROP FUNCTION consultation_unsettled(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("consultation", "0030_lifted_and_rejected")]

    operations = [
        migrations.AddField(
            model_name="passage",
            name="submission_key",
            field=models.UUIDField(editable=False, null=True, unique=True),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
