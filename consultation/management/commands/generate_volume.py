"""`manage.py generate_volume --contributions N [--people P] [--inscriptions I] [--seed S] [--replace]`"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from consultation.models import Demarche
from consultation.volume.build import analyze, build, remove, slug_of
from socle.pagecache.actions import bump

LARGEST = 10_000_000


class Command(BaseCommand):
    help = "Fabrique une grande démarche vraisemblable, « volume-N », pour mesurer ; les autres ne changent pas."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--contributions", type=int, required=True)
        parser.add_argument("--people", type=int, help="personnes (par défaut : une pour dix contributions)")
        parser.add_argument("--inscriptions", type=int, help="inscriptions (par défaut : deux par personne)")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--replace", action="store_true", help="efface d’abord celle qui porte ce nom")

    def handle(self, *args: Any, **options: Any) -> None:
        count = options["contributions"]
        people = count // 10 if options["people"] is None else options["people"]
        inscriptions = 2 * people if options["inscriptions"] is None else options["inscriptions"]
        if not 1 <= count <= LARGEST or people < 0 or inscriptions < 0:
            raise CommandError(f"De 1 à {LARGEST} contributions ; ni personnes ni inscriptions négatives.")
        if inscriptions and not people:
            raise CommandError("Des inscriptions demandent des personnes.")
        existing = Demarche.objects.filter(slug=slug_of(count)).first()
        if existing and not options["replace"]:
            raise CommandError(f"« {existing.slug} » existe déjà ; --replace la refait.")
        with transaction.atomic():
            if existing:
                remove(existing)
            demarche = build(
                count, people=people, inscriptions=inscriptions, seed=options["seed"], tell=self.stdout.write
            )
            bump()
        analyze()
        self.stdout.write(
            f"« {demarche.slug} » : {count} contributions, {people} personnes, {inscriptions} inscriptions."
        )
