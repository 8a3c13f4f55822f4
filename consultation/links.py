"""The signed addresses that mails and receipts hold; each says what it is for, and is good for nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core import signing
from django.urls import reverse

from consultation import numero
from consultation.models import Contribution, Signalement
from socle.comptes.models import Personne

CONFIRM = "consultation.contribution.confirm"
CONFIRM_AGE = timedelta(days=7)
SOUTIEN = "consultation.contribution.soutien"
RECEIPT = "consultation.contribution.receipt"
SIGNALEMENT_RECEIPT = "consultation.signalement.receipt"
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


def read_receipt(signed: str, salt: str = RECEIPT) -> UUID | None:
    try:
        return UUID(signing.loads(signed, salt=salt, max_age=RECEIPT_AGE))
    except signing.BadSignature:
        return None


def signalement_receipt_path(signalement: Signalement) -> str:
    signed = signing.dumps(signalement.submission_key.hex, salt=SIGNALEMENT_RECEIPT)
    return reverse("signalement_receipt", args=[signed])


def suivi_path(contribution: Contribution, name: str = "suivi_numero") -> str:
    """The page of its author, which opens without asking anything: for a proved address, or for its account, alone."""
    return _numbered(name, contribution)


def signalement_path(signalement: Signalement) -> str:
    """The page that says what became of it, and nothing of what was written."""
    return _numbered("signalement_numero", signalement)


def _numbered(name: str, row: Contribution | Signalement) -> str:
    """The form that asks for a number where there is none, or where no key gives it any more."""
    shown = numero.numero_shown(row.submission_key, bytes(row.tracking_hash)) if row.tracking_hash else ""
    return reverse(name, args=[shown]) if shown else reverse("suivi")
