"""Asking to be registered with an address that is not proved yet: its mail, then its button."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from uuid import UUID, uuid4, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction

from consultation import desk
from consultation.actions.inscriptions import Asked, register, register_all
from consultation.emails import inscriptions as emails
from consultation.inscription_links import Wish
from consultation.limits import mail_allowed
from consultation.models import Inscription, Rencontre
from socle.comptes.actions import confirm, personne_for
from socle.comptes.models import Personne, User


class Step(StrEnum):
    """What is answered to who asks for a link: never whether the address is known."""

    WRITTEN = "written"
    LIMITED = "limited"  # three mails in an hour to this address already
    GONE = "gone"  # the address was erased since


def ask(rencontres: Collection[Rencontre], email: str, key: str) -> Step:
    """Write to the address, once for each form; nothing is taken by it. Outside of any transaction.

    The same form with another address, or other rencontres, is another wish: somebody went back to put it right.
    """
    pks = tuple(rencontre.pk for rencontre in rencontres)
    key = str(uuid5(UUID(key), f"{email.casefold()} {pks}"))
    if emails.asked(key):
        return Step.WRITTEN
    if not mail_allowed(email):
        return Step.LIMITED
    emails.link(email, Wish(pks, key), rencontres)
    return Step.WRITTEN


def ask_again(wish: Wish, rencontres: Collection[Rencontre]) -> Step:
    """A new link in place of one that expired, to the same address."""
    if holder := holder_of(wish):
        return ask(rencontres, holder.email if isinstance(holder, Personne) else holder, str(uuid4()))
    return Step.GONE


def holder_of(wish: Wish) -> Personne | str | None:
    """Whoever the link was made for; their address alone, while it is nobody's that is known here."""
    if wish.personne_pk is not None:
        return Personne.objects.filter(pk=wish.personne_pk).first()
    envoi = emails.asked(wish.key)
    return (Personne.objects.with_email(envoi.to).first() or envoi.to) if envoi else None


@transaction.atomic
def enlist(rencontre_pk: int, email: str, by: User) -> tuple[Inscription, bool]:
    """The team puts down somebody who called or wrote: what they hold, and whether it is new.

    It proves no address: the mail asks its reader to. Raises ValidationError once nobody can come any more.
    """
    for rencontre in desk.lock([rencontre_pk]):
        if rencontre.is_cancelled or rencontre.has_begun():
            raise ValidationError("Ce rendez-vous est annulé, ou a déjà commencé : personne n’y est ajouté.")
    personne = personne_for(email)
    held = Inscription.objects.active().filter(personne=personne, rencontre=rencontre_pk).exists()
    return register(personne, rencontre_pk, by=by), not held


@transaction.atomic
def take(wish: Wish, rencontre_pks: Collection[int], asked: Asked) -> tuple[Personne, list[Inscription]]:
    """The reader of the mail, whose address it proves, takes what they chose among what the link is for."""
    holder = holder_of(wish)
    personne = holder if isinstance(holder, Personne) else personne_for(holder or "")
    confirm(personne)
    return personne, register_all(personne, set(rencontre_pks) & set(wish.rencontre_pks), asked)
