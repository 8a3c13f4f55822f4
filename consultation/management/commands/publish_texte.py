"""Publish what is being written of a texte: the same door as the page of the team, with the same refusals."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consultation.actions.contributions import StaleState
from consultation.actions.textes_publish import Incomplete, publish
from consultation.choices import TexteState
from consultation.coverage import Coverage
from consultation.models import Texte
from consultation.owed import owed


class Command(BaseCommand):
    help = "Publie la version en cours d’un texte, définitive sauf avec --provisoire ; dit ce qui manque sinon."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("pk", type=int, metavar="TEXTE")
        parser.add_argument("--provisoire", action="store_true", help="avec ce qu’elle n’a pas encore traité")
        parser.add_argument("--raison", default="", help="pourquoi elle remplace la précédente ; publique")

    def handle(self, *args: Any, **options: Any) -> None:
        texte = Texte.objects.filter(pk=options["pk"]).first()
        if texte is None:
            raise CommandError("Ce texte n’existe pas.")
        if (draft := texte.draft) is None:
            raise CommandError("Rien de ce texte n’est en cours d’écriture : préparez d’abord la version suivante.")
        try:
            version = publish(draft, final=not options["provisoire"], by=None, reason=options["raison"].strip())
        except Incomplete as refused:
            raise CommandError("\n".join(["Rien n’a paru. Il manque encore :", *refused.sentences])) from refused
        except StaleState as stale:
            raise CommandError(str(stale)) from stale
        self.stdout.write(f"{texte.title}, version {version.number}, {version.get_state_display()}.")
        if texte.regle.treats:
            coverage = Coverage.of(version)
            left = [] if version.state == TexteState.FINAL else owed(coverage, texte.regle)
            self.stdout.write(f"{coverage.shortfall} ; il reste {', '.join(left)}." if left else coverage.sentence)
