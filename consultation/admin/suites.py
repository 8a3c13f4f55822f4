"""The suites given to a policy, as the team keeps them."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest

from consultation.actions import suites
from consultation.actions.textes_publish import Incomplete
from consultation.admin.scoped import ScopedAdmin, ScopedPermissions, ScopedRelatedFilter, demarche_of, scoped
from consultation.choices import TexteKind
from consultation.forms.suites import SuiteForm
from consultation.models import Jalon, Passage, Suite, SuiteChange
from consultation.permissions import WRITING, can_write
from socle.pagecache.actions import bump


class WritersPermissions(ScopedPermissions):
    """Any role reads; the rédacteurs and the responsable write. Nothing is deleted: a suite is given up."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can_write(request.user, demarche_of(obj))

    has_add_permission = has_change_permission


class JalonInline(WritersPermissions, admin.StackedInline):
    model = Jalon
    extra = 1
    fields = ("label", ("planned_on", "precision", "done_on"), "url")

    has_delete_permission = WritersPermissions.has_change_permission


class ChangeInline(ScopedPermissions, admin.TabularInline):
    model = SuiteChange
    verbose_name_plural = "Ce qui a changé"
    fields = readonly_fields = ("at", "state", "due_label", "reason", "url")
    ordering = ("-pk",)
    extra = 0

    @admin.display(description="échéance")
    def due_label(self, change: SuiteChange) -> str:
        return change.due_label or "à préciser"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission


class PolicyFilter(ScopedRelatedFilter):
    """No other kind of texte has suites."""

    only = MappingProxyType({"kind": TexteKind.POLITIQUE})


class LateFilter(admin.SimpleListFilter):
    title = "retard"
    parameter_name = "retard"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("oui", "échéance passée")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.late() if self.value() == "oui" else queryset


@admin.register(Suite)
class SuiteAdmin(WritersPermissions, ScopedAdmin):
    form = SuiteForm
    inlines = (JalonInline, ChangeInline)
    actions = None
    list_display = ("title", "article", "in_charge", "state", "due", "late")
    list_filter = (
        ("passage__version__texte", PolicyFilter),
        "state",
        LateFilter,
    )
    list_select_related = ("passage",)
    fieldsets = (
        (None, {"fields": ("passage", "title", "text", "enjeu", "in_charge", "url")}),
        (
            "Où l’on en est",
            {"fields": ("how_far", ("by_when", "precision"), "reason", "change_url", "in_reserve", "seen")},
        ),
        ("Réunions publiques", {"fields": ("rencontres",)}),
    )

    @admin.display(description="article", ordering="passage__number")
    def article(self, suite: Suite) -> str:
        return f"{suite.passage.number}. {suite.passage.title}"

    @admin.display(description="échéance", ordering="due_on")
    def due(self, suite: Suite) -> str:
        return suite.due_label or "à préciser"

    @admin.display(description="en retard", boolean=True)
    def late(self, suite: Suite) -> bool:
        return suite.is_late()

    def get_inlines(self, request: HttpRequest, obj: Suite | None) -> Any:
        return self.inlines if obj else (JalonInline,)

    readonly_fields = ("article",)

    def get_fieldsets(self, request: HttpRequest, obj: Suite | None = None) -> Any:
        """It stays of its article."""
        (title, first), *others = super().get_fieldsets(request, obj)
        names = tuple("article" if obj and name == "passage" else name for name in first["fields"])
        return [(title, {"fields": names}), *others]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def _scope_choices(self, db_field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> None:
        rows = scoped(db_field.related_model.objects.all(), request, WRITING)
        if db_field.related_model is Passage:
            rows = rows.filter(version__texte__kind=TexteKind.POLITIQUE, version__texte__current=models.F("version"))
            rows = rows.filter(liaison=False).select_related("version__texte").order_by("version__texte", "number")
        kwargs["queryset"] = rows

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Several are ticked, and none is unticked by a click too many."""
        kwargs["widget"] = forms.CheckboxSelectMultiple
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field:
            field.queryset = field.queryset.order_by("starts_at", "pk")
            field.label_from_instance = lambda one: f"{one.title}, {one.when_label}"
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field and db_field.name == "passage":
            field.label_from_instance = lambda one: f"{one.number}. {one.title} ({one.version.texte})"
        return field

    def save_model(self, request: HttpRequest, obj: Suite, form: Any, change: bool) -> None:
        said = form.cleaned_data
        if not change:
            suites.announce(obj, form.promise(), form.said(), by=request.user)
            return
        names = [name for name in ("title", "text", "enjeu", "in_charge", "url") if name in form.changed_data]
        suites.write(obj, **{name: said[name] for name in names})
        try:
            now = suites.advance(obj, form.promise(), form.said(), by=request.user, seen=said["seen"])
        except Incomplete as lacks:  # checked by the form, under the same lock
            self.message_user(request, " ".join(lacks.sentences), messages.ERROR)
            return
        obj.state, obj.due_on, obj.due_precision = now.state, now.due_on, now.due_precision

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        bump()
