"""« La parole des absents » in the admin: the sheet of a séance, then what the group did with each."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse

from ateliers.actions import lectures as actions
from ateliers.actions.comptes_rendus import NotYet
from ateliers.admin.seance_pages import animated_seance, page
from ateliers.forms.lectures import ReadAtForm, read_at, said_rows
from ateliers.models import CompteRendu, Lecture, Seance
from ateliers.printing.absents import sheet
from consultation.actions.contributions import StaleState


class AbsentsPages:
    def get_urls(self) -> list[Any]:
        base = "<int:pk>/seances/<int:rank>/absents/"
        wrap = self.admin_site.admin_view
        own = [
            path(base, wrap(self.absents_page), name="ateliers_seance_absents"),
            path(f"{base}feuille.pdf", wrap(self.absents_sheet), name="ateliers_seance_absents_feuille"),
        ]
        return [*own, *super().get_urls()]

    def absents_page(self, request: HttpRequest, pk: int, rank: int) -> HttpResponse:
        seance = animated_seance(request, pk, rank)
        if request.method != "POST":
            return self._absents(request, seance)
        return self._number(request, seance) if "numeroter" in request.POST else self._tell(request, seance)

    def absents_sheet(self, request: HttpRequest, pk: int, rank: int) -> HttpResponse:
        """Drawn again from what is published now: the numbers stay, what was taken down is gone."""
        seance = animated_seance(request, pk, rank)
        asked = request.GET.get("depuis", "")
        since = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
        content = sheet(seance, since=since, whole="entier" in request.GET)
        name = f"absents-atelier-{seance.atelier.rank}-seance-{seance.rank}.pdf"
        response = HttpResponse(content, content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="{name}"'
        return response

    def _number(self, request: HttpRequest, seance: Seance) -> HttpResponse:
        try:
            count = actions.number(seance)
        except (NotYet, StaleState) as refused:
            self.message_user(request, str(refused), messages.WARNING)
            return _back(seance)
        said = {0: "Rien de nouveau n’est arrivé.", 1: "Une contribution a reçu son numéro."}
        self.message_user(request, said.get(count, f"{count} contributions ont reçu leur numéro."), messages.SUCCESS)
        return _back(seance)

    def _tell(self, request: HttpRequest, seance: Seance) -> HttpResponse:
        rows, seen = said_rows(request.POST, prefix="dit"), ReadAtForm(request.POST)
        if not rows.management_form.is_valid():
            return self._absents(request, seance, status=422)
        if not (rows.is_valid() & seen.is_valid()):
            return self._absents(request, seance, rows=rows, status=422)
        try:
            count = actions.tell(seance, rows.said(), seen.cleaned_data["read_at"])
        except (StaleState, NotYet) as refused:
            self.message_user(request, str(refused), messages.WARNING)
            return self._absents(request, seance, rows=rows, status=409)
        said = (
            "Rien n’a été saisi." if not count else f"C’est noté pour {count} contribution{'s' if count > 1 else ''}."
        )
        self.message_user(request, said, messages.SUCCESS)
        return _back(seance)

    def _absents(self, request: HttpRequest, seance: Seance, *, rows: Any = None, status: int = 200) -> HttpResponse:
        found = Lecture.objects.filter(seance=seance).shown().order_by("number")
        lectures = list(found.select_related("contribution__demarche", "contribution__theme"))
        last = max((row.printed_at for row in lectures), default=None)
        newest = [row.number for row in lectures if row.printed_at == last]
        context = {
            "lectures": lectures,
            "rows": rows or said_rows(prefix="dit"),
            "seen": ReadAtForm(initial={"read_at": read_at(lectures)}),
            "waiting": Lecture.objects.waiting_for(seance).count(),
            "silent": sum(not row.outcome for row in lectures),
            "newest": newest[0] if newest and newest[0] > lectures[0].number else None,
            "adopted": CompteRendu.objects.adopted().filter(seance=seance).exists(),
            "over": actions.is_over(seance) or seance.rencontre.is_cancelled,
        }
        return page(self, request, seance, "absents", status=status, title="La parole des absents", **context)


def _back(seance: Seance) -> HttpResponse:
    return HttpResponseRedirect(
        reverse("admin:ateliers_seance_absents", args=[seance.atelier_id, seance.rank]), status=303
    )
