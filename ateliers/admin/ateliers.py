"""Ateliers and their séances; the date of a séance moves on its rencontre's page, where the reason is asked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db.models import QuerySet
from django.forms import BaseModelFormSet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from ateliers.actions.seances import plan_seance
from ateliers.admin.draw_pages import DrawPages
from ateliers.admin.group_pages import GroupPages
from ateliers.admin.roster_pages import RosterPages
from ateliers.models import Animation, Atelier, Membre, Seance
from consultation.admin.scoped import ScopedAdmin, ScopedPermissions, ScopedRelatedFilter
from consultation.places import filling
from socle.dates import Precision


class SeanceForm(forms.ModelForm):
    starts_at = forms.SplitDateTimeField(label="commence le", widget=AdminSplitDateTime, required=False)
    ends_at = forms.SplitDateTimeField(label="finit le", widget=AdminSplitDateTime, required=False)
    precision = forms.ChoiceField(label="précision", choices=Precision, initial=Precision.HOUR, required=False)
    places = forms.IntegerField(label="places", min_value=0, required=False)

    class Meta:
        model = Seance
        fields = ("rank", "objective", "ordre_du_jour")
        widgets = {"ordre_du_jour": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            rencontre = self.instance.rencontre
            kept = {
                "starts_at": rencontre.starts_at,
                "ends_at": rencontre.ends_at,
                "precision": rencontre.precision,
                "places": rencontre.capacity,
            }
            for name, value in kept.items():
                self.fields[name].disabled = True
                self.initial[name] = value

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("starts_at"), cleaned.get("ends_at")
        if not self.instance.pk and not start and "starts_at" not in self.errors:
            self.add_error(
                "starts_at", "Une séance a une date ; sans heure connue, choisissez la précision « au jour »."
            )
        if start and end and end <= start:
            self.add_error("ends_at", "La séance doit commencer avant de finir.")
        return cleaned


class SeanceInline(ScopedPermissions, admin.StackedInline):
    model = Seance
    form = SeanceForm
    extra = 0
    fields = (("rank", "objective"), "starts_at", ("ends_at", "precision", "places"), "ordre_du_jour", "rencontre_page")
    readonly_fields = ("rencontre_page",)

    @admin.display(description="date, lieu et places")
    def rencontre_page(self, seance: Seance) -> str:
        if seance.pk is None:
            return "Le lieu est celui de l’atelier."
        url = reverse("admin:consultation_rencontre_change", args=[seance.pk])
        return format_html('<a href="{}">Changer la date, le lieu ou les places de cette séance</a>', url)


class MembreInline(ScopedPermissions, admin.TabularInline):
    """What was said of each is put right here, by reference; who comes and who leaves is « Composer le groupe »."""

    model = Membre
    fields = ("personne", "came_by", "college", "organisation", "left_at")
    readonly_fields = ("personne", "left_at")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membre]:
        return super().get_queryset(request).select_related("personne")


class AnimationInline(ScopedPermissions, admin.TabularInline):
    model = Animation
    fields = ("user",)
    extra = 0


@admin.register(Atelier)
class AtelierAdmin(GroupPages, RosterPages, DrawPages, ScopedAdmin):
    list_display = ("question", "demarche", "rank", "town", "lieu")
    list_filter = (("demarche", ScopedRelatedFilter),)
    list_select_related = ("demarche", "lieu")
    filter_horizontal = ("themes",)
    inlines = (SeanceInline, MembreInline, AnimationInline)
    fields = (("demarche", "rank"), "question", ("town", "lieu"), "themes", "presentation", "group")
    readonly_fields = ("group",)

    @admin.display(description="le groupe")
    def group(self, atelier: Atelier) -> str:
        return self.group_link(atelier)

    def save_formset(
        self, request: HttpRequest, form: forms.ModelForm, formset: BaseModelFormSet, change: bool
    ) -> None:
        if formset.model is not Seance:
            super().save_formset(request, form, formset, change)
            return
        for seance_form in formset.extra_forms:
            if seance_form.has_changed() and not formset._should_delete_form(seance_form):  # noqa: SLF001 (no public name)
                self.plan(request, form.instance, seance_form.cleaned_data)
        formset.new_objects = []
        formset.save_existing_objects()
        formset.save_m2m = lambda: None

    def plan(self, request: HttpRequest, atelier: Atelier, wanted: dict[str, Any]) -> None:
        """The group has its inscriptions with it; where there are fewer places than people, who plans it hears so."""
        seance = plan_seance(
            atelier,
            wanted["rank"],
            wanted["starts_at"],
            ends_at=wanted["ends_at"],
            precision=wanted["precision"] or Precision.HOUR,
            capacity=wanted["places"],
            objective=wanted["objective"],
            ordre_du_jour=wanted["ordre_du_jour"],
            by=request.user,
        )
        found = filling(seance.rencontre)
        if found.waiting:
            words = f"Séance {seance.rank} : {found.taken} membres ont une place, {found.waiting} attendent."
            self.message_user(request, words, messages.WARNING)
