"""The open file of a démarche: built when something was published since, by one process at a time."""

from __future__ import annotations

from pathlib import Path

from django.db import connection
from django.utils import timezone

from consultation.exporting import open_query, write
from consultation.models import Demarche
from socle.exports.files import complete_or_absent, storage
from socle.exports.formats import CSV
from socle.pagecache.models import Generation

LOCK_CLASS = 20110517  # the family of our advisory locks for open files


def open_file(demarche: Demarche) -> Path | None:
    """None while another process builds the first one."""
    # Read before the rows: what is published meanwhile makes another generation, and another file.
    generation = Generation.objects.values_list("number", flat=True).first() or 0
    # Soutiens raise no generation: they are those of the day, from the closing on where they were hidden until then.
    day = f"-{timezone.localdate()}" if demarche.shows_soutiens() else ""
    path = storage() / f"open-{demarche.pk}-{generation}{day}.csv"
    if path.is_file():
        return path
    earlier = [old for old in storage().glob(f"open-{demarche.pk}-*.csv") if old != path]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_CLASS, demarche.pk])
        if not cursor.fetchone()[0]:
            return next(iter(earlier), None)
        try:
            if not path.is_file():
                with complete_or_absent(path) as partial:
                    write(open_query(demarche), CSV, partial)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_CLASS, demarche.pk])
    for old in earlier:
        old.unlink(missing_ok=True)
    return path
