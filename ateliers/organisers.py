"""Who runs the atelier of a séance (named in settings.ORGANISERS)."""

from __future__ import annotations

from ateliers.models import Animation
from consultation.models import Rencontre
from socle.comptes.models import User


def of(rencontre: Rencontre) -> list[User]:
    rows = Animation.objects.filter(atelier__seances=rencontre.pk, user__is_active=True).select_related("user")
    return [row.user for row in rows.order_by("pk")]
