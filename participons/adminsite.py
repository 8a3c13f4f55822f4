"""The staff's site: titles, a log-in that cannot be tried at will, a Content-Security-Policy of its own."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unicodedata import normalize

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.views import shortcut
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.csp import CSP
from django.utils.functional import SimpleLazyObject
from django.views.decorators.csp import csp_override

from consultation.permissions import is_administrator
from participons import errors, opening, today
from socle.limiter.actions import Limit, refund, take_all
from socle.network import client_network

# The change list writes its column widths in a <style>; nothing in the admin needs an inline script.
ADMIN_CSP = settings.SECURE_CSP | {"style-src": [CSP.SELF, CSP.NONCE]}


def login_tries(request: HttpRequest) -> list[tuple[Limit, str]]:
    """What one try counts against. An account counts alike whether it exists or not."""
    per = timedelta(minutes=settings.LOGIN_MINUTES)
    account = normalize("NFKC", request.POST.get("username", "")).strip().casefold()
    return [
        (Limit("login-account", settings.LOGIN_TRIES_PER_ACCOUNT, per), account),
        (Limit("login-address", settings.LOGIN_TRIES_PER_ADDRESS, per), client_network(request)),
    ]


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

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponseBase:
        """Each try is counted before the password is looked at, so that a hundred at once are no better than one."""
        if request.method != "POST":
            return super().login(request, extra_context)
        tries = login_tries(request)
        verdict = take_all(tries)
        if not verdict.allowed:
            return errors.too_many(verdict.wait)
        response = super().login(request, extra_context)
        if response.status_code == 302:
            for limit, key in tries:
                refund(limit, key)
        return response
