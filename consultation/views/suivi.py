"""Following one's contribution with its numéro de suivi: where it stands, the address, the mail once more."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from consultation import limits, links
from consultation import numero as numeros
from consultation.actions import contributions as actions
from consultation.actions.contributions import Mail
from consultation.actions.recourse import can_correct, can_withdraw
from consultation.choices import ContributionState
from consultation.emails.contributions import written
from consultation.forms.contribution import signed_in_personne
from consultation.forms.suivi import AddressForm, NumeroForm
from consultation.history import history, with_past
from consultation.line import Line, stops
from consultation.models import Contribution, Reexamen, Reformulation, Signalement
from consultation.tram import tram
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


SHOWN = 50  # contributions of an account

type Followed = Callable[[HttpRequest, Contribution, str], HttpResponse]


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def suivi(request: HttpRequest) -> HttpResponse:
    """The number is posted: typed wrong, it stays out of every journal."""
    form = NumeroForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        if numero := numeros.read(form.cleaned_data["numero"]):
            return see_other(reverse("suivi_numero", args=[numero]))
        form.add_error("numero", WRONG)
    context = {"form": form, "mine": mine(request)}
    return render(request, "consultation/suivi.html", context, status=422 if form.is_bound else 200)


def mine(request: HttpRequest) -> list[tuple[Contribution, str]]:
    """What an account whose address is proved has sent, with where each is followed; no number to look for."""
    personne = signed_in_personne(request)
    if personne is None or not personne.is_confirmed:
        return []
    sent = Contribution.objects.filter(personne=personne, tracking_hash__isnull=False).select_related("demarche")
    return [(contribution, links.suivi_path(contribution)) for contribution in sent[:SHOWN]]


def with_number(view: Followed) -> Callable[..., HttpResponse]:
    """The contribution of the number in the address; guesses are counted, a right number costs nothing."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @personal_page
    @wraps(view)
    def shown(request: HttpRequest, numero: str) -> HttpResponse:
        if not limits.may_look_up(request):
            return render(request, "consultation/suivi_wait.html", status=429)
        hashes = numeros.tracking_hashes(numeros.read(numero) or "")
        contribution = find(hashes)
        if contribution is None:
            return not_found(request, hashes)
        limits.right_number(request)
        return view(request, contribution, numeros.read(numero) or "")

    return shown


def find(hashes: list[bytes]) -> Contribution | None:
    """One indexed look-up, whether the number is well formed or not."""
    rows = with_past(Contribution.objects.filter(tracking_hash__in=hashes)).annotate(stops=stops())
    return rows.select_related("demarche", "personne", "theme", "reexamen", "service_answer").first()


def not_found(request: HttpRequest, hashes: list[bytes]) -> HttpResponse:
    """A number may be that of a signalement: both are typed in the same form."""
    if signalement := Signalement.objects.filter(tracking_hash__in=hashes).first():
        limits.right_number(request)
        return see_other(links.signalement_path(signalement))
    context = {"form": NumeroForm(), "unknown": True}
    return render(request, "consultation/suivi.html", context, status=404)


@with_number
def suivi_numero(request: HttpRequest, contribution: Contribution, numero: str) -> HttpResponse:
    if request.method != "POST":
        return page(request, contribution, numero)
    if "renvoyer" in request.POST and contribution.personne:
        return told(request, numero, actions.resend_confirmation(contribution), contribution.personne.email)
    form = AddressForm(request.POST)
    if not form.is_valid():
        return page(request, contribution, numero, form)
    email = form.cleaned_data["email"]
    return told(request, numero, actions.correct_address(contribution, email), email)


def told(request: HttpRequest, numero: str, mail: Mail, email: str) -> HttpResponse:
    level, sentence = SAID[mail]
    messages.add_message(request, level, sentence.format(email=email))
    return see_other(reverse("suivi_numero", args=[numero]))


def page(
    request: HttpRequest, contribution: Contribution, numero: str, form: AddressForm | None = None
) -> HttpResponse:
    decisions = list(contribution.decisions.select_related("reason"))
    reexamen = getattr(contribution, "reexamen", None)
    contestable = Reexamen.contestable(contribution)
    steps = history(contribution, decisions, reexamen)
    context: dict[str, Any] = {
        "contribution": contribution,
        "demarche": contribution.demarche,
        "line": Line.told(contribution.demarche, contribution.stops),  # type: ignore[attr-defined]  # annotated
        "numero": numero,
        "received": moment_label(contribution.submitted_at, None, Precision.HOUR),
        "steps": steps,
        "tram": tram(contribution, steps),
        "last": decisions[-1] if decisions else None,
        "reexamen": reexamen,
        "asked": asked_of(contribution),
        "contest_until": Reexamen.last_day(contestable) if contestable else None,
        "can_correct": can_correct(contribution),
        "can_withdraw": can_withdraw(contribution),
        "mailed": written(contribution).exists,  # a query, where it is asked
        "email": shown_address(contribution),
        "form": form or AddressForm(),
    }
    return render(request, "consultation/suivi_numero.html", context, status=422 if form else 200)


def asked_of(contribution: Contribution) -> Reformulation | None:
    """The other words that a moderator asked of its author, while there is time to answer."""
    if contribution.state != ContributionState.WAITING:
        return None
    return contribution.reformulations.open().first()


def shown_address(contribution: Contribution) -> str:
    """Whole while it may be mistyped; once proved, enough to recognise it: a receipt may lie about."""
    if contribution.personne is None:
        return ""
    email = contribution.personne.email
    if contribution.state == ContributionState.TO_CONFIRM:
        return email
    name, _, host = email.rpartition("@")
    return f"{name[:1]}…@{host}"
