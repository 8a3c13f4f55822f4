"""The suites that a rencontre presents, ticked in one form: a public meeting of étape 7, the bilan a year after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse

from consultation.actions.suites import present
from consultation.forms.suites import PresentedForm
from consultation.models import Rencontre, Suite
from consultation.permissions import can_write


class PresentedPages:
    admin_site: Any
    opts: Any
    get_queryset: Callable[..., Any]
    has_view_permission: Callable[..., bool]
    message_user: Callable[..., None]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.presented_page)
        own = path("<int:pk>/suites/", view, name="consultation_rencontre_suites")
        return [own, *super().get_urls()]  # type: ignore[misc]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        rencontre = kwargs.get("obj")
        if rencontre is not None and rencontre.pk:
            suites = Suite.objects.of_demarche(rencontre.demarche_id)
            context["presents"] = can_write(request.user, rencontre.demarche) and suites.exists()
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[misc]

    def presented_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Any role reads; the rédacteurs and the responsable write, as they do of the suites."""
        rencontre = get_object_or_404(self.get_queryset(request).select_related("demarche", "lieu"), pk=pk)
        writes = can_write(request.user, rencontre.demarche)
        if not self.has_view_permission(request, rencontre) or (request.method == "POST" and not writes):
            raise PermissionDenied
        form = PresentedForm(request.POST if request.method == "POST" else None, rencontre=rencontre)
        if form.is_bound and form.is_valid():
            return self._present(request, rencontre, form)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Suites présentées",
            "rencontre": rencontre,
            "form": form,
            "writes": writes,
            "presented": rencontre.suites.select_related("passage").order_by("passage__number", "pk"),
        }
        template, status = "admin/consultation/rencontre/suites.html", 422 if form.is_bound else 200
        response = TemplateResponse(request, template, context, status=status)
        response["Cache-Control"] = "private, no-store"
        return response

    def _present(self, request: HttpRequest, rencontre: Rencontre, form: PresentedForm) -> HttpResponse:
        number = present(rencontre, add=form.added(), remove=form.removed())
        many = "s" if number > 1 else ""
        said = (
            f"{number} suite{many} présentée{many} : sa page les donne." if number else "Elle ne présente aucune suite."
        )
        self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:consultation_rencontre_suites", args=[rencontre.pk]))
