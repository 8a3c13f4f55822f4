"""Following one's contribution with its numéro de suivi: where it stands, the address, the mail once more."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from consultation import limits
from consultation import numero as numeros
from consultation.actions import contributions as actions
from consultation.actions.contributions import Mail
from consultation.choices import ContributionState
from consultation.emails.contributions import written
from consultation.forms.suivi import AddressForm, NumeroForm
from consultation.models import Contribution, Decision
from consultation.views.write import see_other
from socle.dates import Precision, moment_label
from socle.pagecache.decorators import personal_page

WRONG = "Ce n’est pas un numéro de suivi : un signe manque, ou deux ont changé de place. Comparez-le avec votre reçu."
SAID = {
    Mail.WRITTEN: (messages.SUCCESS, "Un courriel part à l’instant vers {email}. Ouvrez-le et suivez son lien."),
    Mail.LIMITED: (
        messages.WARNING,
        (
            "Trois courriels sont déjà partis vers {email} depuis une heure : celui-ci n’est pas parti. "
            "Regardez aussi dans les indésirables, ou redemandez-le dans une heure. Votre contribution est gardée."
        ),
    ),
    Mail.USELESS: (messages.INFO, "Il n’y a plus rien à confirmer : cette contribution a déjà une adresse confirmée."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def suivi(request: HttpRequest) -> HttpResponse:
    """The number is posted: typed wrong, it stays out of every journal."""
    form = NumeroForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        if numero := numeros.read(form.cleaned_data["numero"]):
            return see_other(reverse("suivi_numero", args=[numero]))
        form.add_error("numero", WRONG)
    return render(request, "consultation/suivi.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def suivi_numero(request: HttpRequest, numero: str) -> HttpResponse:
    if not limits.may_look_up(request):
        return render(request, "consultation/suivi_wait.html", status=429)
    contribution = find(numero)
    if contribution is None:
        return render(request, "consultation/suivi.html", {"form": NumeroForm(), "unknown": True}, status=404)
    limits.right_number(request)
    if request.method != "POST":
        return page(request, contribution, numero)
    if "renvoyer" in request.POST and contribution.personne:
        return told(request, numero, actions.resend_confirmation(contribution), contribution.personne.email)
    form = AddressForm(request.POST)
    if not form.is_valid():
        return page(request, contribution, numero, form)
    email = form.cleaned_data["email"]
    return told(request, numero, actions.correct_address(contribution, email), email)


def find(typed: str) -> Contribution | None:
    """One indexed look-up, whether the number is well formed or not."""
    hashes = numeros.tracking_hashes(numeros.read(typed) or "")
    rows = Contribution.objects.filter(tracking_hash__in=hashes)
    return rows.select_related("demarche", "personne", "theme").first()


def told(request: HttpRequest, numero: str, mail: Mail, email: str) -> HttpResponse:
    level, sentence = SAID[mail]
    messages.add_message(request, level, sentence.format(email=email))
    return see_other(reverse("suivi_numero", args=[numero]))


def page(
    request: HttpRequest, contribution: Contribution, numero: str, form: AddressForm | None = None
) -> HttpResponse:
    decisions = Decision.objects.filter(contribution=contribution).select_related("reason")
    context: dict[str, Any] = {
        "contribution": contribution,
        "demarche": contribution.demarche,
        "numero": numeros.read(numero),
        "received": moment_label(contribution.submitted_at, None, Precision.HOUR),
        "steps": [step(decision) for decision in decisions],
        "last": decisions.last(),
        "mailed": written(contribution).exists(),
        "email": shown_address(contribution),
        "form": form or AddressForm(),
    }
    return render(request, "consultation/suivi_numero.html", context, status=422 if form else 200)


STEPS = {
    ContributionState.WAITING: "Adresse confirmée",
    ContributionState.PUBLISHED: "Publiée",
    ContributionState.REFUSED: "Non publiée",
    ContributionState.WITHDRAWN: "Retirée",
}


def step(decision: Decision) -> tuple[str, str]:
    """« Publiée », and when."""
    return STEPS[decision.to_state], moment_label(decision.decided_at, None, Precision.HOUR)  # type: ignore[index]


def shown_address(contribution: Contribution) -> str:
    """Whole while it may be mistyped; once proved, enough to recognise it: a receipt may lie about."""
    if contribution.personne is None:
        return ""
    email = contribution.personne.email
    if contribution.state == ContributionState.TO_CONFIRM:
        return email
    name, _, host = email.rpartition("@")
    return f"{name[:1]}…@{host}"
