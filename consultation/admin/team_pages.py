"""« L’équipe »: who holds a role on a démarche and until when; given, changed and ended by its responsable."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import URLPattern, path
from django.utils.module_loading import import_string

from consultation.actions import roles as actions
from consultation.admin.team_base import HoldersPage
from consultation.forms.roles import GiveForm, RoleForm
from consultation.models import Demarche, Role
from socle.comptes.models import User

TEAM = "consultation_demarche_equipe"


class TeamPages(HoldersPage):
    template = "admin/consultation/demarche/team.html"
    title = "L’équipe de la démarche"

    def get_urls(self) -> list[URLPattern]:
        return [path("<int:pk>/equipe/", self.admin_site.admin_view(self.holders_page), name=TEAM), *super().get_urls()]

    @property
    def also(self) -> tuple[Any, ...]:
        """Where the floors above say who holds something of theirs."""
        return tuple(import_string(name) for name in settings.TEAM_DOORS)

    def holders(self, demarche: Demarche) -> QuerySet[Role]:
        return Role.objects.filter(demarche=demarche).select_related("user")

    def what(self, role: Role) -> str:
        return role.get_kind_display()

    def give_form(self, demarche: Demarche, data: Any) -> GiveForm:
        return RoleForm(data)

    def give(self, demarche: Demarche, by: User, said: dict[str, Any]) -> Role:
        return actions.give_role(demarche, by, **said)

    def change_end(self, role: Role, ends_on: date | None, by: User, reason: str) -> None:
        actions.change_end(role, ends_on, by, reason)

    def end(self, role: Role, by: User, reason: str) -> None:
        actions.end_role(role, by, reason)
