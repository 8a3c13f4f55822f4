"""« Identité du site »: one row, edited by administrateurs."""

from django.contrib import admin
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
        SiteIdentity.objects.get_or_create(pk=1)
        return redirect("admin:identity_siteidentity_change", 1)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SiteIdentity | None = None) -> bool:
        return False
