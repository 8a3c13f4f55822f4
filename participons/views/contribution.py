"""One contribution and its parcours: what became of it, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from consultation.choices import ContributionState
from consultation.models import Contribution, Demarche
from socle.pagecache.decorators import public_page


@dataclass(frozen=True)
class Step:
    """One thing that happened to a contribution; no name of staff, ever."""

    label: str
    at: datetime
    note: str = ""


@public_page()
def contribution(request: HttpRequest, reference: str) -> HttpResponse:
    rows = Contribution.objects.published().filter(demarche__in=Demarche.objects.published())
    rows = rows.select_related("demarche", "theme", "college", "commune", "rencontre", "parent")
    row = get_object_or_404(rows.prefetch_related("enjeux").defer("tracking_hash"), **_key(reference))
    for known in (row.theme, row.rencontre):
        if known:
            known.demarche = row.demarche
    parent = row.parent if row.parent and row.parent.is_published else None
    if parent:
        parent.demarche = row.demarche
    context = {"demarche": row.demarche, "contribution": row, "parent": parent, "steps": _steps(row)}
    return render(request, "participons/contribution.html", context)


def _key(reference: str) -> dict[str, object]:
    code, _, number = reference.partition("-")
    return {"demarche__code": code, "pk": int(number)}


def _steps(row: Contribution) -> list[Step]:
    """The parcours so far. Only publications and withdrawals are said: the rest is between the author and the team."""
    steps = [Step("Reçue", row.submitted_at, f"{row.get_origine_display()}")]
    public = (ContributionState.PUBLISHED, ContributionState.WITHDRAWN)
    decided = list(row.decisions.filter(to_state__in=public).values_list("to_state", "decided_at"))
    labels = {ContributionState.PUBLISHED: "Publiée", ContributionState.WITHDRAWN: "Retirée de la publication"}
    steps += [Step(labels[ContributionState(state)], at) for state, at in decided]
    if not decided and row.published_at:
        steps.append(Step("Publiée", row.published_at))
    return steps
