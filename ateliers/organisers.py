"""Who runs the atelier of a séance, and whose séances they are (settings.ORGANISERS,
settings.ORGANISED); who stays in the team by it (settings.STAYS_IN_TEAM)."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse

from ateliers.models import Animation, Seance
from ateliers.permissions import animated_today
from consultation.models import Demarche, Rencontre
from socle.comptes.models import User

TEAM = "ateliers_atelier_equipe"


def door(demarche: Demarche) -> tuple[str, str]:
    """From the page of the team (settings.TEAM_DOORS)."""
    page = reverse(f"admin:{TEAM}", args=[demarche.pk])
    return "Les organisateurs des ateliers : qui mène chacun, et jusqu’à quand", page


def of(rencontre: Rencontre) -> list[User]:
    rows = Animation.objects.active().filter(atelier__seances=rencontre.pk).select_related("user")
    rows = rows.filter(user__is_active=True, user__is_staff=True)
    return [row.user for row in rows.order_by("pk")]


def organised_by(user: User) -> QuerySet[Seance, int]:
    """The keys of the séances, which are those of their rencontres."""
    return Seance.objects.filter(atelier__in=animated_today(user)).values_list("pk", flat=True)


def animates(user: User) -> bool:
    return Animation.objects.active().filter(user=user).exists()
