"""Authors are told of the productions that cite them, of the presentation of a report and of the avis on it.

`Citation.authors_told_at`: of a production. Those that are public already are told too: nobody was.
`adoption_holds`: as before (0028); that the authors were told of an act changes nothing of what was voted.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FORWARD = """
CREATE OR REPLACE FUNCTION consultation_adoption_holds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_demarche bigint;
    beside CONSTANT text[] := ARRAY['presentation_told_at', 'avis_told_at', 'authors_told_at', 'seance_id'];
BEGIN
    IF TG_OP <> 'INSERT' AND consultation_is_voted(OLD.id)
        AND (TG_OP = 'DELETE' OR to_jsonb(NEW) - beside IS DISTINCT FROM to_jsonb(OLD) - beside) THEN
        PERFORM consultation_texte_refused('La politique a paru : ce qui a été voté reste.', 'adoption_stays');
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    SELECT t.demarche_id INTO of_demarche FROM consultation_texteversion v JOIN consultation_texte t ON t.id = v.texte_id
        WHERE v.id = NEW.version_id AND t.id = NEW.texte_id AND t.kind = 'rapport' AND v.state <> 'brouillon';
    IF of_demarche IS NULL OR (TG_OP = 'UPDATE' AND NEW.version_id <> OLD.version_id AND EXISTS (
        SELECT FROM consultation_amendement WHERE adoption_id = NEW.id
        UNION ALL SELECT FROM consultation_article WHERE adoption_id = NEW.id)) THEN
        PERFORM consultation_texte_refused(
            'On présente une version publiée du rapport ; ses amendements et ses votes restent les siens.',
            'adoption_of_report');
    END IF;
    IF NEW.politique_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM consultation_texte WHERE id = NEW.politique_id AND kind = 'politique' AND demarche_id = of_demarche
    ) THEN
        PERFORM consultation_texte_refused('La politique est celle de la même démarche.', 'adoption_of_report');
    END IF;
    IF NEW.seance_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM consultation_rencontre WHERE id = NEW.seance_id AND demarche_id = of_demarche
    ) THEN
        PERFORM consultation_texte_refused('La séance commune est celle de la même démarche.', 'adoption_of_report');
    END IF;
    RETURN NEW;
END $$;

-- Whoever was told of the vote was told of what came before it.
UPDATE consultation_adoption SET presentation_told_at = authors_told_at, avis_told_at = authors_told_at
    WHERE authors_told_at IS NOT NULL;
"""

BACKWARD = """
CREATE OR REPLACE FUNCTION consultation_adoption_holds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    of_demarche bigint;
BEGIN
    IF TG_OP <> 'INSERT' AND consultation_is_voted(OLD.id)
        AND (TG_OP = 'DELETE' OR to_jsonb(NEW) - 'authors_told_at' - 'seance_id'
            IS DISTINCT FROM to_jsonb(OLD) - 'authors_told_at' - 'seance_id') THEN
        PERFORM consultation_texte_refused('La politique a paru : ce qui a été voté reste.', 'adoption_stays');
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    SELECT t.demarche_id INTO of_demarche FROM consultation_texteversion v JOIN consultation_texte t ON t.id = v.texte_id
        WHERE v.id = NEW.version_id AND t.id = NEW.texte_id AND t.kind = 'rapport' AND v.state <> 'brouillon';
    IF of_demarche IS NULL OR (TG_OP = 'UPDATE' AND NEW.version_id <> OLD.version_id AND EXISTS (
        SELECT FROM consultation_amendement WHERE adoption_id = NEW.id
        UNION ALL SELECT FROM consultation_article WHERE adoption_id = NEW.id)) THEN
        PERFORM consultation_texte_refused(
            'On présente une version publiée du rapport ; ses amendements et ses votes restent les siens.',
            'adoption_of_report');
    END IF;
    IF NEW.politique_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM consultation_texte WHERE id = NEW.politique_id AND kind = 'politique' AND demarche_id = of_demarche
    ) THEN
        PERFORM consultation_texte_refused('La politique est celle de la même démarche.', 'adoption_of_report');
    END IF;
    IF NEW.seance_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM consultation_rencontre WHERE id = NEW.seance_id AND demarche_id = of_demarche
    ) THEN
        PERFORM consultation_texte_refused('La séance commune est celle de la même démarche.', 'adoption_of_report');
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("consultation", "0032_repeated"),
        ("courriels", "0004_interrupted"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="annonce",
            name="annonce_once",
        ),
        migrations.RemoveConstraint(
            model_name="annonce",
            name="annonce_about_one",
        ),
        migrations.AddField(
            model_name="adoption",
            name="avis_told_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="auteurs prévenus de l’avis le"),
        ),
        migrations.AddField(
            model_name="adoption",
            name="presentation_told_at",
            field=models.DateTimeField(
                editable=False, null=True, verbose_name="auteurs prévenus de la présentation le"
            ),
        ),
        migrations.AddField(
            model_name="annonce",
            name="production",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="consultation.contribution",
                verbose_name="production",
            ),
        ),
        migrations.AddField(
            model_name="citation",
            name="authors_told_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="auteurs prévenus le"),
        ),
        migrations.AlterField(
            model_name="adoption",
            name="authors_told_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="auteurs prévenus du vote le"),
        ),
        migrations.AlterField(
            model_name="annonce",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("production", "reprise par une production"),
                    ("reprise", "reprise"),
                    ("reponse", "réponse donnée"),
                    ("presente", "présentation en séance commune"),
                    ("avis", "avis du CESER"),
                    ("vote", "délibération"),
                    ("suite", "suite donnée"),
                    ("archive", "démarche archivée"),
                ],
                max_length=10,
                verbose_name="ce qui en est fait",
            ),
        ),
        migrations.AddIndex(
            model_name="citation",
            index=models.Index(
                condition=models.Q(("authors_told_at__isnull", True), ("citing__isnull", False)),
                fields=["citing"],
                name="citation_to_tell",
            ),
        ),
        migrations.AddConstraint(
            model_name="annonce",
            constraint=models.UniqueConstraint(
                fields=("production", "texte", "change", "archivage", "contribution", "outcome"),
                name="annonce_once",
                nulls_distinct=False,
                violation_error_message="Cela a déjà été dit à son auteur.",
            ),
        ),
        migrations.AddConstraint(
            model_name="annonce",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("archivage__isnull", True),
                        ("change__isnull", True),
                        ("outcome__in", ["production"]),
                        ("production__isnull", False),
                        ("texte__isnull", True),
                    ),
                    models.Q(
                        ("archivage__isnull", True),
                        ("change__isnull", True),
                        ("outcome__in", ["reprise", "reponse", "presente", "avis", "vote"]),
                        ("production__isnull", True),
                        ("texte__isnull", False),
                    ),
                    models.Q(
                        ("archivage__isnull", True),
                        ("change__isnull", False),
                        ("outcome__in", ["suite"]),
                        ("production__isnull", True),
                        ("texte__isnull", True),
                    ),
                    models.Q(
                        ("archivage__isnull", False),
                        ("change__isnull", True),
                        ("outcome__in", ["archive"]),
                        ("production__isnull", True),
                        ("texte__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="annonce_about_one",
                violation_error_message="Une annonce dit une seule chose.",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
