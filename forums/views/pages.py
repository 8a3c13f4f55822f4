"""The forums, each of them, one moment of its day, and the remarks made there: what anyone reads."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Left
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from ateliers.models import Production
from consultation.choices import ContributionState
from consultation.models import Rencontre
from consultation.places import Filling, with_filling
from forums.models import Croisement, DroitDeRegard, Forum, Intervention, Moment, Objection
from socle.dates import next_midnight
from socle.fulltext import excerpt
from socle.keyset import AFTER, BEFORE, Keyset
from socle.pagecache.decorators import public_page

EXCERPT = 240
PAGE = 30


def midnight(request: HttpRequest) -> datetime:  # noqa: ARG001
    return next_midnight()


def until(request: HttpRequest) -> datetime:
    """The day ends, or the window of the remarks opens or closes, or the forum begins or ends. One query."""
    match = request.resolver_match
    names = ("remarks_open_at", "remarks_close_at", "rencontre__inscriptions_close_at")
    names += ("rencontre__starts_at", "rencontre__ends_at")
    rows = Forum.objects.filter(pk=match.kwargs.get("pk") if match else None).values_list(*names)
    instants = [instant for row in rows for instant in row if instant and instant > timezone.now()]
    return min([next_midnight(), *instants])


def published_forum(pk: int) -> Forum:
    """404 for what nobody may read yet. `is_coming` says that it is not over."""
    shown = Forum.objects.published().select_related(
        "rencontre__demarche", "rencontre__etape", "rencontre__lieu", "texte"
    )
    shown = shown.annotate(is_coming=Exists(Rencontre.objects.filter(pk=OuterRef("pk")).coming()))
    found = get_object_or_404(shown, pk=pk)
    rencontre = found.rencontre
    for row in (rencontre.etape, found.texte):
        if row:
            row.demarche = rencontre.demarche
    return found


@public_page(until=midnight)
def forums(request: HttpRequest) -> HttpResponse:
    rows = Forum.objects.published().select_related("rencontre", "rencontre__lieu", "rencontre__demarche")
    return render(request, "forums/forums.html", {"forums": rows.order_by("-rencontre__starts_at", "-pk")[:100]})


@public_page(until=until)
def forum(request: HttpRequest, pk: int) -> HttpResponse:
    """Its day, and the ways to what came of it. Four queries."""
    found, came = published_forum(pk), _came_of(pk)
    public = Q(productions__contribution__state=ContributionState.PUBLISHED)
    moments = found.moments.select_related("atelier").annotate(brought=Count("productions", filter=public))
    context = about(found) | {
        "takes_names": found.rencontre.takes_names(),
        "filling": Filling(found.rencontre.capacity, came["taken"], came["waiting"]),
        "moments": list(moments.order_by("rank", "pk")),
        "regard": _regard(found),
        "came": came,
    }
    for moment in context["moments"]:
        if moment.atelier:
            moment.atelier.demarche = found.rencontre.demarche
    return render(request, "forums/forum.html", context)


def about(found: Forum) -> dict[str, Any]:
    """What every page of a forum shows."""
    return {
        "demarche": found.rencontre.demarche,
        "forum": found,
        "rencontre": found.rencontre,
        "is_coming": found.is_coming,
        "takes_remarks": found.takes_remarks(),
        "takes_remarks_later": found.takes_remarks_later(),
    }


def _came_of(pk: int) -> dict[str, Any]:
    """What came of it, and how full it is."""
    rows = with_filling(Rencontre.objects.filter(pk=pk)).annotate(
        crossed=_count(Croisement.objects.published().filter(forum=OuterRef("pk")), "forum"),
        said=_count(Intervention.objects.published().filter(forum=OuterRef("pk")), "forum"),
    )
    return rows.values("taken", "waiting", "crossed", "said").get()


def _count(rows: QuerySet, of: str) -> Coalesce:
    return Coalesce(Subquery(rows.order_by().values(of).annotate(n=Count("pk")).values("n")), 0)


def _regard(found: Forum) -> DroitDeRegard | None:
    """Each with how many objections anyone can read."""
    said = _count(Objection.objects.public().filter(droit=OuterRef("pk")), "droit")
    rows = DroitDeRegard.objects.filter(pk=found.pk).select_related("version__texte")
    return rows.annotate(said=said).first()


@public_page(AFTER, BEFORE, until=until)
def moment(request: HttpRequest, pk: int, moment: int) -> HttpResponse:
    """What a group gives back there, each production as it stands. Five queries."""
    found = published_forum(pk)
    row = get_object_or_404(Moment.objects.select_related("atelier").filter(forum=found), pk=moment)
    if row.atelier:
        row.atelier.demarche = found.rencontre.demarche
    brought = Production.objects.published().filter(pk__in=row.productions.values("pk")).select_related("contribution")
    brought = brought.annotate(beginning=Left("contribution__body", EXCERPT + 1)).defer("contribution__body")
    page = Keyset("pk", f"moment:{row.pk}", PAGE, descending=False, numbers=True).page(brought, request.GET)
    for production in page.rows:
        production.contribution.demarche = found.rencontre.demarche
        production.beginning = excerpt(production.beginning, EXCERPT)
    return render(request, "forums/moment.html", about(found) | {"moment": row, "page": page})


@public_page(AFTER, BEFORE, until=until)
def remarques(request: HttpRequest, pk: int) -> HttpResponse:
    """Made in the room or online, the newest first. Four queries."""
    found = published_forum(pk)
    rows = Intervention.objects.published().filter(forum=found)
    rows = rows.select_related("contribution__parent", "passage__version__texte")
    rows = rows.annotate(beginning=Left("contribution__body", EXCERPT + 1))
    rows = rows.defer("contribution__body", "contribution__parent__body", "passage__text")
    page = Keyset("pk", f"remarques:{found.pk}", PAGE, numbers=True).page(rows, request.GET)
    for row in page.rows:
        row.beginning = excerpt(row.beginning, EXCERPT)
        for said in (row.contribution, row.contribution.parent):
            if said:
                said.demarche = found.rencontre.demarche
    return render(request, "forums/remarques.html", about(found) | {"page": page})
