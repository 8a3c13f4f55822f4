"""The agenda and each rencontre, as pages and as calendars."""

# ruff: noqa: ARG001 (a view is given the request)

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from django.db.models import Exists, F, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from ateliers.models import Seance
from consultation import calendars
from consultation.models import EvaluationFigures, Media, Rencontre
from consultation.models.rencontre import RencontreQuerySet
from consultation.places import Filling, with_filling
from forums.models import Forum
from participons.boundaries import until
from socle.dates import Precision, month_label, season_label
from socle.pagecache.decorators import public_page

PAGE = 40


@public_page("apres", until=until)
def agenda(request: HttpRequest) -> HttpResponse:
    """What comes, soonest first, then what is past, newest first: one list, read by pages of PAGE."""
    coming, past, last = _page(request.GET.get("apres", ""))
    context = {
        "coming": _months(coming),
        "past": _months(past),
        "after": last.pk if last else None,
        "is_first": "apres" not in request.GET,
    }
    return render(request, "participons/agenda.html", context)


def _page(cursor: str) -> tuple[list[Rencontre], list[Rencontre], Rencontre | None]:
    """Coming ones, past ones, and the last of them when others follow."""
    shown = Rencontre.objects.published().select_related("lieu", "demarche")
    rows: list[Rencontre] = []
    after = _cursor(cursor)
    is_coming = after is None or shown.coming().filter(pk=after.pk).exists()
    if is_coming:
        rows = list(_beyond(shown.coming(), after, "gt")[: PAGE + 1])
    coming_count = len(rows)
    if coming_count <= PAGE:
        rows += _beyond(shown.past(), None if is_coming else after, "lt")[: PAGE + 1 - coming_count]
    kept = rows[:PAGE]
    return kept[:coming_count], kept[coming_count:], kept[-1] if len(rows) > PAGE else None


def _cursor(pk: str) -> Rencontre | None:
    if not pk:
        return None
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        raise Http404
    return get_object_or_404(Rencontre.objects.published(), pk=pk)


def _beyond(rows: RencontreQuerySet, cursor: Rencontre | None, way: str) -> RencontreQuerySet:
    if cursor is None:
        return rows
    same_moment = Q(starts_at=cursor.starts_at, **{f"pk__{way}": cursor.pk})
    return rows.filter(Q(**{f"starts_at__{way}": cursor.starts_at}) | same_moment)


def _months(rows: Iterable[Rencontre]) -> list[tuple[str, list[Rencontre]]]:
    """Rencontres under the month they are held in, or the season where the month is not known."""
    return [(label, list(group)) for label, group in groupby(rows, key=_month)]


def _month(rencontre: Rencontre) -> str:
    day = timezone.localdate(rencontre.starts_at)
    return season_label(day) if rencontre.precision == Precision.SEASON else month_label(day, day)


@public_page(until=until)
def rencontre(request: HttpRequest, pk: int) -> HttpResponse:
    shown = with_filling(Rencontre.objects.published().select_related("demarche", "etape", "lieu"))
    shown = shown.annotate(
        has_avis=Exists(EvaluationFigures.objects.filter(pk=OuterRef("pk"))),
        is_coming=Exists(Rencontre.objects.filter(pk=OuterRef("pk")).coming()),
        has_images=Exists(Media.objects.shown().filter(rencontre=OuterRef("pk"))),
    )
    found = get_object_or_404(shown, pk=pk)
    seances = Seance.objects.filter(pk=found.pk).annotate(compte_rendu_state=F("compte_rendu__state"))
    seance = seances.select_related("atelier").first()
    if seance:
        seance.atelier.demarche = found.demarche
    if found.etape:
        found.etape.demarche = found.demarche
    context = {
        "demarche": found.demarche,
        "rencontre": found,
        "seance": seance,
        "forum": Forum.objects.filter(pk=found.pk).first(),
        "changes": list(found.date_changes.all()),
        "suites": found.suites.select_related("passage").order_by("passage__number", "pk"),
        "is_coming": found.is_coming,
        "takes_names": found.takes_names(),
        "filling": Filling(found.capacity, found.taken, found.waiting),
    }
    return render(request, "participons/rencontre.html", context)


@public_page(until=until)
def rencontre_ics(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(calendars.shown(), pk=pk)
    response = HttpResponse(calendars.calendar([found]), content_type=calendars.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="rencontre-{found.pk}.ics"'
    return response


@public_page(until=until)
def agenda_ics(request: HttpRequest) -> HttpResponse:
    rows = calendars.shown().order_by("-starts_at", "-pk")[: calendars.LONGEST]
    return HttpResponse(calendars.calendar(reversed(rows)), content_type=calendars.CONTENT_TYPE)
