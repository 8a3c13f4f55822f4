"""The démarches, one démarche, its cadre."""

from __future__ import annotations

from datetime import datetime
from itertools import chain

from django.db.models import Max, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from consultation.line import Line
from consultation.models import Cadre, Demarche
from socle.dates import next_midnight
from socle.pagecache.decorators import public_page


def until(request: HttpRequest) -> datetime:
    """The day ends, or the contributions open or close; one query."""
    now = timezone.now()
    slug = request.resolver_match.kwargs.get("slug") if request.resolver_match else None
    windows = Demarche.objects.published().filter(slug=slug) if slug else Demarche.objects.none()
    instants = chain.from_iterable(windows.values_list("contributions_open_at", "contributions_close_at"))
    return min([at for at in instants if at and at > now] + [next_midnight(now)])


@public_page(until=until)
def demarches(request: HttpRequest) -> HttpResponse:
    rows = Demarche.objects.published().annotate(starts_on=Min("etapes__starts_on"), ends_on=Max("etapes__ends_on"))
    return render(request, "consultation/demarches.html", {"demarches": rows})


@public_page(until=until)
def demarche(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Demarche.objects.published(), slug=slug)
    context = {
        "demarche": found,
        "line": Line.of(found),
        "can_contribute": found.courante and found.takes_contributions(),
        "enjeux": found.enjeux.order_by("rank"),
        "themes": found.themes.order_by("rank"),
        "has_cadre": found.cadres.filter(published_on__lte=timezone.localdate()).exists(),
    }
    return render(request, "consultation/demarche.html", context)


@public_page(until=until)
def cadre(request: HttpRequest, slug: str) -> HttpResponse:
    """The version in force; a later one waits for its day."""
    found = get_object_or_404(Demarche.objects.published(), slug=slug)
    version = found.cadres.filter(published_on__lte=timezone.localdate()).order_by("-published_on").first()
    parts = _parts(version) if version else []
    return render(request, "consultation/cadre.html", {"demarche": found, "cadre": version, "parts": parts})


PARTS = (
    ("object", "L’objet de la consultation"),
    ("open_points", "Ce qui est ouvert à la discussion"),
    ("closed_points", "Ce qui n’est pas en discussion"),
    ("decision", "Qui décide, et quand"),
    ("use_of_contributions", "Ce que deviennent vos contributions"),
    ("team", "L’équipe"),
    ("garant", "Le garant"),
    ("charte", "La charte de participation"),
    ("moderation_rules", "Les règles de modération"),
)


def _parts(version: Cadre) -> list[tuple[str, str]]:
    """Heading and text of what has been written; what is empty is not announced."""
    return [(heading, text) for field, heading in PARTS if (text := getattr(version, field).strip())]
