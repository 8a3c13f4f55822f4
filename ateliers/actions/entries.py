"""What of the composition of a group enters the public register: a draw announced, a draw done. No name, no number."""

from __future__ import annotations

from ateliers.lots import numbers_of
from ateliers.models import Tirage
from consultation.permissions import can_run
from socle.comptes.models import User
from socle.registre.actions import record


def enter_tirage(tirage: Tirage, by: User) -> None:
    """Sealed before the seed is known: the announcement cannot have been written afterwards."""
    atelier = tirage.atelier
    facts: dict[str, str | int | None] = {"atelier": str(atelier), "candidatures": len(numbers_of(tirage.pool))}
    if tirage.drawn_at is None:
        facts["source"] = tirage.seed_source
    else:
        facts |= {"tires": len(numbers_of(tirage.drawn)), "graine": tirage.seed}
    record(
        "tirage.annonce" if tirage.drawn_at is None else "tirage.fait",
        subject=f"tirage:{tirage.pk}",
        role=_running(by, tirage),
        facts=facts,
        demarche=atelier.demarche.slug,
    )


def _running(by: User, tirage: Tirage) -> str:
    if by.is_superuser:
        return "administrateur"
    return "responsable" if can_run(by, tirage.atelier.demarche) else "organisateur"
