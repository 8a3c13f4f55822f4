"""Time that passes: everything the database knows grows older, and what beat rings is done."""

from __future__ import annotations

from django.core import mail
from django.db import connection, transaction

from participons.celery import BELLS, app
from socle.pagecache.store import store

# The seals of the register are made of its dates, and no trace of access is rewritten: both keep their own.
DATED = """
    SELECT table_name, array_agg(quote_ident(column_name) ORDER BY column_name)
    FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND is_updatable = 'YES'
      AND data_type IN ('date', 'timestamp with time zone')
      AND is_generated = 'NEVER' AND table_name NOT IN ('registre_entree', 'access_trace')
    GROUP BY table_name
"""


def days_pass(days: int) -> None:
    """Every date kept moves so many days back, at the same hour of the day: as if the clock had gone forward.

    The guards that keep dates from being rewritten sleep meanwhile; nothing but dates is written.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'Europe/Paris'")
        cursor.execute(DATED)
        for table, columns in cursor.fetchall():
            changes = ", ".join(f"{name} = {name} - make_interval(days => %(days)s)" for name in columns)
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
            cursor.execute(f'UPDATE "{table}" SET {changes}', {"days": days})
            cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
    store.clear()


def bells_ring() -> list:
    """All that beat rings, done here; the mails that left, the oldest first."""
    mail.outbox.clear()
    app.loader.import_default_modules()
    for name in (*BELLS, "socle.courriels.tasks.send_due"):  # what a later bell wrote leaves with the next minute
        app.tasks[name].apply(throw=True)
    return list(mail.outbox)
