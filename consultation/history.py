"""What happened to a contribution, as its author reads it: never who in the team."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from consultation.choices import ContributionState as S
from consultation.choices import DecisionCause as C
from consultation.choices import VersionCause
from consultation.models import Contribution, Decision, Reexamen, Reformulation, ServiceAnswer, Version
from consultation.models.contribution import ContributionQuerySet
from consultation.parcours import parcours
from consultation.parcours_steps import Public
from consultation.tram import Stage
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
ENDS = {S.REFUSED: Stage.REFUSED, S.WITHDRAWN: Stage.WITHDRAWN}
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
    words: str = ""  # of the team to the author
    stage: str = ""  # where the drawing stops for it (consultation.tram)

    @property
    def when(self) -> str:
        return moment_label(self.at, None, Precision.HOUR)


def with_past(rows: ContributionQuerySet) -> ContributionQuerySet:
    """What `history` reads, in the query that reads the row."""
    replaced = JSONObject(cause="cause", reason="reason", at="replaced_at")
    asked = JSONObject(words="request", at="asked_at")
    return rows.annotate(
        past_versions=_past(Version.objects.all(), replaced), past_requests=_past(Reformulation.objects.all(), asked)
    )


def _past(rows: QuerySet, said: JSONObject) -> ArraySubquery:
    return ArraySubquery(rows.filter(contribution=OuterRef("pk")).order_by("pk").values(said=said))


def history(contribution: Contribution, decisions: list[Decision], reexamen: Reexamen | None) -> list[Step | Public]:
    """All that happened to a row read `with_past`, oldest first; one query, and one for each floor above."""
    steps = [Step("Reçue", contribution.submitted_at, stage=Stage.RECEIVED)]
    steps += [_decided(one, contribution.state) for one in decisions]
    if contribution.published_at and S.PUBLISHED not in {one.to_state for one in decisions}:
        steps.append(Step("Publiée", contribution.published_at, stage=Stage.PUBLISHED))  # taken over as it was
    steps += [*_written_again(contribution), *_looked_at_again(reexamen)]
    return sorted([*steps, *answered(contribution), *parcours(contribution)], key=lambda step: step.at)


def _written_again(contribution: Contribution) -> Iterator[Step]:
    for said in contribution.past_versions:  # type: ignore[attr-defined]  # annotated
        reason = said["reason"] if said["cause"] == VersionCause.MASKING else ""
        yield Step(REPLACED[VersionCause(said["cause"])], datetime.fromisoformat(said["at"]), reason)
    for said in contribution.past_requests:  # type: ignore[attr-defined]  # annotated
        yield Step("Reformulation demandée", datetime.fromisoformat(said["at"]), words=said["words"])


def _looked_at_again(reexamen: Reexamen | None) -> Iterator[Step]:
    if reexamen:
        yield Step("Réexamen demandé par vous", reexamen.asked_at)
    if reexamen and reexamen.decided_at:
        yield Step(f"Réexamen : {reexamen.get_outcome_display()}", reexamen.decided_at, words=reexamen.answer)


def answered(contribution: Contribution) -> list[Public]:
    """Where it is a question, what a service answered; `service_answer` is loaded with the row."""
    answer: ServiceAnswer | None = getattr(contribution, "service_answer", None)
    if answer is None or answer.published_at is None or not answer.is_published:
        return []
    url = f"{contribution.get_absolute_url()}#reponse"
    return [Public("Réponse donnée", answer.published_at, answer.service, url, Stage.ANSWER)]


def _decided(decision: Decision, now: str) -> Step:
    """`now`: the state it is in; what was undone since stops nowhere in the drawing."""
    label = DECIDED[S(decision.to_state), C(decision.cause)]
    if (decision.from_state, decision.cause) == (S.WITHDRAWN, C.MODERATION):
        label = "Remise en ligne"
    reason = decision.reason.label if decision.reason else ""
    stage = ENDS.get(S(decision.to_state), "") if decision.to_state == now else ""
    if decision.to_state == S.PUBLISHED and decision.from_state != S.WITHDRAWN:
        stage = Stage.PUBLISHED
    return Step(label, decision.decided_at, reason, decision.message, stage=stage)
