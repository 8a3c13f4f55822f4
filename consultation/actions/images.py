"""The consent to be in pictures: given by the person alone, dated, withdrawn when they like; its history is kept.

A refusal is something else: it is said to the team, at the door or on the sheet (`actions.presence`), ends what was
agreed, and is told once to the person whom it is noted of. Who said nothing has agreed to nothing.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now

from consultation.choices import InscriptionEventKind as Kind
from consultation.emails import images as emails
from consultation.models import Inscription, InscriptionEvent, Media
from consultation.organisers import organisers
from socle.comptes.models import User


@transaction.atomic
def say_images(inscription: Inscription, *, agreed: bool) -> bool:
    """Whether anything changed: said twice, it keeps its first date. Whoever agrees does not refuse any more."""
    rows = Inscription.objects.filter(pk=inscription.pk, image_agreed_at__isnull=agreed)
    if not rows.update(**({"image_agreed_at": Now(), "image_refused": False} if agreed else {"image_agreed_at": None})):
        return False
    inscription.refresh_from_db(fields=["image_agreed_at", "image_refused"])
    kind = Kind.IMAGE_AGREED if agreed else Kind.IMAGE_WITHDRAWN
    event = InscriptionEvent.objects.create(inscription=inscription, kind=kind)
    if not agreed:
        _tell_who_publishes(event)
    return True


@transaction.atomic
def note_refusal(inscription: Inscription, by: User, *, refused: bool) -> None:
    """Who refuses ends what they had agreed to; not to refuse any more is not to agree."""
    rows = Inscription.objects.select_for_update().filter(pk=inscription.pk, image_refused=not refused)
    agreed = [at is not None for at in rows.values_list("image_agreed_at", flat=True)]
    if not rows.update(image_refused=refused, image_agreed_at=None):
        return
    inscription.image_refused, inscription.image_agreed_at = refused, None
    kind = Kind.IMAGE_REFUSED if refused else Kind.IMAGE_ALLOWED
    event = InscriptionEvent.objects.create(inscription=inscription, kind=kind, by=by)
    if not refused:
        return
    if inscription.personne.is_confirmed:  # nothing is written to an address typed at the door
        emails.refusal_noted(inscription, ended=agreed[0])
    if agreed[0]:
        _tell_who_publishes(event)


def _tell_who_publishes(event: InscriptionEvent) -> None:
    """Somebody does not agree any more, and pictures of their rencontre are shown."""
    inscription = event.inscription
    if Media.objects.filter(rencontre=inscription.rencontre_id, published_at__isnull=False).exists():
        for user in organisers(inscription.rencontre):
            emails.agreement_ended(inscription, event, user)
