"""The tables of the register, and the triggers that make it one (no model shows them).

`registre_guard`: before its seal a row may only receive it, after it nothing; nothing is ever deleted.
A seal is the next number and follows the seal of the number before: no gap, no fork, whoever writes.
`registre_guard_truncate`: the table is not emptied either.
"""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION registre_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    seal_columns constant text[] := ARRAY['number', 'previous_hash', 'hash'];
BEGIN
    IF TG_OP IN ('DELETE', 'TRUNCATE') THEN
        RAISE EXCEPTION 'Rien ne s’efface du registre public.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'registre_guard';
    ELSIF TG_OP = 'INSERT' THEN
        RAISE EXCEPTION 'Une entrée du registre public n’est scellée qu’après avoir été inscrite.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'registre_guard';
    ELSIF OLD.number IS NOT NULL THEN
        RAISE EXCEPTION 'L’entrée % du registre public est scellée : elle ne change plus.', OLD.number
            USING ERRCODE = 'check_violation', CONSTRAINT = 'registre_guard';
    ELSIF to_jsonb(NEW) - seal_columns IS DISTINCT FROM to_jsonb(OLD) - seal_columns THEN
        RAISE EXCEPTION 'Une entrée du registre public ne change pas : elle attend seulement son sceau.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'registre_guard';
    ELSIF NEW.number = 1 AND NEW.previous_hash = repeat('0', 64) THEN
        RETURN NEW;
    ELSIF NEW.number > 1 AND NEW.previous_hash = (SELECT hash FROM registre_entree WHERE number = NEW.number - 1) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'Le sceau % ne suit pas le dernier sceau du registre public.', NEW.number
        USING ERRCODE = 'check_violation', CONSTRAINT = 'registre_guard';
END $$;

CREATE TRIGGER registre_guard BEFORE UPDATE OR DELETE ON registre_entree
    FOR EACH ROW EXECUTE FUNCTION registre_guard();
CREATE TRIGGER registre_guard_insert BEFORE INSERT ON registre_entree
    FOR EACH ROW WHEN (NEW.number IS NOT NULL) EXECUTE FUNCTION registre_guard();
CREATE TRIGGER registre_guard_truncate BEFORE TRUNCATE ON registre_entree
    FOR EACH STATEMENT EXECUTE FUNCTION registre_guard();
"""

BACKWARD = """
DROP TRIGGER registre_guard ON registre_entree;
DROP TRIGGER registre_guard_insert ON registre_entree;
DROP TRIGGER registre_guard_truncate ON registre_entree;
DROP FUNCTION registre_guard();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Entree",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "recorded_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="inscrite le"),
                ),
                ("kind", models.CharField(max_length=40, verbose_name="acte")),
                ("subject", models.CharField(max_length=110, verbose_name="objet")),
                ("role", models.CharField(max_length=40, verbose_name="agissant comme")),
                ("facts", models.JSONField(blank=True, default=dict, verbose_name="faits")),
                ("fingerprint", models.CharField(blank=True, max_length=64, verbose_name="empreinte du texte")),
                ("demarche", models.CharField(blank=True, max_length=80, verbose_name="démarche")),
                ("number", models.PositiveBigIntegerField(blank=True, null=True, unique=True, verbose_name="numéro")),
                ("previous_hash", models.CharField(blank=True, max_length=64, verbose_name="sceau précédent")),
                ("hash", models.CharField(blank=True, max_length=64, verbose_name="sceau")),
            ],
            options={
                "verbose_name": "entrée du registre",
                "verbose_name_plural": "registre public",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="EntreeKey",
            fields=[
                (
                    "entree",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="key",
                        serialize=False,
                        to="registre.entree",
                        verbose_name="entrée",
                    ),
                ),
                ("secret", models.BinaryField(max_length=32, verbose_name="clé")),
            ],
            options={
                "verbose_name": "clé d’empreinte",
                "verbose_name_plural": "clés d’empreinte",
            },
        ),
        migrations.AddIndex(
            model_name="entree",
            index=models.Index(condition=models.Q(("number__isnull", True)), fields=["id"], name="registre_to_seal"),
        ),
        migrations.AddIndex(
            model_name="entree",
            index=models.Index(fields=["subject"], name="registre_subject"),
        ),
        migrations.AddIndex(
            model_name="entree",
            index=models.Index(fields=["kind", "number"], name="registre_kind"),
        ),
        migrations.AddIndex(
            model_name="entree",
            index=models.Index(fields=["demarche", "number"], name="registre_demarche"),
        ),
        migrations.AddConstraint(
            model_name="entree",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("hash", ""), ("number__isnull", True), ("previous_hash", "")),
                    models.Q(
                        ("hash__regex", "^[0-9a-f]{64}$"),
                        ("number__gte", 1),
                        ("previous_hash__regex", "^[0-9a-f]{64}$"),
                    ),
                    _connector="OR",
                ),
                name="registre_sealed_whole",
                violation_error_message="Une entrée scellée a son numéro, son sceau et le sceau précédent.",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
