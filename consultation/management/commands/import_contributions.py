"""`manage.py import_contributions FILE --demarche SLUG [--mapping NAME] [--state …] [--dry-run] [--keep-good]`"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consultation.choices import ContributionState
from consultation.imports.mappings import LAYOUTS
from consultation.imports.readers import RefusedFileError
from consultation.imports.rows import Report
from consultation.imports.run import import_contributions
from consultation.models import Demarche


class Command(BaseCommand):
    help = "Reprend des contributions d’un fichier CSV, XLSX ou XLS. Relancée, elle ne change rien."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FICHIER")
        parser.add_argument("--demarche", required=True, metavar="SLUG")
        parser.add_argument("--mapping", choices=LAYOUTS, help="sinon, reconnu aux titres des colonnes")
        states = [ContributionState.WAITING.value, ContributionState.PUBLISHED.value]
        parser.add_argument("--state", choices=states, default=states[0], help="publiee : déjà publiques ailleurs")
        parser.add_argument("--dry-run", action="store_true", help="lit et vérifie, n’écrit rien")
        parser.add_argument("--keep-good", action="store_true", help="écrit les lignes justes malgré les autres")

    def handle(self, *args: Any, **options: Any) -> None:
        demarche = Demarche.objects.filter(slug=options["demarche"]).first()
        if demarche is None:
            raise CommandError(f"Il n’y a pas de démarche « {options['demarche']} ».")
        try:
            report = import_contributions(
                options["file"],
                demarche,
                layout=options["mapping"],
                state=options["state"],
                dry_run=options["dry_run"],
                keep_good=options["keep_good"],
            )
        except RefusedFileError as refused:
            raise CommandError(str(refused)) from refused
        except OSError as error:
            raise CommandError(f"Le fichier ne s’ouvre pas : {error.strerror}.") from error
        if options["verbosity"] or report.bad:
            self._tell(report)
        if report.bad and not report.written:
            raise CommandError(
                f"Rien n’a été écrit : {report.bad} ligne(s) à corriger. --keep-good reprend les autres."
            )

    def _tell(self, report: Report) -> None:
        read = counted(report.read, "ligne", "lue")
        self.stdout.write(f"{report.mapping} ({report.description}), {read}.")
        for problem in [*report.problems, *report.warnings]:
            self.stdout.write(str(problem))
        if report.unlisted:
            self.stdout.write(f"… et {counted(report.unlisted, 'autre', 'ligne')} à corriger.")
        for note, count in report.notes.most_common():
            self.stdout.write(f"{note} ({count}).")
        added = counted(report.added, "contribution", *(["reprise"] if report.written else []))
        added += "" if report.written else " à reprendre"
        self.stdout.write(f"{added}, {report.existing} déjà là, {counted(report.bad, 'ligne', 'refusée')}.")
        if report.changed:
            self.stdout.write(f"{report.changed} déjà là avec un autre texte : laissées comme elles étaient.")


def counted(number: int, *words: str) -> str:
    """« 0 ligne refusée », « 2 lignes refusées »."""
    return " ".join([str(number), *(word + "s" * (number > 1) for word in words)])
