"""Pointing at a published contribution, without an account; and what became of it, with its number."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from consultation import limits, links
from consultation import numero as numeros
from consultation.actions.contributions import StaleState
from consultation.actions.recourse import report
from consultation.forms.recourse import SignalementForm
from consultation.forms.suivi import NumeroForm
from consultation.models import Contribution, Demarche, Signalement
from consultation.views.recourse import EXPIRED, again
from consultation.views.write import minutes, see_other
from socle.dates import Precision, moment_label
from socle.pagecache.decorators import personal_page

TEMPLATE = "consultation/signaler.html"


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def signaler(request: HttpRequest, reference: str) -> HttpResponse:
    form = SignalementForm(request.POST if request.method == "POST" else None)
    if known := already_sent(form):
        return see_other(links.signalement_receipt_path(known))
    contribution = shown_or_404(reference)
    if not contribution.is_published:
        return gone(request, contribution, form)
    if form.is_bound and form.is_valid():
        return receive(request, contribution, form)
    return page(request, contribution, form, status=422 if form.is_bound else 200)


def receive(request: HttpRequest, contribution: Contribution, form: SignalementForm) -> HttpResponse:
    verdict = limits.may_report(request)
    if not verdict.allowed:
        return page(request, contribution, form, status=429, wait=minutes(verdict.wait))
    try:
        signalement = report(contribution, **form.said())
    except StaleState:
        return gone(request, contribution, form)
    return see_other(links.signalement_receipt_path(signalement))


def shown_or_404(reference: str) -> Contribution:
    """Published, or taken down since: what never appeared has no page to point at."""
    rows = Contribution.objects.with_reference(reference).filter(demarche__in=Demarche.objects.published())
    contribution = rows.appeared().select_related("demarche").first()
    if contribution is None:
        raise Http404("No such contribution.")
    return contribution


def already_sent(form: SignalementForm) -> Signalement | None:
    """The form sent a second time: the same receipt, whatever became of the contribution."""
    form.is_valid()
    key = form.cleaned_data.get("submission_key") if form.is_bound else None
    return Signalement.objects.filter(submission_key=key).first() if key else None


def page(
    request: HttpRequest, contribution: Contribution, form: SignalementForm, *, status: int = 200, **said: Any
) -> HttpResponse:
    return render(request, TEMPLATE, {"contribution": contribution, "form": form} | said, status=status)


def gone(request: HttpRequest, contribution: Contribution, form: SignalementForm) -> HttpResponse:
    """It was taken down meanwhile: there is nothing left to point at, and nothing typed is lost without a word."""
    context = {"contribution": contribution, "form": form if form.is_bound else None}
    return render(request, "consultation/signaler_retiree.html", context, status=410)


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def signaler_expired(request: HttpRequest, reference: str) -> HttpResponse:
    contribution, form = shown_or_404(reference), SignalementForm(request.POST)
    if not contribution.is_published:
        return gone(request, contribution, form)
    return page(request, contribution, form, status=403, notice=EXPIRED)


signaler.on_csrf_failure = again(signaler_expired)  # type: ignore[attr-defined]


@require_safe
@personal_page
def signalement_receipt(request: HttpRequest, signed: str) -> HttpResponse:
    """Signed and dead after a day, as the receipt of a contribution (`views.write`)."""
    key = links.read_receipt(signed, links.SIGNALEMENT_RECEIPT)
    signalement = Signalement.objects.filter(submission_key=key).select_related("contribution__demarche").first()
    if key is None or signalement is None:
        return render(request, "consultation/signalement_over.html", status=404)
    context = {"signalement": signalement, "numero": numeros.numero_shown(key, signalement.tracking_hash or b"")}
    return render(request, "consultation/signalement_receipt.html", context)


@require_safe
@personal_page
def signalement_numero(request: HttpRequest, numero: str) -> HttpResponse:
    """Received, then answered; what was written is not repeated, for its address is in a mail that may be anyone's."""
    if not limits.may_look_up(request):
        return render(request, "consultation/suivi_wait.html", status=429)
    rows = Signalement.objects.filter(tracking_hash__in=numeros.tracking_hashes(numeros.read(numero) or ""))
    signalement = rows.select_related("contribution__demarche").first()
    if signalement is None:
        return render(request, "consultation/suivi.html", {"form": NumeroForm(), "unknown": True}, status=404)
    limits.right_number(request)
    context = {
        "signalement": signalement,
        "numero": numeros.read(numero),
        "received": moment_label(signalement.received_at, None, Precision.HOUR),
        "decided": moment_label(signalement.decided_at, None, Precision.HOUR) if signalement.decided_at else "",
    }
    return render(request, "consultation/signalement.html", context)
