"""The périodes de réserve, as the responsable sets them: moved, lifted, and kept once they have begun."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone

from consultation.actions.reserve import lift, set_reserve
from consultation.admin.scoped import ScopedAdmin, ScopedRelatedFilter
from consultation.forms.suites import ReserveForm
from consultation.models import Reserve


@admin.register(Reserve)
class ReserveAdmin(ScopedAdmin):
    form = ReserveForm
    actions = None
    list_display = ("__str__", "demarche", "reason", "running", "lifted_at")
    list_filter = (("demarche", ScopedRelatedFilter),)
    list_select_related = ("demarche",)
    readonly_fields = ("lifted_at",)

    @admin.display(description="court aujourd’hui", boolean=True)
    def running(self, reserve: Reserve) -> bool:
        return reserve.holds(timezone.now())

    def get_fields(self, request: HttpRequest, obj: Reserve | None = None) -> tuple[str, ...]:
        asked = ("demarche", "starts_on", "ends_on", "reason")
        if obj is None:
            return asked
        return (*asked, "lift") if self.has_change_permission(request, obj) else (*asked, "lifted_at")

    def has_change_permission(self, request: HttpRequest, obj: Reserve | None = None) -> bool:
        """Once it is over, what it held back has left."""
        return super().has_change_permission(request, obj) and (obj is None or not obj.is_over())

    def has_delete_permission(self, request: HttpRequest, obj: Reserve | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not obj.has_begun())

    def save_model(self, request: HttpRequest, obj: Reserve, form: Any, change: bool) -> None:
        if form.cleaned_data.get("lift"):
            lift(obj, by=request.user)
            self.message_user(request, "Elle est levée : ce qu’elle retenait paraît.", messages.SUCCESS)
        elif form.changed_data:
            set_reserve(obj, by=request.user)

    def delete_model(self, request: HttpRequest, obj: Reserve) -> None:
        lift(obj, by=request.user)
