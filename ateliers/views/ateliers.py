"""The ateliers of a démarche, and each of them with its séances."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from ateliers.models import Atelier, Production, Seance
from ateliers.participation import attended
from consultation.models import Actualite, Demarche, Rencontre
from socle.dates import next_midnight
from socle.pagecache.decorators import public_page

NEWS = 3


def until(request: HttpRequest) -> datetime:  # noqa: ARG001
    """Séances pass with the days; whether contributions are open is at most one minute late."""
    return next_midnight()


def _seances() -> Prefetch:
    """Those that are announced, with their dates, by rank: one query for all ateliers."""
    announced = Seance.objects.filter(rencontre__in=Rencontre.objects.published()).annotate(
        compte_rendu_state=F("compte_rendu__state")
    )
    return Prefetch("seances", announced.select_related("rencontre", "rencontre__lieu").order_by("rank"))


@public_page(until=until)
def ateliers(request: HttpRequest, slug: str) -> HttpResponse:
    demarche = get_object_or_404(Demarche.objects.published(), slug=slug)
    rows = Atelier.objects.filter(demarche=demarche).select_related("demarche", "lieu").order_by("rank")
    context = {"demarche": demarche, "ateliers": rows.prefetch_related(_seances())}
    return render(request, "ateliers/ateliers.html", context)


@public_page(until=until)
def atelier(request: HttpRequest, slug: str, rank: int) -> HttpResponse:
    shown = Atelier.objects.published().select_related("demarche", "lieu").prefetch_related(_seances())
    shown = shown.annotate(production_count=_productions(), has_participation=Exists(attended()))
    found = get_object_or_404(shown, demarche__slug=slug, rank=rank)
    themes = list(found.themes.order_by("rank"))
    for theme in themes:
        theme.demarche = found.demarche
    # The form is the current démarche's.
    open_themes = [theme for theme in themes if found.demarche.courante and theme.takes_contributions()]
    context = {
        "demarche": found.demarche,
        "atelier": found,
        "themes": themes,
        "open_themes": open_themes,
        "next_seance": _next_seance(found),
        "open_seance": _open_seance(found),
        "actualites": Actualite.objects.published().filter(demarche=found.demarche, topic=found.topic)[:NEWS],
    }
    return render(request, "ateliers/atelier.html", context)


def _productions() -> Any:
    """How many are published, in the query that reads the atelier."""
    published = Production.objects.published().filter(seance__atelier=OuterRef("pk")).order_by()
    counted = published.values("seance__atelier").annotate(number=Count("pk"))
    return Coalesce(Subquery(counted.values("number")), 0)


def _next_seance(atelier: Atelier) -> Seance | None:
    """By date, not by rank: a séance may be moved after the following one."""
    today = timezone.localdate()
    coming = [
        seance
        for seance in atelier.seances.all()
        if not seance.rencontre.is_cancelled and timezone.localdate(seance.rencontre.starts_at) >= today
    ]
    return min(coming, key=lambda seance: seance.rencontre.starts_at, default=None)


def _open_seance(atelier: Atelier) -> Seance | None:
    """The first that takes names: from it one registers for the others too."""
    for seance in atelier.seances.all():
        seance.rencontre.demarche = atelier.demarche
        if seance.rencontre.takes_names():
            return seance
    return None
