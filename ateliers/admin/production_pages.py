"""« Productions de la séance »: the tables and their links, the sheets of paper, what was typed, what is published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse

from ateliers.actions import devenirs
from ateliers.admin.production_acts import ACTS
from ateliers.forms.tables import SheetsForm, TableForm
from ateliers.links import table_path
from ateliers.models import Devenir, Fate, Production, Seance, Table, Words
from ateliers.models.production import ALIVE
from ateliers.permissions import can_animate, can_look_into
from ateliers.printing.fiche import fiches
from ateliers.refusals import Refusal
from ateliers.wording import difference, with_refusals
from consultation.actions.contributions import StaleState
from consultation.choices import ContributionState
from consultation.permissions import can_moderate
from consultation.spotting import Spot, spot
from consultation.templatetags.prose import typo
from socle import qr
from socle.text import whole_number

PAGE = "ateliers_seance_productions"


@dataclass(frozen=True)
class ToPublish:
    """What waits to be read; left unticked where something in it could give somebody away."""

    value: str
    production: Production
    spots: list[Spot]
    devenir: Devenir | None = None
    changes: dict[str, Any] | None = None
    why_not: str = ""


class ProductionPages:
    def get_urls(self) -> list[Any]:
        base = "<int:pk>/seances/<int:rank>/productions/"
        pages = (
            (base, self.productions_page, PAGE),
            (f"{base}fiches.pdf", self.sheets_pdf, "ateliers_seance_fiches"),
            (f"{base}tables/<int:number>/", self.table_page, "ateliers_seance_table"),
        )
        own = [path(route, self.admin_site.admin_view(view), name=name) for route, view, name in pages]
        return [*own, *super().get_urls()]

    def productions_page(self, request: HttpRequest, pk: int, rank: int) -> HttpResponse:
        seance = _seance(request, pk, rank)
        if request.method != "POST":
            return self._productions(request, seance)
        if not can_animate(request.user, seance.atelier):
            raise PermissionDenied
        act = ACTS.get(request.POST.get("act", ""))
        if act is None:
            raise Http404("No such act.")
        try:
            act(request, seance)
        except (Refusal, StaleState) as refusal:
            messages.warning(request, typo(refusal))
        return HttpResponseRedirect(reverse(f"admin:{PAGE}", args=[pk, rank]))

    def _productions(self, request: HttpRequest, seance: Seance) -> HttpResponse:
        runs = can_animate(request.user, seance.atelier)
        rows = list(Production.objects.filter(seance=seance).select_related("contribution", "table").order_by("pk"))
        with_refusals(rows)
        typed = {row.sheet for row in rows if row.sheet}
        for row in rows:
            row.contribution.demarche = seance.atelier.demarche
        context = {
            "runs": runs,
            "moderates": can_moderate(request.user, seance.atelier.demarche),
            "tables": _tables(seance, rows),
            "rows": rows,
            "to_publish": [_waiting(row) for row in rows if row.contribution.state == ContributionState.WAITING],
            "fates": _fates(seance),
            "undecided": _undecided(seance),
            "decided": Devenir.objects.published()
            .filter(seance=seance)
            .select_related("production__contribution__demarche", "into__contribution__demarche"),
            "missing": ranges([number for number in range(1, seance.sheets_printed + 1) if number not in typed]),
            "table_form": TableForm(),
            "sheets_form": SheetsForm(),
        }
        return self._seance_page(request, seance, "Productions de la séance", "productions", context)

    def table_page(self, request: HttpRequest, pk: int, rank: int, number: int) -> HttpResponse:
        """Large, for the screen of the room; it opens a table, so that only whoever runs the atelier sees it."""
        seance = _seance(request, pk, rank)
        if not can_animate(request.user, seance.atelier):
            raise PermissionDenied
        table = get_object_or_404(Table.objects.filter(seance=seance), number=number)
        table.seance = seance
        address = settings.SITE_URL + table_path(table)
        context = {"table": table, "address": address, "code": qr.svg_uri(address, scale=8)}
        return self._seance_page(request, seance, f"Lien de la table {number}", "table", context)

    def sheets_pdf(self, request: HttpRequest, pk: int, rank: int) -> HttpResponse:
        """Those that were printed, once more; by default all that nobody has typed."""
        seance = _seance(request, pk, rank)
        if not can_animate(request.user, seance.atelier):
            raise PermissionDenied
        typed = Production.objects.filter(seance=seance, sheet__isnull=False).values_list("sheet", flat=True)
        printed = range(whole_number(request.GET.get("de", "")) or 1, seance.sheets_printed + 1)
        numbers = [number for number in printed if number not in set(typed)]
        if not numbers:
            raise Http404("No sheet to print.")
        response = HttpResponse(fiches(seance, numbers), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="fiches-atelier-{seance.atelier.rank}-{rank}.pdf"'
        response["Cache-Control"] = "private, no-store"
        return response

    def _seance_page(
        self, request: HttpRequest, seance: Seance, title: str, name: str, context: dict[str, Any]
    ) -> HttpResponse:
        shared = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "seance": seance,
            "atelier": seance.atelier,
            "title": title,
        }
        response = TemplateResponse(request, f"admin/ateliers/seance/{name}.html", shared | context)
        response["Cache-Control"] = "private, no-store"
        return response


def _seance(request: HttpRequest, pk: int, rank: int) -> Seance:
    """To who may not look into its atelier there is no such séance."""
    rows = Seance.objects.select_related("rencontre__lieu", "atelier__demarche")
    seance = get_object_or_404(rows, atelier=pk, rank=rank)
    if not can_look_into(request.user, seance.atelier):
        raise Http404("Somebody else's.")
    return seance


def _tables(seance: Seance, rows: list[Production]) -> list[tuple[Table, int]]:
    """Each with how many productions were typed at it."""
    found = list(Table.objects.filter(seance=seance).order_by("number"))
    for table in found:
        table.seance = seance
    return [(table, sum(row.table_id == table.pk for row in rows)) for table in found]


def _waiting(row: Production) -> ToPublish:
    contribution = row.contribution
    return ToPublish(f"{row.pk}:{contribution.words_seal}", row, _spots(contribution.title, contribution.body))


def _undecided(seance: Seance) -> list[Production]:
    """Theirs to decide at the tables; once the séance has begun, whoever runs it may keep those that are left."""
    if seance.rencontre.is_cancelled or not seance.rencontre.has_begun():
        return []
    rows = Production.objects.undecided(seance).select_related("contribution__demarche", "seance")
    return list(rows.with_history().order_by("seance__rank", "pk"))


def _fates(seance: Seance) -> list[ToPublish]:
    waiting = Devenir.objects.to_publish().filter(seance=seance, production__contribution__state__in=ALIVE)
    waiting = waiting.select_related("into__contribution__demarche").order_by("pk")
    found = {devenir.production_id: devenir for devenir in waiting}
    rows = Production.objects.filter(pk__in=found).select_related("contribution__demarche").with_history()
    return [_fate(row, found[row.pk]) for row in rows.order_by("pk")]


def _fate(row: Production, devenir: Devenir) -> ToPublish:
    changes, texts = None, [devenir.reason]
    if devenir.fate == Fate.REWORDED:
        now, then = row.latest, Words(row.contribution.title, row.contribution.body)
        changes = {"title": difference(then.title, now.title), "body": difference(then.body, now.body)}
        texts += [now.title, now.body]
    stands_on = [row.contribution, *([devenir.into.contribution] if devenir.into else [])]
    unread = next((one.reference for one in stands_on if one.state != ContributionState.PUBLISHED), "")
    return ToPublish(
        str(devenir.pk), row, _spots(*texts), devenir, changes, devenirs.UNREAD.format(unread) if unread else ""
    )


def _spots(*texts: str) -> list[Spot]:
    return [one for text in texts for one in spot(text)]


def ranges(numbers: list[int]) -> str:
    """« 1 à 4, 7, 9 à 12 »."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]} à {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
