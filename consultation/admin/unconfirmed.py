"""« Jamais confirmées »: what waits for somebody to open their mail, oldest first; none is deleted unseen."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path as url
from django.urls import reverse
from django.utils import timezone

from consultation.actions.contributions import StaleState
from consultation.actions.unconfirmed import REMINDER_LEAD, take_in
from consultation.admin.scoped import scoped
from consultation.links import CONFIRM_AGE
from consultation.models import Contribution
from consultation.permissions import MODERATING
from socle.dates import ago_label

NAME = "consultation_contribution_unconfirmed"
PAGE = 50


class UnconfirmedMixin:
    """A list beside the queue; a moderator takes one in once its link has died, and decides as on any other."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.unconfirmed_view)
        return [url("jamais-confirmees/", view, name=NAME), *super().get_urls()]

    def unconfirmed_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._take_in(request)
        rows = scoped(Contribution.objects.unconfirmed(), request).select_related("demarche", "personne")
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        mine = set(scoped(Contribution.objects.filter(pk__in=[row.pk for row in page]), request, MODERATING).only("pk"))
        for row in page:
            row.age = ago_label(row.submitted_at)
            row.may_be_taken = row in mine and row.submitted_at <= timezone.now() - CONFIRM_AGE
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": "Contributions jamais confirmées",
            "page": page,
            "days": CONFIRM_AGE.days,
            "hours": int(REMINDER_LEAD.total_seconds() // 3600),
        }
        return TemplateResponse(request, "admin/consultation/contribution/unconfirmed.html", context)

    def _take_in(self, request: HttpRequest) -> HttpResponse:
        rows = scoped(Contribution.objects.select_related("demarche"), request, MODERATING)
        pk = request.POST.get("contribution", "")
        contribution = get_object_or_404(rows, pk=int(pk) if pk.isascii() and pk.isdigit() and len(pk) < 19 else 0)
        try:
            with transaction.atomic():
                decision = take_in(contribution, request.user)
                self.log_change(request, contribution, decision.get_to_state_display())
        except StaleState as stale:
            self.message_user(request, str(stale), messages.WARNING)
        else:
            said = f"{contribution.reference} attend maintenant une décision, avec une adresse non vérifiée."
            self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(reverse(f"admin:{NAME}"))
