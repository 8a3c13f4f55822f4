"""`manage.py reindex_search`: after a major upgrade of PostgreSQL, whose French stemmer may have changed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from consultation.models import Contribution

BATCH = 5000
# A generated column is computed again when a column that it depends on is written.
COMPUTE = "UPDATE consultation_contribution SET title = title WHERE id BETWEEN %s AND %s"


class Command(BaseCommand):
    help = "Recalcule les mots de chaque contribution et refait leur index, sans arrêter le portail."

    def handle(self, *args: Any, **options: Any) -> None:
        ends = Contribution.objects.order_by("pk").values_list("pk", flat=True)
        first, last = ends.first(), ends.last()
        with connection.cursor() as cursor:
            # By short transactions, so that moderators wait for no more than one of them.
            for start in range(first or 0, (last or -1) + 1, BATCH):
                cursor.execute(COMPUTE, [start, start + BATCH - 1])
            cursor.execute("REINDEX INDEX CONCURRENTLY contribution_search")
            cursor.execute("SELECT consultation_find_copies()")  # other lexemes make other copies
            cursor.execute("VACUUM (ANALYZE) consultation_contribution")
        self.stdout.write(f"{Contribution.objects.count()} contributions : la recherche est à jour.")
