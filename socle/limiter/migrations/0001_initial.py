from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Hit",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "key", "ends_at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.CharField(max_length=64, verbose_name="empreinte")),
                ("ends_at", models.DateTimeField(db_index=True, verbose_name="fin de la fenêtre")),
                ("count", models.PositiveIntegerField(verbose_name="usages")),
            ],
            options={
                "verbose_name": "compteur d’usage",
                "verbose_name_plural": "compteurs d’usage",
            },
        ),
    ]
