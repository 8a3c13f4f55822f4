"""What people gave for one rencontre alone, erased once it is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from consultation.models import Call, Inscription, Rencontre, Venue

NEEDS_KEPT = timedelta(days=7)  # after the rencontre (design §9)
NAMES_KEPT = timedelta(days=365)  # after the rencontre: for the minutes, the attestations, and who contests them


@transaction.atomic
def forget_needs(at: datetime | None = None) -> int:
    """Erase services, phone numbers and calls 7 days after each rencontre; return how many inscriptions had some."""
    over = Rencontre.objects.past((at or timezone.now()) - NEEDS_KEPT).order_by()
    rows = Inscription.objects.filter(rencontre__in=over.values("pk"))
    had = list(rows.filter(~Q(phone="") | Q(services__isnull=False)).values_list("pk", flat=True).distinct())
    Call.objects.filter(inscription__rencontre__in=over.values("pk")).delete()
    Inscription.services.through.objects.filter(inscription__in=had).delete()
    Inscription.objects.filter(pk__in=had).update(phone="")
    return len(had)


@transaction.atomic
def forget_names(at: datetime | None = None) -> int:
    """Erase the names given for the door, a year after each rencontre; return how many there were."""
    over = Rencontre.objects.past((at or timezone.now()) - NAMES_KEPT).order_by().values("pk")
    erased = Inscription.objects.filter(rencontre__in=over).exclude(name="").update(name="")
    return erased + Venue.objects.filter(rencontre__in=over).exclude(name="").update(name="")
