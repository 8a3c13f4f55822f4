"""The line of the étapes: where a démarche stands on a given day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from consultation.models import Demarche, Etape

STOP = ("id", "rank", "type", "title", "starts_on", "ends_on", "precision")  # what a stop needs of its étape
STATES = {"past": "passée", "now": "en cours", "coming": "à venir"}


@dataclass(frozen=True)
class Stop:
    etape: Etape
    state: str  # a key of STATES

    @property
    def state_label(self) -> str:
        return STATES[self.state]


@dataclass(frozen=True)
class Line:
    demarche: Demarche
    stops: list[Stop]

    @classmethod
    def of(cls, demarche: Demarche, at: datetime | None = None) -> Line:
        """One query. The étapes know their démarche, so that their addresses cost none."""
        return cls.through(demarche, demarche.etapes.order_by("rank"), at)

    @classmethod
    def through(cls, demarche: Demarche, etapes: Iterable[Etape], at: datetime | None = None) -> Line:
        return cls(demarche, [Stop(etape, _state(etape, at)) for etape in etapes])

    @classmethod
    def told(cls, demarche: Demarche, stops: Iterable[dict[str, Any]]) -> Line:
        """Of a row that was read with its `stops`: no query."""
        return cls.through(demarche, [_etape(demarche, **said) for said in stops])

    @property
    def running(self) -> list[Etape]:
        """Étapes may overlap: there may be two, and there may be none."""
        return [stop.etape for stop in self.stops if stop.state == "now"]

    @property
    def next(self) -> Etape | None:
        """The one that starts soonest, whatever its rank."""
        coming = [stop.etape for stop in self.stops if stop.state == "coming"]
        return min(coming, key=lambda etape: (etape.starts_on, etape.rank), default=None)

    @property
    def is_over(self) -> bool:
        return bool(self.stops) and all(stop.state == "past" for stop in self.stops)

    @property
    def is_long(self) -> bool:
        """Beyond this, the stops do not fit side by side."""
        return len(self.stops) > 8

    def find(self, rank: int) -> Stop | None:
        return next((stop for stop in self.stops if stop.etape.rank == rank), None)


def stops(demarche: str = "demarche") -> ArraySubquery:
    """The étapes of the démarche that a row names, read with it."""
    rows = Etape.objects.filter(demarche=OuterRef(demarche)).order_by("rank")
    return ArraySubquery(rows.values(said=JSONObject(**{name: name for name in STOP})))


def _etape(demarche: Demarche, starts_on: str, ends_on: str, **said: Any) -> Etape:
    days = {"starts_on": date.fromisoformat(starts_on), "ends_on": date.fromisoformat(ends_on)}
    return Etape(demarche=demarche, **days, **said)


def _state(etape: Etape, at: datetime | None) -> str:
    if etape.is_running(at):
        return "now"
    return "past" if etape.is_past(at) else "coming"
