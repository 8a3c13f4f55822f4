"""What becomes of what one wrote may be told at a rhythm, or not at all; news have a rhythm of their own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comptes", "0003_rhythm"),
    ]

    operations = [
        migrations.AlterField(
            model_name="personne",
            name="rhythm",
            field=models.CharField(
                choices=[
                    ("aussitot", "à chaque nouvelle"),
                    ("jour", "en un résumé, chaque matin"),
                    ("semaine", "en un résumé, le lundi matin"),
                    ("jamais", "pas du tout"),
                ],
                db_default="aussitot",
                default="aussitot",
                max_length=8,
                verbose_name="apprend ce que devient ce qu’elle a écrit",
            ),
        ),
    ]
