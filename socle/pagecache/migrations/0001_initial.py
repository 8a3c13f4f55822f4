from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Generation",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("number", models.PositiveBigIntegerField(default=1, verbose_name="numéro")),
            ],
            options={
                "verbose_name": "génération des pages publiques",
                "verbose_name_plural": "génération des pages publiques",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="generation_is_one_row")],
            },
        ),
        migrations.RunSQL(
            "INSERT INTO pagecache_generation (id, number) VALUES (1, 1)",
            migrations.RunSQL.noop,
        ),
    ]
