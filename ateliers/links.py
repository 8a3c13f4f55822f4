"""The signed address of the minutes for one person who was there."""

from __future__ import annotations

from django.core import signing
from django.urls import reverse

from consultation.models import Inscription

PRESENT = "ateliers.compte_rendu"


def present_path(inscription: Inscription) -> str:
    """The same in each mail; what it opens is closed by the last day, not by the age of the link."""
    return reverse("compte_rendu_present", args=[signing.Signer(salt=PRESENT).sign_object(inscription.pk)])


def read_present(signed: str) -> int | None:
    """The inscription; None for what we did not sign."""
    try:
        found = signing.Signer(salt=PRESENT).unsign_object(signed)
    except signing.BadSignature:
        return None
    return found if isinstance(found, int) else None
