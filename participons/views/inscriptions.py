"""The first page of registering: for a rencontre, and for the other séances of its atelier with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from ateliers.models import Seance
from consultation import limits
from consultation.actions import wishes
from consultation.forms.contribution import signed_in_personne
from consultation.forms.inscription import AskForm
from consultation.inscription_links import Wish
from consultation.models import Rencontre, Service
from consultation.places import fillings, refusal
from consultation.views.inscriptions import answer, take
from consultation.views.write import minutes
from socle.pagecache.decorators import personal_page


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def rencontre_inscription(request: HttpRequest, pk: int) -> HttpResponse:
    """An account whose address is confirmed needs no mail: it is shown what its link would show."""
    found = get_object_or_404(Rencontre.objects.published().select_related("demarche", "lieu"), pk=pk)
    if refusal(found):
        return answer(request, "closed", rencontres=[(found, refusal(found))], posted=request.method == "POST")
    offered = _offered(found)
    personne = signed_in_personne(request)
    if personne and personne.is_confirmed:
        return take(request, Wish(tuple(one.pk for one in offered), personne_pk=personne.pk), offered)
    form = AskForm(request.POST if request.method == "POST" else None, offered=offered)
    if not form.is_bound:
        return _page(request, found, form)
    return _ask(request, found, form)


def _offered(rencontre: Rencontre) -> list[Rencontre]:
    """By date, those of the same atelier that take names too: one registers for its séances at once, or for some."""
    atelier = Seance.objects.filter(pk=rencontre.pk).values("atelier")
    same = Seance.objects.filter(atelier__in=atelier).values("rencontre")
    rows = Rencontre.objects.published().filter(pk__in=same).exclude(pk=rencontre.pk)
    others = [one for one in rows.select_related("demarche", "lieu") if not refusal(one)]
    return sorted([rencontre, *others], key=lambda one: (one.starts_at, one.pk))


def _ask(request: HttpRequest, rencontre: Rencontre, form: AskForm) -> HttpResponse:
    if not form.is_valid():
        return _page(request, rencontre, form, status=422)
    verdict = limits.may_register(request)
    if not verdict.allowed:
        return _page(request, rencontre, form, status=429, wait=minutes(verdict.wait))
    cleaned, chosen = form.cleaned_data, set(form.chosen())
    wanted = [one for one in form.offered if one.pk in chosen]
    step = wishes.ask(wanted, cleaned["email"], cleaned["submission_key"])
    return answer(request, step, email=cleaned["email"], back=rencontre)


def _page(
    request: HttpRequest, rencontre: Rencontre, form: AskForm, *, status: int = 200, **context: Any
) -> HttpResponse:
    context |= {
        "rencontre": rencontre,
        "demarche": rencontre.demarche,
        "form": form,
        "filling": fillings([rencontre])[rencontre.pk],
        "services": _services(form.offered),
    }
    return render(request, "participons/rencontre_inscription.html", context, status=status)


def _services(offered: Sequence[Rencontre]) -> list[Service]:
    return list(Service.objects.filter(rencontres__in=offered, is_active=True).distinct())


def _expired(request: HttpRequest) -> HttpResponse:
    """The CSRF check failed (a form left open for days, cookies refused): what was typed, in a fresh form."""
    pk = request.resolver_match.kwargs["pk"] if request.resolver_match else 0
    found = get_object_or_404(Rencontre.objects.published().select_related("demarche", "lieu"), pk=pk)
    if refusal(found):
        return answer(request, "closed", rencontres=[(found, refusal(found))], posted=True)
    return _page(request, found, AskForm(request.POST, offered=_offered(found)), status=403, expired=True)


rencontre_inscription.on_csrf_failure = _expired  # type: ignore[attr-defined]
