"""Registering by e-mail, without an account: from the mail's link to « Mes inscriptions ».

The first page, which reads the ateliers too, is the roof's (participons.views.inscriptions).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from consultation.actions import inscriptions as actions
from consultation.actions import wishes
from consultation.actions.images import say_images
from consultation.actions.presence import arrive, rename
from consultation.actions.wishes import Step
from consultation.arrival_links import arrival_url
from consultation.choices import InscriptionState, Presence
from consultation.forms.inscription import IMAGES_BASIS, NameForm, TakeForm
from consultation.inscription_links import (
    CONFIRM_AGE,
    Wish,
    attestation_path,
    holder_path,
    read_holder,
    read_wish,
    wish_path,
)
from consultation.models import Demarche, Inscription, Rencontre
from consultation.places import fillings, refusal
from consultation.views.write import see_other
from socle import qr
from socle.comptes.actions import confirm
from socle.comptes.models import Personne
from socle.pagecache.decorators import personal_page

STATUS: dict[str, int] = {Step.LIMITED: 429, Step.GONE: 410, "expired": 410, "closed": 409, "unknown": 404}


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def inscription_confirm(request: HttpRequest, signed: str) -> HttpResponse:
    """The link of the mail: reading it changes nothing; its button takes what is left of what was asked for."""
    wish = read_wish(signed)
    shown = Rencontre.objects.published().filter(pk__in=wish.rencontre_pks) if wish else Rencontre.objects.none()
    rencontres = list(shown.select_related("demarche", "lieu").order_by("starts_at", "pk"))
    if wish is None or not rencontres:
        return answer(request, "unknown")
    if wish.expired:
        return answer(request, wishes.ask_again(wish, rencontres) if request.method == "POST" else "expired")
    if not wishes.holder_of(wish):
        return answer(request, Step.GONE)
    return take(request, wish, rencontres)


def take(request: HttpRequest, wish: Wish, rencontres: Sequence[Rencontre]) -> HttpResponse:
    """Of whoever the wish is: its link was followed, or they are signed in with an address that is confirmed."""
    offered = [rencontre for rencontre in rencontres if not refusal(rencontre)]
    refused = [(rencontre, refusal(rencontre)) for rencontre in rencontres if rencontre not in offered]
    if not offered:
        return answer(request, "closed", rencontres=refused, posted=request.method == "POST")
    mine = _active(wish, offered)
    form = TakeForm(request.POST if request.method == "POST" else None, offered=offered, mine=mine)
    if form.is_bound and form.is_valid():
        personne, taken = wishes.take(wish, form.chosen(), form.asked())
        return _taken(request, personne, form.chosen(), taken)
    known = fillings(offered)
    context = {
        "form": form,
        "rows": [(rencontre, known[rencontre.pk]) for rencontre in offered],
        "refused": refused,
        "mine": mine,
        "status": 422 if form.errors else 200,
    }
    return answer(request, "take", **context)


def _active(wish: Wish, rencontres: Collection[Rencontre]) -> list[Inscription]:
    """What the reader of the link already holds among these."""
    rows = Inscription.objects.active().filter(rencontre__in=rencontres).with_rank()
    held = rows.select_related("rencontre").prefetch_related("services").order_by("rencontre__starts_at", "pk")
    personne = wishes.holder_of(wish)
    return list(held.filter(personne=personne)) if isinstance(personne, Personne) else []


def _taken(
    request: HttpRequest, personne: Personne, chosen: Collection[int], taken: Sequence[Inscription]
) -> HttpResponse:
    """Where the answer is read again at leisure, place by place; said at once as well."""
    if taken:
        messages.success(request, "C’est noté, et redit par un courriel. Voici ce qui est pris.")
    if len(taken) < len(set(chosen)):
        messages.warning(request, "Un rendez-vous a fermé ses inscriptions entre-temps : vous n’y êtes pas inscrit.")
    return see_other(holder_path(personne.pk))


def answer(request: HttpRequest, step: str, **context: Any) -> HttpResponse:
    status = context.pop("status", STATUS.get(step, 200))
    if step == "closed" and not context.get("posted"):
        status = 200
    context |= {"step": str(step), "days": CONFIRM_AGE.days}
    return render(request, "consultation/inscription_confirm.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@personal_page
def inscriptions(request: HttpRequest, signed: str) -> HttpResponse:
    """« Mes inscriptions »: `?rendre=` asks before a place is given back; its POST does it.

    The link came by mail: a button on its page proves the address, where the team alone had typed it. Other POSTs:
    `nom`, the name for the door; `present`, who is there from a distance; `images` and `sans-images`, the consent.
    """
    personne = Personne.objects.filter(pk=read_holder(signed)).first()
    if personne is None:
        return render(request, "consultation/inscriptions.html", {"unknown": True}, status=404)
    rows = _rows(personne)
    posted = request.method == "POST"
    said = next((say for name, say in _SAID.items() if posted and name in request.POST), None)
    if said:
        return said(request, personne, rows)
    asked = _asked(rows, (request.POST if posted else request.GET).get("rendre", ""))
    if posted:
        _give_back(request, asked)
        return see_other(holder_path(personne.pk))
    return render(request, "consultation/inscriptions.html", _page(personne, rows) | {"asked": asked})


def _prove(request: HttpRequest, personne: Personne, _: Sequence[Inscription]) -> HttpResponse:
    confirm(personne)
    messages.success(request, "Votre adresse est confirmée : les rappels et les changements vous parviendront.")
    return see_other(holder_path(personne.pk))


def _rename(request: HttpRequest, personne: Personne, rows: Sequence[Inscription]) -> HttpResponse:
    form = NameForm(request.POST)
    if not form.is_valid():
        return render(request, "consultation/inscriptions.html", _page(personne, rows, form), status=422)
    rename(personne, form.cleaned_data["name"])
    messages.success(request, "C’est noté." if form.cleaned_data["name"] else "C’est noté : votre nom est effacé.")
    return see_other(holder_path(personne.pk))


def _say_images(request: HttpRequest, personne: Personne, rows: Sequence[Inscription]) -> HttpResponse:
    """Given for what is still held, withdrawn at any time; an agreement is never needed for a place."""
    agreed = "images" in request.POST
    mine = _one_of(rows, request.POST["images" if agreed else "sans-images"])
    if agreed and mine.state == InscriptionState.CANCELLED:
        messages.info(request, "Rien n’a changé : cette place est rendue.")
    elif agreed:
        say_images(mine, agreed=True)
        messages.success(request, "C’est noté : vous acceptez que l’on vous reconnaisse. Vous le retirez ici.")
    else:
        say_images(mine, agreed=False)
        messages.success(request, "C’est noté : votre accord est retiré, et l’équipe retire les images déjà en ligne.")
    return see_other(holder_path(personne.pk))


def _one_of(rows: Sequence[Inscription], which: str) -> Inscription:
    mine = next((row for row in rows if str(row.pk) == which), None)
    if mine is None:
        raise Http404("No such inscription of this person.")
    return mine


def _is_there(request: HttpRequest, personne: Personne, rows: Sequence[Inscription]) -> HttpResponse:
    """At a distance nobody of the team sees who comes in: they say it themselves, once it is the day."""
    mine = _one_of(rows, request.POST["present"])
    if mine.can_say_present():
        arrive(mine.rencontre_id, mine.pk, None)
        messages.success(request, "C’est noté : vous êtes là. Bonne rencontre !")
    else:
        messages.info(request, "Rien n’a été noté : cela se dit le jour même, quand on participe à distance.")
    return see_other(holder_path(personne.pk))


_SAID = {
    "confirmer": _prove,
    "nom": _rename,
    "images": _say_images,
    "sans-images": _say_images,
    "present": _is_there,
}


def _rows(personne: Personne) -> list[Inscription]:
    shown = Inscription.objects.filter(personne=personne, rencontre__in=Rencontre.objects.published())
    rows = shown.with_rank().select_related("rencontre__demarche", "rencontre__lieu").prefetch_related("services")
    return list(rows.order_by("rencontre__starts_at", "pk"))


def _asked(rows: Sequence[Inscription], which: str) -> list[Inscription]:
    """One of mine, or all those that can still be given back; anybody else's is not there."""
    held = [row for row in rows if row.state != InscriptionState.CANCELLED and not row.rencontre.has_begun()]
    if which in ("", "tout"):
        return held if which else []
    found = [row for row in rows if str(row.pk) == which]
    if not found:
        raise Http404("No such inscription of this person.")
    return [row for row in found if row in held]


def _give_back(request: HttpRequest, asked: Sequence[Inscription]) -> None:
    if actions.cancel_all(asked):
        messages.success(request, "C’est noté. Une place rendue va à la première personne qui attend, merci pour elle.")
    else:
        messages.info(request, "Il n’y a plus rien à rendre : rien n’a changé.")


def _is_coming(row: Inscription, today: date) -> bool:
    """Until the end of its day: whoever comes late still needs their code, or the address."""
    return not row.rencontre.has_begun() or timezone.localdate(row.rencontre.starts_at) == today


def _page(personne: Personne, rows: Sequence[Inscription], form: NameForm | None = None) -> dict[str, Any]:
    today = timezone.localdate()
    coming = [row for row in rows if not row.rencontre.is_cancelled and _is_coming(row, today)]
    for row in coming:
        if row.is_confirmed and row.presence == Presence.ROOM:
            row.qr = qr.svg_uri(arrival_url(row.pk))  # type: ignore[attr-defined]
        if row.state == InscriptionState.CANCELLED and not refusal(row.rencontre):
            row.again_path = wish_path(Wish((row.rencontre_id,), personne_pk=personne.pk))  # type: ignore[attr-defined]
    for row in rows:
        if row.attended_at:
            row.attestation_path = attestation_path(personne.pk, row.pk)  # type: ignore[attr-defined]
    demarche = Demarche.objects.current()
    return {
        "email": personne.email,
        "images_basis": IMAGES_BASIS,
        "is_proved": personne.is_confirmed,
        "coming": coming,
        "others": [row for row in rows if row not in coming],
        "held": [row for row in coming if row.state != InscriptionState.CANCELLED and not row.rencontre.has_begun()],
        "name_form": form or NameForm(initial={"name": next((row.name for row in coming if row.name), "")}),
        "at_distance": any(not row.is_confirmed for row in coming) and demarche and demarche.takes_contributions(),
    }
