"""How often a personne is told what they asked to be told."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comptes", "0002_accounts"),
    ]

    operations = [
        migrations.AddField(
            model_name="personne",
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
                verbose_name="reçoit les nouvelles",
            ),
        ),
    ]
