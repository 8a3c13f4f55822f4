"""Django's flush, for the suite: only the tables that hold something, and without making the permissions again.

The stock command truncates every table, then writes the content types and permissions of all the models: three
quarters of a second behind each test that commits, where most have written to a handful of tables.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

KEPT = {"django_content_type", "auth_permission", "django_migrations"}


class Command(BaseCommand):
    help = "Empties every table but those that migrations alone write."
    stealth_options = ("reset_sequences", "allow_cascade", "inhibit_post_migrate", "interactive", "database")

    def handle(self, **options: Any) -> None:
        with connection.cursor() as cursor:
            tables = [connection.ops.quote_name(name) for name in sorted(set(self.tables()) - KEPT)]
            cursor.execute(" UNION ALL ".join(f"(SELECT '{name}' FROM {name} LIMIT 1)" for name in tables))
            if written := [name for (name,) in cursor.fetchall()]:
                cursor.execute(f"TRUNCATE {', '.join(written)} CASCADE")

    def tables(self) -> list[str]:
        return connection.introspection.django_table_names(only_existing=True, include_views=False)
