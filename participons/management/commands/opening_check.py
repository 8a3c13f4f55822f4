"""`manage.py opening_check`: what is still to be set before the portal opens; 1 while something is missing."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from participons.opening import lines


class Command(BaseCommand):
    help = "Dit ce qui reste à régler avant d’ouvrir le portail, pourquoi, et où."
    requires_system_checks: list[str] = []  # what they refuse is among the lines

    def handle(self, *args: Any, **options: Any) -> None:
        found = lines()
        for title, by_hand in (("À régler", False), ("À vérifier par une personne", True)):
            shown = [line for line in found if line.by_hand == by_hand]
            self.stdout.write(f"{title} : {len(shown)}")
            for line in shown:
                self.stdout.write(f"- {line.what}\n  {line.why}")
                if line.url:
                    self.stdout.write(f"  {settings.SITE_URL}{line.url}")
        if any(not line.by_hand for line in found):
            sys.exit(1)
