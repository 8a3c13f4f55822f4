"""The slip on which an archivist writes their visa: what would be destroyed, how much of it, by which rule."""

from __future__ import annotations

from pathlib import Path

from django.utils import timezone

from socle.dates import day_label
from socle.identity.models import SiteIdentity
from socle.papers import render
from socle.privacy.models import Visa
from socle.privacy.records import record_of

SOURCE = Path(__file__).parent / "bordereau.typ"


def bordereau(visa: Visa) -> bytes:
    identity, record = SiteIdentity.current(), record_of(visa.record)
    return render(
        SOURCE,
        {
            "site": identity.site_name,
            "owner": identity.region_name,
            "address": [line for line in identity.postal_address.splitlines() if line.strip()],
            "number": str(visa.pk),
            "what": visa.what,
            "why": record.why,
            "rows": str(visa.rows),
            "proposed": _day(visa),
            "reference": visa.reference,
            "signed_by": visa.signed_by,
            "signed_on": day_label(visa.signed_on, weekday=False) if visa.signed_on else "",
        },
    )


def _day(visa: Visa) -> str:
    return day_label(timezone.localdate(visa.proposed_at), weekday=False)
