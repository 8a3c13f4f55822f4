"""One thème: its question, the ateliers that work on it, what has been said of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from ateliers.models import Atelier
from consultation import figures
from consultation.models import Contribution, Demarche, Ressource, Theme
from participons.boundaries import until
from socle.pagecache.decorators import public_page

LATEST = 5


@public_page(until=until)
def theme(request: HttpRequest, slug: str, rank: int) -> HttpResponse:
    shown = Theme.objects.filter(demarche__in=Demarche.objects.published()).select_related("demarche")
    found = get_object_or_404(shown, demarche__slug=slug, rank=rank)
    published = Contribution.objects.published().filter(theme=found)
    context = {
        "demarche": found.demarche,
        "theme": found,
        "can_contribute": found.demarche.courante and found.takes_contributions(),
        "ateliers": Atelier.objects.filter(themes=found).select_related("demarche", "lieu").order_by("rank"),
        # By origin, never added together (design §9).
        "counts": figures.sentence(figures.by_origine(published, found.demarche)),
        "ressources": Ressource.objects.published().filter(themes=found).select_related("document"),
        "contributions": list(published.without_reactions().newest().select_related("demarche", "theme")[:LATEST]),
    }
    return render(request, "participons/theme.html", context)
