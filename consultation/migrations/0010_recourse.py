"""The figures of the moderation, counted in the background.

`reexamen_of_its_decision`: what is contested was decided by the team against this very contribution.
"""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION consultation_reexamen_of_its_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM consultation_decision
        WHERE id = NEW.decision_id AND contribution_id = NEW.contribution_id
            AND to_state IN ('refusee', 'retiree') AND by_id IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'Un réexamen porte sur une décision de l’équipe contre cette contribution.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'reexamen_of_its_decision';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER reexamen_of_its_decision BEFORE INSERT OR UPDATE OF contribution_id, decision_id
    ON consultation_reexamen FOR EACH ROW EXECUTE FUNCTION consultation_reexamen_of_its_decision();
"""

BACKWARD = """
DROP TRIGGER reexamen_of_its_decision ON consultation_reexamen;
DROP FUNCTION consultation_reexamen_of_its_decision();
"""


class Migration(migrations.Migration):
    dependencies = [("consultation", "0009_groups_and_unconfirmed")]

    operations = [
        migrations.CreateModel(
            name="ModerationFigures",
            fields=[
                (
                    "demarche",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="moderation_figures",
                        serialize=False,
                        to="consultation.demarche",
                        verbose_name="démarche",
                    ),
                ),
                ("counted_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="comptés le")),
                ("figures", models.JSONField(default=dict, verbose_name="chiffres")),
            ],
            options={
                "verbose_name": "chiffres de la modération",
                "verbose_name_plural": "chiffres de la modération",
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
