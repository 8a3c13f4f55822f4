"""The signed address of a member's own page, where one says that it is oneself, or leaves the group."""

from __future__ import annotations

from django.core import signing
from django.urls import reverse

MEMBER = "ateliers.membre"


def member_path(membre_pk: int) -> str:
    """It never expires: a group lasts for months, and one may leave it on any day."""
    return reverse("membre", args=[signing.Signer(salt=MEMBER).sign_object(membre_pk)])


def read_member(signed: str) -> int | None:
    try:
        found = signing.Signer(salt=MEMBER).unsign_object(signed)
    except signing.BadSignature:
        return None
    return found if isinstance(found, int) else None
