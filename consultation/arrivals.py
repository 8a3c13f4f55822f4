"""What the arrival page lists: everybody of a rencontre by name, and who is here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from consultation.choices import InscriptionState, Mode, Presence
from consultation.guests import by_name, label
from consultation.models import Inscription, Rencontre, Venue
from consultation.presence import Came, count
from socle.dates import time_label
from socle.text import fold


@dataclass(frozen=True)
class Guest:
    """One line. `here` is the hour they came, empty while they have not; `note` what the door should know.

    `late` is on no list that was loaded before the day.
    """

    code: str
    label: str
    here: str = ""
    no_photo: bool = False
    note: str = ""
    late: bool = False

    @classmethod
    def of(cls, row: Inscription | Venue, *, both: bool = False) -> Guest:
        if isinstance(row, Venue):
            here = hour(row.arrived_at)
            return cls(row.code, row.name or "sans nom", here, row.image_refused, "sans inscription", late=True)
        late = row.attended_at is not None and timezone.localdate(row.created_at) >= timezone.localdate(row.attended_at)
        here, note = hour(row.attended_at), _note(row, both=both)
        return cls(row.code, label(row), here, row.image_refused, note, late)

    def matches(self, words: str) -> bool:
        return fold(words) in fold(self.label) or words.strip().upper() == self.code


def hour(at: datetime | None) -> str:
    return time_label(timezone.localtime(at).time()) if at else ""


def _note(row: Inscription, *, both: bool) -> str:
    return " · ".join(filter(None, [_standing(row, both=both), "accord photo" if row.image_agreed_at else ""]))


def _standing(row: Inscription, *, both: bool) -> str:
    state = {InscriptionState.WAITING: "liste d’attente", InscriptionState.CANCELLED: "a rendu sa place"}
    if row.sur_place:
        return "sur place"
    if not row.is_confirmed:
        return state[InscriptionState(row.state)]
    return "à distance" if both and row.presence == Presence.REMOTE else ""


@dataclass(frozen=True)
class Evening:
    """Everybody, and how many came; in two queries."""

    guests: list[Guest]
    came: Came

    @classmethod
    def of(cls, rencontre: Rencontre) -> Evening:
        """Those who gave their place back come last: they are looked for, not read."""
        both = rencontre.mode == Mode.BOTH
        rows = by_name(Inscription.objects.filter(rencontre=rencontre).select_related("personne"))
        rows.sort(key=lambda one: one.state == InscriptionState.CANCELLED)
        venues = list(Venue.objects.counted().filter(rencontre=rencontre))
        guests = [Guest.of(row, both=both) for row in rows] + [Guest.of(row) for row in venues]
        return cls(guests, count(rows, len(venues)))

    def state(self) -> dict[str, Any]:
        """For the telephones: who is here, whoever noted it; names only of those who are on no list they loaded."""
        here = [one for one in self.guests if one.here]
        return {
            "label": self.came.label,
            "here": {one.code: one.here for one in here},
            "notes": {one.code: one.note for one in here if one.note},
            "photo": [one.code for one in self.guests if one.no_photo],
            "names": {one.code: one.label for one in here if one.late},
        }
