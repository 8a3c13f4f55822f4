"""`manage.py record_bounce < message`: what a mail server pipes the messages of the bounce address to."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, InterfaceError

from socle.courriels.actions import record_bounce
from socle.courriels.bounces import SIZE_MAX, NotABounce

TRY_AGAIN = 75  # EX_TEMPFAIL: the mail server keeps the message and comes back


class Command(BaseCommand):
    help = "Note le retour d’un courriel, lu sur l’entrée standard (avis de non-remise, RFC 3464)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Ends with 0 for whatever is not a bounce: the mail server would answer an error, and so on for ever."""
        try:
            envoi = record_bounce(sys.stdin.buffer.read(SIZE_MAX))
        except NotABounce as reason:
            self.stdout.write(str(reason))
        except (DatabaseError, InterfaceError) as error:
            raise CommandError(
                "La base ne répond pas : présentez ce message de nouveau.", returncode=TRY_AGAIN
            ) from error
        else:
            self.stdout.write(f"Le {envoi} est revenu ({envoi.bounce_status}) : c’est noté.")
