"""The versions of the frame: the one a démarche opens with, and the one an example adds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.utils import timezone

from consultation.models import Cadre, Demarche
from participons.programme.cadre import Frame, completed
from participons.programme.fill import fill
from participons.programme.rows import Rows
from participons.programme.schema import Programme
from participons.programme.shift import moved
from participons.programme.when import When

OPENING, FOLLOWING = "cadre.ouverture", "cadre.exemple"


class FrameWriter:
    """Writes through `rows`. Once staff have published a version, the dates of the others are history and stay."""

    def __init__(
        self, rows: Rows, demarche: Demarche, programme: Programme, dates: Mapping[str, When], weeks: int
    ) -> None:
        self.rows = rows
        self.demarche = demarche
        self.programme = programme
        self.dates = dates
        self.weeks = weeks
        known = {rows.memory[key]["pk"] for key in (OPENING, FOLLOWING) if key in rows.memory}
        self.alone = not rows.memory or not demarche.cadres.exclude(pk__in=known).exists()
        if rows.delta and self.alone:
            self._unlock()  # it moves with the whole programme

    def opening(self) -> None:
        """A démarche that is loaded is open: the frame is in force, at the latest, on the day of the load."""
        frame = self.programme.cadre
        begins = [when for when in (frame.when, self.programme.opens, *self.programme.dates.values()) if when]
        day = min([moved(when, self.weeks).start for when in begins[:1]] + [timezone.localdate()])
        self.values = self._filled(completed(frame))
        self._put(OPENING, self.values, day)

    def following(self, frame: Frame) -> None:
        assert frame.when is not None, "read_frame asked for it"  # noqa: S101
        if self.alone:
            self._unlock()  # an example is rewritten as long as nobody has answered it with a version of their own
        self._put(FOLLOWING, self.values | self._filled(frame.values), moved(frame.when, self.weeks).start)

    def _unlock(self) -> None:
        """Until the end of the transaction: the triggers keep a frame in force as it is."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('participons.dates_move', 'on', true)")

    def _filled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: fill(value, self.dates) for name, value in values.items()}

    def _put(self, key: str, values: Mapping[str, Any], day: Any) -> None:
        natural = {"demarche": self.demarche, "published_on": day}
        if self.alone or self.rows.is_new(key):
            self.rows.put(key, Cadre, natural, values, {"published_on": day})
