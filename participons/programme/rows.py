"""Rows written from a file again and again, without undoing what staff wrote in between.

For each row the load remembers its key in the file, its primary key and the values of the file. The next load changes
a column only where it still holds what the last one wrote: what staff changed stays, and what they deleted stays
deleted. Nothing is ever deleted here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import models
from django.db.models import F
from django.utils import timezone

from consultation.models import Rencontre
from participons.programme.shift import moved
from participons.programme.when import When
from socle.courriels.actions import cancel
from socle.dates import Precision

ANNOUNCED = {"title", "starts_at", "ends_at", "precision", "lieu", "state", "mode"}  # what a calendar file repeats


class Rows:
    """`memory` is what the last load left, by key; `delta` how many weeks later this load puts the dates."""

    def __init__(self, memory: Mapping[str, Any], delta: int) -> None:
        self.memory = {key: {"pk": row["pk"], "values": dict(row["values"])} for key, row in memory.items()}
        self.delta = delta
        self.created = 0
        self.changed = 0
        self.kept = 0  # columns left as staff wrote them

    def put(
        self,
        key: str,
        model: Any,
        natural: Mapping[str, Any],
        values: Mapping[str, Any],
        dates: Mapping[str, Any] | None = None,
    ) -> Any:
        """The row of `key`, made or brought up to date; None where staff deleted it.

        `natural` finds a row that is there already (empty: there is none to look for); `dates` change all or none.
        """
        dates = dates or {}
        known = self.memory.get(key)
        row = model.objects.filter(**({"pk": known["pk"]} if known else natural or {"pk": None})).first()
        if row is None:
            if known:
                return None
            row = model(**{**natural, **values, **dates})
            row.save(force_insert=True)
            self.created += 1
        else:
            self._update(row, known["values"] if known else {}, values, dates)
        remembered = {name: _stored(value) for name, value in {**values, **dates}.items()}
        self.memory[key] = {"pk": row.pk, "values": (known["values"] if known else {}) | remembered}
        return row

    def did(self, key: str, row: models.Model) -> None:
        """An action made this row: remembered, so that no other load does it again."""
        self.memory[key] = {"pk": row.pk, "values": {}}
        self.created += 1

    def pk_of(self, key: str) -> Any:
        return self.memory[key]["pk"] if key in self.memory else None

    def is_new(self, key: str) -> bool:
        return key not in self.memory

    def _update(self, row: Any, known: dict[str, Any], values: Mapping[str, Any], dates: Mapping[str, Any]) -> None:
        wanted: dict[str, Any] = {}
        for name, value in values.items():
            current = _current(row, name)
            if current == _stored(value):
                continue
            if current == known[name] if name in known else _is_empty(row, name):
                wanted[name] = value
            else:
                self.kept += 1
        if all(_current(row, name) == known.get(name) for name in dates):
            wanted |= {name: value for name, value in dates.items() if _current(row, name) != _stored(value)}
        elif any(_current(row, name) != _stored(value) for name, value in dates.items()):
            self.kept += 1
            wanted |= self._later(row, dates)
        self._save(row, wanted)

    def move(self, row: models.Model) -> None:
        """A row that no file knows (staff added it) goes along with the others."""
        self._save(row, self._later(row, ("starts_on", "ends_on", "starts_at", "ends_at")))

    def _later(self, row: models.Model, names: Any) -> dict[str, Any]:
        """The dates that staff chose, moved by the same weeks as the file's."""
        precision = getattr(row, "precision", Precision.DAY)
        found = {name: getattr(row, name, None) for name in names if name != "precision"}
        later = {name: _later(value, precision, self.delta) for name, value in found.items() if value is not None}
        return {name: value for name, value in later.items() if self.delta and value != found[name]}

    def _save(self, row: models.Model, wanted: Mapping[str, Any]) -> None:
        if not wanted:
            return
        self.changed += 1
        for name, value in wanted.items():
            setattr(row, name, value)
        row.save(update_fields=[*wanted, *({"sort_key"} & {field.name for field in row._meta.fields})])
        if isinstance(row, Rencontre) and ANNOUNCED & wanted.keys():
            Rencontre.objects.filter(pk=row.pk).update(ics_sequence=F("ics_sequence") + 1)
            cancel(f"rencontre:{row.pk}", "Le rendez-vous a changé.")


def _current(row: Any, name: str) -> Any:
    return _stored(getattr(row, row._meta.get_field(name).attname))


def _stored(value: Any) -> Any:
    """The value as JSON keeps it."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, (date, time)) else value


def _is_empty(row: Any, name: str) -> bool:
    current = _current(row, name)
    return current in ("", None) or current == _stored(row._meta.get_field(name).get_default())


def _later(value: date | datetime, precision: str, weeks: int) -> date | datetime:
    """So many weeks later; to the month or the season, as the file's own periods move."""
    if isinstance(value, datetime):
        local = timezone.localtime(value).replace(tzinfo=None)
        day = _later(local.date(), precision, weeks)
        return timezone.make_aware(datetime.combine(day, local.time()))
    if precision in (Precision.DAY, Precision.HOUR):
        return value + timedelta(weeks=weeks)
    if value.day == 1:
        return moved(When(value, value, precision), weeks).start
    return moved(When(value.replace(day=1), value, str(Precision.MONTH)), weeks).end
