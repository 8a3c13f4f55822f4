"""Writing a contribution, without an account; and the receipt that shows its numéro de suivi."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from consultation import limits, links, numero
from consultation.actions import contributions as actions
from consultation.emails.contributions import written
from consultation.forms.contribution import ContributionForm, signed_in_personne
from consultation.models import Commune, Contribution, Demarche
from socle.dates import Precision, moment_label
from socle.pagecache.decorators import personal_page, public_page
from socle.text import sort_key

SUGGESTIONS = 10
NBSP = "\N{NO-BREAK SPACE}"


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def contribution_new(request: HttpRequest) -> HttpResponse:
    demarche = current_demarche()
    if request.method == "POST":
        return receive(request, ContributionForm(request.POST, demarche=demarche))
    if not demarche.takes_contributions():
        return closed(request, demarche)
    return page(request, ContributionForm(demarche=demarche, theme=request.GET.get("theme", "")))


def current_demarche() -> Demarche:
    if demarche := Demarche.objects.current():
        return demarche
    raise Http404("No démarche to contribute to.")


def receive(request: HttpRequest, form: ContributionForm) -> HttpResponse:
    if known := already_sent(form):
        return see_other(links.receipt_path(known))
    if not form.demarche.takes_contributions():
        return closed(request, form.demarche, form)
    if not form.is_valid():
        return page(request, form, status=422)
    cleaned = form.cleaned_data
    verdict = limits.may_contribute(request, cleaned["email"])
    if not verdict.allowed:
        return page(request, form, status=429, wait=wait_label(verdict.wait))
    contribution = actions.submit(
        demarche=form.demarche,
        submission_key=cleaned["submission_key"],
        email=cleaned["email"],
        signed_in=signed_in_personne(request),
        enjeux=cleaned.get("enjeux", ()),
        **form.said(),
    )
    return see_other(links.receipt_path(contribution))


def already_sent(form: ContributionForm) -> Contribution | None:
    """The form sent a second time: the same receipt, even once its window has closed."""
    form.is_valid()
    key = form.cleaned_data.get("submission_key")
    return Contribution.objects.filter(submission_key=key).first() if key else None


def page(request: HttpRequest, form: ContributionForm, *, status: int = 200, **context: Any) -> HttpResponse:
    context |= {"form": form, "demarche": form.demarche}
    return render(request, "consultation/write.html", context, status=status)


def closed(request: HttpRequest, demarche: Demarche, form: ContributionForm | None = None) -> HttpResponse:
    """Since when, until when, and what one can still do; what was typed meanwhile is there to be copied."""
    at = timezone.now()
    opens, closes = demarche.contributions_open_at, demarche.contributions_close_at
    context = {
        "demarche": demarche,
        "opens": moment_label(opens, None, Precision.HOUR) if opens and opens > at else "",
        "closed_since": moment_label(closes, None, Precision.HOUR) if closes and closes <= at else "",
        "form": form,
    }
    return render(request, "consultation/write_closed.html", context, status=409 if form else 200)


def expired(request: HttpRequest) -> HttpResponse:
    """The CSRF check failed (a form left open for days, cookies refused): what was typed, in a fresh form."""
    form = ContributionForm(request.POST, demarche=current_demarche())
    if not form.demarche.takes_contributions():
        return closed(request, form.demarche, form)
    return page(request, form, status=403, expired=True)


contribution_new.on_csrf_failure = expired  # type: ignore[attr-defined]


@require_safe
@personal_page
def contribution_receipt(request: HttpRequest, signed: str) -> HttpResponse:
    """A page of its own, which reloading or coming back to repeats without harm.

    Its address is signed and dies after a day: the numéro de suivi itself, which opens the contribution for good,
    stays out of the server's journal, of the browser's history and of any Referer until its owner types it.
    (A stricter Referrer-Policy would make browsers send « Origin: null » with our forms, which CSRF refuses.)
    """
    key = links.read_receipt(signed)
    sent = Contribution.objects.filter(submission_key=key)
    contribution = sent.select_related("personne", "demarche", "theme").first()
    if key is None or contribution is None:
        return render(request, "consultation/write_receipt_over.html", status=404)
    context = {
        "contribution": contribution,
        "demarche": contribution.demarche,
        "numero": numero.numero_shown(key, contribution.tracking_hash),
        "mailed": written(contribution).exists(),
        "days": links.CONFIRM_AGE.days,
    }
    return render(request, "consultation/write_receipt.html", context)


@public_page(uncached_query=("q",))
def communes_json(request: HttpRequest) -> HttpResponse:
    """Names that begin like this, at most ten; « Lille (59) » once chosen names one commune."""
    letters = sort_key(request.GET.get("q", "")[:80])
    found = Commune.objects.starting(letters)[:SUGGESTIONS] if len(letters) > 1 else []
    return JsonResponse({"communes": [str(commune) for commune in found]})


def minutes(wait: timedelta) -> int:
    return max(1, -int(-wait.total_seconds() // 60))


def wait_label(wait: timedelta) -> str:
    """« 12 minutes », « 5 heures »; never less than the wait is."""
    if (left := minutes(wait)) > 90:
        return f"{-(-left // 60)}{NBSP}heures"
    return f"{left}{NBSP}minute{'s' if left > 1 else ''}"


def see_other(path: str) -> HttpResponseRedirect:
    response = HttpResponseRedirect(path)
    response.status_code = 303  # a reader's browser asks for the receipt with GET, whatever it sent
    return response
