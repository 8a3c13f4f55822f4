"""Asking for the way in: one mail to the address, whatever is known of it."""

from __future__ import annotations

from enum import StrEnum

from socle.comptes.models import Personne
from socle.courriels.models import Envoi
from socle.privacy import emails
from socle.privacy.limits import mail_allowed


class Asked(StrEnum):
    """What is answered to who asks: never whether the address is known."""

    WRITTEN = "written"
    LIMITED = "limited"  # three mails in an hour to this address already


def ask(email: str, key: str) -> Asked:
    """Write to the address, once for each form. Outside of any transaction: the mails stay counted."""
    if Envoi.objects.filter(dedupe_key=f"donnees:lien:{key}").exists():
        return Asked.WRITTEN
    if not mail_allowed(email):
        return Asked.LIMITED
    personne = Personne.objects.with_email(email).first()
    emails.link(personne.email if personne else email, personne, key)
    return Asked.WRITTEN
