"""What changes a personne."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from socle.comptes.models import Personne


@transaction.atomic
def personne_for(email: str) -> Personne:
    """The one row of this address, made when it is not known yet; two forms at the same moment get the same row."""
    email = email.strip()
    Personne.objects.bulk_create([Personne(email=email)], ignore_conflicts=True)
    return Personne.objects.with_email(email).get()


@transaction.atomic
def personnes_for(emails: Iterable[str]) -> dict[str, Personne]:
    """The same of many addresses, each by its lower case. Written in one order: of two lists at once, one waits."""
    wanted = {email.strip().lower(): email.strip() for email in emails}
    Personne.objects.bulk_create([Personne(email=wanted[key]) for key in sorted(wanted)], ignore_conflicts=True)
    rows = Personne.objects.annotate(email_lower=Lower("email"))
    # As typed too: the database may not lower what is not ASCII as Python does.
    found = rows.filter(Q(email_lower__in=wanted) | Q(email__in=wanted.values()))
    return {row.email.lower(): row for row in found}


def confirm(personne: Personne) -> None:
    """Keep the first date on which the address was proved."""
    Personne.objects.filter(pk=personne.pk, confirmed_at__isnull=True).update(confirmed_at=timezone.now())
    personne.refresh_from_db(fields=["confirmed_at"])
