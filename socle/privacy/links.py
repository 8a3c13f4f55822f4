"""The signed addresses of « Mes données »: by a mail, which proves the address, or from an account, which names it.

No link holds an address. Once somebody has left, their row is gone and every link with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.urls import reverse

OWNER = "socle.privacy.owner"
BY_MAIL, BY_ACCOUNT = "courriel", "compte"
MAIL_AGE, ACCOUNT_AGE = timedelta(days=7), timedelta(hours=1)
AGES = {BY_MAIL: MAIL_AGE, BY_ACCOUNT: ACCOUNT_AGE}


@dataclass(frozen=True)
class Owner:
    """Who holds the link, and how they came by it: only a mail proves enough for what cannot be undone."""

    personne_pk: int
    by: str
    expired: bool = False

    @property
    def by_mail(self) -> bool:
        return self.by == BY_MAIL


def sign_owner(personne_pk: int, by: str = BY_MAIL) -> str:
    return signing.dumps([personne_pk, by], salt=OWNER)


def owner_path(personne_pk: int, name: str = "mes_donnees_acces", by: str = BY_MAIL, *args: object) -> str:
    return reverse(name, args=[sign_owner(personne_pk, by), *args])


def read_owner(signed: str) -> Owner | None:
    """None for what we did not sign; an expired one says so, for it can be replaced."""
    try:
        personne_pk, by = signing.loads(signed, salt=OWNER)
    except signing.BadSignature:
        return None
    try:
        signing.loads(signed, salt=OWNER, max_age=AGES[by])
    except signing.SignatureExpired:
        return Owner(personne_pk, by, expired=True)
    return Owner(personne_pk, by)
