"""The accueil: where the démarche stands, the one thing to do today, what comes next."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
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
LINE_OF_SUITE = ("pk", "title", "state", "in_charge", "due_on", "due_precision")
OWED = 10  # suites that are named; « et d’autres » beyond


@public_page(until=until)
def accueil(request: HttpRequest) -> HttpResponse:
    demarche = Demarche.objects.annotate(newest_texte=_newest_texte(), promised=_owed()).current()
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
        "owed": [_suite(**one) for one in demarche.promised],
        "politique": demarche.promised[0]["politique"] if demarche.promised else None,
        "contributions": list(latest.select_related("demarche", "theme")[:LATEST]),
    }


def _newest_texte() -> Subquery:
    """What a link to it needs, in the query that reads the démarche: this page has eight, and no more."""
    shown = Texte.objects.published().filter(demarche=OuterRef("pk")).order_by("-first_published_at", "-pk")
    return Subquery(shown.values(link=JSONObject(pk="pk", kind="kind", title="title"))[:1])


def _owed() -> ArraySubquery:
    """What the line of each needs, in the same query; one more than are named."""
    rows = Suite.objects.owed_a_year_after(OuterRef("pk")).order_by("passage__number", "pk")
    said = JSONObject(politique="passage__version__texte", **{name: name for name in LINE_OF_SUITE})
    return ArraySubquery(rows.values(said=said)[: OWED + 1])


def _suite(due_on: str | None, politique: int, **said: Any) -> Suite:  # noqa: ARG001 (of them all, and read once)
    return Suite(due_on=date.fromisoformat(due_on) if due_on else None, **said)
