"""Supporting a contribution, once, with an address that was proved: asking for the link, then its button."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from consultation import limits, links
from consultation.actions import answers as actions
from consultation.actions.answers import Support
from consultation.actions.contributions import Mail
from consultation.choices import SoutienMode
from consultation.forms.contribution import signed_in_personne
from consultation.forms.soutien import SoutienForm
from consultation.models import Contribution, Demarche, Soutien
from consultation.views.write import minutes
from socle.comptes.models import Personne
from socle.dates import Precision, moment_label
from socle.pagecache.decorators import personal_page

STATUS = {Mail.LIMITED: 429, Support.GONE: 410, Support.CLOSED: 409, "expired": 410}


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def soutenir(request: HttpRequest, reference: str) -> HttpResponse:
    """Where soutiens are off, nothing: a démarche may do without them."""
    contribution = _supportable(reference)
    personne = signed_in_personne(request)
    if personne and personne.is_confirmed:
        return _answer(request, contribution, _step(request, contribution, personne))
    if not contribution.demarche.takes_soutiens():
        return _answer(request, contribution, Support.CLOSED)
    form = SoutienForm(request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return _ask(request, contribution, form)
    if not form.is_valid():
        return _ask(request, contribution, form, status=422)
    verdict = limits.may_support(request)
    if not verdict.allowed:
        return _ask(request, contribution, form, status=429, wait=minutes(verdict.wait))
    email = form.cleaned_data["email"]
    return _answer(request, contribution, actions.ask_soutien(contribution, email), email=email)


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def soutien(request: HttpRequest, signed: str) -> HttpResponse:
    """The link of the mail: reading it changes nothing, its button does; it takes the soutien back too."""
    link = links.read_confirmation(signed, links.SOUTIEN)
    rows = Contribution.objects.filter(demarche__in=Demarche.objects.published()).select_related("demarche")
    contribution = rows.filter(pk=link.contribution_pk).first() if link else None
    personne = Personne.objects.filter(pk=link.personne_pk).first() if link else None
    if link is None or contribution is None or personne is None:
        return render(request, "consultation/soutien.html", {"step": "unknown"}, status=404)
    return _answer(request, contribution, _step(request, contribution, personne, expired=link.expired))


def _supportable(reference: str) -> Contribution:
    rows = Contribution.objects.published().without_reactions().with_reference(reference)
    offered = Demarche.objects.published().exclude(soutiens_mode=SoutienMode.OFF)
    if found := rows.filter(demarche__in=offered).select_related("demarche").first():
        return found
    raise Http404("No contribution to support.")


def _step(request: HttpRequest, contribution: Contribution, personne: Personne, *, expired: bool = False) -> str:
    """What the page says; only POST changes anything. An old link still takes back, it no longer gives."""
    posted = request.method == "POST"
    if posted and "retirer" in request.POST:
        return "withdrawn" if actions.withdraw_support(personne, contribution) else "none"
    if Soutien.objects.filter(contribution=contribution, personne=personne).exists():
        return Support.BEFORE
    if expired:
        return actions.ask_soutien(contribution, personne.email) if posted else "expired"
    return actions.support(personne, contribution) if posted else actions.refusal(personne, contribution) or "ask"


def _ask(
    request: HttpRequest, contribution: Contribution, form: SoutienForm, *, status: int = 200, **context: Any
) -> HttpResponse:
    context |= {"contribution": contribution, "demarche": contribution.demarche, "form": form}
    return render(request, "consultation/soutenir.html", context, status=status)


def _answer(request: HttpRequest, contribution: Contribution, step: str, **context: Any) -> HttpResponse:
    demarche, closes = contribution.demarche, contribution.demarche.contributions_close_at
    context |= {
        "contribution": contribution,
        "demarche": demarche,
        "step": str(step),
        "hidden": not demarche.shows_soutiens(),
        "closes": moment_label(closes, None, Precision.HOUR) if closes else "",
        "days": links.CONFIRM_AGE.days,
    }
    return render(request, "consultation/soutien.html", context, status=STATUS.get(step, 200))
