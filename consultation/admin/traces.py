"""« Traces d’accès »: who looked at which list of people, or took one away; who was given which role."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest

from consultation.models import Demarche
from consultation.permissions import RUNNING, can_read_traces, is_administrator, visible_demarches
from consultation.traces import DEMARCHE, scope_of
from socle.access.models import Trace
from socle.admin import BaseAdmin
from socle.comptes.models import User


@admin.register(Trace)
class TraceAdmin(BaseAdmin):
    """An administrateur reads them all, the responsable those of their démarche."""

    list_display = ("at", "who", "act", "what", "rows", "to_whom", "where")
    list_filter = ("act",)
    list_select_related = ("by", "whom")
    date_hierarchy = "at"
    fields = readonly_fields = ("at", "who", "act", "what", "rows", "to_whom", "where")
    actions = None

    def has_view_permission(self, request: HttpRequest, obj: Trace | None = None) -> bool:
        if obj is None or is_administrator(request.user):
            return can_read_traces(request.user, None)
        return obj.scope in self._scopes(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return can_read_traces(request.user, None)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission

    def get_queryset(self, request: HttpRequest) -> QuerySet[Trace]:
        key = Concat(Value(DEMARCHE), Cast("pk", CharField()))
        titles = Demarche.objects.annotate(key=key).filter(key=OuterRef("scope")).values("title")
        rows = super().get_queryset(request).annotate(demarche_title=Subquery(titles[:1]))
        return rows if is_administrator(request.user) else rows.within(self._scopes(request))

    def _scopes(self, request: HttpRequest) -> set[str]:
        return {scope_of(pk) for pk in visible_demarches(request.user, RUNNING).values_list("pk", flat=True)}

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> None:
        """A line says it all."""
        return

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {"title": "Traces d’accès"} | (extra_context or {}))

    @admin.display(description="par", ordering="by")
    def who(self, trace: Trace) -> str:
        return _account(trace.by_id, trace.by) if trace.by_id else "le portail"

    @admin.display(description="à", ordering="whom")
    def to_whom(self, trace: Trace) -> str:
        return _account(trace.whom_id, trace.whom) if trace.whom_id else "–"

    @admin.display(description="de")
    def where(self, trace: Any) -> str:
        named = trace.demarche_title or trace.scope or "tout le site"
        return f"{named} ({trace.subject.replace(':', ' ')})" if trace.subject else named


def _account(key: int, user: User | None) -> str:
    """By its name in the team; the key of one that was erased says nothing of anybody."""
    return user.get_short_name() if user else f"compte {key}, effacé"
