"""The frame, version by version, and the opening of a démarche, which asks for the whole of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from consultation import cadres
from consultation.actions.demarches import (
    FrameMissingError,
    StaleDemarcheError,
    open_demarche,
    tell_version,
)
from consultation.admin.archive_page import ArchivePage
from consultation.admin.scoped import ScopedAdmin, ScopedRelatedFilter
from consultation.choices import DemarcheState
from consultation.models import Cadre, Demarche
from consultation.permissions import RUNNING, can_run, visible_demarches

OPENED = "La démarche est ouverte : ses pages sont publiques."
FIXED = "Cette version est en vigueur : elle ne se corrige plus. Copiez vos mots, et écrivez la version suivante."


def remaining(demarche: Demarche) -> list[tuple[str, str]]:
    """What the frame still lacks, as it is called on its form, and where it is written."""
    version = demarche.frame_to_complete()
    if version:
        url = reverse("admin:consultation_cadre_change", args=[version.pk])
    else:
        url = f"{reverse('admin:consultation_cadre_add')}?demarche={demarche.pk}"
    names = demarche.missing_to_open() if demarche.state != DemarcheState.PUBLISHED else []
    return [(str(Cadre._meta.get_field(name).verbose_name), f"{url}#id_{name}") for name in names]


class DemarcheLife(ArchivePage):
    """For the page of a démarche: what it still lacks, and the two pages that open and archive it."""

    def get_urls(self) -> list[URLPattern]:
        pages = (("ouvrir", self.open_page), ("archiver", self.archive_page))
        own = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"consultation_demarche_{name}")
            for name, view in pages
        ]
        return [*own, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        demarche = kwargs.get("obj")
        if demarche is not None and demarche.pk:
            context |= {
                "remaining": remaining(demarche),
                "versions": demarche.cadres.all(),
                "today": timezone.localdate(),
                "may_run": can_run(request.user, demarche),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def open_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        demarche = self.get_queryset(request).filter(pk=pk).first()
        if demarche is None:
            raise Http404("No such démarche among theirs.")
        if not can_run(request.user, demarche):
            raise PermissionDenied
        refused = _refusal(demarche, request) if request.method == "POST" else None
        if refused == "":
            self.message_user(request, OPENED, messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:consultation_demarche_change", args=[pk]))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Ouvrir la démarche",
            "demarche": demarche,
            "remaining": remaining(demarche),
            "cadre": demarche.cadres.in_force(),
            "refused": refused,
        }
        status = 422 if refused else 200
        return TemplateResponse(request, "admin/consultation/demarche/open.html", context, status=status)


def _refusal(demarche: Demarche, request: HttpRequest) -> str:
    """Why nothing was changed; empty when it was."""
    try:
        open_demarche(demarche, by=request.user)
    except FrameMissingError:
        return "La démarche n’est pas ouverte : son cadre n’est pas entier. Rien n’a été changé."
    except StaleDemarcheError as error:
        return str(error)
    return ""


class CadreForm(forms.ModelForm):
    """In a public démarche a version is whole, is not dated back, and says what it changes."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        demarche = cleaned.get("demarche") or (self.instance.demarche if self.instance.pk else None)
        if demarche is not None:
            # Whoever opens it at this moment waits until this version is written, or is waited for.
            demarche = Demarche.objects.select_for_update(of=("self",)).get(pk=demarche.pk)
            self.instance.demarche = demarche
        if self.instance.pk and self.instance.is_fixed():
            self.add_error(None, FIXED)
        elif demarche is not None:
            self._check_change(demarche, cleaned)
            if demarche.state != DemarcheState.DRAFT:
                self._check_public(cleaned)
        return cleaned

    def _check_change(self, demarche: Demarche, cleaned: dict[str, Any]) -> None:
        others = demarche.cadres.exclude(pk=self.instance.pk)
        day = cleaned.get("published_on")
        if day and others.filter(published_on__lt=day).exists() and not cleaned.get("change_reason"):
            self.add_error(
                "change_reason", "Dites ce que cette version change à la précédente, et pourquoi : le public le lira."
            )

    def _check_public(self, cleaned: dict[str, Any]) -> None:
        for name in Cadre.NEEDED:
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, "La démarche est ouverte : son cadre est entier. Écrivez cette partie.")
        day = cleaned.get("published_on")
        if day and day < timezone.localdate() and "published_on" in self.changed_data:
            self.add_error("published_on", "Une version entre en vigueur aujourd’hui au plus tôt : le passé reste.")


@admin.register(Cadre)
class CadreAdmin(ScopedAdmin):
    form = CadreForm
    change_form_template = "admin/consultation/cadre/change_form.html"
    actions = None  # deleting several at once would not ask which have been in force
    list_display = ("__str__", "demarche", "level", "standing")
    list_filter = (("demarche", ScopedRelatedFilter),)
    list_select_related = ("demarche",)
    fieldsets = (
        (None, {"fields": ("demarche", "published_on", "change_reason")}),
        ("Ce que la démarche promet", {"fields": ("object", "level", "open_points", "closed_points", "decision")}),
        ("Comment on y participe", {"fields": ("use_of_contributions", "charte", "moderation_rules")}),
        ("Qui la conduit", {"fields": ("team", "garant")}),
    )

    @admin.display(description="état")
    def standing(self, cadre: Cadre) -> str:
        if missing := len(cadre.missing()):
            return f"à compléter ({missing})"
        return "à venir" if cadre.published_on > timezone.localdate() else "entière"

    def has_change_permission(self, request: HttpRequest, obj: Cadre | None = None) -> bool:
        """In force it is only read; what is posted all the same is refused by the form, with the words typed."""
        fixed = obj is not None and request.method != "POST" and obj.is_fixed()
        return super().has_change_permission(request, obj) and not fixed

    def has_delete_permission(self, request: HttpRequest, obj: Cadre | None = None) -> bool:
        """What has been in force in a public démarche stays readable."""
        past = obj is not None and obj.published_on <= timezone.localdate()
        public = obj is not None and obj.demarche.state != DemarcheState.DRAFT
        return super().has_delete_permission(request, obj) and not (past and public)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new version starts from the words of the last one, for the first day that is free."""
        initial = super().get_changeform_initial_data(request)
        asked = str(initial.get("demarche", ""))
        demarche = visible_demarches(request.user, RUNNING).filter(pk=asked).first() if asked.isdecimal() else None
        last = demarche.cadres.first() if demarche else None
        if last is None:
            return {"published_on": timezone.localdate()} | initial
        words = {name: getattr(last, name) for name in (*Cadre.NEEDED, "closed_points", "team", "garant")}
        return words | {"published_on": max(last.published_on + timedelta(days=1), timezone.localdate())} | initial

    def save_model(self, request: HttpRequest, obj: Cadre, form: CadreForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        tell_version(obj, by=request.user)
        if obj.missing():
            names = ", ".join(label for label, _ in remaining(obj.demarche))
            self.message_user(request, f"Enregistré. Avant d’ouvrir la démarche, il reste à écrire : {names}.")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.preview)
        return [path("<int:pk>/apercu/", view, name="consultation_cadre_apercu"), *super().get_urls()]

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The public page, for whoever may read the démarche, before it is public."""
        cadre = self.get_queryset(request).select_related("demarche").filter(pk=pk).first()
        if cadre is None:
            raise Http404("No such frame among theirs.")
        context = {"demarche": cadre.demarche, "cadre": cadre, "parts": cadres.parts(cadre), "preview": True}
        return render(request, "consultation/cadre.html", context)
