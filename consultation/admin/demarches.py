"""A démarche is made and run from here: its étapes, thèmes, collèges, and their dates."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from consultation.actions.entries import enter_publication
from consultation.actions.periods import label_of, moved_fields, record_date_change
from consultation.admin.cadres import DemarcheLife
from consultation.admin.scoped import ScopedAdmin, ScopedPermissions, ScopedRelatedFilter
from consultation.admin.team_pages import TeamPages
from consultation.choices import DemarcheState, RencontreState
from consultation.models import (
    College,
    Commune,
    DateChange,
    Demarche,
    Enjeu,
    Etape,
    FrequentQuestion,
    Rencontre,
    Theme,
)
from consultation.permissions import is_administrator
from socle.admin import BaseAdmin


class DatedForm(forms.ModelForm):
    """Asks why when a date that is already public moves, and keeps the label it replaces."""

    date_reason = forms.CharField(
        label="Raison du changement de date",
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Demandée quand la date d’une page publique change ; elle est affichée avec l’ancienne date, "
        "et reste pour toujours dans le registre public : n’y nommez personne.",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.is_public and moved_fields(self.instance, self.changed_data) and not cleaned.get("date_reason"):
            self.add_error("date_reason", "Dites pourquoi la date change : le public lira cette raison.")
        return cleaned

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_public = self.instance.pk is not None and is_public(self.instance)
        self.previous_label = label_of(self.instance) if self.is_public else ""


def is_public(subject: Etape | Rencontre) -> bool:
    shown = subject.demarche.state != DemarcheState.DRAFT
    return shown and getattr(subject, "state", None) != RencontreState.DRAFT


class Inline(ScopedPermissions, admin.TabularInline):
    extra = 0


class EtapeInline(Inline):
    model = Etape
    fields = ("rank", "type", "title", "starts_on", "ends_on", "precision")
    show_change_link = True

    def get_readonly_fields(self, request: HttpRequest, obj: Demarche | None = None) -> tuple[str, ...]:
        """Public dates move on the étape's own page, where the reason is asked."""
        public = obj is not None and obj.state != DemarcheState.DRAFT
        return ("starts_on", "ends_on", "precision") if public else ()

    def has_add_permission(self, request: HttpRequest, obj: Demarche | None = None) -> bool:
        """In a public démarche an étape is added on its own page, its dates being read-only here."""
        return super().has_add_permission(request, obj) and (obj is None or obj.state == DemarcheState.DRAFT)


class EnjeuInline(Inline):
    model = Enjeu
    fields = ("rank", "short_title", "sentence")
    formfield_overrides = {models.TextField: {"widget": forms.Textarea(attrs={"rows": 2})}}


class ThemeInline(Inline):
    model = Theme
    fields = ("rank", "question")
    show_change_link = True


class CollegeInline(Inline):
    model = College
    fields = ("rank", "label")


class QuestionInline(ScopedPermissions, admin.StackedInline):
    model = FrequentQuestion
    fields = (("rank", "question"), "answer")
    extra = 0


def _questions(demarche: Demarche) -> dict[int, FrequentQuestion]:
    rows = FrequentQuestion.objects.select_related("demarche").select_for_update(of=("self",))
    return rows.filter(demarche=demarche).in_bulk()


@admin.register(Demarche)
class DemarcheAdmin(TeamPages, DemarcheLife, ScopedAdmin):
    list_display = ("title", "code", "state", "courante", "contributions_open_at", "contributions_close_at")
    prepopulated_fields = {"slug": ("title",)}
    change_form_template = "admin/consultation/demarche/change_form.html"
    inlines = (EtapeInline, EnjeuInline, ThemeInline, CollegeInline, QuestionInline)
    fieldsets = (
        (None, {"fields": ("title", "slug", "code", "owner", "state", "courante", "example_dates")}),
        ("Textes de l’accueil", {"fields": ("call", "summary", "remote_call")}),
        (
            "Contributions",
            {"fields": ("moderation", "second_reading", "contributions_open_at", "contributions_close_at")},
        ),
        ("Rendez-vous", {"fields": ("reminder_days",)}),
        ("Réactions, soutiens, questions", {"fields": ("takes_reactions", "soutiens_mode", "answer_days")}),
    )

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is not FrequentQuestion:
            super().save_formset(request, form, formset, change)
            return
        before = _questions(form.instance)
        super().save_formset(request, form, formset, change)
        after = _questions(form.instance)
        for pk in sorted(before.keys() | after.keys()):
            enter_publication(before.get(pk), after.get(pk), request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_administrator(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Demarche | None = None) -> bool:
        """A démarche that has been public is archived, never deleted."""
        return is_administrator(request.user) and (obj is None or obj.state == DemarcheState.DRAFT)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Demarche | None = None) -> dict[str, Any]:
        return dict(super().get_prepopulated_fields(request, obj)) if obj is None else {}

    def get_readonly_fields(self, request: HttpRequest, obj: Demarche | None = None) -> tuple[str, ...]:
        """Addresses and references that people hold must not change; the state has its own pages."""
        return ("state", *(("slug", "code") if obj is not None and obj.state != DemarcheState.DRAFT else ()))


class DateChangeInline(ScopedPermissions, admin.TabularInline):
    model = DateChange
    fields = readonly_fields = ("changed_at", "previous_label", "new_label", "reason")
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission


class DatedAdmin(ScopedAdmin):
    """For what has a date that the public reads."""

    form = DatedForm
    inlines = (DateChangeInline,)

    def save_model(self, request: HttpRequest, obj: Any, form: DatedForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.is_public:
            self.tell_change(request, obj, form)

    def tell_change(self, request: HttpRequest, obj: Any, form: DatedForm) -> None:
        """What was public and is saved: the date that moved, with its reason."""
        if moved_fields(obj, form.changed_data):
            record_date_change(obj, form.previous_label, form.cleaned_data["date_reason"])


@admin.register(Etape)
class EtapeAdmin(DatedAdmin):
    list_display = ("title", "demarche", "rank", "type", "dates")
    list_filter = (("demarche", ScopedRelatedFilter), "type")
    list_select_related = ("demarche",)
    fields = (
        "demarche",
        ("rank", "type"),
        "title",
        "text",
        ("people_count", "people_label"),
        ("starts_on", "ends_on", "precision"),
        "date_reason",
    )

    @admin.display(description="dates", ordering="starts_on")
    def dates(self, etape: Etape) -> str:
        return etape.period_label


@admin.register(Theme)
class ThemeAdmin(ScopedAdmin):
    list_display = ("question", "demarche", "rank", "contributions_open_at", "contributions_close_at")
    list_filter = (("demarche", ScopedRelatedFilter),)
    list_select_related = ("demarche",)


@admin.register(Commune)
class CommuneAdmin(BaseAdmin):
    list_display = ("name", "departement", "insee_code", "epci_name")
    search_fields = ("sort_key", "insee_code")
