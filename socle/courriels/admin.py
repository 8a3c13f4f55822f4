"""The outbox as staff see it: what waits, what failed and why, and how to send again. Read-only otherwise."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format

from socle.access import actions as access
from socle.admin import BaseAdmin
from socle.courriels import actions, kept, permissions
from socle.courriels.models import Envoi
from socle.courriels.outbox import Outbox


def _when(at: datetime) -> str:
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")


@admin.register(Envoi)
class EnvoiAdmin(BaseAdmin):
    people_list = "Courriels"
    list_filter = ("state", ("bounced_at", admin.EmptyFieldListFilter))
    search_fields = ("to",)  # shows the box; get_search_results decides what is looked for
    search_help_text = "Adresse entière du destinataire, ou Message-ID"
    ordering = ("-id",)
    actions = ("resend_selected", "cancel_selected")
    change_list_template = "admin/courriels/envoi/change_list.html"
    change_form_template = "admin/courriels/envoi/change_form.html"

    def get_list_display(self, request: HttpRequest) -> list[str]:
        address = ["to"] if permissions.can_see_address(request.user) else []
        return ["__str__", "state", "subject", *address, "what_happened"]

    @admin.display(description="ce qui s’est passé", ordering="sent_at")
    def what_happened(self, envoi: Envoi) -> str:
        """In one column, or the list would be wider than a screen."""
        dates = {"écrit": envoi.created_at, "parti": envoi.sent_at, "refusé ou revenu": envoi.bounced_at}
        said = [f"{what} le {_when(at)}" for what, at in dates.items() if at]
        return " – ".join([*said, envoi.last_error] if envoi.last_error else said)

    def get_fields(self, request: HttpRequest, obj: Envoi | None = None) -> list[str]:
        """Never the text: it may hold a link that opens an account, or a numéro de suivi."""
        address = ["to"] if permissions.can_see_address(request.user) else []
        times = ["created_at", "not_before", "not_after", "next_attempt_at", "claimed_at", "sent_at"]
        returned = ["bounced_at", "bounce_status"]
        return [
            "state",
            "subject",
            *address,
            "subject_key",
            "message_id",
            *times,
            "attempts",
            "interrupted",
            *returned,
            "last_error",
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Envoi]:
        return super().get_queryset(request).defer("body_text", "body_html", "attachments", "headers")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Envoi], search_term: str
    ) -> tuple[QuerySet[Envoi], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        if term.startswith("<"):
            return queryset.filter(message_id=term), False
        if not permissions.can_see_address(request.user):
            return queryset.none(), False
        return queryset.filter(to__iexact=term), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Envoi | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Envoi | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Envoi | None = None) -> bool:
        return permissions.can_see_list(request.user)

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return permissions.can_resend(request.user)

    @admin.action(description="Renvoyer", permissions=["resend"])
    def resend_selected(self, request: HttpRequest, queryset: QuerySet[Envoi]) -> None:
        results = [actions.resend(envoi) for envoi in queryset]
        self._tell(request, results, "Courriels remis en file", "encore en route, ou texte effacé")

    @admin.action(description="Annuler", permissions=["resend"])
    def cancel_selected(self, request: HttpRequest, queryset: QuerySet[Envoi]) -> None:
        reason = f"Annulé dans l’administration par le compte {request.user.pk}."
        results = [actions.cancel_one(envoi, reason) for envoi in queryset]
        self._tell(request, results, "Courriels annulés", "déjà envoyés ou terminés")

    def _tell(self, request: HttpRequest, results: list[bool], done: str, not_done: str) -> None:
        if any(results):
            self.message_user(request, f"{done} : {results.count(True)}.", messages.SUCCESS)
        if not all(results):
            self.message_user(request, f"Laissés tels quels : {results.count(False)} ({not_done}).", messages.WARNING)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {
            "outbox": Outbox.read(),
            "can_read_kept": permissions.can_read_kept(request.user),
            "can_see_address": permissions.can_see_address(request.user),
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"can_resend": permissions.can_resend(request.user), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("gardes/", view(self.kept_list), name="courriels_kept_list"),
            path("gardes/<str:name>/", view(self.kept_detail), name="courriels_kept_detail"),
            *super().get_urls(),
        ]

    def kept_list(self, request: HttpRequest) -> HttpResponse:
        if not permissions.can_read_kept(request.user):
            raise PermissionDenied
        mails = kept.newest()
        access.looked(request.user, "Courriels gardés", len(mails))  # type: ignore[arg-type]
        return self._kept(request, "kept_list.html", {"title": "Courriels gardés", "mails": mails})

    def kept_detail(self, request: HttpRequest, name: str) -> HttpResponse:
        if not permissions.can_read_kept(request.user):
            raise PermissionDenied
        mail = kept.read(name)
        if mail is None:
            raise Http404("Ce courriel n’est pas gardé ici.")
        return self._kept(request, "kept_detail.html", {"title": mail.subject, "mail": mail})

    def _kept(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        if not permissions.can_read_kept(request.user):
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/courriels/envoi/{template}", context)
