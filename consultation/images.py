"""What was said of being recognised in the pictures of a rencontre, as those who publish them read it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from consultation.choices import InscriptionEventKind
from consultation.models import Inscription, InscriptionEvent, Media, Rencontre, Venue
from consultation.models.inscription import InscriptionQuerySet

ENDED = (InscriptionEventKind.IMAGE_WITHDRAWN, InscriptionEventKind.IMAGE_REFUSED)


@dataclass(frozen=True)
class Said:
    """Of being recognised in a picture: who agreed, who refused at the door, whose agreement ended since the rights of
    a picture that is still shown were checked. Whoever said nothing has agreed to nothing.
    """

    agreed: int
    refused: int
    ended: list[Inscription]


def said_of_images(rencontre: Rencontre) -> Said:
    mine = Inscription.objects.filter(rencontre=rencontre)
    refused = mine.filter(image_refused=True).count()
    refused += Venue.objects.filter(rencontre=rencontre, image_refused=True).count()
    return Said(
        mine.filter(image_agreed_at__isnull=False).count(),
        refused,
        list(ended_since_checked().filter(rencontre=rencontre)),
    )


def ended_since_checked() -> InscriptionQuerySet:
    """Whose agreement ended after the rights of a picture of their rencontre, still shown, were last checked."""
    shown = Media.objects.filter(published_at__isnull=False, rencontre=OuterRef("inscription__rencontre"))
    ended = InscriptionEvent.objects.filter(
        Exists(shown.filter(rights_checked_at__lt=OuterRef("at"))), inscription=OuterRef("pk"), kind__in=ENDED
    )
    return Inscription.objects.filter(Exists(ended), image_agreed_at__isnull=True).order_by("pk")
