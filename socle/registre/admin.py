"""The register as staff see it: what waits for its seal too, and nothing to change."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from socle.admin import BaseAdmin
from socle.registre.models import Entree


@admin.register(Entree)
class EntreeAdmin(BaseAdmin):
    list_display = ["__str__", "recorded_at", "kind", "subject", "role", "demarche"]
    search_fields = ["=subject"]
    search_help_text = "Une référence entière : DP11-42. Pour choisir par acte ou par démarche : la page du registre."
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Entree | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Entree | None = None) -> bool:
        return False
