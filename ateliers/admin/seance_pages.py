"""What the pages of one séance share in the admin: whose séance it is, who may, and their frame."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from ateliers.models import Seance
from ateliers.permissions import can_animate, can_look_into


def animated_seance(request: HttpRequest, pk: int, rank: int) -> Seance:
    """For whoever runs its atelier; for anybody who may not look into it, there is none."""
    rows = Seance.objects.select_related("rencontre__lieu", "rencontre__demarche", "atelier__demarche")
    seance = rows.filter(atelier=pk, rank=rank).first()
    if seance is None or not can_look_into(request.user, seance.atelier):
        raise Http404("No such séance.")
    if not can_animate(request.user, seance.atelier):
        raise PermissionDenied
    return seance


def page(
    admin: Any, request: HttpRequest, seance: Seance, name: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    """`context` has a title at least."""
    shared = admin.admin_site.each_context(request) | {"opts": admin.opts, "seance": seance}
    response = TemplateResponse(request, f"admin/ateliers/seance/{name}.html", shared | context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response
