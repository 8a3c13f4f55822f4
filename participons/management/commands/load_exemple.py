from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from participons.management.commands.load_programme import refusal, sentence
from participons.programme.load import load_exemple
from participons.programme.reading import ProgrammeError, read_file


class Command(BaseCommand):
    help = "Ajoute à un programme déjà chargé ce qu’une démonstration invente : heures, lieux, contributions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="le fichier de l’exemple (JSON, en UTF-8)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = load_exemple(read_file(options["file"]))
        except ProgrammeError as error:
            raise CommandError(refusal(error)) from None
        if options["verbosity"]:
            self.stdout.write(sentence(report))
