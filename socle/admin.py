"""What every admin page of the portal starts from."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import models, transaction
from django.forms import ModelForm
from django.http import HttpRequest

from socle.pagecache.actions import bump


class BaseAdmin(admin.ModelAdmin):
    """Saves only the changed fields, so that a count raised meanwhile is not put back, and freshens the public pages."""

    list_per_page = 50
    show_full_result_count = False

    def save_model(self, request: HttpRequest, obj: models.Model, form: ModelForm, change: bool) -> None:
        if not change:
            obj.save()
            return
        names = {field.name for field in obj._meta.concrete_fields}
        changed = [name for name in form.changed_data if name in names]
        if changed:
            obj.save(update_fields=changed + self.derived_fields(changed))

    def derived_fields(self, changed: list[str]) -> list[str]:
        """Names of the fields that `save()` computes from the changed ones, to be written with them."""
        return []

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with transaction.atomic():
            response = super().changeform_view(request, *args, **kwargs)
            if request.method == "POST" and response.status_code == 302:
                bump()
        return response

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with transaction.atomic():
            response = super().delete_view(request, *args, **kwargs)
            if request.method == "POST" and response.status_code == 302:
                bump()
        return response
