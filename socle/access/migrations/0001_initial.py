"""The traces, and the trigger that makes them so (no model shows it).

`access_stays`: a trace is never rewritten; what was looked at or taken is deleted once it is a year old, nothing before,
and what was done of a role never. `access_stays_whole`: the table is not emptied.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION access_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.act IN ('vue', 'export') AND OLD.at < now() - interval '365 days' THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'Une trace d’accès ne s’efface pas avant un an, et celle d’un rôle jamais.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'access_stays';
    END IF;
    RAISE EXCEPTION 'Une trace d’accès ne se récrit pas.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'access_stays';
END $$;

CREATE TRIGGER access_stays BEFORE UPDATE OR DELETE ON access_trace
    FOR EACH ROW EXECUTE FUNCTION access_stays();
CREATE TRIGGER access_stays_whole BEFORE TRUNCATE ON access_trace
    FOR EACH STATEMENT EXECUTE FUNCTION access_stays();
"""

BACKWARD = """
DROP TRIGGER access_stays ON access_trace;
DROP TRIGGER access_stays_whole ON access_trace;
DROP FUNCTION access_stays();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Trace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="le"
                    ),
                ),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("vue", "liste regardée"),
                            ("export", "liste emportée"),
                            ("role_donne", "rôle donné"),
                            ("role_change", "rôle changé"),
                            ("role_fini", "rôle fini"),
                        ],
                        max_length=12,
                        verbose_name="acte",
                    ),
                ),
                ("what", models.CharField(max_length=120, verbose_name="liste ou rôle")),
                ("scope", models.CharField(blank=True, max_length=40, verbose_name="étendue")),
                ("subject", models.CharField(blank=True, max_length=40, verbose_name="objet")),
                ("rows", models.PositiveIntegerField(null=True, verbose_name="lignes")),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="par",
                    ),
                ),
                (
                    "whom",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="à",
                    ),
                ),
            ],
            options={
                "verbose_name": "trace d’accès",
                "verbose_name_plural": "traces d’accès",
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(fields=["by", "what", "at"], name="access_again"),
                    models.Index(fields=["scope", "id"], name="access_scope"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("act__in", ("vue", "export")), ("rows__isnull", False), ("whom__isnull", True)),
                            models.Q(
                                models.Q(("act__in", ("vue", "export")), _negated=True),
                                ("rows__isnull", True),
                                ("whom__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="access_of_rows_or_of_somebody",
                        violation_error_message="Une trace dit combien de lignes, ou à qui le rôle.",
                    )
                ],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
