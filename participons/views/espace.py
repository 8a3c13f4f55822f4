"""« Mon espace »: what somebody did here and what they are told, in one place. Theirs alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from consultation import limits, numero
from consultation.actions import contributions as actions
from consultation.actions.news import choose
from consultation.forms.news import ParcoursForm
from consultation.forms.suivi import NumeroForm
from consultation.inscription_links import holder_path
from consultation.letter_links import Reader
from consultation.views.suivi import WRONG
from participons import espace as reading
from socle.comptes.actions import choose_rhythm
from socle.comptes.models import Personne
from socle.pagecache.decorators import personal_page

type Page = Callable[[HttpRequest, Personne], HttpResponse]


def of_a_proved_personne(view: Page) -> Callable[[HttpRequest], HttpResponse]:
    """An account whose address is not proved yet (the team made it) shows nothing of that address (T22)."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @personal_page
    @login_required
    @wraps(view)
    def shown(request: HttpRequest) -> HttpResponse:
        personne = request.user.personne
        if personne is None or not personne.is_confirmed:
            return render(request, "participons/espace_unproved.html")
        return view(request, personne)

    return shown


@of_a_proved_personne
def espace(request: HttpRequest, personne: Personne) -> HttpResponse:
    context = {
        "contributions": reading.contributions(personne),
        "inscriptions": reading.inscriptions(personne),
        "holder_path": holder_path(personne.pk),
    }
    return render(request, "participons/espace.html", context)


@of_a_proved_personne
def soutiens(request: HttpRequest, personne: Personne) -> HttpResponse:
    return render(request, "participons/espace_soutiens.html", {"soutiens": reading.soutiens(personne)})


@of_a_proved_personne
def nouvelles(request: HttpRequest, personne: Personne) -> HttpResponse:
    """What one is told, subject by subject, and how; what one's own acts call for always leaves."""
    data = request.POST if request.method == "POST" else None
    about_news = data is not None and "demarche" in data
    parcours = ParcoursForm(None if about_news else data, initial={"rhythm": personne.rhythm})
    news = reading.followed(personne, data if about_news else None)
    sent = news.form if about_news else parcours
    if sent and sent.is_bound and sent.is_valid():
        if isinstance(sent, ParcoursForm):
            choose_rhythm(personne, sent.cleaned_data["rhythm"])
        else:
            choose(Reader(personne.pk, sent.demarche.pk), sent.rhythms())
        messages.success(request, "C’est noté.")
        return redirect("espace_nouvelles")
    context = {"parcours": parcours, "news": news, "sent": sent}
    return render(request, "participons/espace_nouvelles.html", context, status=422 if data else 200)


@of_a_proved_personne
def papier(request: HttpRequest, personne: Personne) -> HttpResponse:
    """What was given on paper, or sent without an address, joins by its numéro de suivi; guesses are counted."""
    form = NumeroForm(request.POST if request.method == "POST" else None)
    if not form.is_bound or not form.is_valid():
        return _papier(request, form, 422 if form.is_bound else 200)
    if not limits.may_look_up(request):
        form.add_error("numero", "Trop de numéros ont été essayés depuis votre réseau. Recommencez dans une heure.")
        return _papier(request, form, 429)
    known = numero.read(form.cleaned_data["numero"])
    if known is None:
        form.add_error("numero", WRONG)
        return _papier(request, form, 422)
    joined = actions.join(personne, numero.tracking_hashes(known))
    if not joined:
        form.add_error("numero", "Aucune contribution sans auteur ne porte ce numéro.")
        return _papier(request, form, 422)
    limits.right_number(request)
    messages.success(request, "Elle est désormais parmi les vôtres.")
    return redirect("espace")


def _papier(request: HttpRequest, form: NumeroForm, status: int) -> HttpResponse:
    return render(request, "participons/espace_papier.html", {"form": form}, status=status)
