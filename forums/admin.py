"""Forums; the date and the place are the rencontre's."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from consultation.admin.scoped import ScopedAdmin
from consultation.choices import RencontreKind
from consultation.models import Rencontre
from forums.models import Forum


@admin.register(Forum)
class ForumAdmin(ScopedAdmin):
    list_display = ("rencontre", "edition", "periodicity")
    list_select_related = ("rencontre__demarche",)
    fields = ("rencontre", ("edition", "periodicity"), "purpose")

    def get_readonly_fields(self, request: HttpRequest, obj: Forum | None = None) -> tuple[str, ...]:
        return ("rencontre",) if obj else ()

    def formfield_for_foreignkey(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Only rencontres that are forums, and have no page as such yet."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "rencontre" and field is not None:
            free = Rencontre.objects.filter(kind=RencontreKind.FORUM).exclude(pk__in=Forum.objects.values("pk"))
            field.queryset = field.queryset.filter(pk__in=free.values("pk"))
        return field
