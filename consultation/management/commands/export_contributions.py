"""`manage.py export_contributions [--public] [--format csv|xlsx|jsonl] [--demarche SLUG] FILE`"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consultation.exporting import all_query, open_query, write
from consultation.models import Demarche
from consultation.traces import scope_of
from socle.access import actions as access
from socle.exports.files import complete_or_absent
from socle.exports.formats import FORMATS, TooManyRowsError


class Command(BaseCommand):
    help = "Écrit les contributions dans un fichier, entier ou absent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FICHIER")
        parser.add_argument("--public", action="store_true", help="les seules données ouvertes")
        parser.add_argument("--format", choices=FORMATS, help="sinon, celui que dit le nom du fichier, ou csv")
        parser.add_argument("--demarche", metavar="SLUG", help="une seule démarche")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        output = FORMATS[options["format"] or (path.suffix[1:] if path.suffix[1:] in FORMATS else "csv")]
        demarche = self._demarche(options["demarche"])
        query = open_query(demarche) if options["public"] else all_query(demarche)
        try:
            with complete_or_absent(path) as partial:
                rows = write(query, output, partial)
        except (OSError, TooManyRowsError) as error:
            raise CommandError(f"Le fichier n’a pas été écrit : {error}") from error
        if not options["public"]:
            scope = scope_of(demarche.pk) if demarche else ""
            access.took(None, f"Contributions ({output.label}), par la ligne de commande", rows, scope=scope)
        if options["verbosity"]:
            self.stdout.write(f"{path} : {rows} contribution{'s' if rows > 1 else ''}.")

    def _demarche(self, slug: str | None) -> Demarche | None:
        if slug is None:
            return None
        if demarche := Demarche.objects.filter(slug=slug).first():
            return demarche
        known = ", ".join(Demarche.objects.values_list("slug", flat=True)) or "aucune"
        raise CommandError(f"Il n’y a pas de démarche « {slug} ». Celles qui existent : {known}.")
