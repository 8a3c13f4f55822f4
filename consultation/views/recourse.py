"""What the author of a contribution can do with its number: correct it, take it back, contest a decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from consultation import limits
from consultation.actions import recourse as actions
from consultation.actions.contributions import StaleState
from consultation.actions.moderation import answer_reformulation
from consultation.forms.base import LinkedErrors
from consultation.forms.moderation import ReformulationAnswerForm
from consultation.forms.recourse import CorrectionForm, ReexamenForm
from consultation.models import Contribution, Reexamen, Reformulation
from consultation.views.suivi import asked_of, with_number
from consultation.views.write import see_other

CORRECTED = "C’est corrigé. Le premier texte n’est plus que dans les archives de l’équipe."
REFORMULATED = "Merci, c’est enregistré. Un modérateur va lire votre nouveau texte."
SAME = "Vous n’avez rien changé : le texte reste tel qu’il était."
WITHDRAWN = "C’est retiré."
TOO_OFTEN = "Ce texte a été corrigé vingt fois depuis une heure : attendez un peu, puis envoyez de nouveau."
ASKED = "Votre demande est enregistrée : un autre modérateur va relire."
EXPIRED = "Le formulaire était resté ouvert trop longtemps : rien n’est encore envoyé. Relisez, puis renvoyez-le."


@with_number
def suivi_corriger(request: HttpRequest, contribution: Contribution, numero: str) -> HttpResponse:
    """Other words, of one's own accord or because a moderator asked for them."""
    asked = asked_of(contribution)
    form = words_form(contribution, asked, request.POST if request.method == "POST" else None)
    if not actions.can_correct(contribution):
        return too_late(request, contribution, numero, form)
    if not (form.is_bound and form.is_valid()):
        return correction(request, contribution, numero, form, status=422 if form.is_bound else 200)
    if not limits.may_correct(contribution):
        return correction(request, contribution, numero, form, status=429, notice=TOO_OFTEN)
    try:
        version = (answer_reformulation if asked else actions.correct)(contribution, **form.cleaned_data)
    except StaleState:
        return too_late(request, contribution, numero, form)
    if asked:
        return back(request, numero, REFORMULATED)
    return back(request, numero, CORRECTED if version else SAME)


def words_form(contribution: Contribution, asked: Reformulation | None, data: Any) -> LinkedErrors:
    """What a moderator asked for is not answered with the same words."""
    if asked:
        return ReformulationAnswerForm(data, contribution=contribution)
    return CorrectionForm(data, initial={"title": contribution.title, "body": contribution.body})


def correction(
    request: HttpRequest,
    contribution: Contribution,
    numero: str,
    form: LinkedErrors,
    *,
    status: int = 200,
    notice: str = "",
) -> HttpResponse:
    context = {"contribution": contribution, "numero": numero, "form": form, "notice": notice}
    context["asked"] = asked_of(contribution)
    return render(request, "consultation/suivi_corriger.html", context, status=status)


def too_late(request: HttpRequest, contribution: Contribution, numero: str, form: LinkedErrors) -> HttpResponse:
    """It was decided meanwhile: what was typed is there to be copied."""
    context = {"contribution": contribution, "numero": numero, "form": form if form.is_bound else None}
    return render(request, "consultation/suivi_corriger_tard.html", context, status=409)


@with_number
def correction_expired(request: HttpRequest, contribution: Contribution, numero: str) -> HttpResponse:
    form = words_form(contribution, asked_of(contribution), request.POST)
    if not actions.can_correct(contribution):
        return too_late(request, contribution, numero, form)
    return correction(request, contribution, numero, form, status=403, notice=EXPIRED)


@with_number
def suivi_retirer(request: HttpRequest, contribution: Contribution, numero: str) -> HttpResponse:
    """Asked first; a second time is harmless."""
    if not actions.can_withdraw(contribution):
        return see_other(reverse("suivi_numero", args=[numero]))
    if request.method == "POST":
        try:
            actions.withdraw(contribution)
        except StaleState as stale:
            return back(request, numero, str(stale), messages.WARNING)
        return back(request, numero, WITHDRAWN)
    reactions = contribution.reactions.published().count()
    context = {"contribution": contribution, "numero": numero, "reactions": reactions}
    return render(request, "consultation/suivi_retirer.html", context)


@with_number
def suivi_reexamen(request: HttpRequest, contribution: Contribution, numero: str) -> HttpResponse:
    form = ReexamenForm(request.POST if request.method == "POST" else None)
    if not (form.is_bound and form.is_valid()) or not Reexamen.contestable(contribution):
        return contesting(request, contribution, numero, form, status=422 if form.is_bound else 200)
    try:
        actions.ask_reexamen(contribution, form.cleaned_data["words"])
    except StaleState as stale:
        return back(request, numero, str(stale), messages.WARNING)
    return back(request, numero, ASKED)


def contesting(
    request: HttpRequest, contribution: Contribution, numero: str, form: ReexamenForm, *, status: int, notice: str = ""
) -> HttpResponse:
    """The form; what cannot be contested, or no longer, leads back to where it stands."""
    decision = Reexamen.contestable(contribution)
    if decision is None:
        return see_other(reverse("suivi_numero", args=[numero]))
    until = Reexamen.last_day(decision)
    context = {"contribution": contribution, "numero": numero, "decision": decision, "until": until}
    context |= {"form": form, "notice": notice}
    return render(request, "consultation/suivi_reexamen.html", context, status=status)


@with_number
def reexamen_expired(request: HttpRequest, contribution: Contribution, numero: str) -> HttpResponse:
    return contesting(request, contribution, numero, ReexamenForm(request.POST), status=403, notice=EXPIRED)


def back(request: HttpRequest, numero: str, sentence: str, level: int = messages.SUCCESS) -> HttpResponse:
    messages.add_message(request, level, sentence)
    return see_other(reverse("suivi_numero", args=[numero]))


def again(view: Callable[..., HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """What answers when the CSRF check refuses a form: the same address, with all that was typed."""

    def refused(request: HttpRequest) -> HttpResponse:
        response = view(request, **request.resolver_match.kwargs)
        if response.status_code == 404:
            response.status_code = 403
        return response

    return refused


suivi_corriger.on_csrf_failure = again(correction_expired)  # type: ignore[attr-defined]
suivi_reexamen.on_csrf_failure = again(reexamen_expired)  # type: ignore[attr-defined]
