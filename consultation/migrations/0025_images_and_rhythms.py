"""Consent to images, on the inscription; the rhythm of each abonnement, which was the person's."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comptes", "0003_rhythm"),
        ("consultation", "0024_textes_hold"),
    ]

    operations = [
        migrations.AddField(
            model_name="inscription",
            name="image_agreed_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="a accepté d’être photographiée le"
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
                    ("image_admise", "refus d’être photographiée ôté"),
                    ("image_accord", "accord donné pour son image"),
                    ("image_retrait", "accord retiré pour son image"),
                ],
                max_length=16,
                verbose_name="quoi",
            ),
        ),
        migrations.AddConstraint(
            model_name="inscription",
            constraint=models.CheckConstraint(
                condition=models.Q(("image_agreed_at__isnull", True), ("image_refused", False), _connector="OR"),
                name="inscription_image_agreed_or_refused",
                violation_error_message="Une personne ne peut pas à la fois accepter et refuser d’être photographiée.",
            ),
        ),
        migrations.AddField(
            model_name="abonnement",
            name="rhythm",
            field=models.CharField(
                choices=[
                    ("aussitot", "à chaque nouvelle"),
                    ("jour", "en un résumé, chaque matin"),
                    ("semaine", "en un résumé, le lundi matin"),
                ],
                db_default="aussitot",
                default="aussitot",
                max_length=8,
                verbose_name="reçues",
            ),
        ),
        # Each subject begins at the rhythm that its person had chosen for all of them.
        migrations.RunSQL(
            "UPDATE consultation_abonnement SET rhythm = comptes_personne.rhythm"
            " FROM comptes_personne WHERE comptes_personne.id = personne_id AND comptes_personne.rhythm <> 'aussitot'",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="abonnement",
            constraint=models.CheckConstraint(
                condition=models.Q(("rhythm", "jamais"), _negated=True),
                name="abonnement_is_told",
                violation_error_message="Ne plus rien recevoir d’un sujet, c’est y mettre fin.",
            ),
        ),
    ]
