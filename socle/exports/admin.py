"""« Mes fichiers »: what one asked for, where it stands, and where to take it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html

from socle.admin import BaseAdmin
from socle.exports.models import Export


@admin.register(Export)
class ExportAdmin(BaseAdmin):
    change_list_template = "admin/exports/export/change_list.html"
    list_display = ["label", "state", "progress", "rows", "created_at", "expires_at", "error", "link"]
    list_display_links = None
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Export]:
        return super().get_queryset(request).filter(owner_id=request.user.pk)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_staff

    def has_view_permission(self, request: HttpRequest, obj: Export | None = None) -> bool:
        return self.has_module_permission(request) and (obj is None or obj.owner_id == request.user.pk)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Export | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Export | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "Mes fichiers", **(extra_context or {})})

    @admin.display(description="avancement")
    def progress(self, export: Export) -> str:
        """A bar, and the number that it draws."""
        if export.percent is None:
            return "–"
        label = f"Avancement de {export.label}"
        bar = '<progress max="100" value="{}" aria-label="{}"></progress> {}\u00a0%'
        return format_html(bar, export.percent, label, export.percent)

    @admin.display(description="à télécharger")
    def link(self, export: Export) -> str:
        if not export.is_available:
            return "–"
        address = reverse("exports:download", args=[export.pk])
        return format_html('<a href="{}">Télécharger {}</a>', address, export.download_name)
