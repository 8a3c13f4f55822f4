"""What changes a personne."""

from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from socle.comptes.models import Personne

# Enough to keep a row from being deleted, and no more: two who write of the same person never wait for each other.
_HOLD = "SELECT id FROM comptes_personne WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE"


@transaction.atomic
def personne_for(email: str) -> Personne:
    """The one row of this address, made when it is not known yet; two forms at the same moment get the same row.

    Held until the end of the transaction: whoever leaves at this very moment waits, or is gone and this is a new row.
    """
    email = email.strip()
    while True:
        Personne.objects.bulk_create([Personne(email=email)], ignore_conflicts=True)
        personne = Personne.objects.with_email(email).first()
        if personne and _held([personne.pk]) == 1:
            return personne


def _held(pks: Iterable[int]) -> int:
    """How many of these rows are still there, and stay until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [sorted(pks)])
        return len(cursor.fetchall())


@transaction.atomic
def personnes_for(emails: Iterable[str]) -> dict[str, Personne]:
    """The same of many addresses, each by its lower case. Written in one order: of two lists at once, one waits."""
    wanted = {email.strip().lower(): email.strip() for email in emails}
    while True:
        Personne.objects.bulk_create([Personne(email=wanted[key]) for key in sorted(wanted)], ignore_conflicts=True)
        rows = Personne.objects.annotate(email_lower=Lower("email"))
        # As typed too: the database may not lower what is not ASCII as Python does.
        found = list(rows.filter(Q(email_lower__in=wanted) | Q(email__in=wanted.values())))
        if _held(row.pk for row in found) == len(found):
            return {row.email.lower(): row for row in found}


def confirm(personne: Personne) -> None:
    """Keep the first date on which the address was proved."""
    Personne.objects.filter(pk=personne.pk, confirmed_at__isnull=True).update(confirmed_at=timezone.now())
    personne.refresh_from_db(fields=["confirmed_at"])
