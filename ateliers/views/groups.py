"""How a group is composed, for all; and the page of one member, by the link of their mail."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from ateliers import lots
from ateliers.actions.composition import leave
from ateliers.balance import FEW, WHOLE, balance
from ateliers.groups import rooms
from ateliers.member_links import member_path, read_member
from ateliers.models import Atelier, Membre, Tirage
from ateliers.views.ateliers import until
from consultation.inscription_links import holder_path
from consultation.models import Inscription, Rencontre
from consultation.places import refusal
from socle.comptes.actions import confirm
from socle.pagecache.decorators import personal_page, public_page


@public_page(until=until)
def group(request: HttpRequest, slug: str, rank: int) -> HttpResponse:
    found = get_object_or_404(
        Atelier.objects.published().with_example().select_related("demarche"), demarche__slug=slug, rank=rank
    )
    tirages = list(Tirage.objects.filter(atelier=found))
    context = {
        "demarche": found.demarche,
        "atelier": found,
        "balance": balance(found),
        "open": [room for room in rooms(found) if not _refusal(room.seance.rencontre, found)],
        "tirages": [_shown(tirage) for tirage in tirages],
        "few": FEW,
        "whole": WHOLE,
    }
    return render(request, "ateliers/groupe.html", context)


def _refusal(rencontre: Rencontre, atelier: Atelier) -> str:
    rencontre.demarche = atelier.demarche
    return refusal(rencontre)


def _shown(tirage: Tirage) -> dict[str, Any]:
    """As anyone may do it again; `script` once there is a seed."""
    drawn = {lot["lot"]: lot["numeros"] for lot in tirage.drawn}
    return {
        "tirage": tirage,
        "lots": [(lot, lots.ranges(lot["numeros"]), drawn.get(lot["lot"], [])) for lot in tirage.pool],
        "script": lots.script(tirage.seed, tirage.pool) if tirage.drawn_at else "",
        "first": lots.numbers_of(tirage.pool)[0],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def membre(request: HttpRequest, signed: str) -> HttpResponse:
    """Reading it changes nothing; « c’est bien moi » proves the address, « quitter » gives the places back."""
    rows = Membre.objects.select_related("atelier__demarche", "personne")
    found = rows.filter(pk=read_member(signed)).first()
    if found is None:
        return render(request, "ateliers/membre.html", {"unknown": True}, status=404)
    if request.method == "POST":
        _answer(request, found, request.POST.get("geste", ""))
        return HttpResponseRedirect(member_path(found.pk))
    held = Inscription.objects.active().filter(
        personne=found.personne_id, rencontre__in=found.atelier.seances.values("rencontre")
    )
    context = {
        "membre": found,
        "atelier": found.atelier,
        "present": found.left_at is None,
        "leaving": "quitter" in request.GET,
        "inscriptions": held.with_rank().select_related("rencontre__lieu").order_by("rencontre__starts_at", "pk"),
        "holder_url": holder_path(found.personne_id),
    }
    return render(request, "ateliers/membre.html", context)


def _answer(request: HttpRequest, membre: Membre, gesture: str) -> None:
    if gesture == "confirmer" and membre.left_at is None:
        confirm(membre.personne)
        messages.success(request, "Merci, c’est noté : les rappels et les changements vous seront envoyés.")
    elif gesture == "quitter" and membre.left_at is None:
        leave(membre)
        messages.success(request, "C’est noté : vous ne faites plus partie du groupe.")
    else:
        messages.info(request, "Rien n’a été changé.")
