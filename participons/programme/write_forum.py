"""The row of a forum, the window of its remarks, and the programme of its day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from itertools import zip_longest
from typing import Any

from ateliers.models import Atelier
from consultation.models import Rencontre
from forums.models import Forum, Moment
from participons.programme.exemple import Details
from participons.programme.forum import Day, Part
from participons.programme.rows import Rows
from participons.programme.shift import moved
from socle.dates import local_midnight


class ForumWriter:
    """`weeks` after the dates of the file; `details` say what the programme leaves open: hours, remarks online."""

    def __init__(self, rows: Rows, weeks: int, ateliers: Mapping[int, Atelier | None]) -> None:
        self.rows, self.weeks, self.ateliers = rows, weeks, ateliers

    def write(self, key: str, rencontre: Rencontre, day: Day, details: Details) -> None:
        """The dates of the sentences of `day` are written in already."""
        forum = self.rows.put(key, Forum, {"rencontre": rencontre}, day.values, self._window(details))
        if forum is None or (self.rows.is_new(f"{key}.programme.1") and forum.moments.exists()):
            return  # the team has written its own
        for rank, (part, hour) in enumerate(zip_longest(day.parts, details.hours), start=1):
            order = {"rank": rank} if hour is None else {"rank": rank, "at": hour}
            self._moment(f"{key}.programme.{rank}", forum, part, order)

    def _window(self, details: Details) -> dict[str, Any]:
        if details.remarks is None:
            return {}
        opens, closes = (moved(when, self.weeks) for when in details.remarks)
        return {
            "remarks_open_at": local_midnight(opens.start),
            "remarks_close_at": local_midnight(closes.end + timedelta(days=1)),
        }

    def _moment(self, key: str, forum: Forum, part: Part, order: dict[str, Any]) -> None:
        if part.atelier is None:
            self.rows.put(key, Moment, {}, {"forum": forum} | part.values | order)
        elif atelier := self.ateliers[part.atelier]:
            self.rows.put(key, Moment, {"forum": forum, "atelier": atelier}, part.values | order)
