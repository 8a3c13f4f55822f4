"""A second reader of a sample; and the copies of a contribution, found by an index.

`consultation_wrote_of`: whether somebody cited or answered a contribution in a version: they are not its second reader.
`relecture_holds`: a reading is of its own sample, by another, while the version is written; `echantillon_holds`: what
was drawn stays as it was drawn. What happened is not taken away once the texte has appeared.
`consultation_texte_figures`: the same numbers as before (`consultation_texte_counts`), and those of the readings, up to
this version: kept with it as it is published.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

FORWARD = """
CREATE INDEX contribution_likeness ON consultation_contribution
    (demarche_id, hash_array_extended(tsvector_to_array(search), 0), id) WHERE state = 'publiee' AND parent_id IS NULL;

CREATE FUNCTION consultation_wrote_of(of_version bigint, of_contribution bigint, by_user bigint) RETURNS boolean
    LANGUAGE sql STABLE AS $$
    WITH RECURSIVE up(id) AS (
        SELECT of_contribution
        UNION
        SELECT ci.citing_id FROM up
        JOIN consultation_citation ci ON ci.cited_id = up.id
        JOIN consultation_contribution c ON c.id = ci.citing_id AND c.state = 'publiee'
    )
    SELECT EXISTS (
        SELECT FROM up JOIN consultation_citation ci ON ci.cited_id = up.id AND ci.by_id = by_user
        JOIN consultation_passage p ON p.id = ci.citing_passage_id AND p.version_id = of_version
    ) OR EXISTS (
        SELECT FROM consultation_texteversion v
        JOIN consultation_reponse r ON r.texte_id = v.texte_id AND r.contribution_id = of_contribution
            AND r.by_id = by_user AND r.since <= v.number AND (r.until IS NULL OR r.until > v.number)
        WHERE v.id = of_version
    )
$$;

CREATE FUNCTION consultation_echantillon_holds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        PERFORM consultation_texte_refused('Ce qui a été tiré au sort reste tel quel.', 'echantillon_stays');
    END IF;
    IF TG_OP = 'INSERT' THEN
        PERFORM consultation_refuse_published(NEW.version_id, 'echantillon_stays');
        RETURN NEW;
    END IF;
    IF EXISTS (SELECT FROM consultation_texteversion v JOIN consultation_texte t ON t.id = v.texte_id
        WHERE v.id = OLD.version_id AND t.current_id IS NOT NULL) THEN
        PERFORM consultation_texte_refused('Ce qui a été tiré au sort reste tel quel.', 'echantillon_stays');
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER echantillon_holds BEFORE INSERT OR UPDATE OR DELETE ON consultation_echantillon
    FOR EACH ROW EXECUTE FUNCTION consultation_echantillon_holds();

CREATE FUNCTION consultation_relecture_holds() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER relecture_holds BEFORE INSERT OR UPDATE OR DELETE ON consultation_relecture
    FOR EACH ROW EXECUTE FUNCTION consultation_relecture_holds();

ALTER FUNCTION consultation_texte_figures(bigint) RENAME TO consultation_texte_counts;
CREATE FUNCTION consultation_texte_figures(of_version bigint) RETURNS jsonb LANGUAGE sql STABLE AS $$
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
"""

BACKWARD = """
DROP FUNCTION consultation_texte_figures(bigint);
ALTER FUNCTION consultation_texte_counts(bigint) RENAME TO consultation_texte_figures;
DROP TRIGGER relecture_holds ON consultation_relecture;
DROP FUNCTION consultation_relecture_holds();
DROP TRIGGER echantillon_holds ON consultation_echantillon;
DROP FUNCTION consultation_echantillon_holds();
DROP FUNCTION consultation_wrote_of(bigint, bigint, bigint);
DROP INDEX contribution_likeness;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("consultation", "0025_images_and_rhythms"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Echantillon",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seed", models.CharField(editable=False, max_length=64, verbose_name="graine")),
                ("pool", models.PositiveIntegerField(editable=False, verbose_name="tirées parmi")),
                ("size", models.PositiveIntegerField(verbose_name="tirées")),
                (
                    "drawn_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="tirées le"),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="par",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="echantillons",
                        to="consultation.texteversion",
                        verbose_name="version",
                    ),
                ),
            ],
            options={
                "verbose_name": "échantillon à relire",
                "verbose_name_plural": "échantillons à relire",
                "ordering": ["version", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Relecture",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rank", models.PositiveIntegerField(verbose_name="rang")),
                ("agrees", models.BooleanField(null=True, verbose_name="d’accord")),
                ("reason", models.TextField(blank=True, max_length=2000, verbose_name="pourquoi")),
                ("read_at", models.DateTimeField(null=True, verbose_name="relue le")),
                ("settlement", models.TextField(blank=True, max_length=2000, verbose_name="ce qui en est fait")),
                ("settled_at", models.DateTimeField(null=True, verbose_name="reprise le")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="relue par",
                    ),
                ),
                (
                    "contribution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="relectures",
                        to="consultation.contribution",
                        verbose_name="contribution",
                    ),
                ),
                (
                    "echantillon",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="relectures",
                        to="consultation.echantillon",
                        verbose_name="échantillon",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="reprise par",
                    ),
                ),
                (
                    "texte",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="relectures",
                        to="consultation.texte",
                        verbose_name="texte",
                    ),
                ),
            ],
            options={
                "verbose_name": "relecture",
                "ordering": ["echantillon", "rank"],
            },
        ),
        migrations.AddConstraint(
            model_name="echantillon",
            constraint=models.CheckConstraint(
                condition=models.Q(("size__gte", 1), ("size__lte", models.F("pool"))),
                name="echantillon_within_pool",
                violation_error_message="On tire au moins une contribution, et pas plus qu’il n’y en a.",
            ),
        ),
        migrations.AddConstraint(
            model_name="relecture",
            constraint=models.UniqueConstraint(
                fields=("texte", "contribution"),
                name="relecture_once",
                violation_error_message="Cette contribution est déjà tirée au sort dans ce texte.",
            ),
        ),
        migrations.AddConstraint(
            model_name="relecture",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("agrees__isnull", True), ("by__isnull", True), ("read_at__isnull", True)),
                    models.Q(("agrees__isnull", False), ("by__isnull", False), ("read_at__isnull", False)),
                    _connector="OR",
                ),
                name="relecture_by_someone",
                violation_error_message="Une relecture dit qui l’a faite, et quand.",
            ),
        ),
        migrations.AddConstraint(
            model_name="relecture",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("agrees__isnull", True), ("agrees", True), models.Q(("reason", ""), _negated=True), _connector="OR"
                ),
                name="relecture_says_why",
                violation_error_message="Dites pourquoi vous n’êtes pas d’accord : le rédacteur le lira.",
            ),
        ),
        migrations.AddConstraint(
            model_name="relecture",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("settled_at__isnull", True), ("settlement", "")),
                    models.Q(
                        ("agrees", False), ("settled_at__isnull", False), models.Q(("settlement", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="relecture_settled_in_words",
                violation_error_message="Dites ce que vous avez fait de ce désaccord.",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
