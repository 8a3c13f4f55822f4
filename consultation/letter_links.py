"""The signed addresses of the letter: the one that confirms, and those that each letter holds, to change or to stop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.urls import reverse

CONFIRM = "consultation.lettre.confirm"
CONFIRM_AGE = timedelta(days=7)
LETTER = "consultation.lettre"
PARCOURS = "consultation.parcours"


@dataclass(frozen=True)
class Wish:
    """What the form asked for. `key` names the mail it caused, which alone holds the address: no link shows it."""

    key: str
    demarche_pk: int
    topics: tuple[str, ...]
    expired: bool = False


@dataclass(frozen=True)
class Reader:
    """Who may change or stop their letters of a démarche; letters are kept for years, so these links never expire."""

    personne_pk: int
    demarche_pk: int


def confirmation_path(wish: Wish) -> str:
    signed = signing.dumps([wish.key, wish.demarche_pk, list(wish.topics)], salt=CONFIRM)
    return reverse("lettre_confirm", args=[signed])


def read_confirmation(signed: str) -> Wish | None:
    """None for what we did not sign; an expired one says so, for it can be replaced."""
    try:
        return _wish(signing.loads(signed, salt=CONFIRM, max_age=CONFIRM_AGE), expired=False)
    except signing.SignatureExpired:
        return _wish(signing.loads(signed, salt=CONFIRM), expired=True)
    except signing.BadSignature:
        return None


def _wish(said: list, *, expired: bool) -> Wish:
    key, demarche_pk, topics = said
    return Wish(key, demarche_pk, tuple(topics), expired)


def sign_reader(reader: Reader) -> str:
    """The same each time, and short: it is in every letter."""
    return signing.Signer(salt=LETTER).sign_object([reader.personne_pk, reader.demarche_pk])


def read_reader(signed: str) -> Reader | None:
    try:
        return Reader(*signing.Signer(salt=LETTER).unsign_object(signed))
    except signing.BadSignature:
        return None


def sign_author(personne_pk: int) -> str:
    """Who may say how they hear of what becomes of what they wrote."""
    return signing.Signer(salt=PARCOURS).sign_object(personne_pk)


def read_author(signed: str) -> int | None:
    try:
        return signing.Signer(salt=PARCOURS).unsign_object(signed)
    except signing.BadSignature:
        return None
