"""« Les organisateurs »: who runs each atelier of a démarche and until when; given by its responsable, as roles are."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import URLPattern, path

from ateliers.actions import animations as actions
from ateliers.forms.animations import AnimationForm, named
from ateliers.models import Animation
from ateliers.organisers import TEAM
from consultation.admin.team_base import HoldersPage
from consultation.models import Demarche
from socle.comptes.models import User


class OrganiserPages(HoldersPage):
    template = "admin/ateliers/atelier/team.html"
    title = "Les organisateurs des ateliers"

    def get_urls(self) -> list[URLPattern]:
        return [path("equipe/<int:pk>/", self.admin_site.admin_view(self.holders_page), name=TEAM), *super().get_urls()]

    def holders(self, demarche: Demarche) -> QuerySet[Animation]:
        return Animation.objects.filter(atelier__demarche=demarche).select_related("user", "atelier")

    def what(self, animation: Animation) -> str:
        return named(animation.atelier)

    def give_form(self, demarche: Demarche, data: Any) -> AnimationForm:
        return AnimationForm(data, demarche=demarche)

    def give(self, demarche: Demarche, by: User, said: dict[str, Any]) -> Animation:
        return actions.give_animation(said.pop("atelier"), by, **said)

    def change_end(self, animation: Animation, ends_on: date | None, by: User, reason: str) -> None:
        actions.change_end(animation, ends_on, by)

    def end(self, animation: Animation, by: User, reason: str) -> None:
        actions.end_animation(animation, by)
