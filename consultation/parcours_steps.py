"""The steps of a parcours, in sentences about the contribution: « Avec 41 autres, elle a nourri… »."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from consultation.choices import How, ReponseKind, TexteKind, TexteState
from consultation.choices_adoption import AmendementState, ArticleOutcome, Avis, SuiteState
from consultation.models import Suite
from consultation.models.adoption import said_votes
from consultation.textes import REGLES
from consultation.tram import Stage
from socle.dates import Precision, moment_label
from socle.written import grouped

NBSP = "\u00a0"
BOTH = "la séance commune du Conseil régional et du CESER"
STAGES: dict[str, Stage] = {
    TexteKind.SYNTHESE: Stage.SYNTHESE,
    TexteKind.INTERMEDIAIRE: Stage.INTERMEDIAIRE,
    TexteKind.RAPPORT: Stage.RAPPORT,
    TexteKind.POLITIQUE: Stage.POLITIQUE,
    TexteKind.BILAN: Stage.BILAN,
}
# What a passage does with it; through something else it is simply taken up.
HOW = {
    How.TAKES_UP: ("reprise", ""),
    How.MERGES: ("fusionnée", ""),
    How.QUALIFIES: ("citée", ", qui la nuance"),
    How.DIVERGES: ("citée", ", qui s’en écarte"),
}
SINCE = {
    AmendementState.FILED: "",
    AmendementState.ADOPTED: ", adopté depuis",
    AmendementState.REJECTED: ", rejeté depuis",
    AmendementState.WITHDRAWN: ", retiré depuis par son auteur",
}


@dataclass(frozen=True)
class Public:
    """One thing that anyone may know; `url` is where it is read whole. No name, ever."""

    label: str
    at: datetime
    note: str = ""
    url: str = ""
    stage: str = ""  # where the drawing stops for it (consultation.tram)
    precision: str = Precision.HOUR  # of `at`

    @property
    def when(self) -> str:
        """The hour of what is public is nobody's concern."""
        return moment_label(self.at, None, Precision.DAY if self.precision == Precision.HOUR else self.precision)


def told(what: str, at: datetime, place: str, said: dict[str, Any]) -> Public:
    """One row of the query of the trunk (consultation.parcours)."""
    return _TOLD[what](at, place, said)


def _production(at: datetime, place: str, said: dict[str, Any]) -> Public:
    group = said["group"]  # « Groupe de l’atelier 5 – Dunkerque », as it was said then
    whose = f"du g{group[1:]}" if group.startswith("Groupe ") else "d’atelier"
    label = opening(f"elle a nourri une production {whose}", said)
    return Public(label, at, quoted(said["title"]), reverse("contribution", args=[place]), Stage.ATELIER)


def _passage(at: datetime, place: str, said: dict[str, Any]) -> Public:
    where = f"{REGLES[said['kind']].at_the_passage} {said['number']} {of_the(said['kind'])}"
    verb, then = HOW[said["how"] or How.TAKES_UP]
    label = opening(f"elle est {verb} {where}{then}", said)
    note = quoted(said["title"]) + (", version provisoire" if said["state"] == TexteState.PROVISIONAL else "")
    return Public(label, at, note, reverse("passage", args=[said["texte"], place]), STAGES[said["kind"]])


def _reponse(at: datetime, place: str, said: dict[str, Any]) -> Public:
    passed_to = f", transmise à {said['passed_to']}" if said["passed_to"] else ""
    name = TexteKind(said["texte_kind"]).label
    label = f"{'La' if is_she(name) else 'Le'} {name} lui répond{NBSP}: {ReponseKind(said['kind']).label}{passed_to}"
    return Public(label, at, said["reason"], reverse("texte", args=[place]), Stage.ANSWER)


def _presentation(at: datetime, place: str, said: dict[str, Any]) -> Public:  # noqa: ARG001
    label = f"Le rapport qui vient aussi d’elle est présenté à {BOTH}"
    return _act(label, at, place, Stage.PRESENTED)


def _avis(at: datetime, place: str, said: dict[str, Any]) -> Public:
    return _act(f"Le CESER rend son avis sur ce rapport{NBSP}: {Avis(said['avis']).label}", at, place, Stage.AVIS)


def _deliberation(at: datetime, place: str, said: dict[str, Any]) -> Public:
    issue = "adopte ce rapport" if said["adopted"] else "n’adopte pas ce rapport"
    note = f"délibération n°{NBSP}{said['number']}, {said_votes(*said['votes'])}"
    return _act(f"Le Conseil régional {issue}", at, place, Stage.VOTE if said["adopted"] else Stage.DROPPED, note)


def _act(label: str, at: datetime, place: str, stage: Stage, note: str = "") -> Public:
    return Public(label, at, note, reverse("adoption", args=[place]), stage, precision=Precision.DAY)


def _amendement(at: datetime, place: str, said: dict[str, Any]) -> Public:
    label = f"Un amendement, le n°{NBSP}{said['number']}, est déposé sur l’orientation {said['of']}, qui vient d’elle"
    note = f"par {said['author']}{SINCE[said['state']]}"
    url = reverse("adoption_article", args=[said["texte"], place])
    return Public(label, at, note, url, precision=Precision.DAY)


def _article(at: datetime, place: str, said: dict[str, Any]) -> Public:
    outcome = ArticleOutcome(said["outcome"])
    label = f"Le Conseil régional délibère{NBSP}: l’orientation {said['of']}, qui vient d’elle, est {outcome.label}"
    why = f". La raison{NBSP}: {said['reason']}" if said["reason"] else ""
    note = f"délibération n°{NBSP}{said['number']}{why}"
    stage = Stage.DROPPED if outcome == ArticleOutcome.NOT_KEPT else Stage.VOTE
    url = reverse("adoption_article", args=[said["texte"], place])
    return Public(label, at, note, url, stage, precision=Precision.DAY)


def _suite(at: datetime, place: str, said: dict[str, Any]) -> Public:
    """What is said first of a suite is what the drawing counts; the rest is how far the same one went."""
    put_off = said["before"] == said["state"]
    state = "a une autre échéance" if put_off else f"est {SuiteState(said['state']).label}"
    label = f"{'La même suite' if said['before'] else 'Une suite'} {state}{NBSP}: {quoted(said['title'])}"
    note = f"article {said['of']}, {said['in_charge']}{_due(said)}"
    note += f". La raison{NBSP}: {said['reason']}" if said["reason"] else ""
    return Public(label, at, note, reverse("suite", args=[place]), "" if said["before"] else Stage.SUITE)


def _due(said: dict[str, Any]) -> str:
    """« , pour juin 2012 »; of what was said last, that it is late."""
    day = date.fromisoformat(said["due_on"]) if said["due_on"] else None
    suite = Suite(state=said["state"], due_on=day, due_precision=said["due_precision"])
    if day is None or suite.state in (SuiteState.DONE, SuiteState.GIVEN_UP):
        return ""
    when = f", échéance{NBSP}: {suite.due_label}"
    return f"{when}, passée" if said["last"] and suite.is_late() else when


_TOLD: dict[str, Callable[[datetime, str, dict[str, Any]], Public]] = {
    "production": _production,
    "passage": _passage,
    "reponse": _reponse,
    "presentation": _presentation,
    "avis": _avis,
    "deliberation": _deliberation,
    "amendement": _amendement,
    "article": _article,
    "suite": _suite,
}


def opening(sentence: str, said: dict[str, Any]) -> str:
    """« Avec 41 autres, elle… » where it is cited itself with others; through something else, « Par là, elle… »."""
    others = said["others"]
    if not said["how"]:
        return f"Par là, {sentence}"
    if not others:
        return sentence[0].upper() + sentence[1:]
    return f"Avec {grouped(others) if others > 1 else 'une'} autre{'s' if others > 1 else ''}, {sentence}"


def of_the(kind: str) -> str:
    """« de la synthèse intermédiaire », « du rapport d’orientations »."""
    name = TexteKind(kind).label
    return f"{'de la' if is_she(name) else 'du'} {name}"


def is_she(name: str) -> bool:
    return name.startswith(("synthèse", "politique"))


def quoted(title: str) -> str:
    return f"«{NBSP}{title}{NBSP}»"
