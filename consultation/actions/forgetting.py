"""What people gave for one rencontre alone, or never confirmed, erased once its time is over (settings.RETENTION)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from consultation.choices import ContributionState, Display
from consultation.models import Abonnement, Call, Contribution, Inscription, Rencontre, Venue
from socle.privacy.retention import kept_for

NEEDS_KEPT = kept_for("besoins")
NAMES_KEPT = kept_for("noms_porte")


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


def forget_unconfirmed(at: datetime | None = None) -> int:
    """Nobody proved that they wrote it: its words stay to be read by the team, whose address it was does not."""
    over = (at or timezone.now()) - kept_for("jamais_confirmees")
    rows = Contribution.objects.filter(state=ContributionState.TO_CONFIRM, submitted_at__lt=over)
    named = rows.filter(personne__isnull=False)
    return named.update(
        personne=None, display=Display.ANONYMOUS, author_name="", organisation="", function="", commune_name=""
    )


def forget_subscriptions(at: datetime | None = None) -> int:
    """The rows proved a consent, and its end."""
    return Abonnement.objects.filter(ended_at__lt=(at or timezone.now()) - kept_for("abonnements")).delete()[0]
