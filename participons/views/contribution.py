"""One contribution and its parcours: what became of it, step by step."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from ateliers.models import Production
from consultation import reactions
from consultation.choices import ContributionState, Nature, SoutienMode, VersionCause
from consultation.history import answered
from consultation.line import Line, stops
from consultation.models import Contribution, Demarche, Enjeu, ServiceAnswer, Version
from consultation.models.contribution import ContributionQuerySet
from consultation.parcours import parcours
from consultation.parcours_steps import Public
from consultation.reactions import POSITION, Reactions
from consultation.sources import sources, with_sources
from consultation.tram import Stage, tram
from forums.models import Intervention, Objection
from participons.boundaries import until
from participons.views.withdrawn import withdrawn
from socle.dates import Precision, moment_label
from socle.keyset import AFTER, BEFORE
from socle.pagecache.decorators import public_page

READ_WITH = (
    "demarche",
    "theme",
    "college",
    "commune",
    "rencontre",
    "parent",
    "service_answer",
    "cahier_acteur__document",
)


@public_page(POSITION, AFTER, BEFORE, until=until)
def contribution(request: HttpRequest, reference: str) -> HttpResponse:
    rows = Contribution.objects.published().filter(demarche__in=Demarche.objects.published())
    rows = rows.select_related(*READ_WITH).annotate(aims=_aims(), stops=stops()).defer("tracking_hash")
    row = _with_forum(_with_production(with_sources(rows.filter(**_key(reference))))).first()
    if row is None:
        return withdrawn(request, _key(reference))
    for known in (row.theme, row.rencontre, row.parent):
        if known:
            known.demarche = row.demarche
    steps = _steps(row)
    context = {
        "demarche": row.demarche,
        "contribution": row,
        "parent": row.parent,
        "line": Line.told(row.demarche, row.stops),
        "enjeux": [Enjeu(sentence=sentence) for sentence in row.aims],
        "steps": steps,
        "tram": tram(row, steps),
        "reactions": Reactions() if row.parent else reactions.read(row, request.GET),
        "can_react": row.parent is None and row.demarche.is_taking_reactions(),
        "answer": published_answer(row),
        "maskings": _maskings(row),
        "sources": sources(row),
    }
    return render(request, "participons/contribution.html", context | _soutiens(row) | _question(row))


def _key(reference: str) -> dict[str, object]:
    code, _, number = reference.partition("-")
    return {"demarche__code": code, "pk": int(number)}


def _aims() -> ArraySubquery:
    """The sentences of its enjeux, in their order; in the same query."""
    return ArraySubquery(Enjeu.objects.filter(contributions=OuterRef("pk")).order_by("rank").values("sentence"))


def _with_production(rows: ContributionQuerySet) -> ContributionQuerySet:
    """Where a group wrote it: the rank of its atelier, and whether all of the group agreed; in the same query."""
    made = Production.objects.filter(pk=OuterRef("pk"))
    return rows.annotate(
        group_rank=Subquery(made.values("seance__atelier__rank")), minority=Subquery(made.values("minority"))
    )


def _with_forum(rows: ContributionQuerySet) -> ContributionQuerySet:
    """Where it is a remark made at a forum, its forum and the passage it is about; where it is an objection, the forum
    before which it was made; in the same query."""
    remark = Intervention.objects.filter(pk=OuterRef("pk"))
    objection = Objection.objects.filter(pk=OuterRef("pk"))
    return rows.annotate(
        said_at_forum=Subquery(remark.values("forum")),
        about_texte=Subquery(remark.values("passage__version__texte")),
        about_key=Subquery(remark.values("passage__key")),
        about_title=Subquery(remark.values("passage__title")),
        objected_at_forum=Subquery(objection.values("droit")),
    )


def _maskings(row: Contribution) -> list[dict[str, Any]]:
    """When and why a passage was hidden; never what it was."""
    if row.masked_at is None:
        return []
    hidden = Version.objects.filter(contribution=row, cause=VersionCause.MASKING)
    return list(hidden.values("replaced_at", "reason"))


def published_answer(row: Contribution) -> ServiceAnswer | None:
    answer: ServiceAnswer | None = getattr(row, "service_answer", None)
    return answer if answer and answer.is_published else None


def _question(row: Contribution) -> dict[str, Any]:
    """Until when a service owes an answer; a question asked in a réaction is answered by who reads it."""
    if row.nature != Nature.QUESTION or row.parent:
        return {}
    due_on = row.answer_due_on
    return {"due_on": due_on, "late": due_on is not None and timezone.localdate() > due_on}


def _soutiens(row: Contribution) -> dict[str, Any]:
    """Nothing where the démarche does without them, nor of a réaction."""
    demarche, closes = row.demarche, row.demarche.contributions_close_at
    if row.parent or demarche.soutiens_mode == SoutienMode.OFF:
        return {}
    return {
        "can_support": demarche.takes_soutiens(),
        "shows_soutiens": demarche.shows_soutiens(),
        "soutiens_shown_on": moment_label(closes, None, Precision.HOUR) if closes else "",
        "has_soutiens": True,
    }


def _steps(row: Contribution) -> list[Public]:
    """The parcours so far. Only publications, withdrawals and answers are said: the rest is between the author and
    the team."""
    steps = [Public("Reçue", row.submitted_at, row.get_origine_display().capitalize(), stage=Stage.RECEIVED)]
    public = (ContributionState.PUBLISHED, ContributionState.WITHDRAWN)
    decided = list(row.decisions.filter(to_state__in=public).values_list("to_state", "decided_at"))
    labels = {ContributionState.PUBLISHED: "Publiée", ContributionState.WITHDRAWN: "Retirée de la publication"}
    steps += [Public(labels[ContributionState(state)], at) for state, at in decided]
    if not decided and row.published_at:
        steps.append(Public("Publiée", row.published_at))
    steps[1:2] = [replace(step, stage=Stage.PUBLISHED) for step in steps[1:2]]
    return sorted([*steps, *answered(row), *parcours(row)], key=lambda step: step.at)
