"""`manage.py export_archives --demarche SLUG FOLDER`: the transfer of a démarche to public archives."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from consultation.models import Demarche
from participons import archives


class Command(BaseCommand):
    help = "Écrit le versement d’une démarche aux archives : textes, données et dictionnaire, registre, sommes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DOSSIER", help="il ne doit pas exister encore")
        parser.add_argument("--demarche", metavar="SLUG", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        demarche = Demarche.objects.filter(slug=options["demarche"]).first()
        if demarche is None:
            known = ", ".join(Demarche.objects.values_list("slug", flat=True)) or "aucune"
            raise CommandError(f"Il n’y a pas de démarche « {options['demarche']} ». Celles qui existent : {known}.")
        try:
            items = archives.export(demarche, options["folder"])
        except archives.ThereAlreadyError:
            raise CommandError("Ce dossier existe déjà : un versement ne se récrit pas. Rien n’a été changé.") from None
        except OSError as error:
            raise CommandError(f"Le versement n’a pas été écrit : {error}") from error
        self.stdout.write(f"{options['folder']} : {len(items)} fichiers, vérifiables par « sha256sum -c »")
