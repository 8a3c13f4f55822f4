"""The public list of contributions: search, filters, pages by keyset."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from consultation import figures
from consultation.cards import Card, cards, for_cards, texts
from consultation.filters import ADDRESS_KEYS, OLDEST, RELEVANCE, SUPPORTED, Filters, Frame
from consultation.models import Contribution
from consultation.models.contribution import ContributionQuerySet
from consultation.search import WINDOW, by_relevance, look_up
from socle.fulltext import Marker, Query
from socle.keyset import AFTER, BEFORE, Keyset
from socle.pagecache.decorators import public_page
from socle.written import grouped

PAGE = 20


@dataclass(frozen=True)
class Listing:
    """One page of the list, ready for its template."""

    cards: list[Card]
    counts: str
    more: bool = False  # more matches than are counted
    previous: str = ""
    following: str = ""
    first: bool = True
    lost: bool = False


@public_page(*ADDRESS_KEYS, uncached_query=("q",))
def contributions(request: HttpRequest) -> HttpResponse:
    slug = request.GET.get("demarche", "")
    frame = Frame.read(slug)
    if frame is None:
        if slug:
            raise Http404("No such démarche.")
        return render(request, "consultation/contributions_none.html")
    query = Query.read(request.GET.get("q", ""))
    filters = Filters.read(frame, request.GET, query.typed)
    rows = filters.apply(Contribution.objects.published().filter(demarche=frame.demarche))
    if query:
        listing = _searched(request, rows, filters, query)
    elif query.typed:
        listing = Listing([], "")
    else:
        listing = _listed(request, rows, filters)
    context = {
        "demarche": frame.demarche,
        "filters": filters,
        "query": query,
        "listing": listing,
        "questions": figures.of_questions(frame.demarche) if filters.questions else "",
        "limit": grouped(WINDOW if query else figures.FILTERED_LIMIT),
    }
    return render(request, "consultation/contributions.html", context)


def _listed(request: HttpRequest, rows: ContributionQuerySet, filters: Filters) -> Listing:
    names = {one.name: one.value for one in filters.active}
    if names.keys() - {"origine"}:
        counts, more = figures.of_newest(rows)
    else:
        counts, more = figures.by_origine(rows, filters.frame.demarche, names.get("origine", "")), False
    return _by_date(request, rows, filters, "" if more else figures.sentence(counts), more=more)


def _searched(request: HttpRequest, rows: ContributionQuerySet, filters: Filters, query: Query) -> Listing:
    if filters.order != RELEVANCE:
        window = look_up(rows, query)
        counts = "" if window.more else figures.sentence(window.by_origine)
        return _by_date(request, rows.matching(query), filters, counts, query=query, more=window.more)
    cursor = request.GET.get(AFTER, "")
    results = by_relevance(rows, query, scope=filters.scope, cursor=cursor, size=PAGE)
    found = for_cards(Contribution.objects.published(), query).in_bulk(results.pks)
    shown = [found[pk] for pk in results.pks if pk in found]
    return Listing(
        cards(shown, filters.frame, Marker.of(query, texts(shown))),
        counts="" if results.window.more else figures.sentence(results.window.by_origine),
        more=results.window.more,
        following=filters.url(**{AFTER: results.following}) if results.following else "",
        first=results.first,
        lost=results.lost,
    )


def _by_date(
    request: HttpRequest,
    rows: ContributionQuerySet,
    filters: Filters,
    counts: str,
    *,
    query: Query | None = None,
    more: bool = False,
) -> Listing:
    supported = filters.order == SUPPORTED
    field = "support_count" if supported else "published_at"
    keyset = Keyset(field, filters.scope, PAGE, descending=filters.order != OLDEST, numbers=supported)
    page = keyset.page(for_cards(rows, query), request.GET)
    return Listing(
        cards(page.rows, filters.frame, Marker.of(query, texts(page.rows)) if query else None),
        counts,
        more=more,
        previous=filters.url(**{BEFORE: page.previous}) if page.previous else "",
        following=filters.url(**{AFTER: page.following}) if page.following else "",
        first=page.first,
        lost=page.lost,
    )
