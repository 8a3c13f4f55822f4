"""Ateliers and their séances; the date of a séance moves on its rencontre's page, where the reason is asked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.forms import BaseModelFormSet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from ateliers.actions.seances import plan_seance
from ateliers.admin.production_pages import PAGE as PRODUCTIONS_PAGE
from ateliers.admin.production_pages import ProductionPages
from ateliers.models import Animation, Atelier, Membre, ProductionVersion, Seance
from consultation.admin.scoped import ScopedAdmin, ScopedPermissions, ScopedRelatedFilter
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
            # What a group wrote says at which séance (trigger `seance_keeps_its_rank`).
            self.fields["rank"].disabled = ProductionVersion.objects.filter(seance=self.instance.pk).exists()

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
    fields = (
        ("rank", "objective"),
        "starts_at",
        ("ends_at", "precision", "places"),
        "ordre_du_jour",
        "rencontre_page",
        "productions_page",
    )
    readonly_fields = ("rencontre_page", "productions_page")

    @admin.display(description="date, lieu et places")
    def rencontre_page(self, seance: Seance) -> str:
        if seance.pk is None:
            return "Le lieu est celui de l’atelier."
        url = reverse("admin:consultation_rencontre_change", args=[seance.pk])
        return format_html('<a href="{}">Changer la date, le lieu ou les places de cette séance</a>', url)

    @admin.display(description="productions")
    def productions_page(self, seance: Seance) -> str:
        if seance.pk is None:
            return "Une fois la séance enregistrée."
        url = reverse(f"admin:{PRODUCTIONS_PAGE}", args=[seance.atelier_id, seance.rank])
        return format_html('<a href="{}">Tables, fiches et productions de cette séance</a>', url)


class MembreInline(ScopedPermissions, admin.TabularInline):
    """People are shown by reference; their address stays out of the page."""

    model = Membre
    fields = ("personne", "came_by", "college", "organisation")
    readonly_fields = ("personne",)
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AnimationInline(ScopedPermissions, admin.TabularInline):
    model = Animation
    fields = ("user",)
    extra = 0


@admin.register(Atelier)
class AtelierAdmin(ProductionPages, ScopedAdmin):
    list_display = ("question", "demarche", "rank", "town", "lieu")
    list_filter = (("demarche", ScopedRelatedFilter),)
    list_select_related = ("demarche", "lieu")
    filter_horizontal = ("themes",)
    inlines = (SeanceInline, MembreInline, AnimationInline)
    fields = (("demarche", "rank"), "question", ("town", "lieu"), "themes", "presentation")

    def save_formset(
        self, request: HttpRequest, form: forms.ModelForm, formset: BaseModelFormSet, change: bool
    ) -> None:
        if formset.model is not Seance:
            super().save_formset(request, form, formset, change)
            return
        for seance_form in formset.extra_forms:
            if seance_form.has_changed() and not formset._should_delete_form(seance_form):  # noqa: SLF001 (no public name)
                self.plan(form.instance, seance_form.cleaned_data)
        formset.new_objects = []
        formset.save_existing_objects()
        formset.save_m2m = lambda: None

    def plan(self, atelier: Atelier, wanted: dict[str, Any]) -> None:
        plan_seance(
            atelier,
            wanted["rank"],
            wanted["starts_at"],
            ends_at=wanted["ends_at"],
            precision=wanted["precision"] or Precision.HOUR,
            capacity=wanted["places"],
            objective=wanted["objective"],
            ordre_du_jour=wanted["ordre_du_jour"],
        )
