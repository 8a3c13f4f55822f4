"""The search across everything that is public, floor by floor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import CharField, F, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from ateliers.models import Atelier
from consultation.cards import EXCERPT, cards, for_cards, texts
from consultation.filters import Frame
from consultation.models import Contribution, Demarche, Etape, FrequentQuestion, Rencontre, Theme
from consultation.search import Window, by_relevance
from forums.models import Croisement, Forum
from participons.questions import MATCHING
from socle.fulltext import Marker, Mentions, Query, excerpt
from socle.pagecache.decorators import public_page

FIRST = 10  # contributions shown here; the others are on their own list
MOST = 50  # of everything else
GROUPS = {
    "theme": "Thèmes",
    "etape": "Étapes",
    "atelier": "Ateliers",
    "rencontre": "Rendez-vous",
    "forum": "Forums",
    "croisement": "Croisements des productions",
    "question": "Questions fréquentes",
}


@dataclass(frozen=True)
class Found:
    """One page that holds the words."""

    url: str
    title: SafeString
    excerpt: SafeString


@public_page(uncached_query=("q",))
def search(request: HttpRequest) -> HttpResponse:
    query = Query.read(request.GET.get("q", ""))
    demarche = Demarche.objects.current()
    context: dict[str, Any] = {"demarche": demarche, "query": query}
    return render(request, "participons/recherche.html", context | (_found(demarche, query) if query else {}))


def _found(demarche: Demarche | None, query: Query) -> dict[str, Any]:
    """Four queries, whatever is found: the contributions' places and rows, all the rest, the words to mark."""
    pages = _rows(query)
    shown, window = _contributions(demarche, query) if demarche else ([], Window([], more=False))
    marker = Marker.of(query, [*texts(shown), *(text for page in pages for text in page[2:4])])
    frame = Frame(demarche, {}, {}, {}) if demarche else None  # short cards: without thème nor enjeu
    return {
        "groups": _groups(pages, marker),
        "cards": cards(shown, frame, marker) if frame else [],
        "others": window.more or len(window.matches) > FIRST,
        "list_url": f"{reverse('contributions')}?{urlencode({'q': query.typed})}",
        "nothing": not pages and not shown,
    }


def _contributions(demarche: Demarche, query: Query) -> tuple[list[Contribution], Window]:
    rows = Contribution.objects.published().filter(demarche=demarche)
    results = by_relevance(rows, query, scope="recherche", size=FIRST)
    found = for_cards(Contribution.objects.published(), query).in_bulk(results.pks)
    return [found[pk] for pk in results.pks if pk in found], results.window


def _groups(pages: list[Any], marker: Marker) -> list[tuple[str, list[Found]]]:
    groups: dict[str, list[Found]] = {kind: [] for kind in GROUPS}
    for kind, place, title, text, slug in pages:
        shown = marker.mark(excerpt(text, EXCERPT, marker.first(text)))
        groups[kind].append(Found(_url(kind, slug, place), marker.mark(title), shown))
    return [(GROUPS[kind], found) for kind, found in groups.items() if found]


def _url(kind: str, slug: str, place: int) -> str:
    """A question of a démarche has its number, one of the portal its own anchor in place of the slug."""
    if kind == "question":
        return f"{reverse('questions')}#{f'question-{place}' if place else slug}"
    return reverse(kind, args=[place] if kind in ("rencontre", "forum", "croisement") else [slug, place])


def _rows(query: Query) -> list[Any]:
    """Of everything but the contributions, in one query: the portal's own questions are in no table."""
    sql, params = _tables(query).query.sql_with_params()
    own, own_params = MATCHING
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} UNION ALL {own} LIMIT %s", [*params, *own_params, query.tsquery, MOST])
        return cursor.fetchall()


def _tables(query: Query) -> QuerySet[Any, Any]:
    public = Demarche.objects.published()
    meetings = Rencontre.objects.published()
    parts = [
        _part("theme", Theme.objects.filter(demarche__in=public), query, "rank", ("question", "introduction")),
        _part("etape", Etape.objects.filter(demarche__in=public), query, "rank", ("title", "text")),
        _part(
            "atelier", Atelier.objects.filter(demarche__in=public), query, "rank", ("question", "town", "presentation")
        ),
        _part("rencontre", meetings, query, "pk", ("title", "other_title", "text")),
        _part("question", FrequentQuestion.objects.shown(), query, "pk", ("question", "answer")),
        _part("forum", Forum.objects.filter(rencontre__in=meetings), query, "pk", ("rencontre__title", "purpose")),
        _part(
            "croisement",
            Croisement.objects.published().filter(forum__rencontre__in=meetings),
            query,
            "pk",
            ("sentence", "kind"),
        ),
    ]
    return parts[0].union(*parts[1:], all=True).order_by()


def _part(kind: str, rows: Any, query: Query, place: str, fields: tuple[str, ...]) -> Any:
    """(kind, rank or pk, title, text, slug of the démarche) of the rows whose fields hold the words."""
    slug = f"{rows.model.demarche_path}__slug"
    return (
        rows.filter(Mentions(query, *fields))
        .order_by()
        .values_list(
            Value(kind, output_field=CharField()),
            Cast(place, output_field=Rencontre._meta.pk),
            Cast(fields[0], TextField()),
            _text(fields[1:]),
            F(slug),
        )
    )


def _text(fields: Iterable[str]) -> Any:
    parts: list[Any] = [part for name in fields for part in (F(name), Value(" "))]
    return Concat(*parts, output_field=TextField())
