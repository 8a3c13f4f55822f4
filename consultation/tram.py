"""The parcours of a contribution drawn as a line with its stops, beside the list that says the same in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from consultation.choices import ContributionState, Nature
from consultation.models import Contribution

HEIGHT = 44  # of a stop, in the drawing's own units
TOP = 22


class Stage(StrEnum):
    """What a step of the parcours may stop at, in their usual order; each floor says its own (settings.PARCOURS)."""

    RECEIVED = "Reçue"
    PUBLISHED = "Publiée"
    REFUSED = "Non publiée"
    WITHDRAWN = "Retirée"
    ATELIER = "En atelier"
    SYNTHESE = "Dans la synthèse"
    FORUM = "Au forum"
    INTERMEDIAIRE = "Synthèse intermédiaire"
    RAPPORT = "Dans le rapport"
    PRESENTED = "En séance commune"
    AVIS = "Avis du CESER"
    VOTE = "Au vote"
    DROPPED = "Non retenue au vote"
    ANSWER = "Réponse donnée"
    POLITIQUE = "Dans la politique"
    BILAN = "Dans le bilan"
    SUITE = "Suites données"


WAITED = {
    Stage.ANSWER: "la réponse d’un service de la Région",
    Stage.SYNTHESE: "ce que la synthèse en retient, ou la réponse qui lui est faite",
}
APART = frozenset({Stage.REFUSED, Stage.WITHDRAWN, Stage.ANSWER})  # off the line; but the answer to a question is on it
TEXTES = frozenset({Stage.SYNTHESE, Stage.INTERMEDIAIRE, Stage.RAPPORT, Stage.POLITIQUE, Stage.BILAN})


class Staged(Protocol):
    @property
    def stage(self) -> str: ...


@dataclass(frozen=True)
class Halt:
    label: str
    y: int
    number: int  # of steps; none yet
    siding: bool = False  # the line ends there, beside the others

    @property
    def text_y(self) -> int:
        return self.y + 5


@dataclass(frozen=True)
class Tram:
    halts: list[Halt]
    waits_for: str = ""  # what comes next, where nothing has treated it yet

    @property
    def height(self) -> int:
        return len(self.halts) * HEIGHT

    @property
    def reached(self) -> int:
        """Where the line is drawn to."""
        return max((halt.y for halt in self.halts if halt.number and not halt.siding), default=TOP)

    @property
    def end(self) -> int:
        return max((halt.y for halt in self.halts if not halt.siding), default=TOP)


def tram(contribution: Contribution, steps: Iterable[Staged]) -> Tram:
    """`steps` in the order in which they happened; those that stop nowhere are in the list alone."""
    numbers: dict[str, int] = {}
    for step in steps:
        if step.stage:
            numbers[step.stage] = numbers.get(step.stage, 0) + 1
    # Where it was answered and not taken up, its way ends with the answer.
    ends = Stage.ANSWER in numbers and not TEXTES & set(numbers)
    coming = [] if ends else _coming(contribution, set(numbers))
    apart = APART - {Stage.ANSWER} if contribution.nature == Nature.QUESTION else APART
    halts = [
        Halt(str(stage), TOP + HEIGHT * place, numbers.get(stage, 0), siding=stage in apart)
        for place, stage in enumerate([*numbers, *coming])
    ]
    return Tram(halts, next((WAITED[stage] for stage in coming if stage in WAITED), ""))


def _coming(contribution: Contribution, reached: set[str]) -> list[Stage]:
    """What is still to come; a stop that was passed over is not announced any more."""
    if contribution.parent_id or contribution.state in (ContributionState.REFUSED, ContributionState.WITHDRAWN):
        return []
    coming = [] if Stage.PUBLISHED in reached else [Stage.PUBLISHED]
    if contribution.nature == Nature.QUESTION:
        return coming if Stage.ANSWER in reached else [*coming, Stage.ANSWER]
    if not TEXTES & reached:
        coming.append(Stage.SYNTHESE)
    if Stage.DROPPED in reached and not {Stage.VOTE, Stage.POLITIQUE} & reached:
        return coming  # no passage that takes it up was kept
    if not {Stage.POLITIQUE, Stage.SUITE} & reached:
        coming.append(Stage.POLITIQUE)
    return coming if Stage.SUITE in reached else [*coming, Stage.SUITE]
