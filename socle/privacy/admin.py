"""What people ask about their data, for whoever answers: objections, departures; and the visas of archivists."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from socle.admin import BaseAdmin
from socle.dates import day_label
from socle.privacy.actions import archives, opposing
from socle.privacy.models import Depart, Opposition, Outcome, Visa
from socle.privacy.permissions import can_answer
from socle.privacy.printing.bordereau import bordereau
from socle.privacy.records import proposable


class Answered(BaseAdmin):
    """Nothing is added or deleted here: the portal does both."""

    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return can_answer(request.user)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return can_answer(request.user)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class OppositionForm(forms.ModelForm):
    """Both are owed: what is decided, and why."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("outcome", "answer"):
            if name in self.fields:
                self.fields[name].required = True
        if "outcome" in self.fields:
            self.fields["outcome"].choices = [("", "—"), *Outcome.choices]


@admin.register(Opposition)
class OppositionAdmin(Answered):
    form = OppositionForm
    list_display = ("__str__", "asked_at", "due", "outcome", "answered_at")
    list_filter = (("answered_at", admin.EmptyFieldListFilter),)
    fields = ("asked_at", "due", "words", "outcome", "answer", "answered_at")
    readonly_fields = ("asked_at", "due", "words", "answered_at")

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Once: the person has been told."""
        open_still = not isinstance(obj, Opposition) or obj.answered_at is None
        return can_answer(request.user) and open_still

    def save_model(self, request: HttpRequest, obj: Opposition, form: forms.ModelForm, change: bool) -> None:
        """By the verb, which tells the person."""
        said = form.cleaned_data
        try:
            opposing.answer(
                Opposition.objects.get(pk=obj.pk), outcome=said["outcome"], words=said["answer"], by=request.user
            )
        except opposing.AnsweredError:
            self.message_user(request, "Quelqu’un d’autre a répondu entre-temps : rien n’a changé.", messages.WARNING)

    @admin.display(description="réponse due avant le")
    def due(self, row: Opposition) -> str:
        return day_label(row.due_on, weekday=False)


@admin.register(Depart)
class DepartAdmin(Answered):
    """Without an address: who leaves is nobody's business. Why one is late is."""

    list_display = ("__str__", "asked_at", "cause", "with_texts", "erased_at", "problem", "closed_at")
    fields = (
        *("asked_at", "cause", "with_texts", "cancelled_at", "next_attempt_at", "attempts", "problem"),
        *("erased_at", "closed_at"),
    )


class VisaProposalForm(forms.ModelForm):
    """Only what is there, and whose time has come."""

    proposal = forms.ChoiceField(
        label="Documents à éliminer",
        help_text="Le bordereau s’imprime ensuite ; rien n’est détruit avant que le visa signé soit enregistré ici.",
    )

    class Meta:
        model = Visa
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["proposal"].choices = proposable()


class VisaForm(forms.ModelForm):
    """The three together, as they are on the signed slip."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = True

    def clean_signed_on(self) -> Any:
        day = self.cleaned_data["signed_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError("Ce jour n’est pas encore venu : un visa se date du jour de la signature.")
        return day


@admin.register(Visa)
class VisaAdmin(Answered):
    """Proposed, printed, then recorded as it was signed. The worker destroys within the hour."""

    list_display = ("__str__", "what", "rows", "proposed_at", "signed_on", "destroyed_at", "destroyed_rows")
    readonly_fields = ("what", "rows", "proposed_at", "slip", "destroyed_at", "destroyed_rows")

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.bordereau)
        return [path("<int:pk>/bordereau.pdf", page, name="privacy_visa_bordereau"), *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return can_answer(request.user)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Until it is signed."""
        return can_answer(request.user) and not (isinstance(obj, Visa) and obj.signed_on)

    def get_form(self, request: HttpRequest, obj: Visa | None = None, **kwargs: Any) -> Any:
        return super().get_form(request, obj, **kwargs | {"form": VisaForm if obj else VisaProposalForm})

    def get_fields(self, request: HttpRequest, obj: Visa | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("proposal",)
        return (*("what", "rows", "proposed_at", "slip"), *("reference", "signed_by", "signed_on"), *self._done(obj))

    def _done(self, obj: Visa) -> tuple[str, ...]:
        return ("destroyed_at", "destroyed_rows") if obj.destroyed_at else ()

    def get_readonly_fields(self, request: HttpRequest, obj: Visa | None = None) -> tuple[str, ...]:
        return self.readonly_fields if obj else ()

    @admin.display(description="bordereau")
    def slip(self, visa: Visa) -> str:
        address = reverse("admin:privacy_visa_bordereau", args=[visa.pk])
        return format_html('<a href="{}">Bordereau d’élimination (PDF)</a>', address)

    def save_model(self, request: HttpRequest, obj: Visa, form: forms.ModelForm, change: bool) -> None:
        said = form.cleaned_data
        if change:
            signed = {name: said[name] for name in ("reference", "signed_by", "signed_on")}
            archives.sign(Visa.objects.get(pk=obj.pk), **signed, by=request.user)
            return
        kind, _, subject = said["proposal"].partition(":")
        obj.pk = archives.propose(kind, subject, request.user).pk

    def bordereau(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not can_answer(request.user):
            raise PermissionDenied
        response = HttpResponse(bordereau(get_object_or_404(Visa, pk=pk)), content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="bordereau-{pk}.pdf"'
        return response
