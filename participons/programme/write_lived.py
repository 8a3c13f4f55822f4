"""The rows of an atelier that a demonstration has lived through, each séance once it is over by the clock.

What was lived stays: words of a group and adopted minutes are never written over, even where the dates move again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.utils import timezone

from ateliers.actions import comptes_rendus
from ateliers.models import (
    Animation,
    Atelier,
    Cible,
    CompteRendu,
    CompteRenduState,
    Devenir,
    Fate,
    Lecture,
    Membre,
    Production,
    ProductionVersion,
    Remarque,
    Seance,
)
from consultation.actions.contributions import place_label
from consultation.choices import ContributionState, DecisionCause, How, InscriptionState, Origine, SpeaksAs
from consultation.models import Citation, Contribution, Decision, Inscription, Rencontre
from participons.programme.lived import Became, Evening, Full, Lived, Made, Minutes
from participons.programme.write import ProgrammeWriter
from socle.comptes.models import Personne, User

SOURCE = "exemple"  # where the contributions of an example come from, beside the imports
RELECTURE = timedelta(days=6)  # those who were there answer until then
DAY = timedelta(days=1)


class People:
    """Invented people, at addresses that no mail can reach (RFC 2606)."""

    def __init__(self, writer: ProgrammeWriter) -> None:
        self.writer, self.rows = writer, writer.rows
        self.since = writer.demarche.contributions_open_at or timezone.now()

    def personne(self, name: str) -> Personne | None:
        email = f"{name}@exemple.invalid"
        return self.rows.put(f"personnes.{email}", Personne, {"email": email}, {}, {"confirmed_at": self.since})

    def seat(self, key: str, seance: tuple[int, int], personne: Personne, state: str, **came: datetime) -> None:
        """Nobody invented takes a place that is not there: visitors may have taken them all."""
        rencontre = self.writer.seances[seance]
        if rencontre is None or (self.rows.is_new(key) and state == InscriptionState.CONFIRMED and _is_full(rencontre)):
            return
        natural = {"rencontre": rencontre, "personne": personne}
        self.rows.put(key, Inscription, natural, {"state": state}, {"created_at": self.since} | came)

    def fill(self, full: Full) -> None:
        """All its places, then some who wait; what visitors took before stays theirs."""
        key, place = f"complet.{full.atelier}.{full.seance}", (full.atelier, full.seance)
        for number, state in enumerate(self._states(key, full), start=1):
            if personne := self.personne(f"atelier-{full.atelier}-seance-{full.seance}-{number}"):
                self.seat(f"{key}.{number}", place, personne, state)

    def _states(self, key: str, full: Full) -> list[str]:
        """As they were first written: who was given a place since is not put back in line."""
        known = sum(name.startswith(f"{key}.") for name in self.rows.memory)
        if known:
            return [self.rows.memory[f"{key}.{number}"]["values"]["state"] for number in range(1, known + 1)]
        rencontre = self.writer.seances[full.atelier, full.seance]
        if rencontre is None or rencontre.capacity != full.capacity:
            return []
        free = full.capacity - Inscription.objects.confirmed().filter(rencontre=rencontre).count()
        return [str(InscriptionState.CONFIRMED)] * free + [str(InscriptionState.WAITING)] * full.waiting


class LivedWriter:
    """`said` and `communes`: the rows that the example has written already, by key and by code."""

    def __init__(self, people: People, lived: Lived, said: dict[str, Any], communes: dict[str, Any]) -> None:
        self.people, self.lived = people, lived
        self.writer, self.rows = people.writer, people.rows
        self.said: dict[str, Contribution | None] = dict(said)
        self.productions: dict[str, Production | None] = {}
        self.communes = communes
        self.held = {rank: seance for rank, seance in self._seances() if self._is_over(rank, seance)}

    def write(self) -> None:
        atelier = self.writer.ateliers[self.lived.atelier]
        if atelier is None:
            return
        for rank, places in self.lived.targets.items():
            if college := self.writer.colleges[rank]:
                natural = {"atelier": atelier, "college": college}
                self.rows.put(f"{self._key()}.cibles.{rank}", Cible, natural, {"places": places})
        self._group(atelier)
        for rank, seance in self.held.items():
            self._evening(rank, seance, self.lived.evenings[rank])

    def _key(self, rank: int | None = None) -> str:
        return f"vecu.{self.lived.atelier}" + (f".seances.{rank}" if rank else "")

    def _seances(self) -> Iterator[tuple[int, Seance]]:
        for rank in sorted(self.lived.evenings):
            rencontre = self.writer.seances[self.lived.atelier, rank]
            seance = Seance.objects.filter(pk=rencontre.pk).first() if rencontre else None
            atelier = self.writer.ateliers[self.lived.atelier]
            if seance and rencontre and atelier and not rencontre.is_cancelled:
                seance.rencontre, seance.atelier = rencontre, atelier
                yield rank, seance

    def _is_over(self, rank: int, seance: Seance) -> bool:
        """By the clock; or it was once, and what it said is written."""
        lived = any(key.startswith(f"{self._key(rank)}.") for key in self.rows.memory)
        return lived or _end(seance) <= timezone.now()

    def _group(self, atelier: Atelier) -> None:
        everybody = [batch for batch in self.lived.group for _ in range(batch.count)]
        for number, batch in enumerate(everybody, start=1):
            if personne := self.people.personne(f"membre-{number}"):
                commune = self.communes[batch.commune] if batch.commune else None
                links = {"college": self.writer.colleges[batch.college], "commune": commune}
                values: dict[str, Any] = {"name": f"Exemple n° {number}", "came_by": batch.came_by}
                values |= {name: row for name, row in links.items() if row}
                natural = {"atelier": atelier, "personne": personne}
                key = f"{self._key()}.membres.{number}"
                self.rows.put(key, Membre, natural, values, {"joined_at": self.people.since})
                self._seats(number, personne)

    def _seats(self, number: int, personne: Personne) -> None:
        """A place at each séance; some came to those that are over."""
        for (atelier, rank), rencontre in self.writer.seances.items():
            if atelier == self.lived.atelier and rencontre:
                came = rank in self.held and number in self.lived.evenings[rank].came
                at = {"attended_at": rencontre.starts_at} if came else {}
                key = f"{self._key()}.membres.{number}.seances.{rank}"
                self.people.seat(key, (atelier, rank), personne, str(InscriptionState.CONFIRMED), **at)

    def _evening(self, rank: int, seance: Seance, evening: Evening) -> None:
        for made in evening.made:
            self._make(rank, seance, made)
        for became in evening.became:
            self._became(rank, seance, became)
        if not CompteRendu.objects.adopted().filter(seance=seance).exists():
            for number, (key, outcome, words) in enumerate(evening.read, start=1):
                self._read(f"{self._key(rank)}.absents.{number}", seance, number, (key, outcome, words))
            if evening.minutes:
                self._minutes(seance, evening.minutes)

    def _make(self, rank: int, seance: Seance, made: Made) -> None:
        key, end = f"{self._key(rank)}.productions.{made.key}", _end(seance)
        dates = {"submitted_at": end, "published_at": end + DAY / 2}
        values = made.values | self._reworded(made.key) | self._group_of(seance)
        natural = {"demarche": self.writer.demarche, "import_source": SOURCE, "import_key": made.key}
        said = self.said[made.key] = self.rows.put(f"{key}.contribution", Contribution, natural, values, dates)
        if said is None:
            return
        states = {"from_state": str(ContributionState.WAITING), "to_state": str(ContributionState.PUBLISHED)}
        decided = {"cause": str(DecisionCause.RULE)}  # nobody of the team decided on what is invented
        self.rows.put(
            f"{key}.decision", Decision, {"contribution": said} | states, decided, {"decided_at": end + DAY / 2}
        )
        production = self.rows.put(
            key, Production, {"contribution": said}, {"seance": seance, "minority": made.minority}
        )
        self.productions[made.key] = production
        if production:
            self._version(f"{key}.version", production, seance, made.values)
            for cited in made.cites:
                self._cite(f"{key}.cite.{cited}", said, cited, How.TAKES_UP)

    def _group_of(self, seance: Seance) -> dict[str, Any]:
        atelier = seance.atelier
        return {
            "state": str(ContributionState.PUBLISHED),
            "example": True,
            "origine": str(Origine.SEANCE),
            "speaks_as": str(SpeaksAs.GROUP),
            "organisation": f"Groupe de l’atelier {atelier.rank} – {atelier.town}",
            "rencontre": seance.rencontre,
            "place_label": place_label(seance.rencontre),
        }

    def _reworded(self, key: str) -> dict[str, str]:
        """Its words are those of the last séance that gave it others."""
        became = [one for rank in self.held for one in self.lived.evenings[rank].became if one.production == key]
        return {name: words for one in became for name, words in one.words.items()}

    def _version(self, key: str, production: Production, seance: Seance, words: dict[str, Any]) -> None:
        # The words of a group are never written over.
        said = {"title": words["title"], "body": words["body"]} if self.rows.is_new(key) else {}
        natural = {"production": production, "seance": seance}
        self.rows.put(key, ProductionVersion, natural, said, {"written_at": _end(seance)})

    def _cite(self, key: str, citing: Contribution, cited: str, how: How) -> None:
        if source := self.said.get(cited):
            self.rows.put(key, Citation, {"citing": citing, "cited": source}, {"how": str(how)})

    def _became(self, rank: int, seance: Seance, became: Became) -> None:
        production = self.productions.get(became.production)
        into = self.productions.get(became.into) if became.into else None
        if production is None or (became.into and into is None):
            return
        key = f"{self._key(rank)}.devenirs.{became.production}"
        values = {"fate": became.fate, "reason": became.reason} | ({"into": into} if into else {})
        dates = {"decided_at": _end(seance), "published_at": _end(seance) + DAY / 2}
        self.rows.put(key, Devenir, {"production": production, "seance": seance}, values, dates)
        if became.fate == Fate.REWORDED:
            self._version(f"{key}.version", production, seance, became.words)
        if into:
            self._cite(f"{key}.cite", into.contribution, became.production, How.MERGES)

    def _read(self, key: str, seance: Seance, number: int, read: tuple[str, str, str]) -> None:
        said, outcome, words = read
        if contribution := self.said.get(said):
            natural = {"seance": seance, "contribution": contribution}
            values = {"number": number, "outcome": outcome, "words": words}
            dates = {"printed_at": seance.rencontre.starts_at, "answered_at": _end(seance)}
            self.rows.put(key, Lecture, natural, values, dates)

    def _minutes(self, seance: Seance, minutes: Minutes) -> None:
        """Opened once; adopted by who runs the atelier, once those who were there have had their days."""
        if not CompteRendu.objects.filter(seance=seance).exists():
            words = comptes_rendus.Words(minutes.introduction, minutes.next_steps, minutes.points)
            comptes_rendus.write(seance, words, CompteRendu(seance=seance).seal)
            until = timezone.localdate(_end(seance) + RELECTURE)
            CompteRendu.objects.filter(seance=seance).update(
                state=CompteRenduState.OPENED, opened_at=_end(seance), remarks_until=until
            )
        written = CompteRendu.objects.prefetch_related("points").get(seance=seance)
        animation = Animation.objects.active().filter(atelier=seance.atelier).select_related("user").first()
        if animation and written.is_opened and not written.takes_remarks():
            self._remark(written, seance, minutes, animation.user)
            if not comptes_rendus.missing_to_adopt(written):
                comptes_rendus.adopt(seance, animation.user, written.seal)

    def _remark(self, written: CompteRendu, seance: Seance, minutes: Minutes, by: User) -> None:
        if minutes.remark:
            answer = {"answer": minutes.answer, "taken_up": True, "answered_by": by}
            Remarque.objects.get_or_create(
                submission_key=uuid5(NAMESPACE_URL, f"{SOURCE}:{seance.pk}"),
                defaults={
                    "compte_rendu": written,
                    "inscription": next(iter(comptes_rendus.present(seance)), None),
                    "words": minutes.remark,
                    "received_at": _end(seance) + DAY,
                    "answered_at": _end(seance) + 2 * DAY,
                }
                | answer,
            )


def _is_full(rencontre: Rencontre) -> bool:
    held = Inscription.objects.confirmed().filter(rencontre=rencontre)
    return rencontre.capacity is not None and held.count() >= rencontre.capacity


def _end(seance: Seance) -> datetime:
    rencontre = seance.rencontre
    return rencontre.ends_at or rencontre.starts_at + DAY
