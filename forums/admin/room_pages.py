"""« Ce qui est dit dans la salle »: typed by the team, and the link by which the scribes of the tables type it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from forums.actions import interventions as actions
from forums.admin.base import ForumPages
from forums.forms.remarques import RoomForm
from forums.links import scribe_path
from forums.models import Forum
from forums.permissions import can_type
from forums.views.remarques import room_remarks
from socle import qr

PAGE = "admin:forums_forum_remarques"


class RoomPages(ForumPages):
    def get_urls(self) -> list[Any]:
        return [*self.forum_urls(("remarques/", "remarques", self.room_page)), *super().get_urls()]

    def room_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        forum = self.found(request, pk, can_type)
        gesture = request.POST.get("geste", "")
        if gesture in ("ouvrir", "fermer"):
            return self._scribes(request, forum, gesture)
        form = RoomForm(request.POST if request.method == "POST" else None, forum=forum)
        if not (form.is_bound and form.is_valid()):
            return self._room(request, forum, form, 422 if form.is_bound else 200)
        said = actions.say_in_room(forum, by_team=True, **form.said())
        words = f"{said.reference} est enregistrée. Elle attend sa modération."
        self.message_user(request, words, messages.SUCCESS)
        return HttpResponseRedirect(reverse(PAGE, args=[pk]))

    def _scribes(self, request: HttpRequest, forum: Forum, gesture: str) -> HttpResponse:
        if gesture == "ouvrir":
            actions.open_to_scribes(forum)
            words = "Voici un nouveau lien ; celui d’avant n’ouvre plus rien."
        else:
            actions.close_to_scribes(forum)
            words = "La saisie est fermée : le lien n’ouvre plus rien."
        self.log_change(request, forum, words)
        self.message_user(request, words, messages.SUCCESS)
        return HttpResponseRedirect(reverse(PAGE, args=[forum.pk]))

    def _room(self, request: HttpRequest, forum: Forum, form: RoomForm, status: int) -> HttpResponse:
        address = settings.SITE_URL + scribe_path(forum) if forum.scribe_nonce else ""
        context = {
            "form": form,
            "said": room_remarks(forum),
            "address": address,
            "code": qr.svg_uri(address, scale=5) if address else "",
            "opened": forum.takes_scribes(),
            "last_day": forum.scribes_last_day,
        }
        return self.page(request, forum, "Ce qui est dit dans la salle", "room", status=status, **context)
