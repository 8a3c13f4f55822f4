"""The sheets that are signed at the door, and what the door may never say falsely.

`feuille_stays`: a sheet has been printed, so that none of its numbers may come to stand for somebody else.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

FORWARD = """
CREATE FUNCTION consultation_feuille_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'La feuille % est imprimée : ses numéros ne changent plus.', OLD.rank
        USING ERRCODE = 'check_violation', CONSTRAINT = 'feuille_stays';
END $$;

CREATE TRIGGER feuille_stays BEFORE UPDATE ON consultation_feuille
    FOR EACH ROW EXECUTE FUNCTION consultation_feuille_stays();
"""

BACKWARD = """
DROP TRIGGER feuille_stays ON consultation_feuille;
DROP FUNCTION consultation_feuille_stays();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("comptes", "0001_initial"),
        ("consultation", "0018_after_rencontre"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Feuille",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rank", models.PositiveSmallIntegerField(verbose_name="feuille no")),
                ("holders", models.JSONField(verbose_name="ceux qui ont une place")),
                ("waiting", models.JSONField(default=list, verbose_name="ceux qui attendent")),
                ("printed_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="préparée le")),
            ],
            options={
                "verbose_name": "feuille d’émargement",
                "verbose_name_plural": "feuilles d’émargement",
                "ordering": ["rencontre", "rank"],
            },
        ),
        migrations.AddField(
            model_name="inscription",
            name="college",
            field=models.ForeignKey(
                blank=True,
                help_text="Dit à l’arrivée par qui vient sans inscription.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="consultation.college",
                verbose_name="collège",
            ),
        ),
        migrations.AddField(
            model_name="venue",
            name="erased_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="effacée le"),
        ),
        migrations.AddField(
            model_name="venue",
            name="erased_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="effacée par",
            ),
        ),
        migrations.AlterField(
            model_name="inscriptionevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("confirmee", "place confirmée"),
                    ("en_attente", "mise sur la liste d’attente"),
                    ("promue", "place reçue de la liste d’attente"),
                    ("non_proposee", "place non proposée"),
                    ("annulee", "annulée par la personne"),
                    ("retiree", "annulée par l’équipe"),
                    ("avertie", "avertie d’un changement"),
                    ("sur_place", "accueillie sur place"),
                    ("presente", "présente"),
                    ("non_presente", "présence effacée"),
                    ("image_refusee", "ne veut pas être photographiée"),
                    ("image_admise", "veut bien être photographiée"),
                ],
                max_length=16,
                verbose_name="quoi",
            ),
        ),
        migrations.AddConstraint(
            model_name="inscription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("attended_at__isnull", True), ("sur_place", False)),
                    ("state", "confirmee"),
                    _connector="OR",
                ),
                name="inscription_present_is_confirmed",
                violation_error_message="Une personne présente, ou venue sur place, est confirmée.",
            ),
        ),
        migrations.AddConstraint(
            model_name="venue",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("erased_at__isnull", True), ("erased_by__isnull", True)),
                    models.Q(("erased_at__isnull", False), ("erased_by__isnull", False)),
                    _connector="OR",
                ),
                name="venue_erased_by",
                violation_error_message="Une ligne effacée dit par qui.",
            ),
        ),
        migrations.AddField(
            model_name="feuille",
            name="printed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="préparée par",
            ),
        ),
        migrations.AddField(
            model_name="feuille",
            name="rencontre",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="feuilles",
                to="consultation.rencontre",
                verbose_name="rencontre",
            ),
        ),
        migrations.AddConstraint(
            model_name="feuille",
            constraint=models.UniqueConstraint(
                fields=("rencontre", "rank"),
                name="feuille_rank_once",
                violation_error_message="Cette feuille existe déjà.",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
