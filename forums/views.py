"""The forums, and each of them."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from consultation.models import Rencontre
from forums.models import Forum
from socle.dates import next_midnight
from socle.pagecache.decorators import public_page


def until(request: HttpRequest) -> datetime:  # noqa: ARG001
    return next_midnight()


@public_page(until=until)
def forums(request: HttpRequest) -> HttpResponse:
    rows = Forum.objects.published().select_related("rencontre", "rencontre__lieu", "rencontre__demarche")
    return render(request, "forums/forums.html", {"forums": rows.order_by("-rencontre__starts_at", "-pk")[:100]})


@public_page(until=until)
def forum(request: HttpRequest, pk: int) -> HttpResponse:
    shown = Forum.objects.published().select_related("rencontre__demarche", "rencontre__etape", "rencontre__lieu")
    found = get_object_or_404(shown, pk=pk)
    rencontre = found.rencontre
    if rencontre.etape:
        rencontre.etape.demarche = rencontre.demarche
    context = {
        "demarche": rencontre.demarche,
        "forum": found,
        "rencontre": rencontre,
        "is_coming": Rencontre.objects.filter(pk=pk).coming().exists(),
    }
    return render(request, "forums/forum.html", context)
