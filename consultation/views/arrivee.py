"""What a QR code of arrival opens: for the team of the rencontre one button, for anybody else a sentence."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from consultation.actions import presence as actions
from consultation.arrival_links import read_arrival
from consultation.arrivals import Guest
from consultation.choices import Mode
from consultation.models import Inscription
from consultation.permissions import can_organise
from consultation.presence import presence_of
from socle.comptes import second_factor
from socle.pagecache.decorators import personal_page

TEMPLATE = "consultation/arrivee.html"


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def arrivee(request: HttpRequest, signed: str) -> HttpResponse:
    """Scanning changes nothing: the button does. Whose code it is, is told to the team alone."""
    rows = Inscription.objects.select_related("rencontre__demarche", "rencontre__lieu", "personne")
    inscription = rows.filter(pk=read_arrival(signed)).first()
    if inscription is None:
        return render(request, TEMPLATE, {"unknown": True}, status=404)
    if not can_organise(request.user, inscription.rencontre):
        return _stranger(request)
    if second_factor.needed(request):
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    if request.method == "POST":
        return _noted(request, inscription)
    return _page(request, inscription)


def _stranger(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        raise PermissionDenied
    return render(request, TEMPLATE, {"stranger": True, "signed_in": not isinstance(request.user, AnonymousUser)})


def _noted(request: HttpRequest, inscription: Inscription) -> HttpResponse:
    try:
        came = actions.arrive(inscription.rencontre_id, inscription.pk, request.user)  # type: ignore[arg-type]
    except ValidationError as error:
        return _page(request, inscription, said=error.message, status=409)
    return _page(request, came)


def _page(request: HttpRequest, inscription: Inscription, *, said: str = "", status: int = 200) -> HttpResponse:
    rencontre = inscription.rencontre
    context = {
        "guest": Guest.of(inscription, both=rencontre.mode == Mode.BOTH),
        "rencontre": rencontre,
        "came": presence_of(rencontre),
        "said": said,
    }
    return render(request, TEMPLATE, context, status=status)
