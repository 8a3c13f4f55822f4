from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("consultation", "0011_second_reading")]

    operations = [
        migrations.AddField(
            model_name="abonnement",
            name="end_reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("desinscription", "désinscription"),
                    ("adresse_refusee", "adresse refusée par son serveur"),
                ],
                max_length=16,
                verbose_name="raison de la fin",
            ),
        ),
        migrations.RunSQL(
            "UPDATE consultation_abonnement SET end_reason = 'desinscription' WHERE ended_at IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name="abonnement",
            constraint=models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end_reason="") | (Q(ended_at__isnull=False) & ~Q(end_reason="")),
                name="abonnement_end_has_reason",
                violation_error_message="Un abonnement terminé a une raison.",
            ),
        ),
    ]
