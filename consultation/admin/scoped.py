"""Admin pages that show and change only what belongs to the démarches of the person's roles."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.forms import ModelChoiceField
from django.http import HttpRequest

from consultation.models import Demarche
from consultation.permissions import RUNNING, can_read, can_run, is_administrator, visible_demarches
from socle.admin import BaseAdmin

# The model to scope → the path from it to its démarche; an absent model belongs to all démarches.
DEMARCHE_PATHS: dict[str, str] = {
    "consultation.Demarche": "pk",
    "consultation.Cadre": "demarche",
    "consultation.Etape": "demarche",
    "consultation.Enjeu": "demarche",
    "consultation.Theme": "demarche",
    "consultation.College": "demarche",
    "consultation.Role": "demarche",
    "consultation.Rencontre": "demarche",
    "consultation.Inscription": "rencontre__demarche",
    "consultation.Contribution": "demarche",
    "ateliers.Atelier": "demarche",
    "ateliers.Seance": "atelier__demarche",
    "ateliers.Membre": "atelier__demarche",
    "ateliers.Animation": "atelier__demarche",
    "forums.Forum": "rencontre__demarche",
}


def scoped(queryset: models.QuerySet, request: HttpRequest, kinds: tuple[str, ...] | None = None) -> models.QuerySet:
    """Only the rows of the démarches where the person holds a role (one of `kinds`, where given)."""
    path = DEMARCHE_PATHS.get(queryset.model._meta.label)
    if path is None or is_administrator(request.user):
        return queryset
    demarches = visible_demarches(request.user, kinds) if kinds else visible_demarches(request.user)
    return queryset.filter(**{f"{path}__in": demarches.values("pk")})


def demarche_of(obj: models.Model | None) -> Demarche | None:
    """The démarche a row belongs to, by the same paths."""
    if obj is None or isinstance(obj, Demarche):
        return obj
    for name in DEMARCHE_PATHS.get(obj._meta.label, "").split("__"):
        obj = getattr(obj, name, None)
    return obj if isinstance(obj, Demarche) else None


class ScopedPermissions:
    """For an admin or an inline: any role reads, the responsable changes. Said once, asked at every door."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can_read(request.user, demarche_of(obj))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can_run(request.user, demarche_of(obj))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can_run(request.user, None)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can_run(request.user, demarche_of(obj))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return can_read(request.user, None)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return scoped(super().get_queryset(request), request)  # type: ignore[misc]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> ModelChoiceField | None:
        if "queryset" not in kwargs and db_field.related_model._meta.label in DEMARCHE_PATHS:
            kwargs["queryset"] = scoped(db_field.related_model._default_manager.all(), request, RUNNING)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> ModelChoiceField | None:
        if "queryset" not in kwargs and db_field.related_model._meta.label in DEMARCHE_PATHS:
            kwargs["queryset"] = scoped(db_field.related_model._default_manager.all(), request, RUNNING)
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]


class ScopedAdmin(ScopedPermissions, BaseAdmin):
    """The start of every admin page on something that belongs to a démarche."""
