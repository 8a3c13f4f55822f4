"""Beside the form of a rencontre: its reminders, what the next sweep would do, and the call list of the day."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse

from consultation import ledger
from consultation.actions.rencontres import record_call
from consultation.models import Call, Inscription, Rappel, Rencontre
from consultation.models.rappel import WhyNot
from consultation.permissions import can_organise
from consultation.traces import looked

SHOWN = 500  # lines of a ledger; the counts are of all
ANSWERS = {"oui": True, "non": False}


class RencontrePages:
    def get_urls(self) -> list[Any]:
        pages = (("rappels", self.reminders_page), ("appels", self.calls_page))
        own = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"consultation_rencontre_{name}")
            for name, view in pages
        ]
        return [*own, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        rencontre = kwargs.get("obj")
        if rencontre is not None and rencontre.pk:
            context |= {
                "reminders": ledger.counts(ledger.lines(rencontre)),
                "leads": ledger.leads_label(rencontre),
                "may_run": can_organise(request.user, rencontre),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def reminders_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The dry run is here: what a sweep would write at this moment; looking writes nothing."""
        rencontre = self._rencontre(request, pk)
        if not self.has_view_permission(request, rencontre):
            raise PermissionDenied
        found = ledger.lines(rencontre)
        now = [(one, WhyNot(one.why_not).label if one.why_not else "") for one in Rappel.objects.due([pk])]
        context = {
            "lines": found[:SHOWN],
            "others": max(0, len(found) - SHOWN),
            "counts": ledger.counts(found),
            "leads": ledger.leads_label(rencontre),
            "now": now,
        }
        return self._page(request, rencontre, "Rappels", "reminders", context)

    def calls_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Addresses and numbers of those who gave one: for whoever runs the démarche or this rencontre; soon erased."""
        rencontre = self._rencontre(request, pk)
        if not can_organise(request.user, rencontre):
            raise PermissionDenied
        people = Inscription.objects.filter(rencontre=rencontre).active()
        if request.method == "POST":
            return self._call(request, rencontre, people)
        calls = Prefetch("calls", Call.objects.select_related("by").order_by("-at", "-pk"))
        rows = list(people.exclude(phone="").select_related("personne").prefetch_related(calls))
        rows.sort(key=lambda row: (any(call.reached for call in row.calls.all()), row.personne.email))
        looked(request.user, "Liste d’appel", len(rows), rencontre)
        context = {
            "rows": rows,
            "reached": sum(any(call.reached for call in row.calls.all()) for row in rows),
            "without": people.filter(phone="").count(),
        }
        return self._page(request, rencontre, "Liste d’appel", "calls", context)

    def _call(self, request: HttpRequest, rencontre: Rencontre, people: Any) -> HttpResponse:
        pk, answer = request.POST.get("inscription", ""), request.POST.get("jointe", "")
        if answer not in ANSWERS:
            self.message_user(request, "Rien n’est noté : dites si la personne a été jointe.", messages.WARNING)
        else:
            known = pk.isascii() and pk.isdigit() and len(pk) < 19
            inscription = get_object_or_404(people.exclude(phone=""), pk=int(pk) if known else 0)
            record_call(inscription, request.user, reached=ANSWERS[answer])
        return HttpResponseRedirect(reverse("admin:consultation_rencontre_appels", args=[rencontre.pk]))

    def _rencontre(self, request: HttpRequest, pk: int) -> Rencontre:
        return get_object_or_404(self.get_queryset(request).select_related("demarche", "lieu"), pk=pk)

    def _page(
        self, request: HttpRequest, rencontre: Rencontre, title: str, name: str, context: dict[str, Any]
    ) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "rencontre": rencontre, "title": title}
        response = TemplateResponse(request, f"admin/consultation/rencontre/{name}.html", shared | context)
        response["Cache-Control"] = "private, no-store"
        return response
