"""How many people came to a rencontre: counts, never names."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from consultation.choices import Presence as Way
from consultation.models import Inscription, Rencontre, Venue


@dataclass(frozen=True)
class Presence:
    """Those who had registered, in the room or at a distance; those who came without, counted apart."""

    room: int = 0
    remote: int = 0
    sur_place: int = 0

    @property
    def total(self) -> int:
        return self.room + self.remote + self.sur_place


def presence_of(rencontre: Rencontre) -> Presence:
    """Two queries."""
    came, walked_in = Inscription.objects.filter(rencontre=rencontre, attended_at__isnull=False), Q(sur_place=True)
    remote = Q(presence=Way.REMOTE)
    counts = came.aggregate(
        room=Count("pk", filter=~walked_in & ~remote),
        remote=Count("pk", filter=~walked_in & remote),
        sur_place=Count("pk", filter=walked_in),
    )
    nameless = Venue.objects.filter(rencontre=rencontre).count()
    return Presence(counts["room"], counts["remote"], counts["sur_place"] + nameless)
