"""The answers to questions say when they were corrected; réactions and soutiens have their lists.

`contribution_origine_list` counts the public list: réactions, counted apart, leave it, so that it still answers alone.
"""

from django.db import migrations, models

ORIGINE = """
DROP INDEX contribution_origine_list;
CREATE INDEX contribution_origine_list ON consultation_contribution (demarche_id, origine, published_at DESC, id DESC)
    WHERE state = 'publiee'{}
"""


class Migration(migrations.Migration):
    dependencies = [("comptes", "0001_initial"), ("consultation", "0006_decisions")]

    operations = [
        migrations.CreateModel(
            name="Question",
            fields=[],
            options={"verbose_name": "question", "proxy": True, "indexes": [], "constraints": []},
            bases=("consultation.contribution",),
        ),
        migrations.AddField(
            model_name="serviceanswer",
            name="corrected_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="corrigée le"),
        ),
        migrations.AddIndex(
            model_name="contribution",
            index=models.Index(
                fields=["demarche", "-support_count", "-id"],
                name="contribution_supported_list",
                condition=models.Q(("parent__isnull", True), ("state", "publiee")),
            ),
        ),
        migrations.AddIndex(
            model_name="contribution",
            index=models.Index(
                fields=["demarche", "-published_at", "-id"],
                name="contribution_reaction_list",
                condition=models.Q(("parent__isnull", False), ("state", "publiee")),
            ),
        ),
        migrations.AddIndex(
            model_name="contribution",
            index=models.Index(
                fields=["parent", "stance", "-published_at", "-id"],
                name="contribution_reactions",
                condition=models.Q(("parent__isnull", False), ("state", "publiee")),
            ),
        ),
        migrations.RunSQL(ORIGINE.format(" AND parent_id IS NULL"), ORIGINE.format("")),
    ]
