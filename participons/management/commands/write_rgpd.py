"""Writes docs/RGPD/ again, from the declarations and the settings."""

from typing import Any

from django.core.management.base import BaseCommand

from participons import rgpd


class Command(BaseCommand):
    help = "Récrit docs/RGPD/ : registre des traitements, projet d’analyse d’impact, sous-traitants."

    def handle(self, *args: Any, **options: Any) -> None:
        for path in rgpd.write():
            self.stdout.write(str(path))
