"""The signed address of an arrival: what its QR code holds. It names a row, and nothing of a person."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.urls import reverse

ARRIVAL = "consultation.arrivee"


def arrival_path(inscription_pk: int) -> str:
    """The same in each mail and on each page; it lets nobody in: only the team of the rencontre can act on it."""
    return reverse("arrivee", args=[signing.Signer(salt=ARRIVAL).sign_object(inscription_pk)])


def arrival_url(inscription_pk: int) -> str:
    return settings.SITE_URL + arrival_path(inscription_pk)


def read_arrival(signed: str) -> int | None:
    try:
        found = signing.Signer(salt=ARRIVAL).unsign_object(signed)
    except signing.BadSignature:
        return None
    return found if isinstance(found, int) else None
