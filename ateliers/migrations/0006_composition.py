"""A draw is announced before its seed is known, and stays; who came into a group and who left, by whom.

`tirage_stays`: once announced, a draw only ever receives its seed, once; it is never deleted.
`tirage_follows_rule`: what is drawn is what the seed and the published rule give, whoever writes the row.
`candidature_keeps_number`: a number is its person's for good; else two of them could be exchanged after the draw.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION ateliers_tirage_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'Le tirage % a été annoncé : il ne se supprime pas.', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tirage_stays';
    END IF;
    IF OLD.drawn_at IS NOT NULL OR NEW.drawn_at IS NULL OR
        (NEW.id, NEW.atelier_id, NEW.seed_source, NEW.rule, NEW.pool, NEW.by_college, NEW.by_id, NEW.announced_at)
        IS DISTINCT FROM
        (OLD.id, OLD.atelier_id, OLD.seed_source, OLD.rule, OLD.pool, OLD.by_college, OLD.by_id, OLD.announced_at)
    THEN
        RAISE EXCEPTION 'Le tirage % ne change plus : il reçoit sa graine, une fois.', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tirage_stays';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER tirage_stays BEFORE UPDATE OR DELETE ON ateliers_tirage
    FOR EACH ROW EXECUTE FUNCTION ateliers_tirage_stays();

CREATE FUNCTION ateliers_tirage_follows_rule() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.drawn IS DISTINCT FROM (
        SELECT coalesce(jsonb_agg(jsonb_build_object('lot', lot -> 'lot', 'numeros', (
            -- Bytes sort as their hexadecimal does, whatever the collation.
            SELECT coalesce(jsonb_agg(number ORDER BY mark), '[]') FROM (
                SELECT number, sha256(convert_to(NEW.seed || ':' || (number #>> '{}'), 'UTF8')) AS mark
                FROM jsonb_array_elements(lot -> 'numeros') AS number
                ORDER BY mark LIMIT (lot ->> 'places')::integer
            ) AS first
        )) ORDER BY place), '[]')
        FROM jsonb_array_elements(NEW.pool) WITH ORDINALITY AS lots (lot, place)
    ) THEN
        RAISE EXCEPTION 'Ces numéros ne sont pas ceux que donnent la graine et la règle.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tirage_follows_rule';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER tirage_follows_rule BEFORE INSERT OR UPDATE ON ateliers_tirage
    FOR EACH ROW WHEN (NEW.drawn_at IS NOT NULL) EXECUTE FUNCTION ateliers_tirage_follows_rule();

CREATE FUNCTION ateliers_candidature_keeps_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Le numéro % est celui de sa candidature, pour toujours.', OLD.number
        USING ERRCODE = 'check_violation', CONSTRAINT = 'candidature_keeps_number';
END $$;

CREATE TRIGGER candidature_keeps_number BEFORE UPDATE ON ateliers_candidature
    FOR EACH ROW WHEN (
        (NEW.number, NEW.atelier_id, NEW.personne_id) IS DISTINCT FROM (OLD.number, OLD.atelier_id, OLD.personne_id)
    ) EXECUTE FUNCTION ateliers_candidature_keeps_number();
"""

BACKWARD = """
DROP TRIGGER candidature_keeps_number ON ateliers_candidature;
DROP FUNCTION ateliers_candidature_keeps_number();
DROP TRIGGER tirage_follows_rule ON ateliers_tirage;
DROP FUNCTION ateliers_tirage_follows_rule();
DROP TRIGGER tirage_stays ON ateliers_tirage;
DROP FUNCTION ateliers_tirage_stays();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("ateliers", "0005_productions_hold"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MembreEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("entree", "entrée dans le groupe"),
                            ("depart", "départ du groupe"),
                            ("retour", "retour dans le groupe"),
                        ],
                        max_length=8,
                        verbose_name="quoi",
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="le")),
            ],
            options={
                "verbose_name": "mouvement d’un groupe",
                "verbose_name_plural": "mouvements d’un groupe",
                "ordering": ["at", "pk"],
            },
        ),
        migrations.AlterModelOptions(
            name="tirage",
            options={
                "ordering": ["announced_at", "pk"],
                "verbose_name": "tirage au sort",
                "verbose_name_plural": "tirages au sort",
            },
        ),
        migrations.AddField(
            model_name="tirage",
            name="announced_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="annoncé le"),
        ),
        migrations.AddField(
            model_name="tirage",
            name="seed_source",
            field=models.CharField(
                default="",
                help_text="Publié avec l’annonce, avant que la graine soit connue.",
                max_length=300,
                verbose_name="d’où vient la graine",
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="tirage",
            name="by_college",
            field=models.JSONField(default=dict, help_text="Jamais publié.", verbose_name="le lot de chaque collège"),
        ),
        migrations.AlterField(
            model_name="tirage",
            name="drawn",
            field=models.JSONField(default=list, verbose_name="numéros tirés, par lot et dans l’ordre"),
        ),
        migrations.AlterField(
            model_name="tirage",
            name="drawn_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="tiré le"),
        ),
        migrations.AlterField(
            model_name="tirage",
            name="pool",
            field=models.JSONField(default=list, verbose_name="numéros en lice, par lot"),
        ),
        migrations.AlterField(
            model_name="tirage",
            name="seed",
            field=models.CharField(
                blank=True, help_text="Publiée : le tirage peut être refait.", max_length=80, verbose_name="graine"
            ),
        ),
        migrations.AddConstraint(
            model_name="tirage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("drawn", []), ("drawn_at__isnull", True), ("seed", "")),
                    models.Q(("drawn_at__isnull", False), models.Q(("seed", ""), _negated=True)),
                    _connector="OR",
                ),
                name="tirage_drawn_with_its_seed",
                violation_error_message="Un tirage fait a sa graine ; un tirage annoncé n’en a pas encore.",
            ),
        ),
        migrations.AddConstraint(
            model_name="tirage",
            constraint=models.UniqueConstraint(
                condition=models.Q(("drawn_at__isnull", True)),
                fields=("atelier",),
                name="tirage_one_announced",
                violation_error_message="Un tirage annoncé attend encore sa graine.",
            ),
        ),
        migrations.AddField(
            model_name="membreevent",
            name="by",
            field=models.ForeignKey(
                blank=True,
                help_text="Vide : la personne elle-même.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="par",
            ),
        ),
        migrations.AddField(
            model_name="membreevent",
            name="membre",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="events",
                to="ateliers.membre",
                verbose_name="membre",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
