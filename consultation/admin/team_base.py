"""Who holds something on a démarche, and until when: the page where a responsable gives it, changes it and ends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from consultation.actions.roles import RoleRefusedError
from consultation.forms.roles import ChangeForm, GiveForm
from consultation.models import Demarche
from consultation.permissions import can_give_roles, visible_demarches
from socle.comptes.models import User

CHANGE, END = "changer", "finir"


@dataclass(frozen=True)
class Line:
    """One holder as the page shows them, with the small form that changes their last day."""

    pk: int
    user: User
    what: str
    over: bool
    form: ChangeForm


class HoldersPage:
    """`holders`, `what`, `give_form` and the three verbs are said by the page; `template` draws it."""

    template = ""
    title = ""
    also: tuple[Any, ...] = ()

    def holders_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        demarche = get_object_or_404(visible_demarches(request.user), pk=pk)
        if not can_give_roles(request.user, demarche):
            raise PermissionDenied
        if request.method == "POST" and "role" in request.POST:
            return self._change(request, demarche)
        form = self.give_form(demarche, request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            try:
                holder = self.give(demarche, request.user, form.cleaned_data)
            except RoleRefusedError as refused:
                form.add_error(refused.field or None, refused.message)
            else:
                return self._done(request, demarche, f"{self._named(holder)} : un courriel le lui dit.")
        return self._page(request, demarche, form=form)

    def _change(self, request: HttpRequest, demarche: Demarche) -> HttpResponse:
        typed = request.POST["role"]
        known = typed.isascii() and typed.isdigit() and len(typed) < 19
        holder = get_object_or_404(self.holders(demarche), pk=int(typed) if known else 0)
        form = ChangeForm(request.POST, auto_id=f"id_{holder.pk}_%s")
        if form.is_valid():
            try:
                return self._changed(request, demarche, holder, form)
            except RoleRefusedError as refused:
                form.add_error(refused.field or None, refused.message)
        return self._page(request, demarche, changed=(holder.pk, form))

    def _changed(self, request: HttpRequest, demarche: Demarche, holder: Any, form: ChangeForm) -> HttpResponse:
        said, named = form.cleaned_data, self._named(holder)
        if END in request.POST:
            self.end(holder, request.user, said["reason"])
            return self._done(request, demarche, f"{named} : c’est fini, un courriel le lui dit.")
        if CHANGE in request.POST:
            self.change_end(holder, said["ends_on"], request.user, said["reason"])
            return self._done(request, demarche, f"{named} : la date est changée, un courriel le lui dit.")
        return HttpResponseRedirect(request.path)

    def _done(self, request: HttpRequest, demarche: Demarche, sentence: str) -> HttpResponse:
        """The page, or the first of the team for who has just ended the role that opened it."""
        messages.success(request, sentence)
        still = can_give_roles(User.objects.get(pk=request.user.pk), demarche)
        return HttpResponseRedirect(request.path if still else reverse("admin:index"))

    def _page(
        self,
        request: HttpRequest,
        demarche: Demarche,
        *,
        form: GiveForm | None = None,
        changed: tuple[int, ChangeForm] | None = None,
    ) -> HttpResponse:
        form = form or self.give_form(demarche, None)
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": self.title,
            "demarche": demarche,
            "lines": [self._line(holder, changed, timezone.localdate()) for holder in self._in_order(demarche)],
            "form": form,
            "also": [door(demarche) for door in self.also],
        }
        status = 422 if form.errors or changed else 200
        response = TemplateResponse(request, self.template, context, status=status)
        response["Cache-Control"] = "private, no-store"
        return response

    def _in_order(self, demarche: Demarche) -> list[Any]:
        return sorted(self.holders(demarche), key=lambda one: (one.user.get_short_name().casefold(), one.pk))

    def _line(self, holder: Any, changed: tuple[int, ChangeForm] | None, today: date) -> Line:
        own = changed[1] if changed and changed[0] == holder.pk else None
        form = own or ChangeForm(initial={"ends_on": holder.ends_on}, auto_id=f"id_{holder.pk}_%s")
        over = holder.ends_on is not None and holder.ends_on < today
        return Line(holder.pk, holder.user, self.what(holder), over, form)

    def _named(self, holder: Any) -> str:
        return f"{holder.user.get_short_name()}, {self.what(holder)}"
