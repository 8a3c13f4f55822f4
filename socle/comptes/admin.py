"""Accounts of staff; the people who take part are known here by their reference only."""

from collections.abc import Iterable
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
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from socle.access import actions as access
from socle.access.models import Act
from socle.admin import BaseAdmin
from socle.comptes import emails, team
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


LAST = "C’est le dernier administrateur : personne ne pourrait plus en nommer un. Nommez-en d’abord un autre."
# What an administrateur says of an account, and what its owner is told.
GIVEN = {"is_superuser": (team.ADMINISTRATEUR, "Votre compte est désormais celui d’un administrateur du site.")}
ENDED = {"is_superuser": (team.ADMINISTRATEUR, "Votre compte n’est plus celui d’un administrateur du site.")}
GIVEN |= {"is_staff": (team.MEMBER, "Les pages de l’équipe s’ouvrent désormais à votre compte.")}
ENDED |= {"is_staff": (team.MEMBER, "Les pages de l’équipe ne s’ouvrent plus à votre compte.")}


def hold_administrateurs() -> list[User]:
    """All of them until the end: two administrateurs do not put each other out at the same moment."""
    return list(User.objects.filter(is_superuser=True, is_active=True).order_by("pk").select_for_update())


class ComptesUserChangeForm(LowerEmail, UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        stays = cleaned.get("is_superuser") and cleaned.get("is_active")
        goes = self.instance.is_superuser and self.instance.is_active and not stays
        if goes and not [one for one in hold_administrateurs() if one.pk != self.instance.pk]:
            self.add_error(None, LAST)
        return cleaned


@admin.register(User)
class ComptesUserAdmin(BaseAdmin, UserAdmin):
    """For administrateurs only, whatever permission an account holds: who changes accounts could become one of them.

    Roles are given on the démarche.
    """

    people_list = "Comptes"
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

    has_view_permission = has_add_permission = has_change_permission = has_module_permission

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody takes themselves out, so that an administrateur stays."""
        return self.has_module_permission(request) and obj != request.user

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """What it held ends with a trace of its own, as when it is taken away."""
        self._close(request, [obj])
        super().delete_model(request, obj)

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        others = queryset.exclude(pk=request.user.pk)
        self._close(request, others)
        super().delete_queryset(request, others)

    def _close(self, request: HttpRequest, accounts: Iterable[User]) -> None:
        """By somebody who is an administrateur still, once nobody else can change that."""
        if request.user not in hold_administrateurs():
            raise PermissionDenied
        for one in accounts:
            team.close(one, request.user)  # type: ignore[arg-type]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Each right given or taken is written down and told, as a role is."""
        super().save_model(request, obj, form, change)
        for name in ("is_superuser", "is_staff"):
            if name in form.changed_data:
                given = getattr(obj, name)
                what, sentence = (GIVEN if given else ENDED)[name]
                access.role_changed(Act.GIVEN if given else Act.ENDED, request.user, obj, what)  # type: ignore[arg-type]
                emails.notice(obj.email, sentence)
