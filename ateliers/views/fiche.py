"""Where the code of a printed sheet leads: to the typing, for whoever types; to what became of it, for its reader."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ateliers.links import read_table, table_path
from ateliers.models import Production, Seance
from ateliers.permissions import can_animate
from ateliers.views.table import COOKIE
from consultation.models import Rencontre
from socle.pagecache.decorators import personal_page


@require_safe
@personal_page
def fiche(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A sheet opens nothing by itself: it passes from hand to hand."""
    seances = Seance.objects.filter(rencontre__in=Rencontre.objects.published(), sheets_printed__gte=number)
    seance = get_object_or_404(seances.select_related("rencontre", "atelier__demarche"), pk=pk)
    typed = Production.objects.filter(seance=seance, sheet=number).select_related("contribution__demarche").first()
    if typed and typed.contribution.is_published:
        atelier = seance.atelier
        return redirect("production", atelier.demarche.slug, atelier.rank, typed.contribution.reference)
    table = read_table(request.COOKIES.get(COOKIE, ""))
    if typed is None and table and table.seance_id == seance.pk and table.is_open():
        return redirect(f"{table_path(table)}?fiche={number}")
    if can_animate(request.user, seance.atelier):
        return redirect(f"{reverse('admin:ateliers_seance_productions', args=[seance.atelier_id, seance.rank])}#fiches")
    context = {"seance": seance, "atelier": seance.atelier, "number": number, "typed": typed is not None}
    return render(request, "ateliers/fiche.html", context)
