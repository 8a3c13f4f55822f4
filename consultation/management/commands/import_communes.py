"""`manage.py import_communes FILE`: the list of INSEE, with each commune’s EPCI where the file has it."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from consultation.imports.readers import RefusedFileError, Table, read_table
from consultation.models import Commune
from socle.text import clean_text, sort_key

NAMES = {
    "insee_code": ("code_insee", "insee", "code_commune_insee", "COM"),
    "name": ("nom", "nom_commune", "libelle", "LIBELLE"),
    "departement": ("departement", "code_departement", "DEP"),
    "epci_code": ("epci_code", "code_epci", "EPCI"),
    "epci_name": ("epci_nom", "nom_epci", "LIBEPCI"),
    "population": ("population", "PMUN"),
}
REQUIRED = ("insee_code", "name", "departement")


class Command(BaseCommand):
    help = "Charge ou met à jour les communes du territoire."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FICHIER")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            table = read_table(options["file"])
            communes = list(self._communes(table, self._places(table.header)))
        except RefusedFileError as refused:
            raise CommandError(str(refused)) from refused
        except OSError as error:
            raise CommandError(f"Le fichier ne s’ouvre pas : {error.strerror}.") from error
        fields = [*NAMES, "sort_key"]
        with transaction.atomic():
            Commune.objects.bulk_create(
                communes,
                batch_size=2000,
                update_conflicts=True,
                unique_fields=["insee_code"],
                update_fields=[name for name in fields if name != "insee_code"],
            )
        if options["verbosity"]:
            self.stdout.write(f"{len(communes)} communes chargées.")

    def _places(self, header: Sequence[str]) -> dict[str, int]:
        places = {
            thing: next((header.index(name) for name in names if name in header), -1) for thing, names in NAMES.items()
        }
        if missing := [NAMES[thing][0] for thing in REQUIRED if places[thing] < 0]:
            raise RefusedFileError(f"Il manque les colonnes {', '.join(missing)}.")
        return places

    def _communes(self, table: Table, places: dict[str, int]) -> Iterator[Commune]:
        seen: dict[str, int] = {}
        for line in table.lines:
            values = {
                thing: clean_text(line.cells[at], multiline=False) if 0 <= at < len(line.cells) else ""
                for thing, at in places.items()
            }
            code, population = values["insee_code"].zfill(5), values.pop("population")
            if len(code) != 5 or not values["name"] or (population and not population.isdecimal()):
                raise RefusedFileError(f"Ligne {line.number} : code INSEE, nom ou population faux.")
            if code in seen:
                raise RefusedFileError(f"Ligne {line.number} : la commune {code} est déjà ligne {seen[code]}.")
            seen[code] = line.number
            values["insee_code"] = code
            yield Commune(
                **values,
                population=int(population) if population else None,
                sort_key=sort_key(values["name"], max_length=80),
            )
