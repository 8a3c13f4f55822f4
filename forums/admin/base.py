"""What every staff page of a forum starts from: found, asked for, shown to its reader alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path

from ateliers.refusals import Refusal
from consultation.permissions import Visitor, can_run
from forums.models import Forum
from forums.permissions import can_cross, can_type


class ForumPages:
    def forum_urls(self, *pages: tuple[str, str, Any]) -> list[Any]:
        """(address under the forum, name, view)."""
        view = self.admin_site.admin_view
        return [path(f"<int:pk>/{end}", view(page), name=f"forums_forum_{name}") for end, name, page in pages]

    def found(self, request: HttpRequest, pk: int, allowed: Callable[[Visitor, Forum], bool]) -> Forum:
        """For who may not read its démarche there is no such forum; who reads does not always change."""
        rows = self.get_queryset(request).select_related("rencontre__demarche", "rencontre__lieu", "texte")
        forum = rows.filter(pk=pk).first()
        if forum is None:
            raise Http404("No such forum among theirs.")
        if not allowed(request.user, forum):
            raise PermissionDenied
        return forum

    def page(
        self, request: HttpRequest, forum: Forum, title: str, name: str, *, status: int = 200, **context: Any
    ) -> HttpResponse:
        shared = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "forum": forum,
            "rencontre": forum.rencontre,
            "title": title,
            "ways": ways(request.user, forum),
        }
        response = TemplateResponse(request, f"admin/forums/forum/{name}.html", shared | context, status=status)
        response["Cache-Control"] = "private, no-store"
        return response

    def refuse(self, request: HttpRequest, refusal: Refusal) -> None:
        self.message_user(request, str(refusal), messages.WARNING)


def runs(user: Visitor, forum: Forum) -> bool:
    return can_run(user, forum.rencontre.demarche)


def ways(user: Visitor, forum: Forum) -> list[tuple[str, str]]:
    """(name of the address, what it is called) of the pages of this forum that one may open."""
    crosses = can_cross(user, forum)
    found = [("restitutions", "Ce que chaque groupe restitue")] if runs(user, forum) else []
    found += [("croisements", "Croiser les productions"), ("regard", "Le droit de regard")] if crosses else []
    found += [("remarques", "Ce qui est dit dans la salle")] if can_type(user, forum) else []
    return [(f"admin:forums_forum_{name}", label) for name, label in found]
