"""Those set aside are counted without reading the others."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("consultation", "0012_news")]

    operations = [
        migrations.AddIndex(
            model_name="contribution",
            index=models.Index(
                fields=["demarche", "state"],
                name="contribution_set_aside",
                condition=Q(state__in=["refusee", "retiree"]),
            ),
        ),
    ]
