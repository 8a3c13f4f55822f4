"""The door of the pages of the evening: whoever runs this very rencontre, and nobody else of the team."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from consultation.models import Rencontre
from consultation.permissions import can_organise, can_read


class Organised:
    """Names and addresses are on these pages: asked of each request, whatever the lists of the admin show."""

    def organised(self, request: HttpRequest, pk: int) -> Rencontre:
        rencontre = Rencontre.objects.select_related("demarche", "lieu").filter(pk=pk).first()
        if rencontre is None:
            raise Http404("No such rencontre.")
        if can_organise(request.user, rencontre):
            return rencontre
        if can_read(request.user, rencontre.demarche):
            raise PermissionDenied
        raise Http404("Not this person's rencontre.")

    def light_page(
        self, request: HttpRequest, rencontre: Rencontre, name: str, context: dict[str, Any]
    ) -> HttpResponse:
        """Without what every page of the admin asks the database and sends."""
        status = context.pop("status", 200)
        template = f"admin/consultation/rencontre/{name}.html"
        response = TemplateResponse(request, template, context | {"rencontre": rencontre}, status=status)
        response["Cache-Control"] = "private, no-store"
        return response

    def evening_page(
        self, request: HttpRequest, rencontre: Rencontre, title: str, name: str, context: dict[str, Any]
    ) -> HttpResponse:
        site = self.admin_site.each_context(request)  # type: ignore[attr-defined]
        return self.light_page(request, rencontre, name, {**site, "opts": self.opts, "title": title, **context})  # type: ignore[attr-defined]
