"""How many people a group is, and the list of what was never confirmed."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("consultation", "0008_cadre_whole")]

    operations = [
        migrations.AddConstraint(
            model_name="contribution",
            constraint=models.CheckConstraint(
                condition=Q(people_count__isnull=True) | Q(speaks_as="groupe", people_count__gte=2),
                name="contribution_people_of_group",
                violation_error_message="Le nombre de personnes est celui d’un groupe, de deux au moins.",
            ),
        ),
        migrations.AddIndex(
            model_name="contribution",
            index=models.Index(
                fields=["submitted_at", "id"], name="contribution_unconfirmed", condition=Q(state="a_confirmer")
            ),
        ),
    ]
