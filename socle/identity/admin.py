"""« Identité du site »: one row, edited by administrateurs."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from socle.admin import BaseAdmin
from socle.identity.models import SiteIdentity


@admin.register(SiteIdentity)
class SiteIdentityAdmin(BaseAdmin):
    fieldsets = (
        (None, {"fields": ("site_name", "region_name")}),
        ("Nous joindre", {"fields": ("postal_address", "contact_email", "contact_phone", "contact_hours")}),
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

    def save_model(self, request: HttpRequest, obj: SiteIdentity, form: ModelForm, change: bool) -> None:
        obj.pk = 1
        super().save_model(request, obj, form, change)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not SiteIdentity.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: SiteIdentity | None = None) -> bool:
        return False
