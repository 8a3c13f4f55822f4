"""A group as its tests compose it: an atelier with its three séances, people, and who runs it."""

from __future__ import annotations

from typing import Any

from ateliers.actions.composition import Someone, compose
from ateliers.models import Atelier, CameBy
from consultation.models import Inscription
from tests.factories import make_animation, make_atelier, make_seance, make_user


def make_group(capacity: int | None = None, seances: int = 3, **fields: Any) -> Atelier:
    """Nobody in it yet."""
    atelier = make_atelier(**fields)
    for _ in range(seances):
        make_seance(atelier, capacity=capacity)
    return atelier


def people(count: int, start: int = 0, **known: Any) -> list[Someone]:
    return [Someone(f"membre{number}@example.org", **known) for number in range(start, start + count)]


def put_in(atelier: Atelier, found: list[Someone], by: Any = None, came_by: str = CameBy.LANCEMENT) -> Any:
    return compose(atelier, found, came_by, by or make_user(is_staff=True))


def organiser(client: Any, atelier: Atelier) -> Any:
    """Signed in, without any role: they run this atelier."""
    user = make_user(is_staff=True)
    make_animation(atelier=atelier, user=user)
    client.force_login(user)
    return user


def address(atelier: Atelier, end: str = "groupe/") -> str:
    return f"/admin/ateliers/atelier/{atelier.pk}/{end}"


def states(atelier: Atelier) -> list[list[str]]:
    """Of each séance, by rank, the state of each inscription in the order they were asked for."""
    return [
        list(Inscription.objects.filter(rencontre=seance.pk).order_by("pk").values_list("state", flat=True))
        for seance in atelier.seances.order_by("rank")
    ]
