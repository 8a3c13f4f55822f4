"""Who may do what in an atelier; each function reads like the regulation. Every door asks here."""

from __future__ import annotations

from ateliers.models import Animation, Atelier
from ateliers.models.atelier import AtelierQuerySet
from consultation.permissions import Visitor, can_read, can_run


def animated(user: Visitor) -> AtelierQuerySet:
    """The ateliers this member of staff runs today as their organisateur."""
    if not (user.is_active and getattr(user, "is_staff", False)):
        return Atelier.objects.none()
    held = Animation.objects.active().filter(user_id=user.pk)
    return Atelier.objects.filter(pk__in=held.values("atelier"))


def can_animate(user: Visitor, atelier: Atelier) -> bool:
    """The responsable of the démarche, and the organisateur of this very atelier, run it."""
    return can_run(user, atelier.demarche) or animated(user).filter(pk=atelier.pk).exists()


def can_look_into(user: Visitor, atelier: Atelier) -> bool:
    """Any role on the démarche reads its ateliers; an organisateur reads their own."""
    return can_read(user, atelier.demarche) or animated(user).filter(pk=atelier.pk).exists()
