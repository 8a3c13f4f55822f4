"""The rows that an example adds: the site's identity, the frame, communes, people and contributions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ateliers.models import Membre
from consultation.choices import ContributionState, DecisionCause, InscriptionState
from consultation.models import Commune, Contribution, Decision, Inscription
from participons.programme.exemple import Exemple, Person, Said
from participons.programme.shift import moved
from participons.programme.write import ProgrammeWriter
from participons.programme.write_draw import write_draw
from participons.programme.write_lived import SOURCE, LivedWriter, People
from participons.programme.write_synthese import treated, write_synthese
from socle.comptes.models import Personne
from socle.identity.models import SiteIdentity


class ExempleWriter:
    """Writes what an example adds beside the details of the rencontres, which the programme's writer knows."""

    def __init__(self, writer: ProgrammeWriter, exemple: Exemple) -> None:
        self.writer = writer
        self.rows = writer.rows
        self.exemple = exemple
        self.demarche = writer.demarche
        self.communes: dict[str, Commune | None] = {}
        self.treated = treated(self.demarche) if writer.rows.delta else set()

    def write(self) -> None:
        if self.exemple.identity:
            self.rows.put("identite", SiteIdentity, {"pk": 1}, self.exemple.identity)
        if self.exemple.cadre:
            self.writer.frames.following(self.exemple.cadre)
        for code, values in self.exemple.communes.items():
            self.communes[code] = self.rows.put(f"communes.{code}", Commune, {"insee_code": code}, values)
        for person in self.exemple.membres:
            self._membre(person)
        said = {said.key: self._contribution(said) for said in self.exemple.contributions}
        if self.exemple.synthese:
            write_synthese(self.writer, self.exemple.synthese, said)
        if self.exemple.draw:
            write_draw(self.writer, self.exemple.draw, self.communes)
        people = People(self.writer)
        if self.exemple.full:
            people.fill(self.exemple.full)
        if self.exemple.lived:
            LivedWriter(people, self.exemple.lived, said, self.communes).write()

    def _personne(self, email: str) -> Personne | None:
        proved = self.writer.demarche.contributions_open_at
        return self.rows.put(f"personnes.{email}", Personne, {"email": email}, {}, {"confirmed_at": proved})

    def _membre(self, person: Person) -> None:
        """A person who composes an atelier, with a place at some of its séances."""
        personne, atelier = self._personne(person.email), self.writer.ateliers[person.atelier]
        if personne is None or atelier is None:
            return
        values = person.values | ({"college": self.writer.colleges[person.college]} if person.college else {})
        if person.commune:
            values["commune"] = self.communes[person.commune]
        self.rows.put(f"membres.{person.email}", Membre, {"atelier": atelier, "personne": personne}, values)
        for rank in person.seances:
            if rencontre := self.writer.seances[person.atelier, rank]:
                key = f"membres.{person.email}.seances.{rank}"
                natural = {"rencontre": rencontre, "personne": personne}
                # Not on the day it is loaded: who takes a place late is not reminded of what was due before.
                since = {"created_at": opened} if (opened := self.demarche.contributions_open_at) else {}
                self.rows.put(key, Inscription, natural, {"state": str(InscriptionState.CONFIRMED)}, since)

    def _contribution(self, said: Said) -> Contribution | None:
        key = f"contributions.{said.key}"
        if self._decided_since(key):
            return None
        if self.rows.pk_of(key) in self.treated:
            return Contribution.objects.get(pk=self.rows.pk_of(key))
        at = moved(said.date, self.writer.weeks).starts_at + timedelta(hours=12)
        published = said.values["state"] == ContributionState.PUBLISHED
        dates = {"submitted_at": at} | ({"published_at": at + timedelta(days=1)} if published else {})
        values = said.values | {"example": True, **self._links(said)}
        new = self.rows.is_new(key)
        natural = {"demarche": self.demarche, "import_source": SOURCE, "import_key": said.key}
        contribution = self.rows.put(key, Contribution, natural, values, dates)
        if contribution is None:
            return None
        if new:
            contribution.enjeux.set([enjeu for rank in said.enjeux if (enjeu := self.writer.enjeux[rank])])
        if published:
            states = {"from_state": str(ContributionState.WAITING), "to_state": str(ContributionState.PUBLISHED)}
            natural = {"contribution": contribution, **states}
            values = {"cause": str(DecisionCause.RULE)}  # nobody of the team decided on what is invented
            self.rows.put(f"{key}.decision", Decision, natural, values, {"decided_at": dates["published_at"]})
        return contribution

    def _decided_since(self, key: str) -> bool:
        """A moderator answered it: its dates are history, and move no more."""
        known = self.rows.memory.get(key)
        return (
            known is not None
            and not Contribution.objects.filter(pk=known["pk"], state=known["values"]["state"]).exists()
        )

    def _links(self, said: Said) -> dict[str, Any]:
        """The rows that the contribution points to; what staff deleted is left out."""
        links = {
            "theme": self.writer.themes[said.theme] if said.theme else None,
            "college": self.writer.colleges[said.college] if said.college else None,
            "commune": self.communes[said.commune] if said.commune else None,
            "personne": self._personne(said.email) if said.email else None,
        }
        return {name: row for name, row in links.items() if row}
