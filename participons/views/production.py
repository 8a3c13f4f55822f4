"""One production of a group: its history, and the croisements that put it beside those of other groups."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from ateliers.models import Production
from ateliers.views.productions import history
from forums.models import Croisement, Forum
from participons.boundaries import until
from socle.pagecache.decorators import public_page


@public_page(until=until)
def production(request: HttpRequest, slug: str, rank: int, reference: str) -> HttpResponse:
    context = history(slug, rank, reference)
    context["crossed"] = crossed(context["production"])
    return render(request, "participons/production.html", context)


def crossed(production: Production) -> list[Croisement]:
    """Each with the others that anyone can read, in short; one query, whatever their number."""
    short = JSONObject(
        pk="pk", title="contribution__title", rank="rank", town="seance__atelier__town", minority="minority"
    )
    others = Production.objects.published().exclude(pk=production.pk).annotate(rank=F("seance__atelier__rank"))
    beside = Croisement.productions.through.objects.filter(croisement=OuterRef(OuterRef("pk"))).values("production")
    others = others.filter(pk__in=beside).order_by("rank", "pk").values(short=short)
    rows = Croisement.objects.published().filter(productions=production, forum__in=Forum.objects.published())
    found = list(rows.annotate(others=ArraySubquery(others)).order_by("pk"))
    for other in (one for row in found for one in row.others):  # type: ignore[attr-defined]  # annotated
        other["url"] = _address(production, other)
    return found


def _address(production: Production, other: dict[str, Any]) -> str:
    return reverse("contribution", args=[f"{production.contribution.demarche.code}-{other['pk']}"])
