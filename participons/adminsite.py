"""The staff's site: titles, a second factor before it opens, a Content-Security-Policy of its own."""

from collections.abc import Callable
from typing import Any

from allauth.account.views import logout as account_logout
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.views import shortcut
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.csp import CSP
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode
from django.views.decorators.csp import csp_override

from consultation.permissions import is_administrator
from participons import opening, today
from socle.comptes import second_factor
from socle.comptes.onward import onward_of

# The change list writes its column widths in a <style>; nothing in the admin needs an inline script.
ADMIN_CSP = settings.SECURE_CSP | {"style-src": [CSP.SELF, CSP.NONCE]}


class ParticiponsAdminSite(AdminSite):
    site_header = "Participons — équipe"
    site_title = "Participons — équipe"
    index_title = "Que voulez-vous faire ?"
    site_url = "/"
    index_template = "admin/today.html"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """What to do today, for whoever is in; the lists of Django come after, by task."""
        context = {"today": today.read(request.user), "lists": today.lists(self.get_app_list(request))}
        return super().index(request, context | (extra_context or {}))

    def get_urls(self) -> list[Any]:
        view = self.admin_view(self.on_site)
        opening = path("avant-l-ouverture/", self.admin_view(self.opening), name="opening")
        ours = path("r/<path:content_type_id>/<path:object_id>/", view, name="view_on_site")
        known = [ours if getattr(one, "name", None) == ours.name else one for one in super().get_urls()]
        return [opening, *known]

    def opening(self, request: HttpRequest) -> HttpResponse:
        """« Avant l’ouverture »: what is still to be set."""
        if not is_administrator(request.user):
            raise PermissionDenied
        found = opening.lines()
        context = self.each_context(request) | {
            "title": "Avant l’ouverture",
            "missing": [line for line in found if not line.by_hand],
            "by_hand": [line for line in found if line.by_hand],
        }
        return TemplateResponse(request, "admin/opening.html", context)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """What the person may open, asked when a page shows it: with the pages that show no menu, never."""
        return SimpleLazyObject(lambda: AdminSite.get_app_list(self, request, app_label))

    def on_site(self, request: HttpRequest, content_type_id: str, object_id: str) -> HttpResponseBase:
        """« Voir sur le site », for who may read the row: Django asks nobody, and the address of a draft names it."""
        known = ContentType.objects.filter(pk=content_type_id).first() if content_type_id.isdecimal() else None
        rows = self._registry.get(known.model_class()) if known else None  # type: ignore[arg-type]
        row = rows.get_object(request, object_id) if rows else None
        if row is None or not rows.has_view_or_change_permission(request, row):  # type: ignore[union-attr]
            raise Http404("No such page.")
        return shortcut(request, content_type_id, object_id)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Callable[..., Any]:
        return csp_override(ADMIN_CSP)(super().admin_view(view, cacheable))

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not second_factor.needed(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:  # noqa: ARG002
        """There is one log-in. Whoever is in lacks a right, or the second factor: shown once more, or set up first."""
        onward = onward_of(request) or reverse("admin:index")
        if not request.user.is_authenticated:
            return redirect(f"{reverse('account_login')}?{urlencode({'next': onward})}")
        if not super().has_permission(request):
            raise PermissionDenied
        if not second_factor.needed(request):
            return redirect(onward)
        if not second_factor.has_one(request.user):
            return redirect("mfa_index")
        return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': onward})}")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        """There is one way out: it leads out of FranceConnect too."""
        if request.method != "POST":
            return super().logout(request, extra_context)  # which answers that it wants a POST
        return account_logout(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:  # noqa: ARG002
        return redirect("account_change_password")
