"""What every admin page of the portal starts from."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest, ValidationError
from django.db import models, transaction
from django.forms import BaseModelFormSet, Field, ModelForm
from django.http import HttpRequest

from socle.access import actions as access
from socle.forms import PlainCharField, PlainTextField
from socle.pagecache.actions import bump

PLAIN = {models.CharField: PlainCharField, models.TextField: PlainTextField}


class PlainText:
    """For an admin or an inline: what staff type is cleaned as what citizens type (no control, no bidi override)."""

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Field | None:
        if type(db_field) in PLAIN and not db_field.choices:
            kwargs.setdefault("form_class", PLAIN[type(db_field)])
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]


class BaseAdmin(PlainText, admin.ModelAdmin):
    """Saves only the changed fields, so that a count raised meanwhile is not put back; freshens the public pages."""

    # What the list is called where looking at it is written down (socle.access): for a list that shows people.
    people_list = ""
    list_per_page = 50
    show_full_result_count = False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only the filters the list offers. Django lets any column be asked for, so that a key or an address that no
        page shows could be guessed letter by letter (`?to__startswith=a`)."""
        offered = [self.date_hierarchy, *(_name(one) for one in self.get_list_filter(request))]
        shown = any(lookup == name or lookup.startswith(f"{name}__") for name in offered if name)
        return shown and super().lookup_allowed(lookup, value, request)

    def save_model(self, request: HttpRequest, obj: models.Model, form: ModelForm, change: bool) -> None:
        save_changed(obj, form.changed_data if change else None)
        _wrote(request)

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        super().delete_model(request, obj)
        _wrote(request)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        super().delete_queryset(request, queryset)
        _wrote(request)

    def save_formset(self, request: HttpRequest, form: ModelForm, formset: BaseModelFormSet, change: bool) -> None:
        formset.save(commit=False)
        for obj in formset.deleted_objects:
            obj.delete()
        for obj in formset.new_objects:
            obj.save()
        for obj, changed in formset.changed_objects:
            save_changed(obj, changed)
        formset.save_m2m()

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with transaction.atomic():
            return _freshened(request, super().changeform_view(request, *args, **kwargs))

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with transaction.atomic():
            return _freshened(request, super().delete_view(request, *args, **kwargs))

    def response_action(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """A forged tick that can be no row's is a bad request; Django would let it reach the database and break."""
        if not all(_may_be_key(self.opts.pk, ticked) for ticked in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest("No such row.")
        return super().response_action(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Rows are deleted from the list too; an action that publishes bumps by itself."""
        with transaction.atomic():
            response = super().changelist_view(request, *args, **kwargs)
            shown = (getattr(response, "context_data", None) or {}).get("cl")
            if self.people_list and shown is not None:
                for scope, rows in self.counted_by_scope(shown).items():
                    access.looked(request.user, self.people_list, rows, scope=scope)  # type: ignore[arg-type]
            return _freshened(request, response)

    def counted_by_scope(self, shown: ChangeList) -> dict[str, int]:
        """How many rows the list has, for each `scope` of a trace."""
        return {"": shown.result_count}


def _may_be_key(field: Any, value: str) -> bool:
    try:
        key = field.to_python(value)
    except ValidationError:
        return False
    return abs(key) < 2**63 if isinstance(key, int) else "\0" not in value


def _name(list_filter: Any) -> str:
    """The parameter of a filter in the address, however the filter is declared."""
    if isinstance(list_filter, tuple):
        return list_filter[0]
    return list_filter if isinstance(list_filter, str) else list_filter.parameter_name


def save_changed(obj: models.Model, changed: list[str] | None) -> None:
    """Write the named fields, and the sort key that follows a name; the whole row where it is new (None)."""
    if changed is None:
        obj.save()
        return
    fields = {field.name for field in obj._meta.concrete_fields}
    names = [name for name in changed if name in fields]
    if names:
        obj.save(update_fields=names + ["sort_key"] * ("sort_key" in fields))


def _wrote(request: HttpRequest) -> None:
    request._wrote = True  # type: ignore[attr-defined]  # noqa: SLF001


def _freshened(request: HttpRequest, response: Any) -> Any:
    """The last write of the transaction: what was saved or deleted makes the public pages new, a refusal does not."""
    if getattr(request, "_wrote", False):
        bump()
    return response
