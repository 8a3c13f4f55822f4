"""The receipt of a paper: its numéro de suivi and how to follow, to hand over or to post."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from consultation.models import Contribution
from consultation.numero import numero_shown
from consultation.printing.contribution import short
from consultation.templatetags.prose import typo
from socle.dates import day_label
from socle.identity.models import SiteIdentity
from socle.papers import render

SOURCE = Path(__file__).parent / "receipt.typ"


def receipt(contribution: Contribution) -> bytes:
    """Nothing of what was written but its title; the démarche must be loaded with the row."""
    identity = SiteIdentity.current()
    return render(
        SOURCE,
        {
            "site": identity.site_name,
            "owner": typo(identity.region_name or contribution.demarche.owner),
            "demarche": typo(contribution.demarche.title),
            "numero": numero_shown(contribution.submission_key, bytes(contribution.tracking_hash or b"")),
            "title": typo(contribution.title),
            "received": typo(day_label(timezone.localdate(contribution.submitted_at))),
            "how": contribution.get_origine_display(),
            "follow": short(settings.SITE_URL + reverse("suivi")),
            "phone": identity.contact_phone,
            "hours": typo(identity.contact_hours),
        },
    )
