"""The link of the confirmation mail: reading it changes nothing, its button does."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from consultation import limits, links
from consultation.actions import contributions as actions
from consultation.actions.contributions import Confirmed, Mail
from consultation.models import Contribution
from socle.comptes.models import Personne
from socle.dates import Precision, moment_label
from socle.pagecache.decorators import personal_page

TEMPLATE = "consultation/confirm.html"


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def contribution_confirm(request: HttpRequest, signed: str) -> HttpResponse:
    link = links.read_confirmation(signed)
    contribution = (
        Contribution.objects.filter(pk=link.contribution_pk).select_related("demarche").first() if link else None
    )
    personne = Personne.objects.filter(pk=link.personne_pk).first() if link else None
    if link is None or contribution is None or personne is None:
        return render(request, TEMPLATE, {"step": "unknown"}, status=404)
    context = {
        "contribution": contribution,
        "demarche": contribution.demarche,
        "received": moment_label(contribution.submitted_at, None, Precision.HOUR),
        "days": links.CONFIRM_AGE.days,
    }
    step = answer(request, link, contribution, personne)
    status = {"replaced": 410, "expired": 410, Mail.LIMITED: 429}.get(step, 200)
    return render(request, TEMPLATE, context | {"step": str(step)}, status=status)


def answer(request: HttpRequest, link: links.Confirmation, contribution: Contribution, personne: Personne) -> str:
    """What the page says; only POST changes anything."""
    if contribution.personne_id not in (None, personne.pk):
        return Confirmed.REPLACED
    if actions.is_proved(contribution, personne):
        return Confirmed.BEFORE
    if link.expired:
        return actions.ask_confirmation(contribution, personne) if request.method == "POST" else "expired"
    if request.method != "POST":
        return "ask"
    outcome = actions.confirm_contribution(contribution, personne)
    if outcome == Confirmed.NOW:
        limits.confirmed(request)
    contribution.refresh_from_db()
    return outcome
