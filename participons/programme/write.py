"""The rows of a programme, with the details that an example gives to its rencontres."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from ateliers.models import Atelier, Seance
from consultation.choices import DemarcheState, RencontreKind, RencontreState
from consultation.models import College, Demarche, Enjeu, Etape, Inscription, Lieu, Rencontre, Theme
from participons.programme.exemple import Details, Exemple
from participons.programme.fill import fill
from participons.programme.forum import Day
from participons.programme.rows import Rows
from participons.programme.schema import Group, Meeting, Programme, Ranked
from participons.programme.shift import moved
from participons.programme.when import When
from participons.programme.write_cadre import FrameWriter
from participons.programme.write_forum import ForumWriter
from socle.dates import local_midnight

NOTHING = Details()


class ProgrammeWriter:
    """Writes through `rows`, `weeks` after the dates of the file, with the details of the example if there is one."""

    def __init__(self, rows: Rows, programme: Programme, exemple: Exemple | None, weeks: int) -> None:
        self.rows = rows
        self.programme = programme
        self.exemple = exemple
        self.weeks = weeks
        self.dates = {name: moved(when, weeks) for name, when in programme.dates.items()}
        self.etapes: dict[int, Etape | None] = {}
        self.themes: dict[int, Theme | None] = {}
        self.enjeux: dict[int, Enjeu | None] = {}
        self.colleges: dict[int, College | None] = {}
        self.meetings: dict[str, Rencontre | None] = {}
        self.seances: dict[tuple[int, int], Rencontre | None] = {}
        self.ateliers: dict[int, Atelier | None] = {}

    def filled(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values, with the dates of their sentences written in."""
        return {name: fill(value, self.dates) if isinstance(value, str) else value for name, value in values.items()}

    def write(self) -> Demarche:
        self.demarche = self._demarche()
        self.frames = FrameWriter(self.rows, self.demarche, self.programme, self.dates, self.weeks)
        self.frames.opening()
        self.enjeux = {row.rank: self._ranked("enjeux", Enjeu, row) for row in self.programme.enjeux}
        self.colleges = {row.rank: self._ranked("colleges", College, row) for row in self.programme.colleges}
        self.etapes = {row.rank: self._ranked("etapes", Etape, row) for row in self.programme.etapes}
        self.themes = {row.rank: self._ranked("themes", Theme, row) for row in self.programme.themes}
        for meeting in self.programme.rencontres:
            self.meetings[meeting.key] = self._meeting(meeting)
        for group in self.programme.ateliers:
            self.ateliers[group.rank] = self._atelier(group)
        self._forums()
        self._move_what_staff_added()
        return self.demarche

    def _demarche(self) -> Demarche:
        opens, closes = (moved(when, self.weeks) if when else None for when in self._window())
        values: dict[str, Any] = self.filled(self.programme.demarche) | {"example_dates": self.weeks != 0}
        if self.rows.is_new("demarche"):
            alone = not Demarche.objects.filter(courante=True).exists()
            values |= {"state": DemarcheState.PUBLISHED, "courante": alone}
        dates = {
            "contributions_open_at": local_midnight(opens.start) if opens else None,
            "contributions_close_at": local_midnight(closes.end + timedelta(days=1)) if closes else None,
        }
        demarche = self.rows.put("demarche", Demarche, {}, values, dates)
        assert demarche is not None, "the load's row goes with its démarche"  # noqa: S101
        return demarche

    def _window(self) -> tuple[When | None, When | None]:
        return self.programme.opens, self.programme.closes

    def _ranked(self, name: str, model: Any, row: Ranked) -> Any:
        when = moved(row.when, self.weeks) if row.when else None
        dates = {"starts_on": when.start, "ends_on": when.end, "precision": when.precision} if when else None
        natural = {"demarche": self.demarche, "rank": row.rank}
        return self.rows.put(f"{name}.{row.rank}", model, natural, self.filled(row.values), dates)

    def _meeting(self, meeting: Meeting) -> Rencontre | None:
        details = self._details_of(meeting)
        key = f"rencontres.{meeting.key}"
        lieu = self.rows.put(f"{key}.lieu", Lieu, {}, details.lieu) if details.lieu else None
        return self._rencontre(
            key,
            self.filled(meeting.values),
            when=meeting.when,
            etape=meeting.etape,
            details=details,
            lieu=lieu,
        )

    def _forums(self) -> None:
        """Once the ateliers that they give back are known."""
        writer = ForumWriter(self.rows, self.weeks, self.ateliers)
        for meeting in self.programme.rencontres:
            if meeting.forum and (rencontre := self.meetings[meeting.key]):
                parts = [replace(part, values=self.filled(part.values)) for part in meeting.forum.parts]
                day = Day(self.filled(meeting.forum.values), parts)
                writer.write(f"rencontres.{meeting.key}.forum", rencontre, day, self._details_of(meeting))

    def _details_of(self, meeting: Meeting) -> Details:
        return self.exemple.rencontres.get(meeting.key, NOTHING) if self.exemple else NOTHING

    def _rencontre(
        self, key: str, values: dict[str, Any], *, when: When, etape: int | None, details: Details, lieu: Lieu | None
    ) -> Rencontre | None:
        if etape and (row := self.etapes[etape]):
            values = values | {"etape": row}
        values = values | ({"lieu": lieu} if lieu else {}) | {"example": details != NOTHING}
        if details.capacity:
            values["capacity"] = details.capacity
        if self.rows.is_new(key):
            values |= {"demarche": self.demarche, "state": RencontreState.PUBLISHED}
        at = moved(when, self.weeks).at(details.begins, details.ends)
        dates = {"starts_at": at.starts_at, "ends_at": at.ends_at, "precision": at.precision}
        return self.rows.put(key, Rencontre, {}, values, dates)

    def _atelier(self, group: Group) -> Atelier | None:
        key = f"ateliers.{group.rank}"
        place = (self.exemple.places.get(group.rank) if self.exemple else None) or {}
        lieu = self.rows.put(f"{key}.lieu", Lieu, {}, group.lieu | place) if group.lieu else None
        values = self.filled(group.values) | ({"lieu": lieu} if lieu else {})
        new = self.rows.is_new(key)
        atelier = self.rows.put(key, Atelier, {"demarche": self.demarche, "rank": group.rank}, values)
        if atelier and new:
            atelier.themes.set([theme for rank in group.themes if (theme := self.themes[rank])])
        for rank in range(1, len(group.seances) + 1):
            self.seances[group.rank, rank] = self._seance(atelier, group, rank, lieu) if atelier else None
        return atelier

    def _seance(self, atelier: Atelier, group: Group, rank: int, lieu: Lieu | None) -> Rencontre | None:
        key = f"ateliers.{group.rank}.seances.{rank}"
        details = self._details(f"{key}.rencontre", group.rank, rank)
        values = {
            "kind": str(RencontreKind.SEANCE),
            "title": f"Atelier {group.rank} – {group.values['town']}, séance {rank}",
        }
        rencontre = self._rencontre(
            f"{key}.rencontre",
            values,
            when=group.seances[rank - 1],
            etape=group.etape,
            details=details,
            lieu=lieu,
        )
        if rencontre is None:
            return None
        said: dict[str, Any] = {"atelier": atelier, "rank": rank}
        for name, texts in (("objective", "objectives"), ("ordre_du_jour", "agendas")):
            choices = getattr(self.exemple, texts) if self.exemple else []
            if rank <= len(choices):
                said[name] = choices[rank - 1]
        self.rows.put(key, Seance, {"rencontre": rencontre}, said)
        return rencontre

    def _details(self, key: str, atelier: int, rank: int) -> Details:
        """One séance may have fewer places than the others, where no more people have theirs already."""
        if self.exemple is None:
            return NOTHING
        details, full = self.exemple.seances, self.exemple.full
        if full is None or (full.atelier, full.seance) != (atelier, rank):
            return details
        known = self.rows.memory.get(key, {"pk": None})["pk"]
        held = Inscription.objects.confirmed().filter(rencontre=known).count()
        return replace(details, capacity=full.capacity) if held <= full.capacity else details

    def _move_what_staff_added(self) -> None:
        """Étapes and rencontres that no file knows go along with the others."""
        known = {row["pk"] for key, row in self.rows.memory.items() if key.startswith("etapes.")}
        added: list[Any] = list(self.demarche.etapes.exclude(pk__in=known)) if self.rows.delta else []
        known = {row.pk for row in [*self.meetings.values(), *self.seances.values()] if row}
        if self.rows.delta:
            added += self.demarche.rencontres.exclude(pk__in=known).order_by("pk")
        for row in added:
            self.rows.move(row)
