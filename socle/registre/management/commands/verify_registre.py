"""`manage.py verify_registre FILE`: is this register whole, and is it the one of the portal?"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError

from socle.registre.models import Entree
from socle.registre.verify import BrokenEntryError, Found, UnreadableFileError, stored_lines, verify


class Command(BaseCommand):
    help = "Vérifie un registre public téléchargé : seul, et contre la table quand la base répond."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FICHIER")

    def handle(self, *args: Any, **options: Any) -> None:
        table = self._table()
        try:
            with options["file"].open("rb") as file:
                found = verify(file, table)
        except OSError as error:
            raise CommandError(f"Le fichier ne peut pas être lu : {error.strerror or error}.") from error
        except (UnreadableFileError, BrokenEntryError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(self._said(found, with_table=table is not None))

    def _table(self) -> Iterator[bytes] | None:
        """None where the database does not answer, or has no register."""
        try:
            Entree.objects.exists()
        except (DatabaseError, InterfaceError):
            return None
        return stored_lines(Entree.objects.all())

    def _said(self, found: Found, *, with_table: bool) -> str:
        lines = [f"Le fichier est intact : {_entries(found.count)}, dernier sceau {found.seal}."]
        if not with_table:
            lines.append("La base ne répond pas : le fichier n’a pas été comparé à la table.")
        elif found.more:
            lines.append(f"La table dit la même chose, et {_entries(found.more)} de plus : le fichier est plus ancien.")
        else:
            lines.append("La table dit la même chose, et rien de plus.")
        return "\n".join(lines)


def _entries(count: int) -> str:
    return f"{count} entrée{'s' if count > 1 else ''}"
