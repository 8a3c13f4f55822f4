"""The textes of a démarche: made here, written on the pages of `texte_pages`."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from consultation.actions import textes
from consultation.admin.scoped import ScopedAdmin, ScopedRelatedFilter, scoped
from consultation.admin.texte_pages import TextePages
from consultation.forms.textes import TexteForm
from consultation.models import Texte
from consultation.permissions import WRITING, can_write, visible_demarches


@admin.register(Texte)
class TexteAdmin(TextePages, ScopedAdmin):
    """Any role reads; the rédacteurs and the responsable write. What has appeared is not deleted."""

    form = TexteForm
    list_display = ("title", "kind", "standing", "demarche")
    list_filter = (("demarche", ScopedRelatedFilter), "kind")
    list_select_related = ("demarche", "current")
    fields = ("demarche", "kind", "title", "etape")
    actions = None

    @admin.display(description="état")
    def standing(self, texte: Texte) -> str:
        if texte.current is None:
            return "en cours d’écriture"
        return f"{texte.current.get_state_display()} (version {texte.current.number})"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return can_write(request.user, None)

    def has_change_permission(self, request: HttpRequest, obj: Texte | None = None) -> bool:
        return can_write(request.user, obj.demarche if obj else None)

    def has_delete_permission(self, request: HttpRequest, obj: Texte | None = None) -> bool:
        return self.has_change_permission(request, obj) and (obj is None or obj.current_id is None)

    def _scope_choices(self, db_field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> None:
        if db_field.name == "etape":
            kwargs["queryset"] = scoped(db_field.related_model.objects.all(), request, WRITING)
        if db_field.name == "demarche":
            kwargs["queryset"] = visible_demarches(request.user, WRITING)

    def save_model(self, request: HttpRequest, obj: Texte, form: Any, change: bool) -> None:
        """Only a new one: what it becomes is written on its own pages."""
        textes.begin(obj)

    def response_add(self, request: HttpRequest, obj: Texte, post_url_continue: str | None = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:consultation_texte_change", args=[obj.pk]))
