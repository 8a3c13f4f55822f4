"""Public records go under a visa alone.

`visa_stays`: none is deleted; once signed, it only receives what was destroyed, once.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION privacy_visa_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.signed_on IS NULL
        AND (NEW.id, NEW.record, NEW.subject, NEW.what, NEW.rows, NEW.proposed_by_id, NEW.proposed_at)
        IS NOT DISTINCT FROM (OLD.id, OLD.record, OLD.subject, OLD.what, OLD.rows, OLD.proposed_by_id, OLD.proposed_at)
    THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.destroyed_at IS NULL AND NEW.destroyed_at IS NOT NULL
        AND to_jsonb(NEW) - 'destroyed_at' - 'destroyed_rows' = to_jsonb(OLD) - 'destroyed_at' - 'destroyed_rows'
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Le visa % reste tel quel.', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'visa_stays';
END $$;

CREATE TRIGGER visa_stays BEFORE UPDATE OR DELETE ON privacy_visa
    FOR EACH ROW EXECUTE FUNCTION privacy_visa_stays();
"""

BACKWARD = """
DROP TRIGGER visa_stays ON privacy_visa;
DROP FUNCTION privacy_visa_stays();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Visa",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record", models.CharField(editable=False, max_length=40, verbose_name="sorte de documents")),
                ("subject", models.CharField(editable=False, max_length=120, verbose_name="de quoi")),
                ("what", models.CharField(editable=False, max_length=300, verbose_name="ce qui serait détruit")),
                ("rows", models.PositiveIntegerField(editable=False, verbose_name="combien")),
                (
                    "proposed_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="proposé le"),
                ),
                ("reference", models.CharField(blank=True, max_length=80, verbose_name="référence du visa")),
                (
                    "signed_by",
                    models.CharField(
                        blank=True,
                        help_text="Le nom et la qualité de qui a visé, du service d’archives.",
                        max_length=160,
                        verbose_name="signé par",
                    ),
                ),
                ("signed_on", models.DateField(blank=True, null=True, verbose_name="visé le")),
                (
                    "destroyed_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="détruit le"),
                ),
                (
                    "destroyed_rows",
                    models.PositiveIntegerField(blank=True, editable=False, null=True, verbose_name="lignes détruites"),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="proposé par",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="enregistré par",
                    ),
                ),
            ],
            options={
                "verbose_name": "visa d’élimination",
                "verbose_name_plural": "visas d’élimination",
                "ordering": ["-proposed_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("recorded_by__isnull", True),
                                ("reference", ""),
                                ("signed_by", ""),
                                ("signed_on__isnull", True),
                            ),
                            models.Q(
                                ("recorded_by__isnull", False),
                                ("signed_on__isnull", False),
                                models.Q(("reference", ""), _negated=True),
                                models.Q(("signed_by", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="visa_signed_whole",
                        violation_error_message="Un visa signé a sa référence, qui l’a signé, et le jour.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("destroyed_at__isnull", True), ("destroyed_rows__isnull", True)),
                            models.Q(
                                ("destroyed_at__isnull", False),
                                ("destroyed_rows__isnull", False),
                                ("signed_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="visa_destroyed_once_signed",
                        violation_error_message="Rien ne se détruit avant le visa.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("destroyed_at__isnull", True)),
                        fields=("record", "subject"),
                        name="visa_one_open",
                        violation_error_message="Un visa est déjà demandé pour ces documents.",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
