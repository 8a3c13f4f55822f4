"""The consent to be in pictures: given by the person alone, dated, withdrawn when they like; its history is kept.

A refusal is something else: it is said to the team, at the door or on the sheet (`actions.presence`), and ends what
was agreed. Who said nothing has agreed to nothing.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now

from consultation.choices import InscriptionEventKind as Kind
from consultation.emails import images as emails
from consultation.models import Inscription, InscriptionEvent, Media
from consultation.organisers import organisers


@transaction.atomic
def say_images(inscription: Inscription, *, agreed: bool) -> bool:
    """Whether anything changed: said twice, it keeps its first date. Whoever agrees does not refuse any more."""
    rows = Inscription.objects.filter(pk=inscription.pk, image_agreed_at__isnull=agreed)
    if not rows.update(**({"image_agreed_at": Now(), "image_refused": False} if agreed else {"image_agreed_at": None})):
        return False
    inscription.refresh_from_db(fields=["image_agreed_at", "image_refused"])
    kind = Kind.IMAGE_AGREED if agreed else Kind.IMAGE_WITHDRAWN
    event = InscriptionEvent.objects.create(inscription=inscription, kind=kind)
    shown = not agreed and Media.objects.filter(rencontre=inscription.rencontre_id, published_at__isnull=False).exists()
    for user in organisers(inscription.rencontre) if shown else ():
        emails.agreement_ended(inscription, event, user)
    return True
