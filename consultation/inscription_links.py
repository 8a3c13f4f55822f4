"""The signed addresses of inscriptions: the one that takes the places asked for, and « Mes inscriptions »."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.urls import reverse

CONFIRM = "consultation.inscription.confirm"
CONFIRM_AGE = timedelta(days=7)
HOLDER = "consultation.inscriptions"


@dataclass(frozen=True)
class Wish:
    """Which rencontres, and who asks: the reader of the mail named by `key`, or a personne whose address is proved.

    No address, no need and no phone number is in the link: they would stay in journals and histories.
    """

    rencontre_pks: tuple[int, ...]
    key: str = ""
    personne_pk: int | None = None
    expired: bool = False


def wish_path(wish: Wish) -> str:
    signed = signing.dumps([list(wish.rencontre_pks), wish.key, wish.personne_pk], salt=CONFIRM)
    return reverse("inscription_confirm", args=[signed])


def read_wish(signed: str) -> Wish | None:
    """None for what we did not sign; an expired one says so, for it can be replaced."""
    try:
        return _wish(signing.loads(signed, salt=CONFIRM, max_age=CONFIRM_AGE), expired=False)
    except signing.SignatureExpired:
        return _wish(signing.loads(signed, salt=CONFIRM), expired=True)
    except signing.BadSignature:
        return None


def _wish(said: list, *, expired: bool) -> Wish:
    pks, key, personne_pk = said
    return Wish(tuple(pks), key, personne_pk, expired)


def holder_path(personne_pk: int) -> str:
    """« Mes inscriptions »: the same in each mail, and it never expires, since places are held for months."""
    return reverse("inscriptions", args=[signing.Signer(salt=HOLDER).sign_object(personne_pk)])


def attestation_path(personne_pk: int, inscription_pk: int) -> str:
    """Below « Mes inscriptions », by the same signature."""
    signed = signing.Signer(salt=HOLDER).sign_object(personne_pk)
    return reverse("inscription_attestation", args=[signed, inscription_pk])


def read_holder(signed: str) -> int | None:
    try:
        found = signing.Signer(salt=HOLDER).unsign_object(signed)
    except signing.BadSignature:
        return None
    return found if isinstance(found, int) else None
