"""What is told and given to read: written by the rédacteurs and the responsable, seen before it appears."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from consultation.actions.entries import enter_publication
from consultation.actions.news import letters_by_state
from consultation.actions.reserve import confirm_actualite, confirmed, held_by
from consultation.admin.scoped import ScopedAdmin, ScopedRelatedFilter, scoped
from consultation.emails.news import Letter
from consultation.forms.news_admin import ActualiteForm, RessourceForm
from consultation.held_back import waiting
from consultation.models import Abonnement, Actualite, Ressource
from consultation.permissions import TELLING, can_tell, visible_demarches
from consultation.topics import topics
from socle import doorbell

ANNOUNCE = "consultation.tasks.announce_due"


class TellingAdmin(ScopedAdmin):
    """Any role reads; the rédacteurs and the responsable write."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can_tell(request.user, getattr(obj, "demarche", None))

    has_delete_permission = has_change_permission

    def has_add_permission(self, request: HttpRequest) -> bool:
        return can_tell(request.user, None)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Read under a lock and read again: of two who save at once, each enters the register with what it changed."""
        before = self.model.objects.select_for_update().filter(pk=obj.pk).first()
        super().save_model(request, obj, form, change)
        enter_publication(before, self.model.objects.get(pk=obj.pk), request.user)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._enter_deletion(request, [obj])
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._enter_deletion(request, queryset)
        super().delete_queryset(request, queryset)

    def _enter_deletion(self, request: HttpRequest, rows: Iterable[Any]) -> None:
        for row in rows:
            enter_publication(row, None, request.user)

    def _scope_choices(self, db_field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> None:
        if db_field.name in ("demarche", "themes"):
            kwargs["queryset"] = scoped(db_field.related_model.objects.all(), request, TELLING)
        if db_field.name == "demarche":
            kwargs["queryset"] = visible_demarches(request.user, TELLING)


@admin.register(Actualite)
class ActualiteAdmin(TellingAdmin):
    form = ActualiteForm
    list_display = ("title", "demarche", "topic", "published_at", "announced_at")
    list_filter = (("demarche", ScopedRelatedFilter), ("announced_at", admin.EmptyFieldListFilter))
    list_select_related = ("demarche",)
    readonly_fields = ("announced_at", "held_back", "preview_link")
    actions = None  # deleting several at once would not ask which have been sent
    fields = (
        "demarche",
        "topic",
        "title",
        "body",
        "published_at",
        "held_back",
        "in_reserve",
        "announced_at",
        "preview_link",
    )

    @admin.display(description="période de réserve")
    def held_back(self, actualite: Actualite) -> str:
        """Whether one holds it back, until when; and who answers for it."""
        if actualite.pk and (by := confirmed(actualite.subject)):
            return f"Confirmée par {by['by']} : {by['reason']}"
        day = max(timezone.localdate(), timezone.localdate(actualite.published_at or timezone.now()))
        reserve = held_by(actualite.demarche_id, day) if actualite.pk else None
        if reserve is None:
            return "aucune ne la retient"
        if actualite.announced_at is None:
            return f"Elle attend la fin de la période de réserve, {reserve}."
        if actualite.pk in {one.pk for one in waiting(actualite.demarche_id)}:
            return f"Elle a paru avant ; les résumés qui l’annoncent attendent la fin de la période, {reserve}."
        return "aucune ne la retient"

    @admin.display(description="aperçu")
    def preview_link(self, actualite: Actualite) -> str:
        if actualite.pk is None:
            return "Enregistrez un brouillon (sans date) pour le voir tel qu’il paraîtra."
        url = reverse("admin:consultation_actualite_apercu", args=[actualite.pk])
        return format_html('<a href="{}">La page et la lettre, telles qu’elles paraîtront</a>', url)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.demarches = list(visible_demarches(request.user, TELLING))
        return form

    def has_delete_permission(self, request: HttpRequest, obj: Actualite | None = None) -> bool:
        """Once sent, its address is in mailboxes: it is taken off the site by emptying its date."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.announced_at is None)

    def save_model(self, request: HttpRequest, obj: Actualite, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.cleaned_data.get("in_reserve"):
            confirm_actualite(obj, reason=form.cleaned_data["in_reserve"], by=request.user)
        if obj.announced_at:
            self.message_user(
                request, "La correction paraît sur le site ; la lettre, déjà envoyée, ne repart pas.", messages.INFO
            )
        doorbell.ring(ANNOUNCE)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview)
        return [path("<int:pk>/apercu/", view, name="consultation_actualite_apercu"), *super().get_urls()]

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        actualite = self.get_queryset(request).select_related("demarche").filter(pk=pk).first()
        if actualite is None:
            raise Http404("No such actualité among theirs.")
        if not self.has_view_permission(request, actualite):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Aperçu",
            "actualite": actualite,
            "about": topics(actualite.demarche).get(actualite.topic),
            "letter": Letter.of(actualite),
            "readers": Abonnement.objects.told_of(actualite).values("personne").distinct().count(),
            "letters": letters_by_state(actualite),
        }
        return TemplateResponse(request, "admin/consultation/actualite/preview.html", context)


@admin.register(Ressource)
class RessourceAdmin(TellingAdmin):
    form = RessourceForm
    list_display = ("title", "demarche", "kind", "source", "published_at")
    list_filter = (("demarche", ScopedRelatedFilter), "kind")
    list_select_related = ("demarche",)
    filter_horizontal = ("themes",)
    readonly_fields = ("present",)
    fields = ("demarche", "kind", "title", "description", "source", "url", "file", "present", "themes", "published_at")

    @admin.display(description="fichier actuel")
    def present(self, ressource: Ressource) -> str:
        return ressource.document.label if ressource.document else "aucun"

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.by = request.user
        return form

    def save_model(self, request: HttpRequest, obj: Ressource, form: Any, change: bool) -> None:
        """The document is set by the form, from the file; only named fields are saved."""
        form.changed_data.append("document")
        super().save_model(request, obj, form, change)


@admin.register(Abonnement)
class AbonnementAdmin(ScopedAdmin):
    """The proof of each consent and of its end; people are shown by reference, and act on it themselves."""

    people_list = "Abonnements"
    list_display = ("__str__", "personne", "demarche", "topic", "confirmed_at", "ended_at", "end_reason")
    list_filter = (("demarche", ScopedRelatedFilter), "end_reason", ("ended_at", admin.EmptyFieldListFilter))
    list_select_related = ("demarche", "personne")
    ordering = ("-pk",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission
