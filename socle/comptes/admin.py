"""Accounts of staff; the people who take part are known here by their reference only."""

from typing import Any

import allauth.account.admin
import allauth.mfa.admin
import allauth.socialaccount.admin
import allauth.usersessions.admin  # noqa: F401 (imported to register what is taken out below)
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.http import HttpRequest

from socle.comptes.models import User

# Second factors, sessions and proved addresses are their owner's: no member of staff reads or changes them.
OWNERS = (Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken, UserSession)
admin.site.unregister([Group, *OWNERS])


class LowerEmail:
    cleaned_data: dict[str, Any]

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class UserCreationForm(LowerEmail, AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email",)


class ComptesUserChangeForm(LowerEmail, UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"


@admin.register(User)
class ComptesUserAdmin(UserAdmin):
    """For administrateurs only, whatever permission an account holds: who changes accounts could become one of them.

    Roles are given on the démarche.
    """

    form = ComptesUserChangeForm
    add_form = UserCreationForm
    ordering = ("email",)
    list_display = ("email", "display_name", "is_staff", "is_superuser", "is_active", "last_login")
    list_filter = ("is_staff", "is_superuser", "is_active")
    search_fields = ("email", "display_name")
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "password", "display_name")}),
        ("Droits", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("email", "display_name", "usable_password", "password1", "password2", "is_staff"),
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """A proved address is changed by whoever reads its mail, and nobody else."""
        return (*self.readonly_fields, "email") if obj and obj.personne_id else self.readonly_fields

    def has_module_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_active and request.user.is_superuser

    has_view_permission = has_add_permission = has_change_permission = has_delete_permission = has_module_permission
