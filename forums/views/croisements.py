"""The croisements of a forum: the matrix, a cell of it, and one croisement with its productions as they stand."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Prefetch, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from ateliers.models import Production
from consultation.choices import ContributionState
from forums.matrix import OTHER, Heading, matrix, of_cell
from forums.models import Croisement, CroisementKind
from forums.views.pages import about, midnight, published_forum, until
from socle.keyset import AFTER, BEFORE, Keyset
from socle.pagecache.decorators import public_page

PAGE = 6
SENTENCES = 20


@public_page(AFTER, BEFORE, until=until)
def croisement_matrix(request: HttpRequest, pk: int) -> HttpResponse:
    """Thème by thème, and each in its sentence, the newest first. Four queries."""
    found = published_forum(pk)
    counts = {
        "crossed": Count("productions", distinct=True),
        "groups": Count("productions__seance__atelier", distinct=True),
        "minorities": Count("productions", filter=Q(productions__minority=True), distinct=True),
    }
    rows = Croisement.objects.published().filter(forum=found).annotate(**counts)
    page = Keyset("pk", f"croisements:{pk}", SENTENCES, numbers=True).page(rows, request.GET)
    context = about(found) | {"matrix": matrix(found), "kinds": CroisementKind.choices, "page": page}
    return render(request, "forums/croisements.html", context)


@public_page(AFTER, BEFORE, until=until)
def croisement_cell(request: HttpRequest, pk: int, first: int, second: int) -> HttpResponse:
    """Those of one pair of thèmes; the address says the smaller rank first."""
    if first > second:
        raise Http404("The other way round.")
    found = published_forum(pk)
    known = {one.rank: one for one in matrix(found).headings} | {OTHER: Heading(OTHER, "Autre sujet")}
    if first not in known or second not in known:
        raise Http404("No such thème.")
    rows = Croisement.objects.filter(pk__in=of_cell(found, first, second)).prefetch_related(_crossed())
    page = Keyset("pk", f"croisements:{pk}:{first}:{second}", PAGE, descending=False, numbers=True).page(
        rows, request.GET
    )
    _with_demarche(page.rows, found.rencontre.demarche)
    context = about(found) | {"page": page, "first": known[first], "second": known[second]}
    return render(request, "forums/croisements_cell.html", context)


@public_page(until=midnight)
def croisement(request: HttpRequest, pk: int) -> HttpResponse:
    """With the whole text of each production; withdrawn, why."""
    row = get_object_or_404(Croisement.objects.appeared().prefetch_related(_crossed(whole=True)), pk=pk)
    found = published_forum(row.forum_id)
    _with_demarche([row], found.rencontre.demarche)
    return render(request, "forums/croisement.html", about(found) | {"croisement": row})


def _crossed(*, whole: bool = False) -> Prefetch:
    """In the order of the ateliers; what is not published any more is said to be so, without its words."""
    rows = Production.objects.select_related("contribution__theme", "seance__atelier").defer(
        "contribution__tracking_hash"
    )
    rows = rows if whole else rows.defer("contribution__body")
    return Prefetch("productions", rows.order_by("seance__atelier__rank", "pk"))


def _with_demarche(rows: Iterable[Croisement], demarche: object) -> None:
    for row in rows:
        for production in row.productions.all():
            production.contribution.demarche = production.seance.atelier.demarche = demarche
            production.is_public = production.contribution.state == ContributionState.PUBLISHED
