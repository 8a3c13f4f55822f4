"""The démarches, one démarche, its cadre in its versions."""

from __future__ import annotations

from datetime import date, datetime
from itertools import chain

from django.db.models import Max, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from consultation import cadres
from consultation.line import Line
from consultation.models import Demarche
from socle.dates import next_midnight
from socle.pagecache.decorators import public_page


def until(request: HttpRequest) -> datetime:
    """The day ends (and the next version of the frame begins), or the contributions open or close; one query."""
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
        "has_cadre": found.cadres.known().exists(),
    }
    return render(request, "consultation/demarche.html", context)


@public_page(until=until)
def cadre(request: HttpRequest, slug: str) -> HttpResponse:
    """The version in force, and the dates and reasons of all; a later one waits for its day."""
    found = get_object_or_404(Demarche.objects.published(), slug=slug)
    versions = list(found.cadres.known())
    in_force = versions[0] if versions else None
    context = {
        "demarche": found,
        "cadre": in_force,
        "parts": cadres.parts(in_force) if in_force else [],
        "versions": versions,
    }
    return render(request, "consultation/cadre.html", context)


@public_page(until=until)
def cadre_version(request: HttpRequest, slug: str, day: date) -> HttpResponse:
    """One version as it was in force, and what it changed to the one before."""
    found = get_object_or_404(Demarche.objects.published(), slug=slug)
    version = get_object_or_404(found.cadres.known(), published_on=day)
    before = found.cadres.filter(published_on__lt=day).order_by("-published_on").first()
    after = found.cadres.known().filter(published_on__gt=day).order_by("published_on").first()
    context = {
        "demarche": found,
        "cadre": version,
        "parts": cadres.parts(version),
        "before": before,
        "after": after,
        "changes": cadres.changes(before, version) if before else [],
    }
    return render(request, "consultation/cadre_version.html", context)
