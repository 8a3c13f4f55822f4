"""The accueil: where the démarche stands, the one thing to do today, what comes next."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ateliers.models import Atelier
from consultation.line import Line
from consultation.models import Contribution, Demarche, Rencontre, Suite, Texte
from participons.boundaries import until
from participons.map import draw
from socle.pagecache.decorators import public_page

RENDEZ_VOUS = 3
LATEST = 3
NOT_BEGUN = 10  # suites that are named; « et d’autres » beyond


@public_page(until=until)
def accueil(request: HttpRequest) -> HttpResponse:
    demarche = Demarche.objects.annotate(newest_texte=_newest_texte()).current()
    if demarche is None:
        return render(request, "participons/accueil_empty.html", {"demarches": Demarche.objects.published()[:10]})
    return render(request, "participons/accueil.html", _context(demarche))


def _context(demarche: Demarche) -> dict[str, Any]:
    ateliers = list(Atelier.objects.filter(demarche=demarche).select_related("lieu").order_by("rank"))
    for atelier in ateliers:
        atelier.demarche = demarche
    coming = Rencontre.objects.published().filter(demarche=demarche).coming().select_related("lieu", "demarche")
    latest = Contribution.objects.published().filter(demarche=demarche, parent=None).newest()
    return {
        "demarche": demarche,
        "line": Line.of(demarche),
        "can_contribute": demarche.takes_contributions(),
        "enjeux": demarche.enjeux.order_by("rank"),
        "rencontres": list(coming[:RENDEZ_VOUS]),
        "ateliers": ateliers,
        "map": draw(ateliers),
        "texte": Texte(**demarche.newest_texte) if demarche.newest_texte else None,
        "not_begun": list(Suite.objects.not_begun(demarche).select_related("passage__version")[: NOT_BEGUN + 1]),
        "contributions": list(latest.select_related("demarche", "theme")[:LATEST]),
    }


def _newest_texte() -> Subquery:
    """What a link to it needs, in the query that reads the démarche: this page has eight, and no more."""
    shown = Texte.objects.published().filter(demarche=OuterRef("pk")).order_by("-first_published_at", "-pk")
    return Subquery(shown.values(link=JSONObject(pk="pk", kind="kind", title="title"))[:1])
