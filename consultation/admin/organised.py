"""Pages beside the form of a rencontre, for whoever organises it (`can_organise`)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse

from consultation.models import Rencontre
from consultation.permissions import can_organise


class OrganisedPages:
    def organised(self, request: HttpRequest, pk: int) -> Rencontre:
        """Asked of the rencontre itself: an organisateur holds no role on the démarche."""
        rencontre = get_object_or_404(Rencontre.objects.select_related("demarche", "lieu"), pk=pk)
        if not can_organise(request.user, rencontre):
            raise PermissionDenied
        return rencontre

    def organised_page(
        self, request: HttpRequest, rencontre: Rencontre, title: str, template: str, context: dict[str, Any]
    ) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "rencontre": rencontre, "title": title}
        status = context.pop("status", 200)
        name = f"admin/consultation/rencontre/{template}.html"
        response = TemplateResponse(request, name, shared | context, status=status)
        response["Cache-Control"] = "private, no-store"
        return response
