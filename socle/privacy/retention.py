"""How long each kind of data is kept, from when, and why (settings.RETENTION): shown and enforced as it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

YEAR = 365  # days
NBSP = "\N{NO-BREAK SPACE}"

type Verb = Callable[[], int]


@dataclass(frozen=True)
class Keeping:
    """`verb` is the function that erases what is over, safe to call at any time; it returns how many rows it did."""

    what: str
    days: int
    start: str  # « après le rendez-vous »
    why: str
    then: str  # what is done of it
    verb: str

    @property
    def length(self) -> str:
        """« 7 jours », « 1 an », « 3 ans »."""
        years, rest = divmod(self.days, YEAR)
        if rest or not years:
            return f"{self.days}{NBSP}jours"
        return f"{years}{NBSP}an{'s' if years > 1 else ''}"


def kept_for(kind: str) -> timedelta:
    """KeyError for a kind that is not in the settings."""
    return timedelta(days=settings.RETENTION[kind].days)
