"""One thème: its question, the ateliers that work on it, what has been said of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from ateliers.models import Atelier
from consultation.models import Contribution, Demarche, Theme
from participons.boundaries import until
from socle.pagecache.decorators import public_page

LATEST = 5
COUNTED = 2000  # beyond, « plus de 2 000 »: counting all would cost more at each page


@public_page(until=until)
def theme(request: HttpRequest, slug: str, rank: int) -> HttpResponse:
    shown = Theme.objects.filter(demarche__in=Demarche.objects.published()).select_related("demarche")
    found = get_object_or_404(shown, demarche__slug=slug, rank=rank)
    published = Contribution.objects.published().filter(theme=found)
    count = published.order_by()[: COUNTED + 1].count()
    context = {
        "demarche": found.demarche,
        "theme": found,
        "can_contribute": found.demarche.courante and found.takes_contributions(),
        "ateliers": Atelier.objects.filter(themes=found).select_related("demarche", "lieu").order_by("rank"),
        "count": min(count, COUNTED),
        "is_more": count > COUNTED,
        "contributions": list(published.newest().select_related("demarche", "theme")[:LATEST]),
    }
    return render(request, "participons/theme.html", context)
