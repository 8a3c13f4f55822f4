from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from consultation.templatetags.prose import typo
from participons.programme.load import Report, load_programme
from participons.programme.reading import ProgrammeError, read_file
from socle.dates import day_label


class Command(BaseCommand):
    help = "Charge un programme depuis un fichier. Le même fichier, chargé une seconde fois, ne change rien."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="le fichier du programme (JSON, en UTF-8)")
        parser.add_argument(
            "--shift-to-today",
            action="store_true",
            help="décale les dates par semaines entières, pour que les ateliers se tiennent aujourd’hui",
        )
        parser.add_argument("--today", type=read_day, help="le jour à prendre pour aujourd’hui (AAAA-MM-JJ)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["today"] and not options["shift_to_today"]:
            raise CommandError("--today ne sert qu’avec --shift-to-today.")
        today = options["today"] or timezone.localdate()
        try:
            report = load_programme(read_file(options["file"]), today=today if options["shift_to_today"] else None)
        except ProgrammeError as error:
            raise CommandError(refusal(error)) from None
        if options["verbosity"]:
            self.stdout.write(sentence(report))
            if report.weeks:
                self.stdout.write(f"Dates décalées de {report.weeks} semaines, pour le {day_label(today)}.")


def read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"« {text} » n’est pas un jour, écrit AAAA-MM-JJ.") from None


def refusal(error: ProgrammeError) -> str:
    return typo(f"{error} Rien n’a été écrit.")


def sentence(report: Report) -> str:
    """« Inventer… : 61 éléments créés, 0 modifié. »"""
    words = [_count(report.created, "créé"), _count(report.changed, "modifié")]
    if report.kept:
        words.append(f"{report.kept} laissé{'s' if report.kept > 1 else ''} comme l’équipe les a écrits")
    return f"{report.demarche.title}\u00a0: {', '.join(words)}."


def _count(number: int, what: str) -> str:
    plural = "s" if number > 1 else ""
    return f"{number} élément{plural} {what}{plural}"
