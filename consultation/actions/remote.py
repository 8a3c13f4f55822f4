"""Those who come from a distance: their address is sent to them, and they say themselves that they are there."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from consultation.choices import Mode, Presence
from consultation.emails import remote as emails
from consultation.models import Inscription, Rencontre
from consultation.models.inscription import InscriptionQuerySet
from socle.courriels.actions import enqueue_many
from socle.courriels.models import Envoi

NOTHING = "Rien n’est parti."


class NothingToSendError(ValidationError):
    """The sentence says what is missing."""


@dataclass(frozen=True)
class Sent:
    written: int
    already: int
    unreached: int  # their address was never proved


def at_distance(rencontre: Rencontre) -> InscriptionQuerySet:
    """Who is to receive the address: a place, and from a distance."""
    return Inscription.objects.filter(rencontre=rencontre, presence=Presence.REMOTE).confirmed()


@transaction.atomic
def send_address(rencontre_pk: int) -> Sent:
    """Once to each, whoever presses and however often; a new address is sent anew. Raises NothingToSendError."""
    # Whoever moves or cancels it waits, or has called back what is written here.
    rencontre = Rencontre.objects.select_for_update(of=("self",)).select_related("lieu").get(pk=rencontre_pk)
    if rencontre.is_cancelled:
        raise NothingToSendError(f"{NOTHING} Cette rencontre est annulée.")
    if rencontre.mode == Mode.ROOM or not rencontre.remote_url:
        raise NothingToSendError(f"{NOTHING} Écrivez d’abord l’adresse dans la fiche de la rencontre.")
    people = list(at_distance(rencontre).select_related("personne").order_by("pk"))
    reached = [one for one in people if one.personne.confirmed_at]
    keys = {emails.key(rencontre, one.personne_id): one for one in reached}
    known = set(Envoi.objects.filter(dedupe_key__in=keys).values_list("dedupe_key", flat=True))
    new = [one for key, one in keys.items() if key not in known]
    for one in new:
        one.rencontre = rencontre
    enqueue_many(emails.remote_address(one) for one in new)
    return Sent(len(new), len(known), len(people) - len(reached))
