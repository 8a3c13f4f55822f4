"""What stays at the address of a contribution that was taken down: its reference, the dates, the reason."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from consultation.choices import ContributionState
from consultation.models import Contribution, Demarche

SHOWN = 100  # réactions


def withdrawn(request: HttpRequest, key: dict[str, object]) -> HttpResponse:
    """410 for what was online once; 404 for what never was: nobody learns that it was written.

    Neither its title, nor its text, nor a name is read.
    """
    rows = Contribution.objects.appeared().exclude(state=ContributionState.PUBLISHED)
    rows = rows.filter(**key, demarche__in=Demarche.objects.published()).select_related("demarche")
    row = rows.only("published_at", "withdrawn_by", "demarche").first()
    if row is None:
        raise Http404("No such contribution.")
    decision = row.decisions.filter(to_state=ContributionState.WITHDRAWN).select_related("reason").last()
    reactions = row.reactions.published().newest().only("title", "published_at", "stance", "demarche")[:SHOWN]
    for reaction in reactions:
        reaction.demarche = row.demarche
    context = {"demarche": row.demarche, "contribution": row, "decision": decision, "reactions": reactions}
    return render(request, "participons/contribution_withdrawn.html", context, status=410)
