"""The droit de regard of each group: its members are told of it group by group, and object while they are of it.

`objection_of_its_group`: as in 0003, and whoever left the group objects to nothing any more in its name. The row of the
member is held: who leaves at that moment comes after, or before. What they said before they left stays.
"""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

CHECK = """
CREATE OR REPLACE FUNCTION forums_objection_of_its_group() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {hold}IF NOT EXISTS (
        SELECT FROM consultation_contribution c
        JOIN ateliers_production p ON p.contribution_id = c.parent_id
        JOIN ateliers_seance s ON s.rencontre_id = p.seance_id
        JOIN ateliers_membre m ON m.id = NEW.membre_id AND m.atelier_id = s.atelier_id{present}
        JOIN forums_droitderegard d ON d.forum_id = NEW.droit_id
        JOIN consultation_rencontre r ON r.id = d.forum_id AND r.demarche_id = c.demarche_id
        WHERE c.id = NEW.contribution_id AND c.submitted_at >= d.opened_at AND c.submitted_at < d.closes_at
            AND (NEW.passage_id IS NULL OR EXISTS (
                SELECT FROM consultation_passage WHERE id = NEW.passage_id AND version_id = d.version_id
            ))
    ) THEN
        RAISE EXCEPTION 'L’objection % est d’un membre du groupe, sur une de ses productions, dans le délai.',
            NEW.contribution_id USING ERRCODE = 'check_violation', CONSTRAINT = 'objection_of_its_group';
    END IF;
    RETURN NEW;
END $$;
"""
HOLD = "PERFORM FROM ateliers_membre WHERE id = NEW.membre_id FOR SHARE;\n    "
FORWARD = CHECK.format(hold=HOLD, present=" AND m.left_at IS NULL")
BACKWARD = CHECK.format(hold="", present="")


class Migration(migrations.Migration):
    dependencies = [
        ("ateliers", "0007_leaving"),
        ("forums", "0003_forum_holds"),
    ]

    operations = [
        migrations.CreateModel(
            name="AnnonceRegard",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("closes_at", models.DateTimeField(verbose_name="jusqu’au")),
                ("told_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="prévenu le")),
                (
                    "droit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="annonces",
                        to="forums.droitderegard",
                        verbose_name="droit de regard",
                    ),
                ),
                (
                    "membre",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="ateliers.membre",
                        verbose_name="membre",
                    ),
                ),
            ],
            options={
                "verbose_name": "annonce du droit de regard",
                "verbose_name_plural": "annonces du droit de regard",
                "ordering": ["droit", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("droit", "membre", "closes_at"),
                        name="annonce_regard_once",
                        violation_error_message="Ce membre a déjà été prévenu.",
                    )
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
