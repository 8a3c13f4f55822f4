"""Forums and the programme of their day; the date and the place are the rencontre's."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from ateliers.models import Atelier
from consultation.admin.scoped import ScopedAdmin, ScopedPermissions
from consultation.choices import RencontreKind
from consultation.models import Rencontre
from forums.admin.base import ways
from forums.admin.croisement_pages import CroisementPages
from forums.admin.regard_pages import RegardPages
from forums.admin.restitution_pages import RestitutionPages
from forums.admin.room_pages import RoomPages
from forums.models import Forum, Moment
from socle.text import whole_number


def demarche_asked(request: HttpRequest) -> Any:
    """That of the forum whose page is asked for; of none where a new one is made."""
    match = request.resolver_match
    key = whole_number(str(match.kwargs.get("object_id", ""))) if match else 0
    return Rencontre.objects.filter(pk=key).values("demarche")


class MomentForm(forms.ModelForm):
    """What a restitution brings is of its atelier (trigger `moment_brings_its_group`): said before it is refused."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        moment = self.instance
        if moment.pk and {"atelier", "kind"} & set(self.changed_data) and moment.productions.exists():
            message = (
                "Ce moment apporte des productions de son atelier : ôtez-les d’abord, sur la page des restitutions."
            )
            self.add_error("atelier" if "atelier" in self.changed_data else "kind", message)
        return cleaned


class MomentInline(ScopedPermissions, admin.StackedInline):
    """In order; who speaks for a group, and what it brings, is said on a page of its own."""

    model = Moment
    form = MomentForm
    extra = 0
    fields = (("rank", "at", "kind"), ("atelier", "title"), "text")
    formfield_overrides = {models.TextField: {"widget": forms.Textarea(attrs={"rows": 2})}}

    def formfield_for_foreignkey(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "atelier":
            kwargs["queryset"] = Atelier.objects.filter(demarche__in=demarche_asked(request)).order_by("rank")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Forum)
class ForumAdmin(RestitutionPages, CroisementPages, RegardPages, RoomPages, ScopedAdmin):
    change_form_template = "admin/forums/forum/change_form.html"
    list_display = ("rencontre", "edition", "periodicity")
    list_select_related = ("rencontre__demarche",)
    fieldsets = (
        (None, {"fields": ("rencontre", ("edition", "periodicity"), "purpose")}),
        ("Ce qui est mis en débat", {"fields": ("texte", "remarks_open_at", "remarks_close_at")}),
    )

    def get_inlines(self, request: HttpRequest, obj: Forum | None) -> tuple[type[MomentInline], ...]:
        """Once it is known which démarche's ateliers it gives back."""
        return (MomentInline,) if obj else ()

    def get_readonly_fields(self, request: HttpRequest, obj: Forum | None = None) -> tuple[str, ...]:
        return ("rencontre",) if obj else ()

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if forum := context.get("original"):
            context["ways"] = ways(request.user, forum)
        return super().render_change_form(request, context, *args, **kwargs)

    def formfield_for_foreignkey(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        """Only rencontres that are forums, and have no page as such yet; only textes of its own démarche."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "rencontre" and field is not None:
            free = Rencontre.objects.filter(kind=RencontreKind.FORUM).exclude(pk__in=Forum.objects.values("pk"))
            field.queryset = field.queryset.filter(pk__in=free.values("pk"))
        if db_field.name == "texte" and field is not None:
            field.queryset = field.queryset.filter(demarche__in=demarche_asked(request))
        return field
