"""Who may do what in an atelier; each function reads like the regulation. Every door asks here."""

from __future__ import annotations

from ateliers.models import Animation, Atelier, Production
from ateliers.models.atelier import AtelierQuerySet
from consultation.choices import ContributionState
from consultation.permissions import Visitor, can_read, can_run


def animated(user: Visitor) -> AtelierQuerySet:
    """The ateliers this member of staff runs today as their organisateur."""
    if not (user.is_active and getattr(user, "is_staff", False)):
        return Atelier.objects.none()
    held = Animation.objects.active().filter(user_id=user.pk)
    return Atelier.objects.filter(pk__in=held.values("atelier"))


def animated_today(user: Visitor) -> frozenset[int]:
    """Their keys, read once for each user object, which lasts as long as a request."""
    if not hasattr(user, "_animated_today"):
        user._animated_today = frozenset(animated(user).values_list("pk", flat=True))  # type: ignore[union-attr]  # noqa: SLF001
    return user._animated_today  # type: ignore[union-attr]  # noqa: SLF001


def can_animate(user: Visitor, atelier: Atelier) -> bool:
    """The responsable of the démarche, and the organisateur of this very atelier, run it."""
    return can_run(user, atelier.demarche) or atelier.pk in animated_today(user)


def can_look_into(user: Visitor, atelier: Atelier) -> bool:
    """Any role on the démarche reads its ateliers; an organisateur reads their own."""
    return can_read(user, atelier.demarche) or atelier.pk in animated_today(user)


def can_refuse(user: Visitor, production: Production) -> bool:
    """Whoever runs its atelier reads what a table typed before anybody does, and publishes it or says why not. Once it
    is public, taking it down is the moderators'."""
    waits = production.contribution.state == ContributionState.WAITING
    return waits and can_animate(user, production.seance.atelier)
