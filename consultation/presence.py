"""How many came to a rencontre: in the room, at a distance, and those who came without registering."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from consultation.choices import Presence
from consultation.models import Inscription, Rencontre, Venue

NBSP = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Came:
    """`room` and `remote` had a place; `sur_place` had none, or leaves no address, and is in the room."""

    room: int = 0
    remote: int = 0
    sur_place: int = 0

    @property
    def total(self) -> int:
        return self.room + self.remote + self.sur_place

    @property
    def label(self) -> str:
        """« 15 présents : 12 dans la salle, 2 à distance, 1 venu sans inscription »; « Personne encore »."""
        if not self.total:
            return "Personne encore"
        plural = "s" if self.sur_place > 1 else ""
        parts = [(self.room, "dans la salle"), (self.remote, "à distance")]
        parts.append((self.sur_place, f"venu{plural} sans inscription"))
        said = ", ".join(f"{number} {words}" for number, words in parts if number)
        return f"{self.total} présent{'s' if self.total > 1 else ''}{NBSP}: {said}"


def presence_of(rencontre: Rencontre) -> Came:
    return presences([rencontre])[rencontre.pk]


def presences(rencontres: Iterable[Rencontre]) -> dict[int, Came]:
    """Of several, in two queries."""
    pks = [rencontre.pk for rencontre in rencontres]
    came = Inscription.objects.filter(rencontre__in=pks, attended_at__isnull=False).order_by().values("rencontre")
    counted = came.annotate(
        room=Count("pk", filter=Q(presence=Presence.ROOM, sur_place=False)),
        remote=Count("pk", filter=Q(presence=Presence.REMOTE)),
        sur_place=Count("pk", filter=Q(presence=Presence.ROOM, sur_place=True)),
    )
    found = {row["rencontre"]: row for row in counted}
    venues = Venue.objects.counted().filter(rencontre__in=pks).order_by().values("rencontre").annotate(n=Count("pk"))
    unnamed = {row["rencontre"]: row["n"] for row in venues}
    return {pk: _came(found.get(pk), unnamed.get(pk, 0)) for pk in pks}


def colleges_said(rencontre: Rencontre) -> list[tuple[str, int]]:
    """As what those who came say that they take part, where they were asked at the door; for the team, which reads
    their names. In public it counts among the figures of an atelier, where small numbers are masked."""
    came = Inscription.objects.filter(rencontre=rencontre, attended_at__isnull=False, college__isnull=False)
    unnamed = Venue.objects.counted().filter(rencontre=rencontre, college__isnull=False)
    found: Counter[tuple[int, str]] = Counter()
    for rows in (came, unnamed):
        found.update(rows.order_by().values_list("college__rank", "college__label"))
    return [(label, number) for (_, label), number in sorted(found.items())]


def count(inscriptions: Iterable[Inscription], venues: int) -> Came:
    """The same, of rows that were read already."""
    here = Counter(
        "remote" if one.presence == Presence.REMOTE else "sur_place" if one.sur_place else "room"
        for one in inscriptions
        if one.attended_at is not None
    )
    return _came(dict.fromkeys(("room", "remote", "sur_place"), 0) | here, venues)


def _came(row: Mapping[str, Any] | None, venues: int) -> Came:
    row = row or {"room": 0, "remote": 0, "sur_place": 0}
    return Came(row["room"], row["remote"], row["sur_place"] + venues)
