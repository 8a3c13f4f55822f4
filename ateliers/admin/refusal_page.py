"""« Ne pas publier »: one production that a table typed, and why whoever runs the atelier keeps it from appearing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse

from ateliers.actions import productions
from ateliers.admin.seance_pages import animated_seance, page
from ateliers.forms.refusing import RefuseForm
from ateliers.models import Production
from ateliers.permissions import can_refuse
from ateliers.refusals import Refusal
from consultation.actions.contributions import StaleState
from consultation.templatetags.prose import typo

ROUTE = "<int:pk>/seances/<int:rank>/productions/<int:production>/refus/"


class RefusalPages:
    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.refusal_page)
        return [path(ROUTE, view, name="ateliers_production_refus"), *super().get_urls()]

    def refusal_page(self, request: HttpRequest, pk: int, rank: int, production: int) -> HttpResponse:
        seance = animated_seance(request, pk, rank)
        rows = Production.objects.filter(seance=seance).select_related("contribution__demarche", "seance__atelier")
        row = get_object_or_404(rows, pk=production)
        waits = can_refuse(request.user, row)
        form = RefuseForm(
            request.POST if request.method == "POST" else None, initial={"seen": row.contribution.words_seal}
        )
        if waits and form.is_bound and form.is_valid():
            self._refuse(request, row, form)
            return HttpResponseRedirect(reverse("admin:ateliers_seance_productions", args=[pk, rank]))
        context = {"production": row, "contribution": row.contribution, "waits": waits, "form": form}
        status = 422 if waits and form.is_bound else 409 if form.is_bound else 200
        return page(self, request, seance, "refusal", status=status, title="Ne pas publier", **context)

    def _refuse(self, request: HttpRequest, row: Production, form: RefuseForm) -> None:
        try:
            productions.refuse(row, by=request.user, **form.cleaned_data)
        except (Refusal, StaleState) as refusal:
            messages.warning(request, typo(refusal))
        else:
            messages.success(request, f"{row.contribution.reference} ne paraîtra pas ; les tables en lisent le motif.")
