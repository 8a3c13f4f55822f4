"""One étape: its period and its changes, what it opens, its ateliers and its rencontres."""

from __future__ import annotations

import re
from itertools import groupby

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from ateliers.models import Atelier, Seance
from consultation.line import Line
from consultation.models import Demarche, Etape, Rencontre, Texte
from participons.boundaries import until
from socle.pagecache.decorators import public_page


@public_page(until=until)
def etape(request: HttpRequest, slug: str, rank: int) -> HttpResponse:
    demarche = get_object_or_404(Demarche.objects.published(), slug=slug)
    line = Line.of(demarche)
    stop = line.find(rank)
    if stop is None:
        raise Http404
    rencontres = Rencontre.objects.published().filter(etape=stop.etape)
    coming = Exists(Rencontre.objects.coming().filter(pk=OuterRef("pk")))
    ateliers = _ateliers(stop.etape, demarche)
    in_ateliers = {seance.pk for _, seances in ateliers for seance in seances}
    context = {
        "demarche": demarche,
        "line": line,
        "stop": stop,
        "etape": stop.etape,
        "people_in_text": re.search(rf"\b{stop.etape.people_count}\b", stop.etape.text) is not None,
        "before": line.find(rank - 1),
        "after": line.find(rank + 1),
        "changes": list(stop.etape.date_changes.all()),
        "can_contribute": stop.state == "now" and demarche.courante and demarche.takes_contributions(),
        "gathers": "temoignages" in stop.etape.regle.opens and stop.state != "coming",
        "ateliers": ateliers,
        "textes": Texte.objects.published().filter(etape=stop.etape).select_related("current"),
        "rencontres": [
            (rencontre, rencontre.is_coming)
            for rencontre in rencontres.select_related("lieu", "demarche").annotate(is_coming=coming)
            if rencontre.pk not in in_ateliers
        ],
    }
    return render(request, "participons/etape.html", context)


def _ateliers(etape: Etape, demarche: Demarche) -> list[tuple[Atelier, list[Seance]]]:
    """Ateliers by rank, whatever their dates, each with its séances of this étape."""
    seances = (
        Seance.objects.filter(rencontre__etape=etape, rencontre__in=Rencontre.objects.published())
        .select_related("atelier", "rencontre")
        .order_by("atelier__rank", "rank")
    )
    groups = [(atelier, list(group)) for atelier, group in groupby(seances, key=lambda seance: seance.atelier)]
    for atelier, _ in groups:
        atelier.demarche = demarche
    return groups
