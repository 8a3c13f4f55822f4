"""« Identité du site »: one row, edited by administrateurs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html

from socle.admin import BaseAdmin
from socle.identity.logo import UPLOAD_MAX, Logo, LogoError, drawn
from socle.identity.models import SiteIdentity

LOGO_FIELDS = ("logo", "logo_hash", "logo_width", "logo_height")


class SiteIdentityForm(forms.ModelForm):
    """The image given is drawn again, small: nothing of the file itself is kept."""

    logo_file = forms.FileField(
        label="Logo",
        required=False,
        help_text="PNG, JPEG, WebP ou GIF, 2 Mo au plus. Réduit à 220 × 64 points ; sans lui, le nom suffit. "
        "Son texte de remplacement est le nom de la collectivité.",
    )
    logo_removed = forms.BooleanField(label="Retirer le logo", required=False)

    def clean_logo_file(self) -> Any:
        given = self.cleaned_data["logo_file"]
        try:
            return drawn(given.read(UPLOAD_MAX + 1)) if given else None
        except LogoError as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        logo: Logo | None = cleaned.get("logo_file")
        if logo and not cleaned.get("region_name"):
            self.add_error("region_name", "Un logo a besoin de ce nom : c’est ce que lit qui ne voit pas l’image.")
        if logo or cleaned.get("logo_removed"):
            one = self.instance
            one.logo, one.logo_hash = (logo.data, logo.hash) if logo else (b"", "")
            one.logo_width, one.logo_height = (logo.width, logo.height) if logo else (0, 0)
        return cleaned


@admin.register(SiteIdentity)
class SiteIdentityAdmin(BaseAdmin):
    form = SiteIdentityForm
    readonly_fields = ("logo_now",)
    fieldsets = (
        (None, {"fields": ("site_name", "region_name", "logo_now", "logo_file", "logo_removed")}),
        (
            "Nous joindre",
            {"fields": ("postal_address", "contact_email", "contact_phone", "contact_hours", "answer_delay")},
        ),
        (
            "Mentions légales",
            {"fields": ("publication_director", "host", "dpo_contact", "security_contact")},
        ),
        (
            "Accessibilité",
            {"fields": ("accessibility_state", "accessibility_audited_on", "accessibility_notes")},
        ),
    )

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """There is only one row: its form is the page."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        if SiteIdentity.objects.exists():
            return redirect("admin:identity_siteidentity_change", 1)
        return redirect("admin:identity_siteidentity_add")

    def save_model(self, request: HttpRequest, obj: SiteIdentity, form: SiteIdentityForm, change: bool) -> None:
        obj.pk = 1
        if {"logo_file", "logo_removed"} & set(form.changed_data):
            form.changed_data.extend(LOGO_FIELDS)
        super().save_model(request, obj, form, change)

    @admin.display(description="logo actuel")
    def logo_now(self, identity: SiteIdentity) -> str:
        if not identity.logo_hash:
            return "aucun"
        url, size = reverse("logo", args=[identity.logo_hash]), (identity.logo_width, identity.logo_height)
        return format_html('<img src="{}" width="{}" height="{}" alt="{}">', url, *size, identity.region_name)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not SiteIdentity.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: SiteIdentity | None = None) -> bool:
        return False
