"""Admin pages that show and change only what belongs to the démarches of the person's roles."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Q
from django.forms import ModelChoiceField
from django.http import HttpRequest
from django.utils.safestring import SafeString

from consultation.models import Demarche, Rencontre
from consultation.permissions import (
    RUNNING,
    Visitor,
    can_read,
    can_run,
    is_administrator,
    organised_today,
    reads_several,
    visible_demarches,
)
from consultation.templatetags.prose import typo
from consultation.traces import counted
from socle.admin import BaseAdmin, PlainText
from socle.comptes.models import User

NO_ROW = Q(pk__in=())


def demarche_path(model: type[models.Model]) -> str | None:
    """The lookup from a model to its démarche, as the model says it; None for what all démarches share."""
    return getattr(model, "demarche_path", None)


def scoped(
    queryset: models.QuerySet, request: HttpRequest, kinds: tuple[str, ...] | None = None, also: Q = NO_ROW
) -> models.QuerySet:
    """Only the rows of the démarches where the person holds a role (one of `kinds`, where given), and `also` these."""
    path = demarche_path(queryset.model)
    if path is None or is_administrator(request.user):
        return queryset
    demarches = visible_demarches(request.user, kinds) if kinds else visible_demarches(request.user)
    return queryset.filter(Q(**{f"{path}__in": demarches.values("pk")}) | also)


def demarche_of(obj: models.Model | None) -> Demarche | None:
    """The démarche a row belongs to, by the same paths."""
    if obj is None or isinstance(obj, Demarche):
        return obj
    for name in (demarche_path(type(obj)) or "").split("__"):
        obj = getattr(obj, name, None)
    return obj if isinstance(obj, Demarche) else None


class ScopedRelatedFilter(admin.RelatedFieldListFilter):
    """Offers the rows of the démarches the person may read, no others."""

    nothing = ""  # what a row without any is called
    only: Mapping[str, Any] = MappingProxyType({})  # of these rows, where not all are to be offered

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.empty_value_display = self.nothing or self.empty_value_display

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        path = demarche_path(field.related_model) or "pk"
        within = {f"{path}__in": visible_demarches(request.user).values("pk"), **self.only}
        ordering = self.field_admin_ordering(field, request, model_admin)
        return field.get_choices(include_blank=False, ordering=ordering, limit_choices_to=within)


class ScopedPermissions(PlainText):
    """For an admin or an inline: any role reads, the responsable changes. Said once, asked at every door."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can_read(request.user, demarche_of(obj))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can_run(request.user, demarche_of(obj))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can_run(request.user, demarche_of(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can_run(request.user, demarche_of(obj))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return can_read(request.user, None)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return scoped(super().get_queryset(request), request, also=self.own_rows(request))  # type: ignore[misc]

    def own_rows(self, request: HttpRequest) -> Q:
        """What is reached without a role on its démarche: nothing, unless the page says so (`OrganisedPermissions`)."""
        return NO_ROW

    def own_demarches(self, request: HttpRequest) -> Collection[int]:
        """Those of the `own_rows`."""
        return ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> ModelChoiceField | None:
        self._scope_choices(db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> ModelChoiceField | None:
        self._scope_choices(db_field, request, kwargs)
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]

    def _scope_choices(self, db_field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> None:
        if "queryset" in kwargs:
            return
        if demarche_path(db_field.related_model):
            kwargs["queryset"] = scoped(db_field.related_model.objects.all(), request, RUNNING)
        elif db_field.related_model is User:  # the accounts of citizens are nobody's to look through
            kwargs |= {"queryset": User.objects.filter(is_staff=True), "form_class": ColleagueField}


class OrganisedPermissions(ScopedPermissions):
    """For an admin or an inline that an organisateur uses too, whatever their role on the démarche.

    They read and change what they run. Adding, deleting and the fields that are `reserved` stay the responsable's.
    """

    run_model: type[models.Model]
    run_today: Callable[[Visitor], frozenset[int]]  # the keys of the rows of `run_model` that an account runs
    run_path = "pk"  # the lookup from a row of this page to the row of `run_model` that is run
    reserved: tuple[str, ...] = ()

    def is_theirs(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether they run this very row; any at all, where none is named."""
        keys = self.run_today(request.user)
        return bool(keys) if obj is None else isinstance(obj, self.run_model) and obj.pk in keys

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or self.is_theirs(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) or self.is_theirs(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) or self.is_theirs(request)

    def own_rows(self, request: HttpRequest) -> Q:
        return Q(**{f"{self.run_path}__in": self.run_today(request.user)})

    def own_demarches(self, request: HttpRequest) -> Collection[int]:
        """Read once for each request: a list asks for its columns several times."""
        known = request.__dict__.setdefault("demarches_run", {})
        if self.run_model not in known:
            path, manager = demarche_path(self.run_model), self.run_model._default_manager  # noqa: SLF001 (documented)
            theirs = manager.filter(pk__in=self.run_today(request.user)).order_by()
            known[self.run_model] = frozenset(theirs.values_list(path, flat=True))
        return known[self.run_model]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = () if can_run(request.user, demarche_of(obj)) else self.reserved
        return (*super().get_readonly_fields(request, obj), *fixed)  # type: ignore[misc]


class RencontrePermissions(OrganisedPermissions):
    """Of a rencontre, and of the rows that hang on it: for whoever runs this very rencontre (`can_organise`)."""

    run_model = Rencontre
    run_today = staticmethod(organised_today)


class ColleagueField(ModelChoiceField):
    """Whoever gives a role knows their colleagues by name; their log-ins stay theirs."""

    def label_from_instance(self, obj: Any) -> str:
        return obj.get_short_name()


class ScopedAdmin(ScopedPermissions, BaseAdmin):
    """The start of every admin page on something that belongs to a démarche; it stays there once made."""

    def message_user(self, request: HttpRequest, message: Any, *args: Any, **kwargs: Any) -> None:
        """In French typography; what Django says with a link in it stays markup."""
        said = message if isinstance(message, SafeString) else typo(message)
        super().message_user(request, said, *args, **kwargs)

    def get_list_display(self, request: HttpRequest) -> Any:
        """The démarche is a column for those who see several: for the others it would say the same on each row."""
        shown = super().get_list_display(request)
        if "demarche" not in shown or reads_several(request.user, self.own_demarches(request)):
            return shown
        return tuple(name for name in shown if name != "demarche")

    def counted_by_scope(self, shown: Any) -> dict[str, int]:
        path = demarche_path(self.model)
        return counted(shown.queryset, path) if path else super().counted_by_scope(shown)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = ("demarche",) if obj is not None and demarche_path(self.model) == "demarche" else ()
        return (*super().get_readonly_fields(request, obj), *fixed)
