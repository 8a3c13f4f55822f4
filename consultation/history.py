"""What happened to a contribution, as its author reads it: never who in the team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from consultation.choices import ContributionState as S
from consultation.choices import DecisionCause as C
from consultation.choices import VersionCause
from consultation.models import Contribution, Decision, Reexamen
from consultation.parcours import parcours
from socle.dates import Precision, moment_label

# What a decision is called, by the state it leads to and its cause.
DECIDED = {
    (S.WAITING, C.RULE): "Adresse confirmée",
    (S.WAITING, C.MODERATION): "Prise en charge par la modération",
    (S.PUBLISHED, C.RULE): "Adresse confirmée, et publiée aussitôt",
    (S.PUBLISHED, C.MODERATION): "Publiée",
    (S.PUBLISHED, C.REEXAMEN): "Publiée, après réexamen",
    (S.REFUSED, C.MODERATION): "Non publiée",
    (S.WITHDRAWN, C.AUTHOR): "Retirée par vous",
    (S.WITHDRAWN, C.MODERATION): "Retirée par la modération",
    (S.WITHDRAWN, C.SIGNALEMENT): "Retirée par la modération, après un signalement",
}
REPLACED = {
    VersionCause.CORRECTION: "Corrigée par vous",
    VersionCause.REFORMULATION: "Reformulée par vous",
    VersionCause.MASKING: "Un passage masqué par la modération",
    VersionCause.READING: "Relue d’après l’original",
}


@dataclass(frozen=True)
class Step:
    label: str
    at: datetime
    reason: str = ""
    words: str = ""  # of the team, or of a group, to the author
    url: str = ""

    @property
    def when(self) -> str:
        return moment_label(self.at, None, Precision.HOUR)


def history(contribution: Contribution, decisions: list[Decision], reexamen: Reexamen | None) -> list[Step]:
    """All that happened, oldest first; two queries, and one for each floor above (`parcours`)."""
    steps = [Step("Reçue", contribution.submitted_at), *map(_decided, decisions)]
    for cause, reason, at in contribution.versions.values_list("cause", "reason", "replaced_at"):
        steps.append(Step(REPLACED[VersionCause(cause)], at, reason if cause == VersionCause.MASKING else ""))
    for asked_at, request in contribution.reformulations.values_list("asked_at", "request"):
        steps.append(Step("Reformulation demandée", asked_at, words=request))
    if reexamen:
        steps.append(Step("Réexamen demandé par vous", reexamen.asked_at))
    if reexamen and reexamen.decided_at:
        label = f"Réexamen : {reexamen.get_outcome_display()}"
        steps.append(Step(label, reexamen.decided_at, words=reexamen.answer))
    steps += [Step(said.label, said.at, words=said.note, url=said.url) for said in parcours(contribution)]
    return sorted(steps, key=lambda step: step.at)


def _decided(decision: Decision) -> Step:
    label = DECIDED[S(decision.to_state), C(decision.cause)]
    if (decision.from_state, decision.cause) == (S.WITHDRAWN, C.MODERATION):
        label = "Remise en ligne"
    return Step(label, decision.decided_at, decision.reason.label if decision.reason else "", decision.message)
