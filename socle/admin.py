"""What every admin page of the portal starts from."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models, transaction
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest

from socle.pagecache.actions import bump


class BaseAdmin(admin.ModelAdmin):
    """Saves only the changed fields, so that a count raised meanwhile is not put back; freshens the public pages."""

    list_per_page = 50
    show_full_result_count = False

    def save_model(self, request: HttpRequest, obj: models.Model, form: ModelForm, change: bool) -> None:
        save_changed(obj, form.changed_data if change else None)

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

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Bulk actions publish too."""
        with transaction.atomic():
            return _freshened(request, super().changelist_view(request, *args, **kwargs))


def save_changed(obj: models.Model, changed: list[str] | None) -> None:
    """Write the named fields, and the sort key that follows a name; the whole row where it is new (None)."""
    if changed is None:
        obj.save()
        return
    fields = {field.name for field in obj._meta.concrete_fields}
    names = [name for name in changed if name in fields]
    if names:
        obj.save(update_fields=names + ["sort_key"] * ("sort_key" in fields))


def _freshened(request: HttpRequest, response: Any) -> Any:
    """The last write of the transaction: a POST that went through makes the public pages new."""
    if request.method == "POST" and response.status_code == 302:
        bump()
    return response
