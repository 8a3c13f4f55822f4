"""No démarche is open without its whole frame, and a frame in force is replaced, never rewritten.

`demarche_open_has_cadre` looks when the transaction ends: a démarche that opens has, in force that day, a version of
its frame with every part that the reader is owed; no later change of the frame leaves an open démarche without one.
Only changes are looked at: what was open before these triggers stays as it was.
`cadre_in_force_stays`: once the day of a whole version has come, in a démarche that is public, its words and its date
stay. A programme whose dates are moved says so first (`participons.dates_move`); its frame goes along with the rest.
"""

from django.conf import settings
from django.db import migrations, models

TODAY = f"""
CREATE FUNCTION consultation_today() RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (now() AT TIME ZONE '{settings.TIME_ZONE}')::date
$$;
"""

FORWARD = """
CREATE FUNCTION consultation_cadre_is_whole(cadre consultation_cadre) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(bool_and(part ~ '[^[:space:]]'), false) FROM unnest(ARRAY[
        cadre.object, cadre.level, cadre.open_points, cadre.decision, cadre.use_of_contributions, cadre.charte,
        cadre.moderation_rules
    ]) AS part
$$;

CREATE FUNCTION consultation_check_frame(opened bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    in_force consultation_cadre;
BEGIN
    SELECT * INTO in_force FROM consultation_cadre
        WHERE demarche_id = opened AND published_on <= consultation_today() ORDER BY published_on DESC LIMIT 1;
    IF NOT coalesce(consultation_cadre_is_whole(in_force), false) THEN
        RAISE EXCEPTION 'Une démarche ouverte a un cadre entier, en vigueur.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'demarche_open_has_cadre';
    END IF;
END $$;

CREATE FUNCTION consultation_demarche_opens() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.state = NEW.state THEN
            RETURN NULL;
        END IF;
    END IF;
    IF EXISTS (SELECT FROM consultation_demarche WHERE id = NEW.id AND state = 'publiee') THEN
        PERFORM consultation_check_frame(NEW.id);
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER demarche_open_has_cadre AFTER INSERT OR UPDATE OF state ON consultation_demarche
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'publiee')
    EXECUTE FUNCTION consultation_demarche_opens();

CREATE FUNCTION consultation_cadre_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    concerned record;
BEGIN
    -- The lock makes whoever opens the démarche at the same moment wait, or be waited for.
    FOR concerned IN
        SELECT id, state FROM consultation_demarche WHERE id IN (OLD.demarche_id, NEW.demarche_id) ORDER BY id FOR SHARE
    LOOP
        IF TG_OP = 'DELETE' AND concerned.state <> 'brouillon' AND OLD.published_on <= consultation_today() THEN
            RAISE EXCEPTION 'Une version du cadre qui a été en vigueur reste lisible : elle ne se supprime pas.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'cadre_in_force_stays';
        END IF;
        CONTINUE WHEN concerned.state <> 'publiee';
        IF TG_OP <> 'DELETE' AND concerned.id = NEW.demarche_id AND EXISTS (
            SELECT FROM consultation_cadre c WHERE c.id = NEW.id AND NOT consultation_cadre_is_whole(c)
        ) THEN
            RAISE EXCEPTION 'Dans une démarche ouverte, chaque version du cadre est entière.'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'demarche_open_has_cadre';
        END IF;
        IF TG_OP <> 'INSERT' THEN
            PERFORM consultation_check_frame(concerned.id);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER cadre_leaves_open_framed AFTER INSERT OR UPDATE OR DELETE ON consultation_cadre
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION consultation_cadre_changed();

CREATE FUNCTION consultation_cadre_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_on > consultation_today() OR NOT consultation_cadre_is_whole(OLD)
        OR coalesce(current_setting('participons.dates_move', true), '') = 'on'
        OR NOT EXISTS (
            SELECT FROM (SELECT state FROM consultation_demarche WHERE id = OLD.demarche_id FOR SHARE) d
            WHERE d.state <> 'brouillon'
        )
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Une version du cadre en vigueur ne se corrige plus : écrivez la version suivante.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'cadre_in_force_stays';
END $$;

CREATE TRIGGER cadre_in_force_stays BEFORE UPDATE ON consultation_cadre
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION consultation_cadre_stays();
"""

BACKWARD = """
DROP TRIGGER cadre_in_force_stays ON consultation_cadre;
DROP FUNCTION consultation_cadre_stays();
DROP TRIGGER cadre_leaves_open_framed ON consultation_cadre;
DROP FUNCTION consultation_cadre_changed();
DROP TRIGGER demarche_open_has_cadre ON consultation_demarche;
DROP FUNCTION consultation_demarche_opens();
DROP FUNCTION consultation_check_frame(bigint);
DROP FUNCTION consultation_cadre_is_whole(consultation_cadre);
"""


class Migration(migrations.Migration):
    dependencies = [("consultation", "0007_answers")]

    operations = [
        migrations.AlterField(
            model_name="cadre",
            name="charte",
            field=models.TextField(
                blank=True,
                help_text="Ce que chacun s’engage à respecter, la collectivité comprise.",
                verbose_name="charte de participation",
            ),
        ),
        migrations.AlterField(
            model_name="cadre",
            name="closed_points",
            field=models.TextField(
                blank=True,
                help_text="Et pourquoi : la loi, une décision déjà prise, le budget.",
                verbose_name="ce qui n’est pas en discussion",
            ),
        ),
        migrations.AlterField(
            model_name="cadre",
            name="decision",
            field=models.TextField(
                blank=True,
                help_text="L’instance, la date, et ce qu’elle aura sous les yeux.",
                verbose_name="qui décide, et quand",
            ),
        ),
        migrations.AlterField(
            model_name="cadre",
            name="garant",
            field=models.TextField(
                blank=True, help_text="Qui veille au respect du cadre, et comment le joindre.", verbose_name="le garant"
            ),
        ),
        migrations.AlterField(
            model_name="cadre",
            name="level",
            field=models.CharField(
                blank=True,
                choices=[
                    ("information", "information"),
                    ("consultation", "consultation"),
                    ("concertation", "concertation"),
                    ("coconstruction", "coconstruction"),
                    ("codecision", "codécision"),
                ],
                help_text="Ce que pèse la parole de chacun dans la décision. La page publique l’explique.",
                max_length=16,
                verbose_name="niveau de participation",
            ),
        ),
        migrations.AlterField(
            model_name="cadre",
            name="moderation_rules",
            field=models.TextField(
                blank=True,
                help_text="Ce qui n’est pas publié, qui en décide, et comment demander un réexamen.",
                verbose_name="règles de modération",
            ),
        ),
        migrations.AlterField(
            model_name="cadre",
            name="object",
            field=models.TextField(
                help_text="Sur quoi l’on consulte, et pourquoi maintenant.", verbose_name="objet de la consultation"
            ),
        ),
        migrations.AlterField(
            model_name="cadre",
            name="open_points",
            field=models.TextField(
                blank=True,
                help_text="Un point par ligne, précédé d’un tiret.",
                verbose_name="ce qui est ouvert à la discussion",
            ),
        ),
        migrations.AlterField(
            model_name="cadre",
            name="published_on",
            field=models.DateField(
                help_text="Ce jour-là, cette version remplace la précédente, et ne se corrige plus.",
                verbose_name="en vigueur à partir du",
            ),
        ),
        migrations.AlterField(
            model_name="cadre",
            name="team",
            field=models.TextField(
                blank=True,
                help_text="Les services et les personnes qui conduisent la démarche.",
                verbose_name="l’équipe",
            ),
        ),
        migrations.AlterField(
            model_name="cadre",
            name="use_of_contributions",
            field=models.TextField(
                blank=True,
                help_text="Qui les lit, ce qui en est fait, quand et où la réponse est donnée.",
                verbose_name="ce que deviennent les contributions",
            ),
        ),
        migrations.RunSQL(TODAY, "DROP FUNCTION consultation_today();"),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
