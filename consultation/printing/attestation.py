"""The attestation that somebody came, for an employer or a school: under the name that is given for it."""

from __future__ import annotations

from pathlib import Path

from django.utils import timezone

from consultation.choices import Presence
from consultation.emails.rencontres import where_label
from consultation.models import Inscription, Rencontre, Venue
from consultation.templatetags.prose import typo
from socle.dates import day_label
from socle.identity.models import SiteIdentity
from socle.papers import render

SOURCE = Path(__file__).parent / "attestation.typ"


def attestation(of: Inscription | Venue, name: str) -> bytes:
    """The rencontre, its démarche and its lieu must be loaded with the row. Nothing is kept of it, nor of the name."""
    identity, rencontre = SiteIdentity.current(), of.rencontre
    at_distance = isinstance(of, Inscription) and of.presence == Presence.REMOTE
    return render(
        SOURCE,
        {
            "site": identity.site_name,
            "owner": typo(identity.region_name or rencontre.demarche.owner),
            "address": [typo(line) for line in identity.postal_address.splitlines() if line.strip()],
            "demarche": typo(rencontre.demarche.title),
            "rencontre": typo(rencontre.title),
            "when": typo(rencontre.when_label),
            "where": "à distance" if at_distance else typo(_place(rencontre)),
            "name": name,
            "today": typo(day_label(timezone.localdate(), weekday=False)),
        },
    )


def _place(rencontre: Rencontre) -> str:
    return rencontre.lieu.one_line if rencontre.lieu else where_label(rencontre)
