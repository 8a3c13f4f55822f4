"""The signed address by which somebody who came to a rencontre says what they thought of it, once."""

from __future__ import annotations

from django.core import signing
from django.urls import reverse

EVALUATION = "consultation.evaluation"


def evaluation_path(inscription_pk: int) -> str:
    return reverse("avis", args=[signing.Signer(salt=EVALUATION).sign_object(inscription_pk)])


def read_evaluation(signed: str) -> int | None:
    try:
        found = signing.Signer(salt=EVALUATION).unsign_object(signed)
    except signing.BadSignature:
        return None
    return found if isinstance(found, int) else None
