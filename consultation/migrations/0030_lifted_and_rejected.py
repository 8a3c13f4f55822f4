"""A période de réserve is lifted, not deleted; and no passage of a rejected report is said adopted
(`adoption_rejected_whole`)."""

import django.utils.timezone
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION consultation_adoption_rejected_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM consultation_article WHERE adoption_id = NEW.id) THEN
        PERFORM consultation_texte_refused(
            'Des orientations de ce rapport sont dites adoptées : il ne peut pas être rejeté.', 'adoption_rejected_whole');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER adoption_rejected_whole BEFORE UPDATE OF adopted ON consultation_adoption FOR EACH ROW
    WHEN (NEW.adopted IS NOT TRUE) EXECUTE FUNCTION consultation_adoption_rejected_whole();
"""

BACKWARD = """
DROP TRIGGER adoption_rejected_whole ON consultation_adoption;
DROP FUNCTION consultation_adoption_rejected_whole();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("consultation", "0029_additional_articles"),
    ]

    operations = [
        migrations.AddField(
            model_name="reserve",
            name="lifted_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="levée le"),
        ),
        migrations.AddField(
            model_name="reserve",
            name="set_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="fixée le"),
        ),
        # Those that were set before hold from their first day.
        migrations.RunSQL(
            "UPDATE consultation_reserve SET set_at = starts_on::timestamp AT TIME ZONE 'Europe/Paris'",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
