"""The signed addresses that mails and receipts hold; each says what it is for, and is good for nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core import signing
from django.urls import reverse

from consultation.models import Contribution
from socle.comptes.models import Personne

CONFIRM = "consultation.contribution.confirm"
CONFIRM_AGE = timedelta(days=7)
SOUTIEN = "consultation.contribution.soutien"
RECEIPT = "consultation.contribution.receipt"
RECEIPT_AGE = timedelta(days=1)


@dataclass(frozen=True)
class Confirmation:
    """What the link of a mail proves: its reader receives the mail of this personne."""

    contribution_pk: int
    personne_pk: int
    expired: bool = False


def confirmation_path(contribution: Contribution, personne: Personne) -> str:
    return reverse("contribution_confirm", args=[signing.dumps([contribution.pk, personne.pk], salt=CONFIRM)])


def soutien_path(contribution: Contribution, personne: Personne) -> str:
    return reverse("soutien", args=[signing.dumps([contribution.pk, personne.pk], salt=SOUTIEN)])


def read_confirmation(signed: str, salt: str = CONFIRM) -> Confirmation | None:
    """None for what we did not sign; an expired one says so, for it can be replaced."""
    try:
        contribution_pk, personne_pk = signing.loads(signed, salt=salt, max_age=CONFIRM_AGE)
        return Confirmation(contribution_pk, personne_pk)
    except signing.SignatureExpired:
        contribution_pk, personne_pk = signing.loads(signed, salt=salt)
        return Confirmation(contribution_pk, personne_pk, expired=True)
    except signing.BadSignature:
        return None


def receipt_path(contribution: Contribution) -> str:
    return reverse("contribution_receipt", args=[signing.dumps(contribution.submission_key.hex, salt=RECEIPT)])


def read_receipt(signed: str) -> UUID | None:
    try:
        return UUID(signing.loads(signed, salt=RECEIPT, max_age=RECEIPT_AGE))
    except signing.BadSignature:
        return None
