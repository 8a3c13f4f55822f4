"""Says where an address, and a name, still stand after somebody left."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from socle.privacy.checking import where


class Command(BaseCommand):
    help = (
        "Dit où une adresse se trouve encore : tables, courriels, exports, documents, journaux. "
        "Se termine en erreur si elle se trouve quelque part."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", metavar="ADRESSE")
        parser.add_argument("--name", metavar="NOM", help="chercher aussi ce nom")
        parser.add_argument("--logs", metavar="DOSSIER", type=Path, help="où sont les journaux, s’ils sont gardés")

    def handle(self, *args: Any, **options: Any) -> None:
        words = [word.strip() for word in (options["address"], options["name"]) if word and word.strip()]
        if not words:
            raise CommandError("Donnez une adresse à chercher.")
        found = [place for word in words for place in where(word, options["logs"])]
        for place in found:
            self.stdout.write(str(place))
        if found:
            raise CommandError(f"Trouvée à {len(found)} endroit{'s' if len(found) > 1 else ''}.")
        self.stdout.write("Nulle part : ni dans les tables, ni dans les fichiers.")
