"""Ateliers and their séances; the date of a séance moves on its rencontre's page, where the reason is asked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db.models import Q, QuerySet
from django.forms import BaseModelFormSet, ModelChoiceField
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from ateliers.actions.seances import plan_seance
from ateliers.admin.absents_pages import AbsentsPages
from ateliers.admin.compte_rendu_pages import CompteRenduPages
from ateliers.admin.draw_pages import DrawPages
from ateliers.admin.group_pages import GroupPages
from ateliers.admin.production_pages import PAGE as PRODUCTIONS_PAGE
from ateliers.admin.production_pages import ProductionPages
from ateliers.admin.refusal_page import RefusalPages
from ateliers.admin.roster_pages import RosterPages
from ateliers.admin.scoped import AtelierPermissions
from ateliers.admin.tableau import TableauPages
from ateliers.admin.team_pages import OrganiserPages
from ateliers.models import Animation, Atelier, Membre, ProductionVersion, Seance
from ateliers.permissions import animated
from ateliers.today import page_of
from consultation.admin.scoped import ScopedAdmin, ScopedRelatedFilter, scoped
from consultation.models import College
from consultation.permissions import RUNNING
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
            # What a group wrote says at which séance (trigger `seance_keeps_its_rank`). Organisateurs have none here.
            if "rank" in self.fields:
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


class SeanceInline(AtelierPermissions, admin.StackedInline):
    model = Seance
    form = SeanceForm
    run_path = "atelier"
    reserved = ("rank", "objective")
    extra = 0
    fields = (("rank", "objective"), "starts_at", ("ends_at", "precision", "places"), "ordre_du_jour", "pages")
    readonly_fields = ("pages",)

    @admin.display(description="ses pages")
    def pages(self, seance: Seance) -> str:
        if seance.pk is None:
            return "Le lieu est celui de l’atelier."
        where = [seance.atelier_id, seance.rank]
        links = [
            (
                reverse("admin:consultation_rencontre_change", args=[seance.pk]),
                "Changer la date, le lieu ou les places",
            ),
            (reverse("admin:ateliers_seance_absents", args=where), "La parole des absents"),
            (reverse(f"admin:{PRODUCTIONS_PAGE}", args=where), "Les tables, les fiches et les productions"),
            (reverse("admin:ateliers_seance_compte_rendu", args=where), "Le compte rendu"),
        ]
        return format_html_join(" – ", '<a href="{}">{}</a>', links)


class MembreInline(AtelierPermissions, admin.TabularInline):
    """What was said of each is put right here, by reference; who comes and who leaves is « Composer le groupe »."""

    model = Membre
    run_path = "atelier"
    reserved = ("came_by",)
    fields = ("personne", "came_by", "college", "organisation", "left_at")
    readonly_fields = ("personne", "left_at")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membre]:
        return super().get_queryset(request).select_related("personne")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> ModelChoiceField | None:
        if db_field.name == "college":
            theirs = Q(demarche__in=animated(request.user).values("demarche"))
            kwargs["queryset"] = scoped(College.objects.all(), request, RUNNING, also=theirs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class AnimationInline(AtelierPermissions, admin.TabularInline):
    """With whom one runs the atelier; who does is said on the page of the organisateurs (`OrganiserPages`)."""

    model = Animation
    run_path = "atelier"
    fields = ("user", "ends_on")
    extra = 0
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Atelier)
class AtelierAdmin(
    OrganiserPages,
    GroupPages,
    RosterPages,
    DrawPages,
    ProductionPages,
    RefusalPages,
    CompteRenduPages,
    AbsentsPages,
    TableauPages,
    AtelierPermissions,
    ScopedAdmin,
):
    """The question, the thèmes and the town were chosen at the launch, the lieu is said to all: the responsable's."""

    reserved = ("rank", "question", "town", "lieu", "themes")
    change_form_template = "admin/ateliers/atelier/change_form.html"
    list_display = ("question", "demarche", "rank", "town", "lieu", "whole_page")
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

    @admin.display(description="tout sur une page")
    def whole_page(self, atelier: Atelier) -> str:
        return format_html('<a href="{}">{}</a>', page_of(atelier.pk), atelier)

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
