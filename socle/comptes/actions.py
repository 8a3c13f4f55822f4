"""What changes a personne."""

from django.db import transaction
from django.utils import timezone

from socle.comptes.models import Personne


@transaction.atomic
def personne_for(email: str) -> Personne:
    """The one row of this address, made when it is not known yet; two forms at the same moment get the same row."""
    email = email.strip()
    Personne.objects.bulk_create([Personne(email=email)], ignore_conflicts=True)
    return Personne.objects.with_email(email).get()


def confirm(personne: Personne) -> None:
    """Keep the first date on which the address was proved."""
    Personne.objects.filter(pk=personne.pk, confirmed_at__isnull=True).update(confirmed_at=timezone.now())
    personne.refresh_from_db(fields=["confirmed_at"])
